import Diagnostics
import Foundation
public import Scanning

/// A scan's results as JSON Lines in the form `assay.scan/1`: one object a line, names in order.
public enum ScanLines {
  /// One line, ending in a line feed.
  ///
  /// - Throws: what `JSONEncoder` throws; a ``ScanResult`` holds nothing that it cannot encode.
  public static func line(_ result: ScanResult) throws -> String { try JSONLine.of(result) }

  /// Reads lines back; empty lines are skipped.
  ///
  /// - Parameter source: what to call the text in errors.
  /// - Throws: ``ReportError`` that names the line that is no result.
  public static func results(_ text: String, source: String) throws(ReportError) -> [ScanResult] {
    var results: [ScanResult] = []
    try read(Data(text.utf8), source: source) { results.append($0) }
    return results
  }

  /// Reads the results in a file.
  ///
  /// - Throws: ``ReportError`` where the file cannot be read or holds something else.
  public static func results(atPath path: String) throws(ReportError) -> [ScanResult] {
    var results: [ScanResult] = []
    try read(atPath: path) { results.append($0) }
    return results
  }

  /// Hands on the results in a file one by one, so that they need not all stand in memory.
  ///
  /// - Throws: ``ReportError`` where the file cannot be read or holds something else.
  public static func read(atPath path: String, _ take: (ScanResult) -> Void) throws(ReportError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportError(
        code: "scan.file", location: FaultLocation(file: path), message: "the file cannot be read",
        remedy: "check the name and its permissions")
    }
    try read(data, source: path, take)
  }

  private static func read(_ data: Data, source: String, _ take: (ScanResult) -> Void) throws(ReportError) {
    let decoder = JSONDecoder()
    let blanks = Set(" \t\r".utf8)
    for (number, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated()
    where !line.allSatisfy(blanks.contains) {
      do {
        take(try decoder.decode(ScanResult.self, from: line))
      } catch {
        throw ReportError(
          code: "scan.line", location: FaultLocation(file: source, path: "line \(number + 1)"),
          message: "the line is no scan result (assay.scan/1)",
          remedy: "make the file as JSON lines of a scan, and keep its lines whole")
      }
    }
  }
}
