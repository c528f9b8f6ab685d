public import Foundation

/// One JSON object a line, names in order: how programs are answered.
public enum JSONLine {
  /// - Returns: the line with its line feed.
  /// - Throws: what `JSONEncoder` throws.
  public static func of(_ value: some Encodable) throws -> String {
    String(decoding: try encoder().encode(value), as: UTF8.self) + "\n"
  }

  /// As ``of(_:)``, with the form's name and the program's version: what programs read names both in every line.
  ///
  /// - Parameters:
  ///   - value: encodes as an object.
  ///   - schema: such as `assay.scan/1`.
  ///   - encoder: where numbers may be infinite, one that knows how to write them.
  public static func of(
    _ value: some Encodable, as schema: String, encoder: JSONEncoder = encoder()
  ) throws -> String {
    String(decoding: try encoder.encode(StampedJSON(schema: schema, value: value)), as: UTF8.self) + "\n"
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

  /// As ``of(_:)``, with the form's name and the program's version.
  public static func of(_ value: some Encodable, as schema: String) throws -> String {
    try of(StampedJSON(schema: schema, value: value))
  }
}

/// An object with the name of its form and the version that wrote it.
private struct StampedJSON<Value: Encodable>: Encodable {
  let schema: String
  let value: Value

  private enum CodingKeys: String, CodingKey { case schema, version }

  func encode(to encoder: any Encoder) throws {
    try value.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(assayVersion, forKey: .version)
  }
}
