import Foundation

/// How well scores separate generated from real pictures.
public struct DetectionMetrics: Sendable, Codable {
  public var real: Int
  public var generated: Int
  /// Area under the receiver's curve; ties count half.
  public var auc: Double?
  public var averagePrecision: Double?
  /// At probability 0.5.
  public var balancedAccuracy: Double?
  /// Share of generated pictures found where at most 1 % (0.1 %) of the real ones are called generated.
  public var detectedAt1Percent: Double?
  public var detectedAt01Percent: Double?
  /// Expected calibration error over fifteen bins of equal mass, classes weighted alike.
  public var calibrationError: Double?
  /// Mean probability and share of generated pictures in each of the fifteen bins, and the bin's mass.
  public var reliability: [[Double]]
  /// The receiver's curve: shares of real and of generated pictures called generated, at 65 thresholds or fewer.
  public var curve: [[Double]]

  /// - Parameter scores: probabilities 0...1 with the truth.
  public init(_ scores: [(probability: Double, isGenerated: Bool)]) {
    let made = scores.filter(\.isGenerated).map(\.probability).sorted()
    let real = scores.filter { !$0.isGenerated }.map(\.probability).sorted()
    self.real = real.count
    generated = made.count
    reliability = []
    curve = []
    guard !made.isEmpty, !real.isEmpty else { return }
    auc = Self.auc(made: made, real: real)
    averagePrecision = Self.averagePrecision(scores)
    curve = Self.curve(made: made, real: real)
    let right = Double(made.count(where: { $0 >= 0.5 })) / Double(made.count)
    let quiet = Double(real.count(where: { $0 < 0.5 })) / Double(real.count)
    balancedAccuracy = (right + quiet) / 2
    detectedAt1Percent = Self.detected(made: made, real: real, falseAlarms: 0.01)
    // A rate of one in a thousand can't be read off fewer real pictures than that.
    detectedAt01Percent = real.count >= 1000 ? Self.detected(made: made, real: real, falseAlarms: 0.001) : nil
    let weights = (real: 0.5 / Double(real.count), made: 0.5 / Double(made.count))
    let sorted = scores.sorted { $0.probability < $1.probability }
    var (error, mass, sum, generated) = (0.0, 0.0, 0.0, 0.0)
    for (place, score) in sorted.enumerated() {
      let weight = score.isGenerated ? weights.made : weights.real
      mass += weight
      sum += weight * score.probability
      generated += score.isGenerated ? weight : 0
      guard mass >= 1 / Double(Self.bins) || place == sorted.count - 1 else { continue }
      reliability.append([sum / mass, generated / mass, mass])
      error += abs(sum - generated)
      (mass, sum, generated) = (0, 0, 0)
    }
    calibrationError = error
  }

  private static let bins = 15

  /// The share of generated pictures above all but the given share of the real ones; nil where a class is missing.
  static func detected(_ scores: [(probability: Double, isGenerated: Bool)], falseAlarms: Double) -> Double? {
    let made = scores.filter(\.isGenerated).map(\.probability)
    let real = scores.filter { !$0.isGenerated }.map(\.probability).sorted()
    return made.isEmpty || real.isEmpty ? nil : detected(made: made, real: real, falseAlarms: falseAlarms)
  }

  /// - Parameter real: sorted.
  private static func detected(made: [Double], real: [Double], falseAlarms: Double) -> Double {
    let limit = real[real.count - 1 - Int(falseAlarms * Double(real.count))]
    return Double(made.count(where: { $0 > limit })) / Double(made.count)
  }

  /// Area under the receiver's curve of any scores; nil where a class is missing.
  package static func auc(_ scores: [(value: Double, isGenerated: Bool)]) -> Double? {
    let made = scores.filter(\.isGenerated).map(\.value).sorted()
    let real = scores.filter { !$0.isGenerated }.map(\.value).sorted()
    return made.isEmpty || real.isEmpty ? nil : auc(made: made, real: real)
  }

  /// The mean area under the receiver's curve within the groups that hold three of either class, weighted by their smaller
  /// class; nil where there is none.
  static func withinGroups(_ scores: [(value: Double, isGenerated: Bool, group: String)]) -> Double? {
    var (sum, weight) = (0.0, 0.0)
    for (_, group) in Dictionary(grouping: scores, by: \.group).sorted(by: { $0.key < $1.key }) {
      let made = group.count(where: \.isGenerated)
      let least = Double(min(made, group.count - made))
      guard least >= 3, let value = auc(group.map { ($0.value, $0.isGenerated) }) else { continue }
      sum += least * value
      weight += least
    }
    return weight > 0 ? sum / weight : nil
  }

  private static func auc(made: [Double], real: [Double]) -> Double {
    var wins = 0.0
    var (below, upTo) = (0, 0)
    for score in made {
      while below < real.count, real[below] < score { below += 1 }
      upTo = max(upTo, below)
      while upTo < real.count, real[upTo] <= score { upTo += 1 }
      wins += Double(below) + Double(upTo - below) / 2
    }
    return wins / Double(made.count) / Double(real.count)
  }

  /// Points at even steps of the real pictures' share, denser where few of them are called generated.
  private static func curve(made: [Double], real: [Double]) -> [[Double]] {
    var points: [[Double]] = []
    for step in 0...64 {
      let share = Double(step * step) / 4096
      let allowed = min(Int(share * Double(real.count)), real.count)
      let limit = allowed == real.count ? -Double.infinity : real[real.count - 1 - allowed]
      let found = Double(made.count { $0 > limit }) / Double(made.count)
      let alarms = Double(real.count { $0 > limit }) / Double(real.count)
      if points.last != [alarms, found] { points.append([alarms, found]) }
    }
    return points
  }

  private static func averagePrecision(_ scores: [(probability: Double, isGenerated: Bool)]) -> Double {
    let sorted = scores.sorted { $0.probability > $1.probability }
    let total = Double(sorted.count(where: \.isGenerated))
    var (hits, sum, seen) = (0.0, 0.0, 0.0)
    var start = 0
    while start < sorted.count {
      // Equal scores enter together.
      var end = start
      while end < sorted.count, sorted[end].probability == sorted[start].probability { end += 1 }
      let gained = Double(sorted[start..<end].count(where: \.isGenerated))
      hits += gained
      seen += Double(end - start)
      sum += gained / total * (hits / seen)
      start = end
    }
    return sum
  }
}
