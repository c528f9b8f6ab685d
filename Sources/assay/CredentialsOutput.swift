import ContentCredentials
import Diagnostics
import Foundation
import Reports

/// Reports on credentials, for people and for programs.
enum CredentialsOutput {
  private struct Line: Encodable {
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

  static func line(_ path: String, _ report: CredentialsReport) throws -> String {
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

  static func verdict(_ path: String, _ report: CredentialsReport) -> String {
    var text = "\(clean(path)): \(report.state.rawValue): \(clean(report.reason))\n"
    for status in report.statuses where status.code.kind == .failure {
      text += "  \(status.code): \(clean(status.explanation))\n    \(clean(status.url))\n"
    }
    for range in report.unbound {
      text += "  nobody vouches for \(clean(range.text)): the binding leaves them out\n"
    }
    if report.source == .sidecar, let place = report.place { text += "  in the sidecar \(clean(place))\n" }
    if let fault = report.active?.timeStampFault { text += "  \(fault)\n" }
    return text
  }

  static func tree(_ path: String, _ report: CredentialsReport) -> String {
    var text = verdict(path, report)
    for manifest in report.manifests {
      let indent = String(repeating: "  ", count: manifest.depth + 1)
      func line(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { text += "\(indent)  \(name): \(clean(value))\n" }
      }
      text += "\(indent)\(clean(manifest.label))\n"
      line("title", manifest.title)
      line("made with", manifest.generator)
      if let signer = manifest.signer {
        let name = [signer.organization, signer.commonName].compactMap(\.self).joined(separator: ", ")
        line(
          "signed by",
          "\(name) (\(signer.algorithm), \(manifest.isSignatureValid ? "signature holds" : "signature broken"), "
            + "\(manifest.isSignerTrusted ? "trusted" : "not on the trust list"))")
      }
      if let time = manifest.timeStamp {
        let date = Date(timeIntervalSince1970: TimeInterval(time)).ISO8601Format()
        line("time stamp", "\(date) (\(manifest.isTimeStampTrusted ? "trusted" : "not on the trust list"))")
      }
      for action in manifest.actions {
        let details = [
          action.digitalSourceType?.split(separator: "/").last.map(String.init), action.softwareAgent,
          action.when,
          action.description,
        ].compactMap(\.self).joined(separator: "; ")
        line("action", details.isEmpty ? action.action : "\(action.action) (\(details))")
      }
      line("assertions", manifest.assertions.joined(separator: ", "))
      for statement in manifest.aiStatements {
        let words = [statement.kind.rawValue, statement.tool].compactMap(\.self).joined(separator: "; ")
        line("AI", "\(statement.assertion) (\(words))")
      }
      for identity in manifest.identities {
        let names = identity.names.isEmpty ? "" : identity.names.joined(separator: ", ") + ": "
        line("identity", "\(names)\(identity.state.rawValue), \(identity.reason)")
      }
      for (name, use) in manifest.trainingMining.sorted(by: { $0.key < $1.key }) { line(name, use) }
      line("soft binding", manifest.softBindings.joined(separator: ", "))
      line("from", manifest.ingredientTitles.joined(separator: ", "))
    }
    let origin = report.origin
    if origin.kind != .unknown {
      text += "  origin: \(origin.kind.rawValue), says \(clean(origin.signer ?? "an unnamed signer"))"
      text += origin.isSignerTrusted ? " (trusted)\n" : " (not trusted)\n"
    }
    return text
  }

  /// Text of the file's author, in one line and harmless for a terminal.
  private static func clean(_ text: String) -> String { TerminalText.escaping(String(text.prefix(400))) }
}
