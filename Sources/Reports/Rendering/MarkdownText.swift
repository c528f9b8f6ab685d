import Diagnostics

/// Text for GitHub-flavoured Markdown, which code-hosting sites render as HTML.
public enum MarkdownText {
  /// Text that no renderer takes for markup, HTML, a link, a formula or a list.
  ///
  /// Source: CommonMark 0.31.2, §2.4 (a backslash makes any ASCII punctuation a character of its own), §2.5;
  /// GitHub Flavored Markdown 0.29, §6.9 (autolinks of bare `www.` and `https://`); GitHub Docs on `$` formulas.
  public static func escape(_ text: String) -> String {
    var result = ""
    for character in TerminalText.escaping(text).unicodeScalars {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      // A backslash would still leave the character for those who look for addresses.
      case "@": result += "&#64;"
      case ".": result += result.suffix(3).lowercased() == "www" ? "&#46;" : "."
      case "|", "*", "_", "`", "[", "]", "\\", "#", "~", "$":
        result += "\\"
        result.unicodeScalars.append(character)
      default: result.unicodeScalars.append(character)
      }
    }
    result = result.replacing("://", with: "&#58;//")
    return unlisted(result)
  }

  /// A line that begins as an item of a list or as an underline does so as text.
  private static func unlisted(_ text: String) -> String {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let mark = text[digits.endIndex...].prefix(1)
    let isMarker = digits.isEmpty ? ["-", "+", "="].contains(mark) : [".", ")"].contains(mark)
    return isMarker ? digits + "\\" + text[digits.endIndex...] : text
  }
}
