import Foundation

/// One JSON object a line, names in order: how programs are answered.
public enum JSONLine {
  /// - Returns: the line with its line feed.
  /// - Throws: what `JSONEncoder` throws.
  public static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
