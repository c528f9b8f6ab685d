public import ContentCredentials
import Diagnostics

/// A report on credentials as one line of JSON (`assay.credentials/1`).
public enum CredentialsLine {
  private struct Line: Encodable {
    let schema = "assay.credentials/1"
    var file: String
    var state: String
    var reason: String
    var success: [String]
    var informational: [String]
    var failure: [String]
    var statuses: [Status]
    var ingredients: [Ingredient]
    var manifests: [ManifestReport]
    var origin: OriginSummary
    var source: String
    var place: String?
    var bound: Bool?
    var unboundRanges: [[Int]]
    var remoteURL: String?
    var trustList: String
    var tsaTrustList: String
  }

  private struct Status: Encodable {
    var code: String
    var url: String
    var explanation: String
  }

  private struct Ingredient: Encodable {
    var uri: String
    var title: String?
    var relationship: String
    var manifest: String?
    var success: [String]
    var informational: [String]
    var failure: [String]
    var recordedFailures: [String]
  }

  /// - Parameter path: the file's name in the line.
  public static func of(_ path: String, _ report: CredentialsReport) throws -> String {
    func codes(_ statuses: [ValidationStatus], _ kind: StatusCode.Kind) -> [String] {
      statuses.filter { $0.code.kind == kind }.map(\.code.text)
    }
    let line = Line(
      file: path, state: report.state.rawValue, reason: report.reason, success: report.codes(.success),
      informational: report.codes(.informational), failure: report.codes(.failure),
      statuses: report.statuses.map { Status(code: $0.code.text, url: $0.url, explanation: $0.explanation) },
      ingredients: report.ingredients.map {
        Ingredient(
          uri: $0.uri, title: $0.title, relationship: $0.relationship, manifest: $0.manifest,
          success: codes($0.statuses, .success), informational: codes($0.statuses, .informational),
          failure: codes($0.statuses, .failure), recordedFailures: $0.recordedFailures)
      },
      manifests: report.manifests, origin: report.origin, source: report.source.rawValue,
      place: report.place, bound: report.isBound,
      unboundRanges: report.unboundRanges.map { [$0.lowerBound, $0.upperBound] }, remoteURL: report.remoteURL,
      trustList: report.trustList, tsaTrustList: report.timeStampTrustList)
    return try JSONLine.of(line, as: "assay.credentials/1")
  }
}
