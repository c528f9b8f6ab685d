import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Requests
import Scanning
import Services
import Synchronization

/// What came of one picture: what a line of `assay.scan/1` says, and what a page shows beside it.
struct CheckedPicture: Sendable {
  var scan: ScanResult
  /// Bytes of the file.
  var size: Int
  /// Nil where the file carries none.
  var credentials: CredentialsTree?
  /// What the file is where it is no picture; of films, sounds and documents credentials are looked for all the same.
  var foreignKind: ForeignKind?

  /// Examines on this thread.
  init(_ file: ImageFile, _ scanner: FileScanner, _ trust: TrustSettings) {
    let (scan, examination) = scanner.examine(file)
    self.init(scan.result, examination, trust)
  }

  /// - Parameter examination: as the scan left it; what was validated is not validated again.
  init(_ scan: ScanResult, _ examination: Examination, _ trust: TrustSettings) {
    self.scan = scan
    let file = examination.file
    size = file.bytes.count
    foreignKind = file.format == nil ? ForeignKind(file.bytes) : nil
    let isUnread = foreignKind?.mayBeSigned == true || file.unreadKind != nil
    if isUnread || scan.evidence.contains(where: { $0.credentials != nil }),
      let report = try? CredentialsJob.report(of: examination, trust)
    {
      credentials = CredentialsTree(report)
    }
  }
}

/// Pictures that came together and are examined one after the other while whoever sent them looks on.
///
/// A picture's bytes are let go when it has been examined; results stay until the job is removed or its time is over.
final class Job: Sendable {
  let id: String
  let total: Int

  private struct State {
    var results: [Int: CheckedPicture] = [:]
    var isCancelled = false
    var ended: ContinuousClock.Instant?
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())

  fileprivate init(total: Int) {
    // 128 bits that nobody guesses.
    id = (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
    self.total = total
  }

  /// How far it is.
  struct Progress: Sendable, Encodable {
    var id: String
    /// `running`, `done` or `cancelled`.
    var state: String
    var done: Int
    var total: Int
  }

  var progress: Progress {
    state.withLock { state in
      Progress(
        id: id, state: state.isCancelled ? "cancelled" : state.ended == nil ? "running" : "done",
        done: state.results.count, total: total)
    }
  }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }
  var ended: ContinuousClock.Instant? { state.withLock { $0.ended } }

  func result(_ index: Int) -> CheckedPicture? { state.withLock { $0.results[index] } }

  /// All results so far, in the order of the pictures.
  var results: [CheckedPicture] {
    state.withLock { state in state.results.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// The results that are not among those seen, with their numbers.
  func results(without seen: Set<Int>) -> [(index: Int, picture: CheckedPicture)] {
    state.withLock { state in
      state.results.filter { !seen.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
  }

  fileprivate func take(_ index: Int, _ picture: CheckedPicture) {
    change { $0.results[index] = picture }
  }

  fileprivate func finish() { change { $0.ended = .now } }

  func cancel() { change { $0.isCancelled = true } }

  private func change(_ body: (inout State) -> Void) {
    let waiting = state.withLock { state in
      body(&state)
      defer { state.waiting = [] }
      return state.waiting
    }
    for one in waiting { one.resume() }
  }

  /// Returns at the next change, or when there is more than `count` or the end was reached already.
  func wait(past count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.results.count > count || state.ended != nil { return true }
        state.waiting.append(continuation)
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Wakes whoever waits, so that it sees to its connection.
  fileprivate func wake() { change { _ in } }
}

/// Files that wait for their turn; who takes one is the only one to hold it.
private final class WaitingFiles: Sendable {
  private let files: Mutex<[(Int, GivenFile)]>

  init(_ files: [GivenFile]) { self.files = Mutex(files.enumerated().reversed()) }

  func next() -> (index: Int, file: GivenFile)? {
    files.withLock { $0.popLast() }
  }
}

/// The jobs that are under way or not fetched yet, bounded in number and time.
final class JobStore: Sendable {
  static let most = 64
  /// After its end.
  static let lifetime = Duration.seconds(900)

  private let jobs = Mutex<[String: Job]>([:])

  var count: Int { jobs.withLock { $0.count } }

  var all: [Job] { jobs.withLock { Array($0.values) } }

  subscript(id: String) -> Job? { jobs.withLock { $0[id] } }

  func remove(_ id: String) -> Job? { jobs.withLock { $0.removeValue(forKey: id) } }

  /// Lets go of jobs that ended long ago, and wakes who looks on at the others.
  func tidy(now: ContinuousClock.Instant = .now) {
    let left = jobs.withLock { jobs in
      jobs = jobs.filter { $0.value.ended.map { $0.duration(to: now) < Self.lifetime } ?? true }
      return Array(jobs.values)
    }
    for job in left where job.ended == nil { job.wake() }
  }

  /// Begins a job.
  ///
  /// - Throws: ``Problem`` where there are too many.
  func begin(_ files: [GivenFile], _ server: ServerCore) throws(Problem) -> Job {
    guard !server.isEnding else { throw .busy(10) }
    tidy()
    let job = Job(total: files.count)
    let isTaken = jobs.withLock { jobs in
      if jobs.count >= Self.most {
        // The oldest of those that ended makes room.
        let old = jobs.values.compactMap { job in job.ended.map { (job.id, $0) } }.min { $0.1 < $1.1 }
        guard let old else { return false }
        jobs[old.0] = nil
      }
      jobs[job.id] = job
      return true
    }
    guard isTaken else { throw .busy(10) }
    let waiting = WaitingFiles(files)
    let (scanner, trust) = (server.fullScanner, server.trust)
    Task {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<server.pool.workers {
          group.addTask {
            while !job.isCancelled, let (index, file) = waiting.next() {
              let picture = try? await server.pool.run(.background) {
                CheckedPicture(file.image(server.settings.limits), scanner, trust)
              }
              file.share.shrink(by: file.bytes.count)
              if let picture {
                PictureCounts.count(.job, picture.scan.outcome)
                job.take(index, picture)
              }
            }
          }
        }
      }
      job.finish()
    }
    return job
  }
}
