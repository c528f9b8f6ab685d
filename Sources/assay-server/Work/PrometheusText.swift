import Metrics
import Synchronization

/// Keeps what is measured, and writes it in Prometheus' text form (0.0.4).
final class PrometheusText: MetricsFactory, Sendable {
  /// Upper bounds of the buckets of durations, in seconds.
  static let bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120]

  private enum Kind: String { case counter, gauge, histogram }

  final class Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler,
    Sendable
  {
    fileprivate struct Values {
      var value = 0.0
      var count = 0
      var buckets = [Int](repeating: 0, count: PrometheusText.bounds.count)
    }
    fileprivate let values = Mutex(Values())

    func increment(by more: Int64) { values.withLock { $0.value += Double(more) } }
    func increment(by more: Double) { values.withLock { $0.value += more } }
    func decrement(by less: Double) { values.withLock { $0.value -= less } }
    func set(_ value: Int64) { values.withLock { $0.value = Double(value) } }
    func set(_ value: Double) { values.withLock { $0.value = value } }
    func reset() { values.withLock { $0 = Values() } }
    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Double) {
      values.withLock { values in
        values.value += value
        values.count += 1
        for (index, bound) in PrometheusText.bounds.enumerated() where value <= bound {
          values.buckets[index] += 1
        }
      }
    }
  }

  private struct Name: Hashable {
    var label: String
    var dimensions: String
  }

  private struct State {
    var series: [Name: Series] = [:]
    var kinds: [String: Kind] = [:]
  }
  private let state = Mutex(State())

  private func series(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> Series {
    let text = dimensions.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    return state.withLock { state in
      let name = Name(label: label, dimensions: text)
      if let known = state.series[name] { return known }
      let series = Series()
      // Names of routes, methods and states are the server's own: there are never more than some hundreds.
      guard state.series.count < 2_000 else { return series }
      state.series[name] = series
      state.kinds[label] = kind
      return series
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler { series(label, dimensions, .counter) }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge)
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, dimensions, aggregate ? .histogram : .gauge)
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram)
  }

  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  /// Everything so far, in the order of the names.
  func text() -> String {
    let (all, kinds) = state.withLock { ($0.series, $0.kinds) }
    var text = ""
    for label in kinds.keys.sorted() {
      text += "# TYPE \(label) \(kinds[label]?.rawValue ?? "untyped")\n"
      for (name, series) in all.filter({ $0.key.label == label }).sorted(by: {
        $0.key.dimensions < $1.key.dimensions
      }) {
        let values = series.values.withLock { $0 }
        func line(_ suffix: String, _ more: String, _ value: String) {
          let dimensions = [name.dimensions, more].filter { !$0.isEmpty }.joined(separator: ",")
          text += "\(label)\(suffix)\(dimensions.isEmpty ? "" : "{\(dimensions)}") \(value)\n"
        }
        guard kinds[label] == .histogram else {
          line("", "", Self.number(values.value))
          continue
        }
        for (bound, count) in zip(Self.bounds, values.buckets) {
          line("_bucket", "le=\"\(bound)\"", "\(count)")
        }
        line("_bucket", "le=\"+Inf\"", "\(values.count)")
        line("_sum", "", Self.number(values.value))
        line("_count", "", "\(values.count)")
      }
    }
    return text
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
