/// Looks through CBOR for text values under names, without building its tree; depth and size are bounded.
///
/// Source: RFC 8949.
struct CBORTexts {
  /// A text with the names that lead to it: `["actions", "digitalSourceType"]`.
  struct Entry {
    var path: [String]
    var text: String
  }

  private(set) var entries: [Entry] = []
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  private var items = 0

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    _ = visit(path: [], depth: 0)
  }

  /// Reads one item; false when the data are no CBOR or a bound is reached.
  private mutating func visit(path: [String], depth: Int) -> Bool {
    items += 1
    guard depth < 32, items < 100_000, position < end else { return false }
    let head = bytes[position]
    let (major, short) = (head >> 5, Int(head & 31))
    position += 1
    guard let value = argument(short) else { return false }
    switch major {
    case 2, 3:
      guard let size = value, size <= end - position else { return indefinite(path: path, depth: depth) }
      if major == 3 {
        entries.append(
          Entry(
            path: path,
            text: String(decoding: bytes[position..<(position + size)].prefix(2048), as: UTF8.self)))
      }
      position += size
      return true
    case 4:
      guard let count = value else { return indefinite(path: path, depth: depth) }
      for _ in 0..<count where !visit(path: path, depth: depth + 1) { return false }
      return true
    case 5:
      guard let count = value else { return false }
      for _ in 0..<count where !member(path: path, depth: depth) { return false }
      return true
    case 6: return visit(path: path, depth: depth + 1)
    default: return true
    }
  }

  private mutating func member(path: [String], depth: Int) -> Bool {
    let before = entries.count
    guard visit(path: path, depth: depth + 1) else { return false }
    var name = "?"
    if entries.count == before + 1 { name = entries.removeLast().text }
    entries.removeSubrange(before...)
    return visit(path: path + [name], depth: depth + 1)
  }

  /// Items up to a break.
  private mutating func indefinite(path: [String], depth: Int) -> Bool {
    while position < end {
      if bytes[position] == 0xFF {
        position += 1
        return true
      }
      guard visit(path: path, depth: depth + 1) else { return false }
    }
    return false
  }

  /// The number that follows the head: nil inside for an indefinite length, nil outside for a fault.
  private mutating func argument(_ short: Int) -> Int?? {
    if short < 24 { return .some(short) }
    if short == 31 { return .some(nil) }
    guard short < 28 else { return nil }
    let size = 1 << (short - 24)
    guard position + size <= end else { return nil }
    let value = bytes[position..<(position + size)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    position += size
    return .some(Int(clamping: value))
  }
}
