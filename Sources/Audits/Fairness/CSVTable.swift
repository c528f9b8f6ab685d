import Diagnostics

/// A table of comma-separated values with a header row (RFC 4180): quotes, quoted line breaks, CRLF or LF.
public struct CSVTable: Sendable {
  public let columns: [String]
  public let rows: [[String]]

  /// - Throws: ``AuditError`` `csv.shape` with the row where quotes do not close or cells are too many or too few.
  public init(_ text: String, source: String) throws(AuditError) {
    func fault(_ row: Int, _ message: String) -> AuditError {
      AuditError(
        code: "csv.shape", location: FaultLocation(file: source, path: "row \(row)"), message: message,
        remedy: "write one row a line, as many cells as the header has, quotes doubled inside quotes")
    }
    var parsed: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var bytes = Array(text.utf8)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    var index = bytes.startIndex
    func endCell() {
      row.append(String(decoding: cell, as: UTF8.self))
      cell = []
    }
    func endRow() {
      endCell()
      if row != [""] { parsed.append(row) }
      row = []
    }
    while index < bytes.endIndex {
      let byte = bytes[index]
      let next = index + 1 < bytes.endIndex ? bytes[index + 1] : nil
      switch (isQuoted, byte) {
      case (true, UInt8(ascii: "\"")) where next == UInt8(ascii: "\""):
        cell.append(byte)
        index += 1
      case (true, UInt8(ascii: "\"")): isQuoted = false
      case (true, _): cell.append(byte)
      case (false, UInt8(ascii: "\"")) where cell.isEmpty: isQuoted = true
      case (false, UInt8(ascii: ",")): endCell()
      case (false, 0x0D) where next == 0x0A: break
      case (false, 0x0A), (false, 0x0D): endRow()
      default: cell.append(byte)
      }
      index += 1
    }
    guard !isQuoted else { throw fault(parsed.count + 1, "a quoted cell does not close") }
    if !cell.isEmpty || !row.isEmpty { endRow() }
    guard let head = parsed.first, parsed.count > 1 else {
      throw fault(1, "the table has no header or no rows")
    }
    for (number, cells) in parsed.enumerated() where cells.count != head.count {
      throw fault(number + 1, "the row has \(cells.count) cells, the header \(head.count)")
    }
    guard Set(head).count == head.count else { throw fault(1, "a column's name stands twice") }
    columns = head
    rows = Array(parsed.dropFirst())
  }
}
