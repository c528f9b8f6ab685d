import Audits
import Scanning

/// A measured error rate that findings are to be read with.
public struct ErrorRate: Sendable, Hashable, Codable {
  /// What was measured.
  public let what: String
  public let errors: Int
  public let trials: Int
  /// 95 % interval of the rate, 0...1 (Wilson).
  public let low: Double
  public let high: Double
  /// On which data, under which conditions.
  public let conditions: String
  /// How to measure it again.
  public let source: String

  public init(_ what: String, errors: Int, trials: Int, conditions: String, source: String) {
    self.what = what
    self.errors = errors
    self.trials = trials
    self.conditions = conditions
    self.source = source
    (low, high) = ProportionInterval.wilson(errors, of: trials)
  }

  /// The interval in per cent: low, high.
  var bounds: [String: String] { ["low": Self.percent(low), "high": Self.percent(high)] }

  static func percent(_ share: Double) -> String {
    let percent = share * 100
    let digits = percent == 0 || percent >= 10 ? 1.0 : percent >= 1 ? 10.0 : percent >= 0.1 ? 100.0 : 10_000.0
    let rounded = (percent * digits).rounded() / digits
    return (rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)) + " %"
  }
}
