import Foundation

extension Report {
  /// The report as JSON, `assay.report/1`, with sorted names: same report, same bytes.
  ///
  /// - Throws: what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
