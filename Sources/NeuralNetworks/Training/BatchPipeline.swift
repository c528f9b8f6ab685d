import Dispatch
import Foundation
public import Tensors

/// Makes the batches of coming steps on other threads, a few ahead and no more.
///
/// Each batch is a function of its step and a random stream of its own, so the threads' timing changes nothing.
///
/// `@unchecked Sendable`: `make` is Sendable and never changes; all else is touched under `condition` alone.
public final class BatchPipeline<Batch: Sendable>: @unchecked Sendable {
  private let make: @Sendable (Int, inout RandomStream) throws -> Batch
  private let seed: UInt64
  private let ahead: Int
  private let end: Int
  private let condition = NSCondition()
  private var ready: [Int: Result<Batch, any Error>] = [:]
  private var started: Int
  private var wanted: Int
  private var isClosed = false

  /// Streams of the pipeline lie apart from those of the steps, which number from 0.
  private static var streamBase: UInt64 { 1 << 40 }

  /// - Parameters:
  ///   - steps: the steps to make batches for; a resumed run begins at its checkpoint's.
  ///   - workers: threads.
  ///   - ahead: batches that wait at most.
  ///   - make: the batch of a step.
  public init(
    steps: Range<Int>, seed: UInt64, workers: Int = 1, ahead: Int = 4,
    make: @escaping @Sendable (Int, inout RandomStream) throws -> Batch
  ) {
    self.make = make
    self.seed = seed
    self.ahead = max(1, ahead)
    started = steps.lowerBound
    wanted = steps.lowerBound
    end = steps.upperBound
    for _ in 0..<max(1, workers) {
      let thread = Thread { [weak self] in
        while let pipeline = self, pipeline.makeOne() {}
      }
      thread.start()
    }
  }

  /// The batch of a step; waits until it is made.
  ///
  /// - Parameter step: the one after the last asked for.
  /// - Throws: what making it threw.
  public func batch(_ step: Int) throws -> Batch {
    condition.lock()
    defer { condition.unlock() }
    precondition(step == wanted && step < end, "batches are given in order")
    while true {
      if let result = ready.removeValue(forKey: step) {
        wanted = step + 1
        condition.broadcast()
        return try result.get()
      }
      condition.wait()
    }
  }

  /// Lets the threads end.
  public func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  /// Makes the next batch where there is room for it.
  ///
  /// - Returns: false when there is nothing more to make.
  private func makeOne() -> Bool {
    condition.lock()
    // Wakes now and then, so that a pipeline nobody holds any more is not kept by its threads.
    if !isClosed && started < end && started >= wanted + ahead {
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
    }
    guard !isClosed && started < end else {
      condition.unlock()
      return false
    }
    guard started < wanted + ahead else {
      condition.unlock()
      return true
    }
    let step = started
    started += 1
    condition.unlock()
    let result = Result {
      var random = RandomStream(seed: seed, stream: Self.streamBase + UInt64(step))
      return try make(step, &random)
    }
    condition.lock()
    ready[step] = result
    condition.broadcast()
    condition.unlock()
    return true
  }
}
