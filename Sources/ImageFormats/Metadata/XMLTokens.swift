/// A pull reader for the XML that XMP packets hold.
///
/// Forgiving where packets are broken, and unable to be abused: processing instructions, comments and
/// document types are skipped, no entity but the five of XML and numeric references is known, and nothing
/// is fetched. Text and attribute values are bounded by the packet's own length.
struct XMLTokens {
  struct Name: Hashable {
    var prefix: Substring
    var local: Substring
  }

  struct Attribute {
    var name: Name
    var value: String
  }

  enum Token {
    case start(Name, [Attribute], isEmpty: Bool)
    case end(Name)
    case text(String)
  }

  private let bytes: ArraySlice<UInt8>
  private var place: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.place = bytes.startIndex
  }

  mutating func next() -> Token? {
    while place < bytes.endIndex {
      guard bytes[place] == UInt8(ascii: "<") else {
        let end = bytes[place...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.endIndex
        let content = bytes[place..<end]
        place = end
        // Most text is the white space between elements.
        if content.allSatisfy({ $0 <= 0x20 }) { continue }
        return .text(Self.unescaped(content))
      }
      let after = place + 1 < bytes.endIndex ? bytes[place + 1] : 0
      switch after {
      case UInt8(ascii: "?"): skip(past: ">", from: place + 2)
      case UInt8(ascii: "!"):
        if starts("<!--") {
          skip(past: "-->", from: place + 4)
        } else if starts("<![CDATA[") {
          let start = place + 9
          skip(past: "]]>", from: start)
          let end = max(start, place - 3)
          if end > start {
            return .text(String(decoding: bytes[start..<min(end, bytes.endIndex)], as: UTF8.self))
          }
        } else {
          skipDeclaration()
        }
      case UInt8(ascii: "/"):
        let start = place + 2
        skip(past: ">", from: start)
        return .end(Self.name(bytes[min(start, place)..<max(start, place - 1)]))
      case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), 0x80...: return startTag()
      default:
        // A bare less-than sign is text to a forgiving reader.
        place += 1
        return .text("<")
      }
    }
    return nil
  }

  private mutating func startTag() -> Token? {
    place += 1
    let name = Self.name(takeName())
    var attributes: [Attribute] = []
    while place < bytes.endIndex {
      skipSpace()
      guard place < bytes.endIndex else { break }
      switch bytes[place] {
      case UInt8(ascii: ">"):
        place += 1
        return .start(name, attributes, isEmpty: false)
      case UInt8(ascii: "/"):
        place += 1
        if place < bytes.endIndex, bytes[place] == UInt8(ascii: ">") {
          place += 1
          return .start(name, attributes, isEmpty: true)
        }
      case UInt8(ascii: "<"):
        // The tag was never closed.
        return .start(name, attributes, isEmpty: false)
      default:
        let attribute = takeName()
        guard !attribute.isEmpty else {
          place += 1
          continue
        }
        skipSpace()
        guard place < bytes.endIndex, bytes[place] == UInt8(ascii: "=") else { continue }
        place += 1
        skipSpace()
        guard place < bytes.endIndex, bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'")
        else { continue }
        let quote = bytes[place]
        let start = place + 1
        let end = bytes[start...].firstIndex(of: quote) ?? bytes.endIndex
        attributes.append(Attribute(name: Self.name(attribute), value: Self.unescaped(bytes[start..<end])))
        place = min(end + 1, bytes.endIndex)
      }
    }
    return .start(name, attributes, isEmpty: true)
  }

  private mutating func skipSpace() {
    while place < bytes.endIndex, bytes[place] <= 0x20 { place += 1 }
  }

  private mutating func takeName() -> ArraySlice<UInt8> {
    let start = place
    while place < bytes.endIndex {
      switch bytes[place] {
      case 0...0x20, UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "<"),
        UInt8(ascii: "\""), UInt8(ascii: "'"):
        return bytes[start..<place]
      default: place += 1
      }
    }
    return bytes[start..<place]
  }

  private func starts(_ text: StaticString) -> Bool {
    place + text.utf8CodeUnitCount <= bytes.endIndex
      && bytes[place..<(place + text.utf8CodeUnitCount)].elementsEqual(text.description.utf8)
  }

  /// Moves behind the next occurrence of a mark, or to the end.
  private mutating func skip(past mark: String, from start: Int) {
    let mark = Array(mark.utf8)
    var index = min(start, bytes.endIndex)
    while index + mark.count <= bytes.endIndex {
      if bytes[index] == mark[0], bytes[index..<(index + mark.count)].elementsEqual(mark) {
        place = index + mark.count
        return
      }
      index += 1
    }
    place = bytes.endIndex
  }

  /// Past a document type, whose declarations stand in brackets and define nothing here.
  private mutating func skipDeclaration() {
    var depth = 0
    while place < bytes.endIndex {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
      if byte == UInt8(ascii: ">"), depth <= 0 { return }
    }
  }

  private static func name(_ bytes: ArraySlice<UInt8>) -> Name {
    let trimmed = bytes.filter { $0 > 0x20 }
    let text = Substring(decoding: trimmed, as: UTF8.self)
    guard let colon = text.firstIndex(of: ":") else { return Name(prefix: "", local: text) }
    return Name(prefix: text[..<colon], local: text[text.index(after: colon)...])
  }

  /// Text with its references resolved; unknown ones stay as they are written.
  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "&"),
        let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
        let scalar = reference(String(decoding: bytes[(index + 1)..<end], as: UTF8.self))
      {
        result += Array(String(scalar).utf8)
        index = end + 1
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func reference(_ name: String) -> Character? {
    switch name {
    case "quot": return "\""
    case "amp": return "&"
    case "apos": return "'"
    case "lt": return "<"
    case "gt": return ">"
    default:
      guard name.hasPrefix("#") else { return nil }
      let digits = name.dropFirst()
      let code =
        digits.hasPrefix("x") || digits.hasPrefix("X")
        ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return code.flatMap(Unicode.Scalar.init).map(Character.init)
    }
  }
}
