public import Foundation

/// One JSON object a line, names in order: how programs are answered.
public enum JSONLine {
  /// - Returns: the line with its line feed.
  /// - Throws: what `JSONEncoder` throws.
  public static func of(_ value: some Encodable) throws -> String {
    String(decoding: try encoder().encode(value), as: UTF8.self) + "\n"
  }

  /// An encoder that writes names in order and slashes as they are.
  public static func encoder(_ formatting: JSONEncoder.OutputFormatting = []) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    return encoder
  }
}

/// JSON that is indented for readers, names in order.
public enum IndentedJSON {
  /// - Returns: the text with its line feed.
  /// - Throws: what `JSONEncoder` throws.
  public static func of(_ value: some Encodable) throws -> String {
    String(decoding: try JSONLine.encoder(.prettyPrinted).encode(value), as: UTF8.self) + "\n"
  }
}
