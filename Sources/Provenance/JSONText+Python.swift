extension JSONText {
  /// The text that Python's `json.dumps` writes by default for what `json.loads` reads from this JSON:
  /// `", "` and `": "` between parts, ASCII only, members in order, a repeated name once with its last value.
  ///
  /// NovelAI signs this text, so it must be Python's to the byte.
  package var pythonDump: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .string(let text): Self.pythonString(text)
    case .number(let digits): Self.pythonNumber(digits)
    case .array(let items): "[" + items.map(\.pythonDump).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + Self.lastOfEach(members).map { "\(Self.pythonString($0.name)): \($0.value.pythonDump)" }
        .joined(separator: ", ") + "}"
    }
  }

  /// A Python dictionary keeps the place of the first and the value of the last of equal names.
  private static func lastOfEach(_ members: [Member]) -> [Member] {
    var order: [Member] = []
    var index: [String: Int] = [:]
    for member in members {
      if let place = index[member.name] {
        order[place].value = member.value
      } else {
        index[member.name] = order.count
        order.append(member)
      }
    }
    return order
  }

  private static func pythonString(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: result += "\\\""
      case 0x5C: result += "\\\\"
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x09: result += "\\t"
      case 0x08: result += "\\b"
      case 0x0C: result += "\\f"
      case 0x20...0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result + "\""
  }

  /// An integer in its own digits, a float as Python's `repr`: shortest digits that read back the same,
  /// positional for exponents -4..<16, else scientific with at least two exponent digits.
  private static func pythonNumber(_ digits: String) -> String {
    if digits == "NaN" || digits.hasSuffix("Infinity") { return digits }
    guard digits.utf8.contains(where: { $0 == 0x2E || $0 | 0x20 == 0x65 }), let value = Double(digits) else {
      return digits == "-0" ? "0" : digits
    }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    // Swift prints the same shortest digits, but changes to scientific elsewhere: take digits and exponent.
    var text = value.magnitude.description[...]
    var exponent = 0
    if let mark = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: mark)...]) ?? 0
      text = text[..<mark]
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(parts[0])
    let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
    var significant = Substring(whole + fraction)
    var point = whole.count + exponent
    while significant.count > 1, significant.hasPrefix("0") {
      significant.removeFirst()
      point -= 1
    }
    while significant.count > 1, significant.hasSuffix("0") { significant.removeLast() }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    let power = point - 1
    if power < -4 || power >= 16 {
      let mantissa =
        significant.count == 1 ? String(significant) : "\(significant.prefix(1)).\(significant.dropFirst())"
      let size = String(abs(power))
      return sign + mantissa + (power < 0 ? "e-" : "e+") + (size.count < 2 ? "0" : "") + size
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + significant }
    if significant.count <= point {
      return sign + significant + String(repeating: "0", count: point - significant.count) + ".0"
    }
    return sign + significant.prefix(point) + "." + significant.dropFirst(point)
  }
}
