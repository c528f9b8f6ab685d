/// A path as the system knows it: bytes, on Linux in no particular encoding.
///
/// A `String` repairs what is not UTF-8, and the repaired name opens no file. Paths from the command line
/// or a folder listing keep their bytes here, and become text only for people.
public struct FilePath: Sendable, Hashable {
  /// The bytes without a terminating zero.
  public let bytes: [UInt8]

  /// A path from text; the usual way when the name is known to be UTF-8.
  public init(_ text: String) { self.bytes = Array(text.utf8) }

  /// A path from the bytes that the system gave.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// The path for display: bytes that are not UTF-8 are written `\xE9`, so two names never look alike.
  public var display: String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var rest = bytes[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
      if let piece = String(validating: rest.prefix(length), as: UTF8.self) {
        text += piece
        rest = rest.dropFirst(length)
      } else {
        let digits = String(first, radix: 16, uppercase: true)
        text += "\\x" + (digits.count == 1 ? "0" : "") + digits
        rest = rest.dropFirst()
      }
    }
    return text
  }

  /// The part after the last slash.
  public var lastComponent: FilePath {
    FilePath(bytes: Array(bytes[(bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]))
  }

  /// The lower-cased letters after the last dot of the last component; nil without one.
  public var fileExtension: String? {
    let name = lastComponent.bytes
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count else { return nil }
    return String(validating: name[(dot + 1)...], as: UTF8.self)?.lowercased()
  }

  /// This path with one more component.
  public func appending(_ component: FilePath) -> FilePath {
    let slash: [UInt8] = bytes.isEmpty || bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
    return FilePath(bytes: bytes + slash + component.bytes)
  }
}

extension FilePath: CustomStringConvertible, ExpressibleByStringLiteral {
  public var description: String { display }
  public init(stringLiteral text: String) { self.init(text) }
}
