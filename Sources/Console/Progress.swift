/// One line on a terminal: how much is done, how fast, and how long the rest will take; nothing elsewhere.
public struct Progress {
  /// How many there are; 0 where nobody knows.
  public var total = 0
  private let unit: String
  private let start = ContinuousClock.now
  private var done = 0
  private var shown = ContinuousClock.now

  /// - Parameter unit: what is counted, in the plural.
  public init(_ unit: String) { self.unit = unit }

  public mutating func advance() {
    done += 1
    put(Self.line(done: done, of: total, unit: unit, seconds: start.duration(to: .now) / .seconds(1)))
  }

  /// Shows another stretch of the work, which counts for itself.
  public mutating func show(_ name: String, _ done: Int, of total: Int) {
    put("\(name): \(done) of \(total) \(unit)")
  }

  /// Clears the line.
  public func finish() {
    if Terminal.errorIsTerminal { Terminal.error("\r\u{1B}[K") }
  }

  private mutating func put(_ line: String) {
    guard Terminal.errorIsTerminal, shown.duration(to: .now) > .milliseconds(200) else { return }
    shown = .now
    Terminal.error("\r\u{1B}[K" + line)
  }

  /// `1234 of 10000 files, 56 a second, 3 min left`.
  static func line(done: Int, of total: Int, unit: String, seconds: Double) -> String {
    let rate = Double(done) / max(seconds, 0.001)
    let speed = rate >= 10 ? String(Int(rate.rounded())) : String((rate * 10).rounded() / 10)
    guard total > done, rate > 0 else { return "\(done) \(unit), \(speed) a second" }
    let left = Double(total - done) / rate
    let time =
      left < 90
      ? "\(Int(left.rounded(.up))) s"
      : left < 5_400
        ? "\(Int((left / 60).rounded())) min" : "\(Int((left / 3_600).rounded())) h"
    return "\(done) of \(total) \(unit), \(speed) a second, \(time) left"
  }
}
