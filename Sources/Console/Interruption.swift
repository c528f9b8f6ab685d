import Foundation
import Synchronization

/// Ctrl-C: the first lets what was begun finish, the second ends the program at once.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// From now on an interrupt sets ``isRequested``.
  public static func watch() {
    signal(SIGINT) { _ in
      Interruption.flag.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }
}
