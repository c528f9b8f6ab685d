import Dispatch
import Foundation
import Synchronization

/// How many threads the engine uses.
///
/// Work is cut into slices by its size alone, never by the number of threads, and partial sums are added in the
/// order of the slices; so one thread and many give the same bits.
public enum Parallelism {
  /// The number of threads for what runs inside the current task or the closure of ``withThreads(_:_:)``.
  ///
  /// The default is `ASSAY_THREADS` where that is a positive number, else the number of active cores.
  public static var threads: Int { override ?? standard }

  @TaskLocal private static var override: Int?

  private static let standard: Int = {
    if let text = ProcessInfo.processInfo.environment["ASSAY_THREADS"], let count = Int(text), count > 0 {
      return count
    }
    return ProcessInfo.processInfo.activeProcessorCount
  }()

  /// Runs `body` with at most `count` threads for each operation in it.
  ///
  /// Threads that scan one image each use 1.
  public static func withThreads<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
    try $override.withValue(max(1, count), operation: body)
  }

  /// Calls `body` once for each slice index in `0..<slices`, on several threads where that helps.
  ///
  /// - Parameter body: writes only what belongs to its slice.
  package static func forEachSlice(_ slices: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(threads, slices)
    if workers <= 1 {
      for slice in 0..<slices { body(slice) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let slice = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if slice >= slices { return }
        body(slice)
      }
    }
  }

  /// As ``forEachSlice(_:_:)``, with `scratch` floats of workspace for each concurrent call.
  package static func forEachSlice(
    _ slices: Int, scratch: Int, _ body: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let workers = max(1, min(threads, slices))
    let stride = BufferPool.capacity(for: max(1, scratch))
    let storage = Storage(count: workers * stride)
    let next = Atomic<Int>(0)
    @Sendable func work(_ worker: Int) {
      while true {
        let slice = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if slice >= slices { return }
        body(slice, storage.base + worker * stride)
      }
    }
    if workers == 1 { work(0) } else { DispatchQueue.concurrentPerform(iterations: workers, execute: work) }
    withExtendedLifetime(storage) {}
  }

  /// Calls `body` with ranges that cover `0..<count`, each a multiple of `grain` but the last.
  ///
  /// - Parameter grain: elements that are worth a thread's while, about 50 µs of work.
  package static func forEachRange(_ count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    if count <= grain {
      if count > 0 { body(0..<count) }
      return
    }
    let slices = (count + grain - 1) / grain
    forEachSlice(slices) { slice in
      body(slice * grain..<min(count, (slice + 1) * grain))
    }
  }
}

/// A pointer that may enter a `@Sendable` closure.
///
/// `@unchecked Sendable`: the closures that receive one write disjoint ranges, and the caller outlives them.
package struct Raw<Element>: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Element>
  package init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
  package init(reading pointer: UnsafePointer<Element>) { self.pointer = UnsafeMutablePointer(mutating: pointer) }
}
