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
        scores: .init(network: a, spectral: b, quality: nil),
        isGenerated: Double.random(in: 0...1, using: &random) < p, source: "s\(number % 20)", condition: 0)
    }
  }

  static func fitted() throws -> Calibration { try Calibration(examples()) }

  @Test func `probabilities are those of the scores' own law`() throws {
    let calibration = try Self.fitted()
    for (a, b) in [(0.0, 0.0), (1, 0), (0, 1), (-2, 1), (2, 2)] {
      let law = 1 / (1 + exp(-(1.5 * a + 0.5 * b)))
      let probability = calibration.probability(.init(network: a, spectral: b, quality: nil))
      #expect(abs(probability - law) < 0.05, "\(a), \(b): \(probability), not \(law)")
    }
  }

  @Test func `thresholds keep the false alarms and misses that were asked for`() throws {
    let examples = Self.examples()
    let calibration = try Calibration(examples, falseAlarms: 0.01, misses: 0.05)
    let real = examples.filter { !$0.isGenerated }.map { calibration.probability($0.scores) }
    let made = examples.filter(\.isGenerated).map { calibration.probability($0.scores) }
    let thresholds = calibration.thresholds(crops: 1)
    let alarms = Double(real.count { $0 >= thresholds.indicated }) / Double(real.count)
    let missed = Double(made.count { $0 < thresholds.quiet }) / Double(made.count)
    #expect(alarms <= 0.01 && calibration.falseAlarms == alarms)
    #expect(missed <= 0.05 && missed > 0.03)
    #expect(thresholds.quiet <= thresholds.indicated)
  }

  @Test func `no score is not a number, and none is certain`() throws {
    let calibration = try Self.fitted()
    for value in [Double.nan, .infinity, -.infinity, 1e300] {
      let probability = calibration.probability(.init(network: value, spectral: value, quality: 1))
      #expect(probability > 0 && probability < 1)
      #expect(calibration.likelihoodRatio(probability: probability).isFinite)
    }
    #expect(calibration.likelihoodRatio(probability: 1) <= Double(calibration.generatedCount))
  }

  @Test func `several crops are worth as much more as they agree`() throws {
    var random = SplitMix(state: 8)
    // A picture's own score is 1.5 of 2.5 parts of the variance within a class, a crop's chance the rest.
    func picture(_ isGenerated: Bool, crops: Int) -> [Calibration.Scores] {
      let own = (isGenerated ? 0.8 : -0.8) + 1.5.squareRoot() * random.gaussian()
      return (0..<crops).map { _ in .init(network: own + random.gaussian(), spectral: 0, quality: nil) }
    }
    let examples = (0..<4000).map { number in
      Calibration.Example(
        scores: picture(number % 2 == 0, crops: 1)[0], isGenerated: number % 2 == 0,
        source: "s\(number % 40)",
        condition: 0)
    }
    let repeats = (0..<1000).map { number in
      Calibration.Repeat(scores: picture(number % 2 == 0, crops: 4), isGenerated: number % 2 == 0)
    }
    let calibration = try Calibration(examples, repeats: repeats)
    #expect(abs(calibration.withinShare - 0.4) < 0.05)
    #expect(try Calibration(examples).withinShare == 0)

    // The mean of nine: among pictures of probability p the share p is generated.
    var (sum, generated, count, alarms) = (0.0, 0.0, 0.0, 0)
    for number in 0..<6000 {
      let crops = picture(number % 2 == 0, crops: 9)
      let middle = crops.reduce(0) { $0 + $1.network } / 9
      let probability = calibration.probability(
        .init(network: middle, spectral: 0, quality: nil, crops: crops.count))
      if number % 2 == 1, calibration.decision(probability, crops: 9) == .indicated { alarms += 1 }
      guard probability > 0.8 else { continue }
      sum += probability
      count += 1
      if number % 2 == 0 { generated += 1 }
    }
    #expect(count > 500)
    #expect(abs(sum / count - generated / count) < 0.02)
    // The threshold for one real picture in a hundred holds of nine crops as it does of one.
    #expect(alarms > 3000 / 300 && alarms <= 3000 / 60)
    #expect(calibration.thresholds(crops: 9).indicated > calibration.thresholds(crops: 1).indicated)
    #expect(calibration.thresholds(crops: 9).quiet < calibration.thresholds(crops: 1).quiet)
  }

  @Test func `small crops are worth what small crops showed`() throws {
    var random = SplitMix(state: 12)
    // Crops of 64 pixels tell nothing, those of 128 do.
    let examples = (0..<4000).map { number in
      let side = number % 4 < 2 ? 128 : 64
      let score = Double.random(in: -3...3, using: &random)
      let p = side == 128 ? 1 / (1 + exp(-score)) : 0.5
      return Calibration.Example(
        scores: .init(network: score, spectral: 0, quality: nil, side: side),
        isGenerated: Double.random(in: 0...1, using: &random) < p, source: "s\(number % 20)", condition: 0)
    }
    let calibration = try Calibration(examples)
    func probability(_ side: Int) -> Double {
      calibration.probability(.init(network: 2.5, spectral: 0, quality: nil, side: side))
    }
    #expect(abs(probability(128) - 0.924) < 0.04)
    #expect(abs(probability(64) - 0.5) < 0.06)
    #expect(probability(96) > probability(64) && probability(96) < probability(128))
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
