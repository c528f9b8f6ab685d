public import ContentCredentials
import Diagnostics
import Foundation

/// What Content Credentials say of a file and of what it was made from, row by row: for a terminal, a page, or a report.
///
/// Every value is text of the file's author, shortened, in one line and without control characters.
public struct CredentialsTree: Sendable {
  /// What a row tells; its raw value is what it is called in English.
  public enum Row: String, Sendable, CaseIterable {
    case title
    case generator = "made with"
    case signer = "signed by"
    case timeStamp = "time stamp"
    case action, assertions
    case statement = "AI"
    case identity
    case use = "training"
    case softBinding = "soft binding"
    case ingredients = "from"
  }

  public struct Manifest: Sendable {
    public let label: String
    /// Steps from the active manifest: 0 for itself.
    public let depth: Int
    public let rows: [(row: Row, name: String, value: String)]
    public let isSignatureValid: Bool
    public let isSignerTrusted: Bool
  }

  public let state: CredentialsReport.State
  public let reason: String
  /// What does not hold: its code and what it means.
  public let failures: [(code: String, explanation: String, place: String)]
  /// Bytes that nobody vouches for.
  public let unbound: [String]
  /// The sidecar that the store lies in, or an unusual place.
  public let sidecar: String?
  public let timeStampFault: String?
  public let manifests: [Manifest]
  /// `generated, says Acme (trusted)`; nil where nothing is said of the origin.
  public let origin: String?

  public init(_ report: CredentialsReport) {
    state = report.state
    reason = Self.clean(report.reason)
    failures = report.statuses.filter { $0.code.kind == .failure }.map {
      (String(describing: $0.code), Self.clean($0.explanation), Self.clean($0.url))
    }
    unbound = report.unbound.map { Self.clean($0.text) }
    sidecar = report.source == .sidecar ? report.place.map(Self.clean) : nil
    timeStampFault = report.active?.timeStampFault
    manifests = report.manifests.map(Self.manifest)
    let claimed = report.origin
    origin =
      claimed.kind == .unknown
      ? nil
      : "\(claimed.kind.rawValue), says \(Self.clean(claimed.signer ?? "an unnamed signer"))"
        + (claimed.isSignerTrusted ? " (trusted)" : " (not trusted)")
  }

  private static func manifest(_ manifest: ManifestReport) -> Manifest {
    var rows: [(row: Row, name: String, value: String)] = []
    func add(_ row: Row, _ value: String?, name: String? = nil) {
      if let value, !value.isEmpty { rows.append((row, name ?? row.rawValue, clean(value))) }
    }
    add(.title, manifest.title)
    add(.generator, manifest.generator)
    if let signer = manifest.signer {
      let name = [signer.organization, signer.commonName].compactMap(\.self).joined(separator: ", ")
      add(
        .signer,
        "\(name) (\(signer.algorithm), \(manifest.isSignatureValid ? "signature holds" : "signature broken"), "
          + "\(manifest.isSignerTrusted ? "trusted" : "not on the trust list"))")
    }
    if let time = manifest.timeStamp {
      let date = Date(timeIntervalSince1970: TimeInterval(time)).ISO8601Format()
      add(.timeStamp, "\(date) (\(manifest.isTimeStampTrusted ? "trusted" : "not on the trust list"))")
    }
    for action in manifest.actions {
      let details = [
        action.digitalSourceType?.split(separator: "/").last.map(String.init), action.softwareAgent,
        action.when, action.description,
      ].compactMap(\.self).joined(separator: "; ")
      add(.action, details.isEmpty ? action.action : "\(action.action) (\(details))")
    }
    add(.assertions, manifest.assertions.joined(separator: ", "))
    for statement in manifest.aiStatements {
      let words = [statement.kind.rawValue, statement.tool].compactMap(\.self).joined(separator: "; ")
      add(.statement, "\(statement.assertion) (\(words))")
    }
    for identity in manifest.identities {
      let names = identity.names.isEmpty ? "" : identity.names.joined(separator: ", ") + ": "
      add(.identity, "\(names)\(identity.state.rawValue), \(identity.reason)")
    }
    for (name, use) in manifest.trainingMining.sorted(by: { $0.key < $1.key }) { add(.use, use, name: name) }
    add(.softBinding, manifest.softBindings.joined(separator: ", "))
    add(.ingredients, manifest.ingredientTitles.joined(separator: ", "))
    return Manifest(
      label: clean(manifest.label), depth: manifest.depth, rows: rows,
      isSignatureValid: manifest.isSignatureValid, isSignerTrusted: manifest.isSignerTrusted)
  }

  /// In one line and harmless for a terminal.
  public static func clean(_ text: String) -> String { TerminalText.escaping(String(text.prefix(400))) }
}
