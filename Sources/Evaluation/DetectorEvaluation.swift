import Detectors
import Dispatch
import Foundation
import Images
import Scanning
import Synchronization

/// The detector's figures over a grid of laundering, by generator and by source, with its members apart.
public struct DetectorEvaluation: Sendable, Codable {
  /// One kind of laundering.
  public struct Row: Sendable, Codable {
    public var laundering: Laundering
    /// Pictures that were too small or flat after it.
    public var unfit: Int
    /// Of the fused probability.
    public var metrics: DetectionMetrics
    /// The 95 % interval of AUC over bootstrapped sources.
    public var interval: [Double]
    /// AUC of the members alone.
    public var networkAUC: Double?
    public var spectralAUC: Double?
    /// Mean AUC within the sources that hold both labels, weighted by their smaller class.
    public var withinSources: Double?
    /// AUC among pictures whose longer side was below 512, 512...1023, 1024 and more.
    public var bySize: [Double?]
    /// Share of real pictures called `aiIndicated` at the shipped threshold, and of generated ones.
    public var falseAlarms: Double
    public var detected: Double
    /// Share of pictures between the two thresholds.
    public var abstained: Double
  }

  /// Pictures of one generator, kind or source.
  public struct Group: Sendable, Codable {
    public var name: String
    public var isGenerated: Bool
    public var count: Int
    /// Called `aiIndicated`, of `count`, after JPEG 85, with the 95 % interval of Wilson.
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
  public var kinds: [Group] = []
  public var sources: [Group] = []
  /// AUC of the picture's size, and of its format, alone: what a cheat would reach on the pictures as found.
  public var sizeAUC: Double?
  public var formatAUC: Double?

  private struct Score: Sendable {
    package var network: Double
    var spectral: Double
    var probability: Double
    /// By the thresholds of what judged it.
    var decision: Calibration.Decision
  }

  /// Judges every picture after every laundering, on all cores.
  ///
  /// - Parameters:
  ///   - name: what the set is, for the report.
  ///   - detector: what the card and the thresholds of the report are taken from.
  ///   - folds: for pictures of a fifth of the training sources the detector that never saw it.
  ///   - progress: called with the number of pictures done.
  public init(
    _ set: EvaluationSet, name: String, detector: Detector, folds: [Int: Detector] = [:],
    launderings: [Laundering] = Laundering.allCases,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    self.set = name
    card = detector.card
    let pictures = set.pictures
    let done = Mutex(0)
    let scores = try pictures.mapConcurrently { picture, _ in
      let pixels = try set.pixels(picture)
      let detector = picture.fold.flatMap { folds[$0] } ?? detector
      let scores = try launderings.map { kind -> Score? in
        let image = try kind.apply(to: pixels.image)
        let quality = kind == .none ? pixels.quality : kind.quality
        let outcome = detector.judge(image, luminance: image.luminance(), quality: quality)
        guard case .opinion(let opinion) = outcome else { return nil }
        return Score(
          network: opinion.network, spectral: opinion.spectral, probability: opinion.probability,
          decision: detector.card.calibration.decision(opinion.probability, crops: opinion.crops.count))
      }
      progress(
        done.withLock { count in
          count += 1
          return count
        })
      return scores
    }
    for (column, kind) in launderings.enumerated() {
      let judged = zip(pictures, scores.map { $0[column] }).compactMap { picture, score in
        score.map { (picture: picture, score: $0) }
      }
      rows.append(row(kind, judged, unfit: pictures.count - judged.count))
      if kind == .jpeg85 {
        kinds = groups(judged) { "\($0.isGenerated ? "ai" : "real")/\($0.kind)" }
        sources = groups(judged, by: \.source)
      }
    }
    sizeAUC = DetectionMetrics(pictures.map { (Double($0.longSide), $0.isGenerated) }).auc
    formatAUC = DetectionMetrics(pictures.map { ($0.format == "jpeg" ? 0 : 1, $0.isGenerated) }).auc
  }

  private typealias Judged = (picture: EvaluationSet.Picture, score: Score)

  private static func auc(_ judged: [Judged], _ value: (Score) -> Double = \.probability) -> Double? {
    DetectionMetrics.auc(judged.map { (value($0.score), $0.picture.isGenerated) })
  }

  private func row(_ kind: Laundering, _ judged: [Judged], unfit: Int) -> Row {
    let bySource = Dictionary(grouping: judged, by: \.picture.source).sorted { $0.key < $1.key }.map(\.value)
    var (sum, weight) = (0.0, 0.0)
    for group in bySource {
      let made = group.count { $0.picture.isGenerated }
      let least = Double(min(made, group.count - made))
      guard least >= 3, let value = Self.auc(group) else { continue }
      sum += least * value
      weight += least
    }
    // A fixed seed: the same data give the same interval.
    var random = SplitMix(state: 1)
    let draws = (0..<400).compactMap { _ in
      Self.auc(
        (0..<bySource.count).flatMap { _ in bySource[Int.random(in: 0..<bySource.count, using: &random)] })
    }.sorted()
    func share(_ generated: Bool) -> Double {
      let chosen = judged.filter { $0.picture.isGenerated == generated }
      return Double(chosen.count { $0.score.decision == .indicated }) / Double(max(chosen.count, 1))
    }
    let between = judged.count { $0.score.decision == .undecided }
    return Row(
      laundering: kind, unfit: unfit,
      metrics: DetectionMetrics(judged.map { ($0.score.probability, $0.picture.isGenerated) }),
      interval: draws.isEmpty ? [] : [draws[draws.count / 40], draws[draws.count - 1 - draws.count / 40]],
      networkAUC: Self.auc(judged, \.network), spectralAUC: Self.auc(judged, \.spectral),
      withinSources: weight > 0 ? sum / weight : nil,
      bySize: [0..<512, 512..<1024, 1024..<Int.max].map { range in
        Self.auc(judged.filter { range.contains($0.picture.longSide) })
      },
      falseAlarms: share(false), detected: share(true),
      abstained: Double(between) / Double(max(judged.count, 1)))
  }

  private func groups(_ judged: [Judged], by key: (EvaluationSet.Picture) -> String) -> [Group] {
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
