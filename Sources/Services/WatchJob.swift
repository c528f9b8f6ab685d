public import Audits
public import ContentCredentials
import Diagnostics
import Examiners
import Foundation
public import ImageFormats
public import Scanning

/// Examines what comes into a folder, and enters every result into a ledger.
///
/// A file is examined when nothing was written to it for a while, and again when it changed. What the ledger holds already of
/// a file's bytes under its name is left alone, so that a run that was killed goes on where it was.
public struct WatchJob: Sendable {
  public var folder: FilePath
  public var ledger: Ledger
  public var trust: TrustSettings
  public var operatorName: String
  public var workers: Int
  /// How long a file is left in peace after it changed.
  public var quiet: Duration
  /// Ends when everything that is there was examined.
  public var once: Bool

  public init(
    folder: FilePath, ledger: Ledger, trust: TrustSettings, operatorName: String, workers: Int,
    quiet: Duration = .milliseconds(500), once: Bool = false
  ) {
    (self.folder, self.ledger, self.trust) = (folder, ledger, trust)
    (self.operatorName, self.workers, self.quiet, self.once) = (operatorName, workers, quiet, once)
  }

  /// Runs until the task is cancelled.
  ///
  /// - Parameter emit: gets each result behind its entry in the ledger.
  /// - Returns: how many files were examined, and how many of those at the beginning were known.
  /// - Throws: ``WatchError`` where the folder cannot be watched; what the ledger throws.
  public func run(
    _ emit: (ScanResult) throws -> Void
  ) async throws -> (examined: Int, known: Int) {
    let known = try KnownResults(ledger: ledger, trust: trust, packs: [], operatorName: operatorName)
    var state = State(
      known: known,
      queue: ScanQueue(
        scanner: FileScanner(examiners: ExaminerRegister.audit(trust: trust)), workers: workers),
      entries: LedgerWriter(ledger: ledger))
    // Watched before it is looked at, so that nothing comes in between.
    let watched = try FolderEvents(folder)
    let events = once ? nil : watched
    if let events, !events.addTree(folder) { throw tooMany }
    try await state.examine(PictureWalk([folder]), emit)
    var pending: [FilePath: ContinuousClock.Instant] = [:]
    while let events, !Task.isCancelled {
      let changes = events.wait(milliseconds: pending.isEmpty ? 250 : 50)
      for path in changes.files { pending[path] = .now }
      if changes.isIncomplete {
        guard events.addTree(folder) else { throw tooMany }
        for path in FileWalk([folder], givesArchives: true) where pending[path] == nil {
          pending[path] = .now
        }
      }
      let due = pending.filter { $0.value.duration(to: .now) >= quiet }.map(\.key)
      guard !due.isEmpty else {
        try state.entries.flush()
        // Waiting held this thread; where it is the only one, others have their turn here.
        await Task.yield()
        continue
      }
      for path in due { pending[path] = nil }
      let pictures = due.filter { FileWalk.counts($0, givesArchives: true) }
      try await state.examine(
        PictureWalk(pictures.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }), emit)
    }
    try state.entries.finish()
    return (state.examined, state.left)
  }

  private var tooMany: WatchError {
    WatchError(
      "watch.limit", folder, "there are more folders than the system watches",
      "raise fs.inotify.max_user_watches")
  }

  private struct State {
    let known: KnownResults
    let queue: ScanQueue
    var entries: LedgerWriter
    var examined = 0
    var left = 0

    /// Examines what the ledger lacks.
    mutating func examine(_ walk: PictureWalk, _ emit: (ScanResult) throws -> Void) async throws {
      var walk = walk
      let (known, scanner) = (known, queue.scanner)
      try await queue.run(
        next: { walk.next() },
        examine: { (found: FoundFile) -> ScanResult? in
          guard let file = try? found.open(limits: scanner.limits) else {
            // It went away before it was looked at.
            if found.fault == nil, !found.path.exists { return nil }
            return scanner.examine(found).scan.result
          }
          let digest = file.sha256
          if known.isEntered(file, found.path, digest) { return nil }
          return scanner.examine(file, found, digest: digest).scan.result
        },
        emit: { result in
          guard let result else {
            left += 1
            return
          }
          examined += 1
          try entries.add(result, known.record(of: result))
          try emit(result)
        })
    }
  }
}
