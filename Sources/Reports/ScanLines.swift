import Diagnostics
import Dispatch
import Foundation
public import Scanning
import Synchronization

/// A scan's results as JSON Lines in the form `assay.scan/1`: one object a line, names in order.
public enum ScanLines {
  /// One line, ending in a line feed, with the form's name and the program's version.
  ///
  /// - Throws: what `JSONEncoder` throws; a `ScanResult` holds nothing that it cannot encode.
  public static func line(_ result: ScanResult) throws -> String {
    try JSONLine.of(result, as: ScanResult.schema)
  }

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
    func fault(_ cause: (any Error)? = nil) -> ReportError {
      ReportError(
        code: "scan.file", location: FaultLocation(file: path), message: "the file cannot be read",
        remedy: "check the name and its permissions", cause: cause)
    }
    guard let handle = FileHandle(forReadingAtPath: path) else { throw fault() }
    defer { try? handle.close() }
    try read(source: path, take) { () throws(ReportError) in
      do { return try handle.read(upToCount: 1 << 20) ?? Data() } catch { throw fault(error) }
    }
  }

  private static func read(_ data: Data, source: String, _ take: (ScanResult) -> Void) throws(ReportError) {
    var rest = data
    try read(source: source, take) { () throws(ReportError) in
      defer { rest = Data() }
      return rest
    }
  }

  /// - Parameter more: the next bytes; empty at the end.
  private static func read(
    source: String, _ take: (ScanResult) -> Void, more: () throws(ReportError) -> Data
  ) throws(ReportError) {
    var data = Data()
    // Up to where no line break is.
    var searched = 0
    var number = 0
    var isAtEnd = false
    // Some lines at a time, on all cores: reading JSON takes longer than judging what it says.
    while !isAtEnd || !data.isEmpty {
      var lines: [Data] = []
      while lines.count < 64 {
        if let end = data[searched...].firstIndex(of: UInt8(ascii: "\n")) {
          lines.append(data[..<end])
          data = data[data.index(after: end)...]
          searched = data.startIndex
        } else if isAtEnd {
          if !data.isEmpty { lines.append(data) }
          data = Data()
          searched = 0
          break
        } else {
          let next = try more()
          isAtEnd = next.isEmpty
          // A copy of what is left, so that what was read is given back.
          if data.startIndex > 0 { data = Data(data) }
          searched = data.endIndex
          data.append(next)
        }
      }
      for result in results(lines) {
        number += 1
        switch result {
        case .success(let found?): take(found)
        case .success(nil): break
        case .failure:
          throw ReportError(
            code: "scan.line", location: FaultLocation(file: source, path: "line \(number)"),
            message: "the line is no scan result (assay.scan/1)",
            remedy: "make the file as JSON lines of a scan, and keep its lines whole")
        }
      }
    }
  }

  /// What each line holds, in order; nil for an empty one.
  private static func results(_ lines: [Data]) -> [Result<ScanResult?, any Error>] {
    let results = Mutex([Result<ScanResult?, any Error>](repeating: .success(nil), count: lines.count))
    DispatchQueue.concurrentPerform(iterations: (lines.count + 7) / 8) { part in
      let decoder = JSONDecoder()
      for index in 8 * part..<min(8 * part + 8, lines.count) {
        let line = lines[index]
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
        let result = Result<ScanResult?, any Error> { try decoder.decode(ScanResult.self, from: line) }
        results.withLock { $0[index] = result }
      }
    }
    return results.withLock { $0 }
  }
}
