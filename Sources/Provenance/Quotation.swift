/// Shortens what a file says so that it can be shown to people.
public enum Quotation {
  /// The text on one line, without control characters and without marks that change the direction of
  /// writing, cut to `limit` characters with an ellipsis.
  ///
  /// Cost: reads at most `8 * limit` scalars.
  public static func of(_ text: some StringProtocol, limit: Int = 160) -> String {
    var result = ""
    var count = 0
    var pendingSpace = false
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if count >= limit || index >= 8 * limit { return result + "…" }
      if scalar == " " || isControl(scalar) || !scalar.isASCII && scalar.properties.isWhitespace {
        pendingSpace = !result.isEmpty
        continue
      }
      if pendingSpace {
        result.unicodeScalars.append(" ")
        count += 1
        pendingSpace = false
      }
      result.unicodeScalars.append(scalar)
      count += 1
    }
    return result
  }

  /// Whether a scalar could steer a terminal or reorder a line: controls, format characters, surrogates
  /// and private use.
  public static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
