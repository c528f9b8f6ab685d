import Dispatch
import Foundation
import Synchronization
import Tensors

/// Threads that compute, as many as `workers`, with a bounded queue before them: neither an event loop nor a thread of Swift's
/// own pool is held up by a scan.
///
/// Answers that somebody waits for go before the pictures of jobs, of which every fourth turn takes one all the same.
final class WorkPool: Sendable {
  enum Lane { case urgent, background }

  /// More is waiting than the queue takes.
  struct Full: Error {
    /// After which there is likely room.
    let seconds: Int
  }

  private struct State {
    var urgent: [@Sendable () -> Void] = []
    var background: [@Sendable () -> Void] = []
    var running = 0
    var turns = 0
    /// Seconds of a piece of work, the newest weighing most.
    var usual = 0.3
  }

  let workers: Int
  let limit: Int
  /// Seconds that a request may have before it until a worker takes it, by what others took.
  static let longestWait = 10.0
  private let state = Mutex(State())
  private let there = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - workers: threads.
  ///   - limit: pieces of urgent work that wait at most.
  init(workers: Int, limit: Int) {
    self.workers = workers
    self.limit = limit
    for number in 1...workers {
      let thread = Thread { [self] in work() }
      thread.name = "assay worker \(number)"
      // As much as the main thread has: a container within containers is read by calls within calls.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// What runs, what waits for an answer, and what waits for jobs.
  var load: (running: Int, waiting: Int, background: Int) {
    state.withLock { ($0.running, $0.urgent.count, $0.background.count) }
  }

  /// Runs work on one of the threads; a computation within it uses that thread alone.
  ///
  /// - Throws: ``Full`` at once where the queue takes no more; what `work` throws.
  func run<Answer: Sendable>(
    _ lane: Lane = .urgent, _ work: @escaping @Sendable () throws -> Answer
  ) async throws -> Answer {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Answer, any Error>) in
      let refused = submit(lane) {
        continuation.resume(with: Result { try Parallelism.withThreads(1, work) })
      }
      if let refused { continuation.resume(throwing: refused) }
    }
  }

  private func submit(_ lane: Lane, _ work: @escaping @Sendable () -> Void) -> Full? {
    let refused = state.withLock { state -> Full? in
      if lane == .urgent {
        let wait = state.usual * Double(state.urgent.count) / Double(workers)
        // Quick questions may wait in number, slow ones may not: what counts is how long the last one would.
        let isFull = state.running + state.urgent.count >= workers + limit
        if isFull || wait > Self.longestWait && state.urgent.count >= workers {
          return Full(seconds: min(60, max(1, Int(wait.rounded(.up)))))
        }
      }
      if lane == .urgent { state.urgent.append(work) } else { state.background.append(work) }
      return nil
    }
    if refused == nil { there.signal() }
    return refused
  }

  private func work() {
    while true {
      there.wait()
      let next = state.withLock { state -> (@Sendable () -> Void)? in
        state.turns += 1
        let takesBackground = state.urgent.isEmpty || state.turns % 4 == 0
        guard
          let next = takesBackground && !state.background.isEmpty
            ? state.background.removeFirst() : state.urgent.isEmpty ? nil : state.urgent.removeFirst()
        else { return nil }
        state.running += 1
        return next
      }
      guard let next else { continue }
      let start = ContinuousClock.now
      next()
      let seconds = start.duration(to: .now) / .seconds(1)
      state.withLock { state in
        state.running -= 1
        state.usual += (seconds - state.usual) / 8
      }
    }
  }
}
