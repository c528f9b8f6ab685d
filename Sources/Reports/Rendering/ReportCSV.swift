import Audits

extension Report {
  /// One row a judgement, as RFC 4180 text with a header row and CRLF.
  ///
  /// A cell that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection).
  public func csv() -> String {
    var rows = [["file", "sha256", "outcome", "rule", "result", "severity", "finding"]]
    for item in items {
      let scan = item.scan
      let head = [scan.file, scan.sha256 ?? "", scan.outcome.rawValue]
      if item.judgements.isEmpty { rows.append(head + ["", "", "", ""]) }
      rows += item.judgements.map { head + Self.cells($0) }
    }
    rows += folder.map { ["(folder)", "", ""] + Self.cells($0) }
    rows += project.map { ["(project)", "", ""] + Self.cells($0) }
    return rows.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func cells(_ judgement: Judgement) -> [String] {
    [judgement.rule, judgement.result.rawValue, judgement.severity.rawValue, judgement.finding]
  }

  private static func quoted(_ cell: String) -> String {
    var text = TerminalText.escaping(cell)
    if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + text }
    guard text.contains(where: { ",\"'\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
