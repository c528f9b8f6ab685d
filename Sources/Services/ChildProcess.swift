import Diagnostics
import Foundation

extension Process {
  /// Starts a program that an interrupt of this one ends too; to be waited for with ``ends(within:)``.
  func runAsChild() throws {
    try run()
    RunningChildren.add(processIdentifier)
  }

  /// Ends a program that took too long: asked first, and after a second killed with all of its group.
  ///
  /// A program that is stopped, as one is that reads from a terminal that is not its own, is not reached by the first.
  func end() {
    defer { RunningChildren.remove(processIdentifier) }
    terminate()
    wait(seconds: 1)
    guard isRunning else { return }
    kill(-processIdentifier, SIGKILL)
    kill(processIdentifier, SIGKILL)
    // Whoever is told that it was ended may look whether it is gone.
    wait(seconds: 1)
  }

  /// Waits for the program to end, and ends it where it takes longer.
  ///
  /// - Returns: whether it ended by itself.
  func ends(within seconds: Double) -> Bool {
    wait(seconds: seconds)
    guard isRunning else {
      RunningChildren.remove(processIdentifier)
      return true
    }
    end()
    return false
  }

  private func wait(seconds: Double) {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while isRunning, ContinuousClock.now < end { usleep(5_000) }
  }
}
