/// Runs work on many inputs with a bounded number at once, and hands its answers on in order.
package enum OrderedTasks {
  /// Works until `next` gives nil.
  ///
  /// At most `2 * workers` answers wait for an earlier one, so that memory does not grow with the number of inputs. A
  /// cancelled task takes no more inputs; those begun are finished and handed on.
  ///
  /// - Parameters:
  ///   - next: the next input; never called twice at once.
  ///   - make: called for several inputs at once.
  ///   - emit: called in the order of `next`, never twice at once.
  /// - Throws: what `make` or `emit` throws first; the rest is cancelled.
  package static func run<Input: Sendable, Answer: Sendable>(
    workers: Int, next: () -> Input?, make: @escaping @Sendable (Input) throws -> Answer,
    emit: (Answer) async throws -> Void
  ) async throws {
    let workers = max(1, workers)
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      var waiting: [Int: Answer] = [:]
      var (begun, handedOn, running) = (0, 0, 0)
      var isAtEnd = false
      while true {
        while !isAtEnd, running < workers, begun - handedOn < 2 * workers, !Task.isCancelled {
          guard let input = next() else {
            isAtEnd = true
            break
          }
          let number = begun
          group.addTask { (number, try make(input)) }
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
