import Synchronization

/// How far long work has come: libraries tell it, a program that wants to know listens.
///
/// One process does one thing that somebody waits for, so there is one listener; without one, telling costs a lock.
public enum WorkProgress {
  /// `done` of `total` pieces of what `name` says.
  public struct Step: Sendable, Hashable {
    public var name: String
    public var done: Int
    public var total: Int
  }

  private static let listener = Mutex<(@Sendable (Step) -> Void)?>(nil)

  /// From now on steps are given to this closure, from any thread; nil ends that.
  public static func listen(_ body: (@Sendable (Step) -> Void)?) { listener.withLock { $0 = body } }

  /// - Parameters:
  ///   - name: what is done, such as "enlarging".
  ///   - done: 0...total, never less than before.
  public static func tell(_ name: String, _ done: Int, of total: Int) {
    listener.withLock { $0 }?(Step(name: name, done: done, total: total))
  }
}
