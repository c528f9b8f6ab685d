/// The few patterns that rules look for, as plain functions over characters.
enum TextPatterns {
  /// Whether the text is a UUID and nothing else: 8-4-4-4-12 hexadecimal digits.
  static func isUUID(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(\.isHexDigit) }
  }

  /// Whether the text is base64 of at least `minimum` characters and nothing else.
  static func isBase64(_ text: some StringProtocol, atLeast minimum: Int) -> Bool {
    let body = text.utf8
    guard body.count >= minimum else { return false }
    let unpadded = text.drop(while: { _ in false }).prefix { $0 != "=" }
    return text.utf8.count - unpadded.utf8.count <= 2
      && unpadded.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+/-_".contains($0)) }
  }

  /// The values of `Key: value` pairs after commas or line ends, for keys that are asked for; the first of
  /// each. Keys are compared without case.
  static func pairs(_ keys: [String], in text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      for part in line.split(separator: ",") {
        guard let colon = part.firstIndex(of: ":") else { continue }
        let name = part[..<colon].trimmedBlanks.lowercased()
        guard let key = keys.first(where: { $0.lowercased() == name }), result[key] == nil else { continue }
        result[key] = part[part.index(after: colon)...].trimmedBlanks
      }
    }
    return result
  }

  /// The text after a label, up to the first character that `isEnd` names; nil without the label.
  static func value(after label: String, in text: String, until isEnd: (Character) -> Bool) -> String? {
    guard let range = text.firstRange(of: label) else { return nil }
    let rest = text[range.upperBound...].drop { $0 == " " }
    return String(rest.prefix { !isEnd($0) })
  }

  /// The last part of a web address or term: after the last `/`, `#` or `:`, blanks and a closing slash aside.
  static func lastPathPart(_ text: String) -> String {
    var trimmed = Substring(text.trimmedBlanks)
    while trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard let cut = trimmed.lastIndex(where: { "/#:".contains($0) }) else { return String(trimmed) }
    return String(trimmed[trimmed.index(after: cut)...])
  }
}
