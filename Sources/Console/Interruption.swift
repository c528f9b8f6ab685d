import Foundation
import Synchronization

/// Ctrl-C: the first lets what was begun finish, the second ends the program at once.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Runs work in a task that the first interrupt cancels; the second ends the program at once.
  public static func cancelling<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    watch()
    let task = Task { try await work() }
    let watcher = Task {
      while !Task.isCancelled {
        if isRequested { return task.cancel() }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
    defer { watcher.cancel() }
    return try await task.value
  }

  /// From now on an interrupt sets ``isRequested``.
  public static func watch() {
    signal(SIGINT) { _ in
      Interruption.flag.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }
}
