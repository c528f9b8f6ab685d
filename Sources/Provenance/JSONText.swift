/// JSON as it was written: members in order, numbers in their own digits.
///
/// Generators' JSON is Python's, so NaN and Infinity are read too, and `pythonDump` writes it back as
/// `json.dumps` does. Depth and number of values are bounded.
public indirect enum JSONText: Sendable, Hashable {
  case object([Member])
  case array([JSONText])
  case string(String)
  /// The digits as they stand, `NaN`, `Infinity` or `-Infinity`.
  case number(String)
  case boolean(Bool)
  case null

  /// A name and a value; names may repeat, as they may in JSON.
  public struct Member: Sendable, Hashable {
    public var name: String
    public var value: JSONText

    public init(name: String, value: JSONText) {
      self.name = name
      self.value = value
    }
  }

  /// The deepest nesting that is read.
  static let maximumDepth = 64
  /// The most values that are read from one text.
  static let maximumValues = 400_000

  /// Reads a text that is JSON from end to end, blanks aside; nil if it is not, or is too deep or too long.
  public init?(_ text: String) {
    guard let (value, end) = JSONText.prefix(of: Array(text.utf8), from: 0), end.isLast else { return nil }
    self = value
  }

  /// Reads the JSON value that starts at `start`; what follows it is left alone.
  ///
  /// - Returns: the value, and where it ends and whether only blanks follow; nil if there is none.
  ///
  /// - Parameter isPython: whether it is the `repr` of a Python dictionary: texts in single or double quotes,
  ///   `True`, `False`, `None`.
  static func prefix(of bytes: [UInt8], from start: Int, isPython: Bool = false) -> (
    value: JSONText, end: (offset: Int, isLast: Bool)
  )? {
    var reader = JSONReader(bytes: bytes, position: start)
    reader.isPython = isPython
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipBlanks()
    while reader.position < bytes.count, bytes[reader.position] == 0 { reader.position += 1 }
    return (value, (reader.position, reader.position == bytes.count))
  }

  /// The last member of that name; nil if this is no object or has none.
  public subscript(name: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  /// The names of an object's members; empty for anything else.
  public var names: Set<String> {
    guard case .object(let members) = self else { return [] }
    return Set(members.map(\.name))
  }

  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// A string's text, a number's digits, a boolean's word; nil for null and what holds others.
  var scalarText: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .boolean(let value): value ? "true" : "false"
    case .object, .array, .null: nil
    }
  }
}

/// A recursive-descent reader with bounds.
private struct JSONReader {
  let bytes: [UInt8]
  var position: Int
  var values = 0
  /// Whether to read what Python prints of a dictionary.
  var isPython = false

  init(bytes: [UInt8], position: Int) {
    self.bytes = bytes
    self.position = position
  }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard current == byte else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) -> JSONText? {
    values += 1
    guard depth < JSONText.maximumDepth, values <= JSONText.maximumValues else { return nil }
    skipBlanks()
    switch current {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case let quote? where isQuote(quote): return string().map(JSONText.string)
    case nil: return nil
    default: return word()
    }
  }

  mutating func object(depth: Int) -> JSONText? {
    position += 1
    var members: [JSONText.Member] = []
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipBlanks()
      guard let quote = current, isQuote(quote), let name = string(), take(UInt8(ascii: ":")),
        let value = value(depth: depth + 1)
      else { return nil }
      members.append(JSONText.Member(name: name, value: value))
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? .object(members) : nil
  }

  mutating func array(depth: Int) -> JSONText? {
    position += 1
    var items: [JSONText] = []
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      items.append(value)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .array(items) : nil
  }

  /// A number or a word such as `true` or `NaN`.
  mutating func word() -> JSONText? {
    let start = position
    while let byte = current, isWordByte(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    case "True" where isPython: return .boolean(true)
    case "False" where isPython: return .boolean(false)
    case "None" where isPython: return .null
    case "NaN", "Infinity", "-Infinity": return .number(text)
    default:
      guard let first = text.utf8.first, first == UInt8(ascii: "-") || isDigit(first), Double(text) != nil,
        !text.utf8.contains(UInt8(ascii: "x"))
      else { return nil }
      return .number(text)
    }
  }

  func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || isPython && byte == UInt8(ascii: "'") }

  func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// A string, the reader standing at its opening quote. Raw control characters are accepted: some writers
  /// leave line ends unescaped.
  mutating func string() -> String? {
    let quote = bytes[position]
    position += 1
    var text: [UInt8] = []
    var runStart = position
    while let byte = current {
      switch byte {
      case quote:
        text += bytes[runStart..<position]
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += bytes[runStart..<position]
        position += 1
        guard escape(into: &text) else { return nil }
        runStart = position
      default:
        position += 1
      }
    }
    return nil
  }

  /// What follows a backslash.
  mutating func escape(into text: inout [UInt8]) -> Bool {
    guard let byte = current else { return false }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "u"):
      guard let unit = hexUnit() else { return false }
      var scalar = Unicode.Scalar(0xFFFD)
      if (0xD800..<0xDC00).contains(unit), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        guard let low = hexUnit() else { return false }
        if (0xDC00..<0xE000).contains(low) {
          scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        }
      } else {
        scalar = Unicode.Scalar(unit)
      }
      text += Array(String(Character(scalar ?? "\u{FFFD}")).utf8)
    default: text.append(byte)
    }
    return true
  }

  mutating func hexUnit() -> UInt16? {
    guard position + 4 <= bytes.count else { return nil }
    var unit: UInt16 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    position += 4
    return unit
  }
}
