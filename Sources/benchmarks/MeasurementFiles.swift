import Foundation

/// Figures of a measurement: printed as JSON, and kept as JSON and Markdown where a name is given.
enum MeasurementFiles {
  /// - Parameter name: of NAME.json and NAME.md; nil keeps nothing.
  static func write(_ figures: some Encodable, markdown: String, to name: String?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(figures)
    print(String(decoding: json, as: UTF8.self))
    guard let name else { return }
    try json.write(to: URL(filePath: name + ".json"))
    try Data(markdown.utf8).write(to: URL(filePath: name + ".md"))
  }

  /// A row of a Markdown table.
  static func row(_ columns: [String]) -> String { "| " + columns.joined(separator: " | ") + " |\n" }

  /// The command that is running, as a person gives it.
  static var command: String {
    "benchmarks " + CommandLine.arguments.dropFirst().joined(separator: " ")
  }
}
