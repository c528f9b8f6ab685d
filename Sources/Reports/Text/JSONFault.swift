import Diagnostics
import Foundation

/// Says where and why JSON could not be read.
enum JSONFault {
  /// The path of the value, such as `items.3.scan.outcome`; nil where the text is no JSON at all.
  static func place(_ error: any Error) -> String? {
    let path: [any CodingKey] =
      switch error {
      case DecodingError.keyNotFound(let key, let context): context.codingPath + [key]
      case DecodingError.valueNotFound(_, let context), DecodingError.typeMismatch(_, let context),
        DecodingError.dataCorrupted(let context):
        context.codingPath
      default: []
      }
    guard !path.isEmpty else { return nil }
    return TerminalText.escaping(
      path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))
  }

  /// - Parameter json: what could not be read.
  static func message(_ error: any Error, in json: Data) -> String {
    switch error {
    case DecodingError.keyNotFound: "the value is missing"
    case DecodingError.valueNotFound: "the value is null"
    case DecodingError.typeMismatch: "the value is of another kind"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "the value is none of those that are known"
    default: syntax(json)
    }
  }

  /// Where JSON stops being JSON. The decoder does not say; the older parser names a byte, if only in words.
  private static func syntax(_ json: Data) -> String {
    do { _ = try JSONSerialization.jsonObject(with: json) } catch {
      let words = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? ""
      if let place = words.firstMatch(of: #/character ([0-9]+)/#).flatMap({ Int($0.1) }) {
        return "line \(json.prefix(place).count { $0 == UInt8(ascii: "\n") } + 1) is no JSON"
      }
      if words.contains("end of file") {
        return "it ends early, at line \(json.count { $0 == UInt8(ascii: "\n") } + 1)"
      }
    }
    return "it is no JSON"
  }
}
