import Diagnostics

/// Text for XML and HTML.
enum Markup {
  /// Escapes markup and quotes; control and direction characters are written as `\u{1B}`, since XML 1.0
  /// forbids most of them and the rest could reorder what a reader sees.
  static func escape(_ text: String) -> String {
    let plain = TerminalText.escaping(text)
    // & < > " '
    guard !plain.allBytes({ ![0x26, 0x3C, 0x3E, 0x22, 0x27].contains($0) }) else { return plain }
    var result = ""
    for character in plain.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
