import Foundation

/// From the two classifiers' logits to one probability and a decision, fitted on sources that training never saw.
public struct Calibration: Sendable, Hashable, Codable {
  /// What a picture is judged by.
  public struct Scores: Sendable, Hashable {
    public var network: Double
    public var spectral: Double
    /// Of the last JPEG compression, 1...100; nil where there was none or it is unknown.
    public var quality: Int?

    public init(network: Double, spectral: Double, quality: Int?) {
      (self.network, self.spectral, self.quality) = (network, spectral, quality)
    }

    /// The logits, how hard the compression was, and how much less each logit is worth for that.
    ///
    /// Beyond ±6 a logit is no stronger evidence: nothing in the calibration's pictures bears that out.
    fileprivate var terms: [Float] {
      func bounded(_ value: Double) -> Double { value.isFinite ? min(max(value, -6), 6) : 0 }
      let (n, s) = (bounded(network), bounded(spectral))
      let hardness = quality.map { Double(100 - min(max($0, 30), 100)) / 50 } ?? 0
      return [n, s, hardness, n * hardness, s * hardness].map(Float.init)
    }
  }

  private var regression: LogisticRegression
  /// At and above this probability a picture is `aiIndicated`.
  public var indicated: Double
  /// Below this there is no indication; between the two the detector abstains.
  public var quiet: Double
  /// Share of real crops that reached `indicated`, in the condition where most did.
  public var falseAlarms: Double
  /// Share of generated crops that reached it, all conditions together.
  public var detected: Double
  /// Real and generated crops that it was fitted on, each in every condition.
  public var realCount: Int
  public var generatedCount: Int

  /// At even odds, 0...1.
  public func probability(_ scores: Scores) -> Double {
    let logit = regression.logit(scores.terms)
    return 1 / (1 + exp(-min(max(logit, -30), 30)))
  }

  /// What a probability is called.
  public enum Decision: Sendable, Hashable {
    case indicated, undecided, quiet
  }

  public func decision(_ probability: Double) -> Decision {
    probability >= indicated ? .indicated : probability < quiet ? .quiet : .undecided
  }

  /// How many times likelier such a score is for a generated picture than for a real one.
  ///
  /// Bounded by what the number of pictures behind the calibration can support.
  public func likelihoodRatio(probability: Double) -> Double {
    let bound = Double(max(2, min(realCount, generatedCount)))
    return min(max(probability / max(1 - probability, 1e-9), 1 / bound), bound)
  }

  /// One picture's scores in one condition, with the truth.
  package struct Example: Sendable {
    package var scores: Scores
    package var isGenerated: Bool
    package var source: String
    /// The laundering, by number.
    package var condition: Int

    package init(scores: Scores, isGenerated: Bool, source: String, condition: Int) {
      (self.scores, self.isGenerated, self.source, self.condition) = (scores, isGenerated, source, condition)
    }
  }

  /// Fits both classes at equal weight, sources by the root of their size, and takes the thresholds from two
  /// error rates.
  ///
  /// - Parameters:
  ///   - limit: the share of real pictures that may be called generated, in each condition.
  ///   - misses: the share of generated pictures that may be called quiet.
  /// - Throws: ``DetectorError`` for fewer than 20 of a class.
  package init(
    _ examples: [Example], falseAlarms limit: Double = 0.01, misses: Double = 0.05
  ) throws(DetectorError) {
    let conditions = max(1, Set(examples.map(\.condition)).count)
    let made = examples.filter(\.isGenerated)
    let real = examples.filter { !$0.isGenerated }
    (realCount, generatedCount) = (real.count / conditions, made.count / conditions)
    guard realCount >= 20, generatedCount >= 20 else {
      throw DetectorError(
        code: "detector.calibration",
        message: "\(realCount) real and \(generatedCount) generated pictures are too few to calibrate",
        remedy: "calibrate on at least 20 of each")
    }
    let sizes = Dictionary(grouping: examples, by: \.source).mapValues { Float($0.count) }
    regression = try LogisticRegression(
      rows: examples.map(\.scores.terms), labels: examples.map(\.isGenerated),
      importance: examples.map { 1 / (sizes[$0.source] ?? 1).squareRoot() }, penalty: 1)
    (indicated, quiet, falseAlarms, detected) = (1, 0, 0, 0)
    var alarms: [Int: [Double]] = [:]
    for example in real { alarms[example.condition, default: []].append(probability(example.scores)) }
    // The strictest condition sets the threshold, so that the rate holds however a picture was compressed.
    for probabilities in alarms.values.map({ $0.sorted() }) {
      let allowed = min(Int(limit * Double(probabilities.count)), probabilities.count - 1)
      let threshold = max(probabilities[probabilities.count - 1 - allowed].nextUp, 0.5)
      indicated = indicated == 1 ? threshold : max(indicated, threshold)
    }
    let found = made.map { probability($0.scores) }.sorted()
    quiet = min(found[Int(misses * Double(found.count))], indicated)
    falseAlarms =
      alarms.values.map { group in Double(group.count { $0 >= indicated }) / Double(group.count) }.max() ?? 0
    detected = Double(found.count { $0 >= indicated }) / Double(found.count)
  }
}
