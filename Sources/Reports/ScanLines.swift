public import Detectors
import Foundation

/// A scan's results as JSON Lines in the form `assay.scan/1`: one object a line, names in order.
public enum ScanLines {
  /// One line, ending in a line feed.
  ///
  /// - Throws: what `JSONEncoder` throws; a ``ScanResult`` holds nothing that it cannot encode.
  public static func line(_ result: ScanResult) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(result), as: UTF8.self) + "\n"
  }

  /// Reads lines back; empty lines are skipped.
  ///
  /// - Throws: `DecodingError` for a line that is no result.
  public static func results(_ text: String) throws -> [ScanResult] {
    let decoder = JSONDecoder()
    return try text.split(whereSeparator: \.isNewline).map { line in
      try decoder.decode(ScanResult.self, from: Data(line.utf8))
    }
  }
}
