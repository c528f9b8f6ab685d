import Detectors
import Diagnostics
import Dispatch
import Foundation
import ImageFormats
import Images
import Scanning
import Synchronization

/// The detector's figures over a grid of laundering, by generator and by source, with its members apart.
public struct DetectorEvaluation: Sendable, Codable {
  /// One kind of laundering.
  public struct Row: Sendable, Codable {
    public var laundering: String
    /// Pictures that were not judged: too small, flat or compressed after it, or not to be decoded.
    public var unfit: Int
    /// Of the fused probability.
    public var metrics: DetectionMetrics
    /// The 95 % intervals over bootstrapped sources, of AUC and of the share found at 1 % false alarms; empty where the
    /// pictures come from fewer than three sources: what was drawn from would be the same again and again.
    public var interval: [Double]
    public var detectedInterval: [Double]
    /// AUC of the members alone.
    public var networkAUC: Double?
    public var spectralAUC: Double?
    /// Mean AUC within the owners of both labels, weighted by their smaller class.
    public var withinSources: Double?
    /// AUC among pictures whose longer side was below 512, 512...1023, 1024 and more.
    public var bySize: [Double?]
    /// Share of real pictures called `aiIndicated` at the shipped threshold, and of generated ones.
    public var falseAlarms: Double
    public var detected: Double
    /// The 95 % intervals of Wilson of both; nil in figures of before they were kept.
    public var falseAlarmsBounds: [Double]?
    public var detectedBounds: [Double]?
    /// Share of pictures between the two thresholds.
    public var abstained: Double
  }

  /// Pictures of one generator, kind or source.
  public struct Group: Sendable, Codable {
    public var name: String
    public var isGenerated: Bool
    public var count: Int
    /// Called `aiIndicated`, of `count`, in the condition ``DetectorEvaluation/grouped``, with the 95 % interval of Wilson.
    public var indicated: Int
    public var low: Double
    public var high: Double
    /// Mean probability.
    public var probability: Double
  }

  public var schema = "assay.evaluation/1"
  public var set: String
  public var card: Detector.Card
  public var rows: [Row] = []
  /// What ``kinds`` and ``sources`` were judged after.
  public var grouped = Laundering.none.rawValue
  public var kinds: [Group] = []
  public var sources: [Group] = []
  /// AUC of the picture's size, and of its format, alone: what a cheat would reach on the pictures as found.
  public var sizeAUC: Double?
  public var formatAUC: Double?
  /// Why the figures mean little; nil where they rest on enough pictures and sources.
  public var caution: String?

  /// What a detector says of one picture.
  public struct Score: Sendable {
    public var network: Double
    public var spectral: Double?
    public var probability: Double
    /// By the thresholds of what judged it.
    public var decision: Calibration.Decision

    public init(network: Double, spectral: Double?, probability: Double, decision: Calibration.Decision) {
      (self.network, self.spectral) = (network, spectral)
      (self.probability, self.decision) = (probability, decision)
    }

    public init(_ opinion: Detector.Opinion, by calibration: Calibration) {
      self.init(
        network: opinion.network, spectral: opinion.spectral, probability: opinion.probability,
        decision: calibration.decision(opinion.probability))
    }

    public init(_ scores: Calibration.Scores, by calibration: Calibration) {
      let probability = calibration.probability(scores)
      self.init(
        network: scores.network, spectral: scores.spectral, probability: probability,
        decision: calibration.decision(probability))
    }
  }

  /// One of nothing yet.
  ///
  /// - Parameter set: what the pictures are, for the report.
  public init(set: String, card: Detector.Card) { (self.set, self.card) = (set, card) }

  /// Judges every picture after every laundering, on all cores.
  ///
  /// - Parameters:
  ///   - name: what the set is, for the report.
  ///   - progress: called with the number of pictures done.
  public init(
    _ set: EvaluationSet, name: String, detector: Detector, launderings: [Laundering] = Laundering.usual,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    self.init(set: name, card: detector.card)
    let pictures = set.pictures
    let done = Mutex(0)
    let scores = try set.mapFiles { _, file in
      defer {
        progress(
          done.withLock { count in
            count += 1
            return count
          })
      }
      // One that can't be decoded is counted with those that are not judged.
      guard let decoded = try? file?.decode() else {
        return launderings.map { _ -> Score? in nil }
      }
      let scores = try launderings.map { kind -> Score? in
        let (image, quality) = try kind.apply(to: decoded)
        let outcome = detector.judge(image, luminance: image.luminance(), quality: quality)
        guard case .opinion(let opinion) = outcome else { return nil }
        return Score(opinion, by: detector.card.calibration)
      }
      return scores
    }
    for (column, kind) in launderings.enumerated() {
      add(kind.rawValue, pictures: pictures, scores: scores.map { $0[column] })
    }
  }

  /// Adds what was said of pictures after a laundering.
  ///
  /// - Parameter scores: of each picture; nil where it was not judged.
  public mutating func add(_ laundering: String, pictures: [EvaluationSet.Picture], scores: [Score?]) {
    let judged = zip(pictures, scores).compactMap { picture, score in
      score.map { (picture: picture, score: $0) }
    }
    rows.append(Self.row(laundering, judged, unfit: pictures.count - judged.count))
    // Groups are told after what most pictures go through, where that was measured.
    if kinds.isEmpty || laundering == Laundering.web.rawValue {
      grouped = laundering
      kinds = Self.groups(judged) { "\($0.isGenerated ? "ai" : "real")/\($0.kind)" }
      sources = Self.groups(judged, by: \.source)
    }
    caution = SmallSample.caution(
      pictures: judged.count, sources: Set(judged.map(\.picture.source)).count)
    sizeAUC = DetectionMetrics(pictures.map { (Double($0.longSide), $0.isGenerated) }).auc
    formatAUC = DetectionMetrics(pictures.map { ($0.format == "jpeg" ? 0 : 1, $0.isGenerated) }).auc
  }

  private typealias Judged = (picture: EvaluationSet.Picture, score: Score)

  private static func auc(_ judged: [Judged], _ value: (Score) -> Double? = \.probability) -> Double? {
    DetectionMetrics.auc(judged.compactMap { one in value(one.score).map { ($0, one.picture.isGenerated) } })
  }

  private static func row(_ laundering: String, _ judged: [Judged], unfit: Int) -> Row {
    let draws = SourceBootstrap(judged) { $0.picture.source }.map { drawn in
      let scores = drawn.map { (probability: $0.score.probability, isGenerated: $0.picture.isGenerated) }
      return auc(drawn).flatMap { area in
        DetectionMetrics.detected(scores, falseAlarms: 0.01).map { (area: area, found: $0) }
      }
    }
    func share(_ generated: Bool) -> (value: Double, bounds: [Double]) {
      let chosen = judged.filter { $0.picture.isGenerated == generated }
      let hits = chosen.count { $0.score.decision == .indicated }
      let bounds = ProportionInterval.wilson(hits, of: chosen.count)
      return (Double(hits) / Double(max(chosen.count, 1)), [bounds.low, bounds.high])
    }
    let (alarms, hits) = (share(false), share(true))
    let between = judged.count { $0.score.decision == .undecided }
    return Row(
      laundering: laundering, unfit: unfit,
      metrics: DetectionMetrics(judged.map { ($0.score.probability, $0.picture.isGenerated) }),
      interval: SourceBootstrap<Judged>.interval(draws.map(\.area)),
      detectedInterval: SourceBootstrap<Judged>.interval(draws.map(\.found)),
      networkAUC: auc(judged, \.network), spectralAUC: auc(judged, \.spectral),
      withinSources: DetectionMetrics.withinGroups(
        judged.map {
          (value: $0.score.probability, isGenerated: $0.picture.isGenerated, group: $0.picture.owner)
        }),
      bySize: [0..<512, 512..<1024, 1024..<Int.max].map { range in
        auc(judged.filter { range.contains($0.picture.longSide) })
      },
      falseAlarms: alarms.value, detected: hits.value, falseAlarmsBounds: alarms.bounds,
      detectedBounds: hits.bounds,
      abstained: Double(between) / Double(max(judged.count, 1)))
  }

  private static func groups(_ judged: [Judged], by key: (EvaluationSet.Picture) -> String) -> [Group] {
    let grouped = Dictionary(grouping: judged) { "\(key($0.picture))\u{0}\($0.picture.isGenerated)" }
    return grouped.sorted { $0.key < $1.key }.map { _, members in
      let hits = members.count { $0.score.decision == .indicated }
      let interval = ProportionInterval.wilson(hits, of: members.count)
      return Group(
        name: key(members[0].picture), isGenerated: members[0].picture.isGenerated, count: members.count,
        indicated: hits, low: interval.low, high: interval.high,
        probability: members.reduce(0) { $0 + $1.score.probability } / Double(members.count))
    }
  }
}
