public import Detectors
public import Foundation

/// Whole pictures whose origin is known, as an index.csv lists them.
public struct LabelledPictures: Sendable {
  public struct Item: Sendable, Hashable {
    /// Below the index's folder.
    public var path: String
    /// `ai`, `real`, or what is neither.
    public var label: String
    public var generator: String
    public var source: String
    /// The repository that it was found in, `owner/name`.
    public var repository: String
    public var isValidation: Bool
    public var width: Int
    public var height: Int
    /// `JPEG`; empty where the index has no such column.
    public var format: String

    /// Whoever keeps the repository.
    public var owner: String { String(repository.prefix { $0 != "/" }) }
  }

  public let folder: URL
  public let items: [Item]

  static let columns = ["path", "label", "generator", "source", "repo", "split", "width", "height"]
  private static let formatColumn = "format"

  /// - Parameters:
  ///   - path: of the index.csv.
  ///   - needsFormat: whether the column `format` is needed as well.
  /// - Throws: ``DetectorError`` `detector.index` for a missing file or column.
  public init(path: String, needsFormat: Bool = false) throws(DetectorError) {
    let needed = Self.columns + (needsFormat ? [Self.formatColumn] : [])
    func fault(_ message: String) -> DetectorError {
      DetectorError(
        code: "detector.index", location: .init(file: path), message: message,
        remedy: "name an index.csv with the columns \(needed.joined(separator: ", "))")
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw fault("the index can't be read")
    }
    var lines = text.split(whereSeparator: \.isNewline)
    guard !lines.isEmpty else { throw fault("the index is empty") }
    let names = Self.fields(lines.removeFirst())
    let missing = needed.filter { !names.contains($0) }
    guard missing.isEmpty else { throw fault("the index lacks \(missing.joined(separator: ", "))") }
    let places = Self.columns.compactMap { names.firstIndex(of: $0) }
    let format = names.firstIndex(of: Self.formatColumn)
    var items: [Item] = []
    for (number, line) in lines.enumerated() {
      let fields = Self.fields(line)
      guard fields.count == names.count else {
        throw fault("line \(number + 2) has \(fields.count) fields, and \(names.count) columns are named")
      }
      let value = places.map { fields[$0] }
      items.append(
        Item(
          path: value[0], label: value[1], generator: value[2], source: value[3], repository: value[4],
          isValidation: value[5] == "val", width: Int(value[6]) ?? 0, height: Int(value[7]) ?? 0,
          format: format.map { fields[$0] } ?? ""))
    }
    folder = URL(filePath: path).deletingLastPathComponent()
    self.items = items
  }

  public func file(of item: Item) -> String { folder.appending(path: item.path).path }

  /// A line of comma-separated values; a field in double quotes may hold commas, and quotes written twice.
  static func fields(_ line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    var wasQuote = false
    for character in line {
      if character == "\"" {
        if wasQuote { fields[fields.count - 1].append("\"") }
        wasQuote = isQuoted && !wasQuote
        isQuoted.toggle()
        continue
      }
      wasQuote = false
      if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}
