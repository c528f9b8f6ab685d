import Foundation
import Synchronization

/// Ctrl-C, and what a system sends to stop a program: the first lets what was begun finish, the second ends it at once.
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

  /// From now on an interrupt sets ``isRequested``; so does a request to terminate, and a terminal that goes away.
  public static func watch() {
    let stop: @convention(c) (Int32) -> Void = { number in
      Interruption.flag.store(true, ordering: .relaxed)
      signal(number, SIG_DFL)
    }
    signal(SIGINT, stop)
    for number in [SIGTERM, SIGHUP] {
      // Who started the program with `nohup` wants it to outlive the terminal.
      // SAFETY: handlers are compared by address, and not called.
      let former = unsafe unsafeBitCast(signal(number, stop), to: Int.self)
      let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
      if former == ignored { signal(number, SIG_IGN) }
    }
  }
}
