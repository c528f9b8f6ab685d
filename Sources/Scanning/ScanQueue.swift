import Diagnostics
public import ImageFormats

/// Scans many files with a bounded number at once, and hands their results on in order.
///
/// At most `2 * workers` results wait for an earlier one, so memory does not grow with the number of files.
public struct ScanQueue: Sendable {
  public let scanner: FileScanner
  public let workers: Int

  /// - Parameter workers: files examined at once, at least 1; the system runs at most one a core.
  public init(scanner: FileScanner, workers: Int) {
    self.scanner = scanner
    self.workers = max(1, workers)
  }

  /// Scans what `next` gives until it gives nil.
  ///
  /// A cancelled task stops taking files; those begun are finished and handed on.
  ///
  /// - Parameters:
  ///   - next: the next file's path.
  ///   - emit: called in the order of `next`, never twice at once.
  public func run(
    next: () -> FilePath?, emit: (FileScanner.Scan) async throws -> Void
  ) async throws {
    try await run(next: next, examine: { scanner.scan($0) }, emit: emit)
  }

  /// The same with an examination of the caller's own, which may be less than a scan.
  ///
  /// - Parameter examine: called for several files at once.
  public func run<Item: Sendable, Answer: Sendable>(
    next: () -> Item?, examine: @escaping @Sendable (Item) -> Answer,
    emit: (Answer) async throws -> Void
  ) async throws {
    try await OrderedTasks.run(workers: workers, next: next, make: examine, emit: emit)
  }
}
