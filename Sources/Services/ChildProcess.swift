import Foundation

extension Process {
  /// Ends a program that took too long: asked first, and after a second killed with all of its group.
  ///
  /// A program that is stopped, as one is that reads from a terminal that is not its own, is not reached by the first.
  func end() {
    terminate()
    wait(seconds: 1)
    guard isRunning else { return }
    kill(-processIdentifier, SIGKILL)
    kill(processIdentifier, SIGKILL)
    // Whoever is told that it was ended may look whether it is gone.
    wait(seconds: 1)
  }

  private func wait(seconds: Int) {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while isRunning, ContinuousClock.now < end { usleep(5_000) }
  }
}
