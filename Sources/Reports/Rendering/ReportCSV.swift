import Audits
import Diagnostics

extension Report {
  /// Writes one row a judgement, as RFC 4180 text with a header row and CRLF, piece by piece.
  ///
  /// A cell that a spreadsheet would run as a formula gets a leading apostrophe, and so does what would begin a cell
  /// where semicolons part them (OWASP, CSV injection).
  ///
  /// - Throws: what `write` throws.
  public func writeCSV(_ write: (String) throws -> Void) throws {
    func row(_ cells: [String]) throws { try write(CSVCell.row(cells)) }
    // Most findings are those of other files too: each is quoted once.
    var known: [Judgement: String] = [:]
    func tail(_ judgement: Judgement) -> String {
      if let text = known[judgement] { return text }
      let text = CSVCell.row(Self.cells(judgement))
      if known.count < 10_000 { known[judgement] = text }
      return text
    }
    try row(["file", "sha256", "outcome", "rule", "result", "severity", "finding"])
    for item in items {
      let scan = item.scan
      let cells = [scan.file, scan.sha256 ?? "", scan.outcome.rawValue]
      let judgements = item.judgements
      if judgements.isEmpty { try row(cells + ["", "", "", ""]) }
      let head = cells.map(CSVCell.quoted).joined(separator: ",") + ","
      for judgement in judgements { try write(head + tail(judgement)) }
    }
    for judgement in folder { try row([text["wholes.folder"], "", ""] + Self.cells(judgement)) }
    for judgement in project { try row([text["wholes.project"], "", ""] + Self.cells(judgement)) }
  }

  /// The whole text.
  public func csv() -> String {
    var text = ""
    // Appending to a text throws nothing.
    try? writeCSV { text += $0 }
    return text
  }

  private static func cells(_ judgement: Judgement) -> [String] {
    [judgement.rule, judgement.result.rawValue, judgement.severity.rawValue, judgement.finding]
  }
}

/// Cells of tables for spreadsheets.
enum CSVCell {
  /// A whole row, with its end.
  static func row(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\r\n" }

  /// The cell with quotes where it needs them, and an apostrophe before what a spreadsheet would run as a formula.
  static func quoted(_ cell: String) -> String {
    let first = cell.utf8.first ?? 0
    if !"=+-@".utf8.contains(first),
      cell.allBytes({ (0x21..<0x7F).contains($0) && !",;\"'".utf8.contains($0) })
    {
      return cell
    }
    var text = ""
    var isStart = true
    for scalar in TerminalText.escaping(cell).unicodeScalars {
      if isStart, formulaStarts.contains(scalar) { text += "'" }
      text.unicodeScalars.append(scalar)
      // Spaces and quotes before a formula do not stop it.
      isStart = scalar == ";" || isStart && (scalar == " " || scalar == "\"")
    }
    guard text.contains(where: { ",;\"'\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// Also those of full width, which East Asian spreadsheets take for the same.
  private static let formulaStarts = "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars
}
