package import Scanning

extension Evidence {
  /// Whether a reader of one file's findings wants to see it: what was found, and of circumstances those of the file's
  /// structure and history.
  package var isShown: Bool {
    guard result == .found else { return false }
    return `class` != .context
      || ["credentials.", "container.", "provenance."].contains { method.hasPrefix($0) }
  }
}

extension ReportText {
  /// A finding in a report's words: its class and strength, what was found and why that may be worth less than it
  /// looks, and its place in the file.
  func words(for finding: Evidence) -> (class: String, finding: String, place: String?) {
    var name = self["classes.\(finding.class.rawValue)"]
    if let strength = finding.strength {
      name = filled("details.class", ["class": name, "strength": self["strengths.\(strength.rawValue)"]])
    }
    let summary =
      finding.reason.map { filled("details.but", ["finding": finding.summary, "reason": $0]) }
      ?? finding.summary
    let offset = finding.location?.byteOffset.map { filled("details.byte", ["offset": String($0)]) }
    let place = [finding.location?.path, offset].compactMap { $0 }
    return (name, summary, place.isEmpty ? nil : joined(place))
  }
}
