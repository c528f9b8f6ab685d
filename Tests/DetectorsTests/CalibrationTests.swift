import Detectors
import Evaluation
import Foundation
import Images
import Scanning
import Testing

struct CalibrationTests {
  /// Scores whose log-odds are known: the network's logit is worth 1.5 times itself, the spectral one half.
  static func examples(_ count: Int = 2000) -> [Calibration.Example] {
    var random = SplitMix(state: 3)
    return (0..<count).map { number in
      let (a, b) = (Double.random(in: -3...3, using: &random), Double.random(in: -3...3, using: &random))
      let p = 1 / (1 + exp(-(1.5 * a + 0.5 * b)))
      return Calibration.Example(
        scores: .init(network: a, spectral: b, quality: nil, longSide: 1024),
        isGenerated: Double.random(in: 0...1, using: &random) < p, source: "s\(number % 20)", kind: "all",
        condition: 0)
    }
  }

  static func fitted() throws -> Calibration { try Calibration(examples()) }

  @Test func `probabilities are those of the scores' own law`() throws {
    let calibration = try Self.fitted()
    for (a, b) in [(0.0, 0.0), (1, 0), (0, 1), (-2, 1), (2, 2)] {
      let law = 1 / (1 + exp(-(1.5 * a + 0.5 * b)))
      let probability = calibration.probability(.init(network: a, spectral: b, quality: nil, longSide: 1024))
      #expect(abs(probability - law) < 0.05, "\(a), \(b): \(probability), not \(law)")
    }
  }

  @Test func `thresholds keep the false alarms and misses that were asked for`() throws {
    let examples = Self.examples()
    let calibration = try Calibration(examples, falseAlarms: 0.01, misses: 0.05)
    let real = examples.filter { !$0.isGenerated }.map { calibration.probability($0.scores) }
    let made = examples.filter(\.isGenerated).map { calibration.probability($0.scores) }
    let thresholds = calibration.thresholds
    let alarms = Double(real.count { $0 >= thresholds.indicated }) / Double(real.count)
    let missed = Double(made.count { $0 < thresholds.quiet }) / Double(made.count)
    #expect(alarms <= 0.01 && calibration.falseAlarms == alarms)
    #expect(missed <= 0.05 && missed > 0.03)
    #expect(thresholds.quiet <= thresholds.indicated)
  }

  @Test func `no score is not a number, and none is certain`() throws {
    let calibration = try Self.fitted()
    for value in [Double.nan, .infinity, -.infinity, 1e300] {
      let probability = calibration.probability(
        .init(network: value, spectral: value, quality: 1, longSide: 0))
      #expect(probability > 0 && probability < 1)
      #expect(calibration.likelihoodRatio(probability: probability).isFinite)
    }
    #expect(calibration.likelihoodRatio(probability: 1) <= Double(calibration.generatedCount))
  }

  @Test func `a kind that is called generated more often than others sets the threshold`() throws {
    var random = SplitMix(state: 8)
    // A tenth of the paintings look generated; photographs never do.
    let examples = (0..<6000).map { number in
      let isGenerated = number % 2 == 0
      let isPainting = number % 20 == 1
      let score = isGenerated || (isPainting && number % 200 == 1) ? 2.0 : -2.0
      return Calibration.Example(
        scores: .init(network: score + 0.3 * random.gaussian(), spectral: nil, quality: nil, longSide: 800),
        isGenerated: isGenerated, source: "s\(number % 40)",
        kind: isGenerated ? "gan" : isPainting ? "painting" : "photo", condition: 0)
    }
    let calibration = try Calibration(examples)
    #expect(calibration.worstKind == "painting")
    let paintings = examples.filter { $0.kind == "painting" }
    let alarms = paintings.count { calibration.decision(calibration.probability($0.scores)) == .indicated }
    #expect(Double(alarms) / Double(paintings.count) <= 0.01)
    // Without the kind's own limit the looks of few paintings would have passed.
    let blind = try Calibration(
      examples.map {
        var example = $0
        example.kind = "any"
        return example
      })
    #expect(blind.thresholds.indicated < calibration.thresholds.indicated)
  }

  @Test func `small pictures are worth what small pictures showed`() throws {
    var random = SplitMix(state: 12)
    // Pictures of 128 pixels tell nothing, those of 1024 do.
    let examples = (0..<4000).map { number in
      let side = number % 4 < 2 ? 1024 : 128
      let score = Double.random(in: -3...3, using: &random)
      let p = side == 1024 ? 1 / (1 + exp(-score)) : 0.5
      return Calibration.Example(
        scores: .init(network: score, spectral: nil, quality: nil, longSide: side),
        isGenerated: Double.random(in: 0...1, using: &random) < p, source: "s\(number % 20)", kind: "all",
        condition: 0)
    }
    let calibration = try Calibration(examples)
    func probability(_ side: Int) -> Double {
      calibration.probability(.init(network: 2.5, spectral: nil, quality: nil, longSide: side))
    }
    #expect(abs(probability(1024) - 0.924) < 0.04)
    #expect(abs(probability(128) - 0.5) < 0.06)
    #expect(probability(360) > probability(128) && probability(360) < probability(1024))
  }

  @Test func `too few pictures are refused`() {
    #expect(throws: DetectorError.self) { try Calibration(Array(Self.examples().prefix(30))) }
  }

  @Test func `a logistic regression finds the law behind its rows`() throws {
    var random = SplitMix(state: 5)
    let rows = (0..<6000).map { _ in (0..<3).map { _ in Float.random(in: -2...2, using: &random) } }
    let labels = rows.map { row in
      Float.random(in: 0...1, using: &random) < 1 / (1 + exp(-(2 * row[0] - row[1])))
    }
    let fit = try LogisticRegression(
      rows: rows, labels: labels, importance: [Float](repeating: 1, count: rows.count), penalty: 1)
    let slopes = zip(fit.weights, fit.spreads).map { $0 / $1 }
    #expect(abs(slopes[0] - 2) < 0.15 && abs(slopes[1] + 1) < 0.15 && abs(slopes[2]) < 0.1)
  }
}

struct DetectionMetricsTests {
  /// The example of scikit-learn's documentation of `roc_auc_score` and `average_precision_score`.
  @Test func `area and precision are scikit-learn's`() {
    let metrics = DetectionMetrics([(0.1, false), (0.4, false), (0.35, true), (0.8, true)])
    #expect(metrics.auc == 0.75)
    #expect(abs((metrics.averagePrecision ?? 0) - 0.8333333) < 1e-6)
  }

  @Test func `ties count half, and one class alone has no area`() {
    #expect(DetectionMetrics([(0.5, false), (0.5, true)]).auc == 0.5)
    #expect(DetectionMetrics([(0.5, true), (0.7, true)]).auc == nil)
  }

  @Test func `at one percent of false alarms, one real picture in a hundred may lie above`() {
    let real = (0..<100).map { (Double($0) / 200, false) }
    let made = [(0.493, true), (0.496, true), (0.2, true), (0.9, true)]
    #expect(DetectionMetrics(real + made).detectedAt1Percent == 0.75)
  }

  /// statsmodels 0.14: `proportion_confint(5, 50, method="wilson")`.
  @Test func `the interval is Wilson's`() {
    let interval = ProportionInterval.wilson(5, of: 50)
    #expect(abs(interval.low - 0.0434756) < 1e-5 && abs(interval.high - 0.2136023) < 1e-5)
  }

  @Test func `a calibrated score has a small error, an overconfident one a large one`() {
    var random = SplitMix(state: 1)
    var honest: [(probability: Double, isGenerated: Bool)] = []
    var bold = honest
    for _ in 0..<20_000 {
      let p = Double.random(in: 0...1, using: &random)
      let truth = Double.random(in: 0...1, using: &random) < p
      honest.append((p, truth))
      bold.append((p > 0.5 ? 0.99 : 0.01, truth))
    }
    #expect(DetectionMetrics(honest).calibrationError ?? 1 < 0.02)
    #expect(DetectionMetrics(bold).calibrationError ?? 0 > 0.2)
  }
}
