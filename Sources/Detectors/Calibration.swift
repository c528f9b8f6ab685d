/// From the two classifiers' logits to one probability and a decision, fitted on sources that training never saw.
public struct Calibration: Sendable, Hashable, Codable {
  /// What a picture is judged by.
  public struct Scores: Sendable, Hashable {
    public var network: Double
    public var spectral: Double
    /// Of the last JPEG compression, 1...100; nil where there was none or it is unknown.
    public var quality: Int?
    /// The side of the crops in pixels.
    public var side: Int
    /// How many crops the logits are the middle of.
    public var crops: Int

    public init(
      network: Double, spectral: Double, quality: Int?, side: Int = Detector.cropSide, crops: Int = 1
    ) {
      (self.network, self.spectral, self.quality) = (network, spectral, quality)
      (self.side, self.crops) = (side, crops)
    }

    /// How many ``terms`` there are.
    fileprivate static let termCount = 8

    /// The logits, how hard the compression was and how small the crops, and how much less each logit is worth for
    /// either.
    ///
    /// Beyond ±6 a logit is no stronger evidence: nothing in the calibration's pictures bears that out.
    fileprivate var terms: [Float] {
      func bounded(_ value: Double) -> Double { value.isFinite ? min(max(value, -6), 6) : 0 }
      let (n, s) = (bounded(network), bounded(spectral))
      let hardness = quality.map { Double(100 - min(max($0, 30), 100)) / 50 } ?? 0
      let best = Detector.cropSide
      let smallness = Double(best - min(max(side, best / 2), best)) / Double(best / 2)
      return [n, s, hardness, n * hardness, s * hardness, smallness, n * smallness, s * smallness].map(
        Float.init)
    }
  }

  private var regression: LogisticRegression
  /// The share of the variance of crops' logits, within a class, that lies between crops of one picture, 0...1.
  public private(set) var withinShare: Double
  /// The thresholds of single crops.
  private var single: Thresholds
  /// The mean logits of single crops: of real ones where the threshold was the strictest, of generated ones in all.
  private var realMean: Double
  private var generatedMean: Double
  /// Share of single real crops that reached the upper threshold, in the condition where most did.
  public var falseAlarms: Double
  /// Share of single generated crops that reached it, all conditions together.
  public var detected: Double
  /// Real and generated crops that it was fitted on, each in every condition.
  public var realCount: Int
  public var generatedCount: Int

  /// At even odds, 0...1.
  public func probability(_ scores: Scores) -> Double {
    LogOdds.probability(logit(scores))
  }

  private func logit(_ scores: Scores) -> Double {
    regression.logit(scores.terms) * gain(crops: scores.crops)
  }

  /// Whether the numbers of a file belong together.
  var fits: Bool {
    regression.fits(Scores.termCount)
      && [withinShare, single.indicated, single.quiet].allSatisfy { (0...1).contains($0) }
      && realMean.isFinite && generatedMean.isFinite
  }

  /// How much more the middle of several crops is worth than one crop.
  ///
  /// The logit of two normal laws grows as their variance falls, and the part of it that lies between crops of one
  /// picture falls with their number.
  private func gain(crops: Int) -> Double { 1 / (1 - withinShare + withinShare / Double(max(crops, 1))) }

  /// What a probability is called.
  public enum Decision: Sendable, Hashable {
    case indicated, undecided, quiet
  }

  /// Probabilities that part the decisions.
  public struct Thresholds: Sendable, Hashable, Codable {
    /// At and above this a picture is `aiIndicated`.
    public var indicated: Double
    /// Below this there is no indication; between the two the detector abstains.
    public var quiet: Double
  }

  /// The thresholds that keep the error rates for the middle of some crops.
  ///
  /// With more crops logits lie further apart. The rates were counted on single crops and hold of middles if both are
  /// normal about their class's mean: the mean grows by the gain, the deviation by its root.
  public func thresholds(crops: Int) -> Thresholds {
    let gain = gain(crops: crops)
    func moved(_ threshold: Double, _ mean: Double) -> Double {
      LogOdds.probability(gain * mean + gain.squareRoot() * (LogOdds.logit(threshold) - mean))
    }
    guard gain != 1 else { return single }
    let indicated = max(moved(single.indicated, realMean), 0.5)
    return Thresholds(indicated: indicated, quiet: min(moved(single.quiet, generatedMean), indicated))
  }

  /// - Parameter crops: how many the probability rests on.
  public func decision(_ probability: Double, crops: Int) -> Decision {
    let thresholds = thresholds(crops: crops)
    return probability >= thresholds.indicated
      ? .indicated : probability < thresholds.quiet ? .quiet : .undecided
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

  /// Several crops of one picture, which tell how much of a logit is the crop's and not the picture's.
  package struct Repeat: Sendable {
    package var scores: [Scores]
    package var isGenerated: Bool

    package init(scores: [Scores], isGenerated: Bool) {
      (self.scores, self.isGenerated) = (scores, isGenerated)
    }
  }

  /// Fits both classes at equal weight, sources by the root of their size, and takes the thresholds from two
  /// error rates, so that they hold of single crops as counted and of the middles of several by reckoning.
  ///
  /// - Parameters:
  ///   - repeats: pictures with several crops each; none: crops of a picture count as copies of one.
  ///   - limit: the share of real pictures that may be called generated, in each condition.
  ///   - misses: the share of generated pictures that may be called quiet.
  /// - Throws: ``DetectorError`` for fewer than 20 of a class.
  package init(
    _ examples: [Example], repeats: [Repeat] = [], falseAlarms limit: Double = 0.01, misses: Double = 0.05
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
    (withinShare, falseAlarms, detected) = (0, 0, 0)
    (single, realMean, generatedMean) = (Thresholds(indicated: 0.5, quiet: 0), 0, 0)
    withinShare = varianceShare(of: repeats)
    var alarms: [Int: [Double]] = [:]
    for example in real { alarms[example.condition, default: []].append(logit(example.scores)) }
    // The strictest condition sets the threshold, so that the rate holds however a picture was compressed.
    var strictest = -Double.infinity
    for (_, logits) in alarms.sorted(by: { $0.key < $1.key }) {
      let sorted = logits.sorted()
      let allowed = min(Int(limit * Double(sorted.count)), sorted.count - 1)
      let threshold = sorted[sorted.count - 1 - allowed].nextUp
      guard threshold > strictest else { continue }
      strictest = threshold
      realMean = logits.mean
    }
    let found = made.map { logit($0.scores) }.sorted()
    generatedMean = found.mean
    single.indicated = max(LogOdds.probability(strictest).nextUp, 0.5)
    single.quiet = min(LogOdds.probability(found[Int(misses * Double(found.count))]), single.indicated)
    func share(_ logits: [Double]) -> Double {
      Double(logits.count { LogOdds.probability($0) >= single.indicated }) / Double(logits.count)
    }
    falseAlarms = alarms.values.map(share).max() ?? 0
    detected = share(found)
  }

  /// Analysis of variance: within pictures, and between pictures of a class.
  private func varianceShare(of repeats: [Repeat]) -> Double {
    var (within, between) = (0.0, 0.0)
    for isGenerated in [false, true] {
      let groups = repeats.filter { $0.isGenerated == isGenerated && $0.scores.count > 1 }
        .map { $0.scores.map { Double(regression.logit($0.terms)) } }
      guard groups.count > 1 else { continue }
      let spreads = groups.map(\.variance)
      let inner = spreads.reduce(0, +) / Double(groups.count)
      let counts = groups.reduce(0.0) { $0 + 1 / Double($1.count) } / Double(groups.count)
      let means = groups.map(\.mean)
      within += inner
      between += max(0, means.variance - inner * counts)
    }
    return within + between > 0 ? within / (within + between) : 0
  }
}

extension [Double] {
  fileprivate var mean: Double { reduce(0, +) / Double(Swift.max(count, 1)) }

  /// Of a sample of at least two.
  fileprivate var variance: Double {
    let mean = mean
    return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
  }
}
