import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Programs that this one started in process groups of their own, which a terminal's Ctrl-C does not reach: whoever ends
/// the program at once ends them first.
public enum RunningChildren {
  private static let groups = Mutex<Set<pid_t>>([])
  private static let isEnding = Atomic<Bool>(false)

  public static func add(_ group: pid_t) {
    _ = groups.withLock { $0.insert(group) }
  }

  /// To be called when a program has ended. Where this one is ending too it does not return: that a program was ended for
  /// that is no fault to be told.
  public static func remove(_ group: pid_t) {
    while isEnding.load(ordering: .acquiring) { sleep(1) }
    _ = groups.withLock { $0.remove(group) }
  }

  /// Asks all of them to end, and kills what has not after a moment; no more are expected.
  public static func endAll() {
    isEnding.store(true, ordering: .releasing)
    let left = groups.withLock { $0 }
    guard !left.isEmpty else { return }
    // One that is stopped, as by reading from the terminal, ends when it goes on.
    for group in left {
      kill(-group, SIGTERM)
      kill(-group, SIGCONT)
    }
    for _ in 0..<20 where left.contains(where: { kill(-$0, 0) == 0 }) { usleep(10_000) }
    for group in left { kill(-group, SIGKILL) }
  }
}
