import Foundation

/// From the two classifiers' logits to one probability and a decision, fitted on owners' pictures that training never saw.
public struct Calibration: Sendable, Hashable, Codable {
  /// What a picture is judged by.
  public struct Scores: Sendable, Hashable {
    public var network: Double
    /// Nil where the picture has no place for the spectral classifier.
    public var spectral: Double?
    /// Of the last JPEG compression, 1...100; nil where there was none or it is unknown.
    public var quality: Int?
    /// The picture's longer side in pixels.
    public var longSide: Int

    public init(network: Double, spectral: Double?, quality: Int?, longSide: Int) {
      (self.network, self.spectral, self.quality, self.longSide) = (network, spectral, quality, longSide)
    }

    /// What heads and a spectral classifier say of a picture's features.
    package init(
      _ features: PictureFeatures, heads: [DetectorHead], spectral: SpectralClassifier, quality: Int?,
      longSide: Int
    ) {
      self.init(
        network: heads.reduce(0) { $0 + $1.logits(features.tokens)[0] } / Double(heads.count),
        spectral: features.spectra.isEmpty ? nil : spectral.logit(features.spectra, quality: quality),
        quality: quality, longSide: longSide)
    }

    /// How many ``terms`` there are.
    fileprivate static let termCount = 8

    /// The logits, how hard the compression was and how small the picture is, and how much less each logit is worth for
    /// either.
    ///
    /// Beyond ±8 a logit is no stronger evidence: nothing in the calibration's pictures bears that out.
    fileprivate var terms: [Float] {
      func bounded(_ value: Double) -> Double { value.isFinite ? min(max(value, -8), 8) : 0 }
      let (n, s) = (bounded(network), bounded(spectral ?? 0))
      let hardness = quality.map { Double(100 - min(max($0, 30), 100)) / 50 } ?? 0
      let smallness = log2(1024 / Double(min(max(longSide, 128), 1024))) / 3
      return [n, s, hardness, n * hardness, s * hardness, smallness, n * smallness, s * smallness].map(
        Float.init)
    }
  }

  private var regression: LogisticRegression
  /// Probabilities that part the decisions.
  public private(set) var thresholds: Thresholds
  /// Share of real pictures that reached the upper threshold, in the condition where most did.
  public private(set) var falseAlarms: Double
  /// The kind of real picture that set the threshold, and the share of it that reached it.
  public private(set) var worstKind: String
  public private(set) var worstKindFalseAlarms: Double
  /// Share of generated pictures that reached it, by condition.
  public private(set) var detected: [Double]
  /// The same by the picture's longer side, over all conditions.
  private var detectedBySize: [SizeShare]
  /// Real and generated pictures that it was fitted on, each in every condition.
  public private(set) var realCount: Int
  public private(set) var generatedCount: Int

  /// At even odds, 0...1.
  public func probability(_ scores: Scores) -> Double { LogOdds.probability(logit(scores)) }

  private func logit(_ scores: Scores) -> Double { regression.logit(scores.terms) }

  /// Whether the numbers of a file belong together.
  var fits: Bool {
    regression.fits(Scores.termCount)
      && ([thresholds.indicated, thresholds.quiet, falseAlarms, worstKindFalseAlarms] + detected)
        .allSatisfy { (0...1).contains($0) }
      && thresholds.quiet <= thresholds.indicated && realCount >= 0 && generatedCount >= 0
      && detectedBySize.compactMap(\.share).allSatisfy { (0...1).contains($0) }
  }

  /// The share of generated pictures found among those at least as long as `least` pixels and shorter than the next.
  private struct SizeShare: Sendable, Hashable, Codable {
    var least: Int
    /// Nil where so few were judged that no share can be told.
    var share: Double?
  }

  private static let sizes = [0, 360, 512, 720, 1024]

  /// The share of generated pictures of a size that are called so; nil where hardly any were judged.
  ///
  /// - Parameter longSide: in pixels.
  public func detected(longSide: Int) -> Double? {
    detectedBySize.last { $0.least <= longSide }?.share
  }

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

  public func decision(_ probability: Double) -> Decision {
    probability >= thresholds.indicated ? .indicated : probability < thresholds.quiet ? .quiet : .undecided
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
    /// The kind of real picture, or the generator.
    package var kind: String
    /// The laundering, by number.
    package var condition: Int

    package init(scores: Scores, isGenerated: Bool, source: String, kind: String, condition: Int) {
      (self.scores, self.isGenerated) = (scores, isGenerated)
      (self.source, self.kind, self.condition) = (source, kind, condition)
    }
  }

  /// Real pictures of a kind below which its false alarms are not worth a threshold: one or two would decide.
  private static let leastOfKind = 150
  private static let allKinds = "all"

  /// Fits both classes at equal weight, sources by the root of their size, and takes the thresholds from two error rates.
  ///
  /// - Parameters:
  ///   - views: of each picture; as many as there are conditions where it is not said.
  ///   - limit: the share of real pictures that may be called generated, of all and of each kind, in each condition.
  ///   - misses: the share of generated pictures that may be called quiet.
  /// - Throws: ``DetectorError`` for fewer than 20 of a class.
  package init(
    _ examples: [Example], views: Int? = nil, falseAlarms limit: Double = 0.01, misses: Double = 0.05
  )
    throws(DetectorError)
  {
    let views = views ?? max(1, Set(examples.map(\.condition)).count)
    let made = examples.filter(\.isGenerated)
    let real = examples.filter { !$0.isGenerated }
    (realCount, generatedCount) = (real.count / views, made.count / views)
    guard realCount >= 20, generatedCount >= 20 else {
      throw DetectorError(
        code: "detector.calibration",
        message: "\(realCount) real and \(generatedCount) generated pictures are too few to calibrate",
        remedy: "calibrate on at least 20 of each")
    }
    regression = try LogisticRegression(
      rows: examples.map(\.scores.terms), labels: examples.map(\.isGenerated),
      sources: examples.map(\.source), penalty: 1)
    (falseAlarms, worstKind, worstKindFalseAlarms, detected, detectedBySize) = (0, "", 0, [], [])
    thresholds = Thresholds(indicated: 0.5, quiet: 0)
    // The strictest condition sets the threshold, so that the rate holds however a picture was compressed; and the
    // worst kind, so that painters do not pay for the photographers' many pictures.
    var strictest = -Double.infinity
    let all = Dictionary(grouping: real, by: \.condition)
    for (_, group) in all.sorted(by: { $0.key < $1.key }) {
      let kinds = Dictionary(grouping: group, by: \.kind).filter { $0.value.count >= Self.leastOfKind }
      for (kind, members) in kinds.sorted(by: { $0.key < $1.key }) + [(Self.allKinds, group)] {
        let sorted = members.map { logit($0.scores) }.sorted()
        let allowed = min(Int(limit * Double(sorted.count)), sorted.count - 1)
        let threshold = sorted[sorted.count - 1 - allowed].nextUp
        guard threshold > strictest else { continue }
        (strictest, worstKind) = (threshold, kind)
        worstKindFalseAlarms = Double(allowed) / Double(sorted.count)
      }
    }
    let found = made.map { logit($0.scores) }.sorted()
    thresholds.indicated = max(LogOdds.probability(strictest).nextUp, 0.5)
    thresholds.quiet = min(
      LogOdds.probability(found[Int(misses * Double(found.count))]), thresholds.indicated)
    func share(_ examples: [Example]) -> Double {
      Double(examples.count { probability($0.scores) >= thresholds.indicated }) / Double(examples.count)
    }
    for (place, least) in Self.sizes.enumerated() {
      let next = place + 1 < Self.sizes.count ? Self.sizes[place + 1] : Int.max
      let members = made.filter { (least..<next).contains($0.scores.longSide) }
      detectedBySize.append(SizeShare(least: least, share: members.count < 50 ? nil : share(members)))
    }
    falseAlarms = all.values.map(share).max() ?? 0
    detected = Dictionary(grouping: made, by: \.condition).sorted { $0.key < $1.key }.map { share($0.value) }
  }
}
