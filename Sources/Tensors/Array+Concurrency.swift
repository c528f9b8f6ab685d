import Dispatch
import Synchronization

extension Array where Element: Sendable {
  /// The results in order, found on all cores; the first error is thrown.
  package func mapConcurrently<Result: Sendable>(_ transform: @Sendable (Element, Int) throws -> Result)
    throws
    -> [Result]
  {
    let table = Mutex<(results: [Result?], fault: (any Error)?)>(
      ([Result?](repeating: nil, count: count), nil))
    withoutActuallyEscaping(transform) { transform in
      DispatchQueue.concurrentPerform(iterations: count) { index in
        do {
          let result = try Parallelism.withThreads(1) { try transform(self[index], index) }
          table.withLock { $0.results[index] = result }
        } catch {
          table.withLock { $0.fault = $0.fault ?? error }
        }
      }
    }
    let (results, fault) = table.withLock { ($0.results, $0.fault) }
    if let fault { throw fault }
    return results.compactMap { $0 }
  }
}
