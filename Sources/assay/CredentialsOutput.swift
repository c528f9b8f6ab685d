import ContentCredentials
import Diagnostics
import Foundation
import Reports
import Services

/// Reports on credentials, for people and for programs.
enum CredentialsOutput {
  static func line(_ path: String, _ report: CredentialsReport) throws -> String {
    try CredentialsLine.of(path, report)
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
