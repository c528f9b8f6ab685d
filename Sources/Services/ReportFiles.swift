import Foundation
import ImageFormats
public import Reports

/// A report's files in one folder.
public struct ReportFiles: Sendable {
  public let folder: String
  public let overwrite: Bool
  /// In the order of `ReportFormat`.
  public let formats: [ReportFormat]

  public init(folder: String, formats: [ReportFormat], overwrite: Bool) {
    self.folder = folder
    self.overwrite = overwrite
    self.formats = ReportFormat.allCases.filter(formats.contains)
  }

  public var paths: [String] { formats.map { "\(folder)/\($0.fileName)" } }

  /// Makes the folder, and refuses files that are there: before hours of work, not after.
  public func prepare() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for path in paths { try refuseExisting(FilePath(path), overwrite: overwrite) }
    if formats.contains(.pdf) { _ = try PDFPrinter() }
  }

  /// Writes all of them, each whole or not at all, on all cores: they share nothing but the report.
  ///
  /// - Throws: what writing one of them throws, the first in order.
  public func write(_ report: Report) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (format, path) in zip(formats, paths) {
        group.addTask { try report.write(format, to: FilePath(path), overwrite: overwrite) }
      }
      try await group.waitForAll()
    }
  }
}
