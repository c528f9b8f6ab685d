/// Text that is safe to print on a terminal.
public enum TerminalText {
  /// The text with everything that could steer a terminal or reorder a line written as `\u{1B}`.
  ///
  /// File names and metadata are the file's author's; without this they could move the cursor, recolour a
  /// verdict or turn the direction of writing.
  public static func escaping(_ text: String) -> String {
    // Nearly all text is printable ASCII, which steers nothing: one look at its bytes settles that.
    guard !text.isPrintableASCII, text.unicodeScalars.contains(where: steers) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if steers(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func steers(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension String {
  /// Whether all of it is printable ASCII.
  var isPrintableASCII: Bool { allBytes { (0x20..<0x7F).contains($0) } }

  /// Whether all of its UTF-8 bytes answer to this.
  package func allBytes(_ condition: (UInt8) -> Bool) -> Bool {
    // SAFETY: the bytes are read during the call only.
    unsafe utf8.withContiguousStorageIfAvailable { unsafe $0.allSatisfy(condition) }
      ?? utf8.allSatisfy(condition)
  }
}
