import Diagnostics
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How far a command has come, on standard error: a bar on a terminal, a line now and then elsewhere.
///
/// `assay` starts it once, and it shows itself when a command has taken a second, whether the command counts
/// or not. The bar covers all stretches of the work: it never goes back, and is full only when the command ends.
public enum Progress {
  /// What is known of the work; what is shown is made of it alone.
  struct State {
    var start = ContinuousClock.now
    /// Of the present stretch.
    var begun = ContinuousClock.now
    var name = "working"
    var unit = ""
    var done = 0
    /// How many there are; 0 where nobody knows.
    var total = 0
    /// The part of the bar that lies behind the present stretch, and the part up to its end.
    var span = 0.0...1.0
    /// The greatest part that was reached.
    var reached = 0.0
    var isCounted = false
    /// Whether it was looked how many there are, and archives do not tell.
    var isUnknown = false

    mutating func begin(
      _ name: String, _ unit: String, _ total: Int, upTo end: Double, now: ContinuousClock.Instant
    ) {
      let behind = isCounted ? span.upperBound : 0
      span = behind...max(behind, min(1, end))
      (self.name, self.unit, self.total) = (name, unit, total)
      (begun, done, isCounted, isUnknown) = (now, 0, true, false)
      reached = max(reached, span.lowerBound)
    }

    mutating func set(done: Int) {
      self.done = max(self.done, done)
      guard total > 0 else { return }
      let part = min(1, Double(self.done) / Double(total))
      reached = max(reached, span.lowerBound + (span.upperBound - span.lowerBound) * part)
    }

    /// `examining 1234 of 10000 files, 56 a second, 3 min left`, without a bar.
    func words(now: ContinuousClock.Instant) -> String {
      let seconds = begun.duration(to: now) / .seconds(1)
      guard done > 0 || total > 0 else { return "\(name), \(Int(seconds)) s" }
      let count = total > 0 ? "\(done) of \(total)" : "\(done)"
      var text = [name, count, unit].filter { !$0.isEmpty }.joined(separator: " ")
      let rate = Double(done) / max(seconds, 0.001)
      if rate >= 1 {
        text += ", \(rate >= 10 ? String(Int(rate.rounded())) : String((rate * 10).rounded() / 10)) a second"
      }
      if total == 0, isUnknown { text += ", of how many is not known before archives are read" }
      guard total > done, rate > 0 else { return text + (rate >= 1 ? "" : ", \(Int(seconds)) s") }
      return text + ", \(Self.time(Double(total - done) / rate)) left"
    }

    private static func time(_ seconds: Double) -> String {
      seconds < 90
        ? "\(Int(seconds.rounded(.up))) s"
        : seconds < 5_400 ? "\(Int((seconds / 60).rounded())) min" : "\(Int((seconds / 3_600).rounded())) h"
    }

    /// Whole percents, rounded down: 100 only stands where all is done, and then the line is gone.
    var percent: Int { min(99, Int(reached * 100)) }

    /// A line for a terminal of this width: `[####------]  45 %  examining …`.
    func bar(now: ContinuousClock.Instant, columns: Int) -> String {
      let text = words(now: now)
      guard total > 0 || reached > 0 else { return String(text.prefix(columns)) }
      let cells = 20
      let full = percent * cells / 100
      let bar = String(repeating: "#", count: full) + String(repeating: "-", count: cells - full)
      let digits = String(percent)
      return String(
        "[\(bar)] \(String(repeating: " ", count: max(0, 2 - digits.count)))\(digits) %  \(text)".prefix(
          columns))
    }

    func line(now: ContinuousClock.Instant) -> String {
      (total > 0 || reached > 0 ? "\(percent) %  " : "") + words(now: now) + "\n"
    }
  }

  private struct Shown {
    var state = State()
    var isWatched = false
    /// Whether a bar stands on the terminal's last line.
    var hasLine = false
    var lastLine: ContinuousClock.Instant?
  }

  private static let shown = Mutex(Shown())

  /// Silence on a terminal, and elsewhere, before the first word; and between lines elsewhere.
  private static let firstBar = Duration.seconds(1)
  private static let firstLine = Duration.seconds(2)
  private static let nextLine = Duration.seconds(10)

  // MARK: For programs

  /// Starts to show how far the work has come; `isQuiet` shows nothing, and still looks after interrupts.
  public static func watch(isQuiet: Bool) {
    Interruption.install()
    shown.withLock {
      $0.isWatched = !isQuiet
      $0.state = State()
    }
    WorkProgress.listen { step in
      shown.withLock { shown in
        // What a command counts itself is what its user asked for; the pieces of one of those would only confuse.
        guard !shown.state.isCounted else { return }
        shown.state.name = step.name
        shown.state.total = max(shown.state.total, step.total)
        shown.state.set(done: step.done)
      }
    }
    let thread = Thread {
      while true {
        usleep(100_000)
        Interruption.serve()
        tick()
      }
    }
    thread.start()
  }

  /// Takes the bar from the terminal; nothing is shown any more.
  public static func finish() { shown.withLock { end(&$0) } }

  // MARK: For commands

  /// A stretch of the work begins.
  ///
  /// - Parameters:
  ///   - name: what is done: "examining".
  ///   - unit: what is counted, in the plural; empty where nothing is.
  ///   - total: how many there are; 0 where nobody knows yet.
  ///   - end: the part of all work that is done when this stretch is: 1 for the last.
  public static func begin(_ name: String, _ unit: String = "", of total: Int = 0, upTo end: Double = 1) {
    shown.withLock { $0.state.begin(name, unit, total, upTo: end, now: .now) }
  }

  /// How many there are, once that is known.
  public static func count(_ total: Int) { shown.withLock { $0.state.total = total } }

  /// How many there are cannot be known beforehand, as archives tell it at their end.
  public static func countUnknown() { shown.withLock { $0.state.isUnknown = true } }

  /// One more is done.
  public static func advance() {
    shown.withLock { $0.state.set(done: $0.state.done + 1) }
  }

  /// So many are done.
  public static func advance(to done: Int) { shown.withLock { $0.state.set(done: done) } }

  /// Runs what talks with the user, while nothing is shown.
  static func paused<Value>(_ body: () -> Value) -> Value {
    let wasWatched = shown.withLock { shown in
      clear(&shown)
      defer { shown.isWatched = false }
      return shown.isWatched
    }
    defer { shown.withLock { $0.isWatched = wasWatched } }
    return body()
  }

  // MARK: Showing

  /// Runs what writes to the terminal while no bar stands in its way.
  static func aside(_ write: () -> Void) {
    shown.withLock { shown in
      clear(&shown)
      write()
    }
  }

  /// Takes the bar away unless somebody is writing, who may be waiting for a reader.
  static func finishIfFree() { shown.withLockIfAvailable { end(&$0) } }

  private static func tick() {
    shown.withLockIfAvailable { shown in
      guard shown.isWatched else { return }
      let now = ContinuousClock.now
      let elapsed = shown.state.start.duration(to: now)
      if Terminal.errorIsTerminal {
        guard elapsed >= firstBar else { return }
        Terminal.put("\r\u{1B}[K" + shown.state.bar(now: now, columns: Terminal.columns), to: 2)
        shown.hasLine = true
      } else if elapsed >= firstLine, shown.lastLine.map({ $0.duration(to: now) >= nextLine }) ?? true {
        shown.lastLine = now
        Terminal.put(shown.state.line(now: now), to: 2)
      }
    }
  }

  private static func end(_ shown: inout Shown) {
    clear(&shown)
    shown.isWatched = false
  }

  private static func clear(_ shown: inout Shown) {
    if shown.hasLine { Terminal.put("\r\u{1B}[K", to: 2) }
    shown.hasLine = false
  }
}
