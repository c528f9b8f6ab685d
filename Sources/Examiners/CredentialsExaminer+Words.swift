import ContentCredentials
import Provenance

/// What the evidence of credentials says beside their statement: where they lie, what they leave open, whom they name.
extension CredentialsExaminer {
  /// The store's place, when it is none where a reader would look for it.
  static func place(_ report: CredentialsReport) -> String {
    guard let place = report.place else { return "" }
    if report.source == .sidecar { return " in the sidecar \(place)" }
    return place.hasPrefix("the ") ? " in \(place)" : " at \(place)"
  }

  /// Why a statement is worth less than it looks; nil when nothing is left open.
  static func reservation(_ report: CredentialsReport, isVerified: Bool) -> String? {
    let open = report.unbound.filter { !$0.holdsMetadataOnly }
    guard !isVerified else {
      return report.unbound.isEmpty
        ? nil : "nobody vouches for \(texts(report.unbound)): the binding leaves these bytes out"
    }
    guard report.state == .trusted else { return report.reason }
    if !open.isEmpty {
      return "nobody vouches for \(texts(open)), which may hold pixels: the binding leaves these bytes out"
    }
    if !report.origin.isSignerTrusted { return "the signer of this statement is on no trust list" }
    return "\(report.origin.assertion ?? "the assertion") names a model, not what it did"
  }

  private static func texts(_ ranges: [UnboundRange]) -> String {
    let shown = ranges.prefix(3).map(\.text).joined(separator: ", ")
    return ranges.count > 3 ? "\(shown) and \(ranges.count - 3) more ranges" : shown
  }

  /// A generator that credentials only name, where no source type or assertion speaks of AI.
  ///
  /// - Returns: its usual name, what it is named as, and whether it made a part.
  static func namedGenerator(
    in report: CredentialsReport
  ) -> (generator: String, role: String, isPart: Bool)? {
    for manifest in report.manifests {
      for action in manifest.actions {
        let isStart = action.action == "c2pa.created"
        let isPart = manifest.depth > 0 || !isStart
        if let name = action.softwareAgent.flatMap(ProducerNames.canonical) {
          return (name, "the tool of \(action.action)", isPart)
        }
        if isStart, let words = action.description, saysGenerated(words) {
          return (
            action.softwareAgent ?? manifest.generator ?? "a generative model",
            "what made an \"\(words.prefix(40))\"", isPart
          )
        }
      }
      if let name = manifest.generator.flatMap(ProducerNames.canonical) {
        return (name, "the claim's generator", manifest.depth > 0)
      }
    }
    return nil
  }

  /// "AI Generated Image", as Bing's early files say, and spellings of it.
  private static func saysGenerated(_ text: String) -> Bool {
    let words = text.lowercased().split { !$0.isLetter }
    return zip(words, words.dropFirst()).contains { $0 == "ai" && $1 == "generated" }
  }
}
