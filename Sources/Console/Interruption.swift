import Diagnostics
import Foundation
import ImageFormats
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C, and what a system sends to stop a program: a command that keeps what it has done finishes what was begun, any
/// other ends at once and leaves no half file behind; the second ends every command at once. The exit code is 130.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)
  /// Whether the command itself ends when it is asked to.
  private static let isHeeded = Atomic<Bool>(false)

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

  /// From now on the command looks at ``isRequested`` itself.
  public static func watch() { isHeeded.store(true, ordering: .relaxed) }

  /// From now on an interrupt is noted, and so is a request to terminate, and a terminal that goes away; ``serve()`` does
  /// what it asks for.
  static func install() {
    let stop: @convention(c) (Int32) -> Void = { number in
      Interruption.flag.store(true, ordering: .relaxed)
      signal(number, SIG_DFL)
    }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // Who started the program with `nohup` wants it to outlive the terminal; a script's `&` takes Ctrl-C from it.
      // SAFETY: handlers are compared by address, and not called.
      let former = unsafe unsafeBitCast(signal(number, stop), to: Int.self)
      let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
      if former == ignored { signal(number, SIG_IGN) }
    }
  }

  /// Ends the program where an interrupt asks for that and the command does not see to it.
  static func serve() {
    guard isRequested, !isHeeded.load(ordering: .relaxed) else { return }
    end()
  }

  /// Ends the program at once, and leaves nothing behind: half files, programs that it started, a terminal without echo.
  static func end() -> Never {
    Progress.finishIfFree()
    RunningChildren.endAll()
    removeUnfinishedFiles()
    Terminal.restoreEcho()
    Terminal.put("interrupted\n", to: 2)
    // At once: other threads are in the middle of their work, which a tidy end would wait for.
    _exit(130)
  }
}
