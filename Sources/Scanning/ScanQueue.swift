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
    let window = 2 * workers
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      var waiting: [Int: Answer] = [:]
      var begun = 0
      var handedOn = 0
      var running = 0
      var isAtEnd = false
      while true {
        while !isAtEnd, running < workers, begun - handedOn < window, !Task.isCancelled {
          guard let item = next() else {
            isAtEnd = true
            break
          }
          let number = begun
          group.addTask { (number, examine(item)) }
          begun += 1
          running += 1
        }
        guard let (number, answer) = try await group.next() else { return }
        running -= 1
        waiting[number] = answer
        while let ready = waiting.removeValue(forKey: handedOn) {
          handedOn += 1
          try await emit(ready)
        }
      }
    }
  }
}
