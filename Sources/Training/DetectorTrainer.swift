import Detectors
import Diagnostics
public import Evaluation
public import Foundation
import ImageFormats
internal import NeuralNetworks
import Synchronization
import Tensors

/// Trains the detector's heads on features of whole pictures, and calibrates it on owners that the judging heads never saw.
///
/// For each fifth of the training owners heads are trained without it; what they say of it calibrates the detector and is its
/// cross-validation. The heads that ship are trained on all.
public struct DetectorTrainer: Sendable {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    /// Who trained, for the card.
    public var trainedBy = "Training.DetectorTrainer"
    public var steps = 900
    /// Views of a step, half of them generated.
    public var batch = 256
    public var rate: Float = 5e-4
    public var weightDecay: Float = 0.1
    /// Targets are this far from 0 and 1.
    public var smoothing: Float = 0.05
    /// Hidden units of a head, and the share of them that a step leaves out.
    public var units = 192
    public var dropout: Float = 0.5
    public var averaging: Float = 0.998
    /// Heads that ship; their logits are averaged.
    public var heads = 2

    public init() {}
  }

  /// What a training gives.
  public struct Outcome: Sendable {
    /// The weight file to ship, in half precision.
    public var weights: [UInt8]
    /// The training pictures, each judged by heads that never saw its owner's fifth.
    public var crossValidation: DetectorEvaluation
    /// The validation pictures; nil where the index has none.
    public var validation: DetectorEvaluation?
  }

  private let index: PictureIndex
  private let cache: FeatureCache
  private let settings: Settings
  private let folder: URL
  private let report: @Sendable (String) -> Void

  /// - Parameters:
  ///   - cache: holds features of the index's pictures; those that it lacks are left out.
  ///   - folder: where checkpoints, logs and curves of the runs are kept.
  ///   - report: told what was finished.
  public init(
    index: PictureIndex, cache: FeatureCache, folder: URL, settings: Settings,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    (self.index, self.cache, self.folder, self.settings, self.report) = (
      index, cache, folder, settings, report
    )
  }

  public func run() throws -> Outcome {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let everything = try views(index.items.filter { !$0.isValidation })
    let training = everything.filter { !$0.item.isInterface }
    let owners = Set(training.map(\.item.owner))
    try claimFolder(for: training)
    report("\(training.count) views of training pictures by \(owners.count) owners")
    for fold in 0..<PictureIndex.folds {
      let rest = training.filter { $0.item.fold != fold }
      guard rest.contains(where: \.item.isGenerated), rest.contains(where: { !$0.item.isGenerated }) else {
        throw DetectorError(
          code: "detector.classes", message: "without a fifth of the owners a class has no picture",
          remedy:
            "compute the features first, and give real and generated pictures by at least five owners each")
      }
    }
    // Before the heads, as it takes seconds: where the screenshots do not suffice, that is told at once.
    let interfaces = try interfaceGate(everything)
    let parts = try Array(0..<PictureIndex.folds).mapConcurrently { fold, _ in
      let views = PictureViews(training.filter { $0.item.fold != fold })
      let part = (
        head: try head(views, name: "fold-\(fold)", seed: settings.seed),
        spectral: try views.spectralClassifier()
      )
      report("fifth \(fold) of the owners: trained without it")
      return part
    }
    let examples = training.map { view -> Calibration.Example in
      let part = parts[view.item.fold]
      return Calibration.Example(
        scores: Calibration.Scores(
          view.features, heads: [part.head], spectral: part.spectral, quality: view.quality,
          longSide: view.longSide),
        isGenerated: view.item.isGenerated, source: view.item.source, kind: view.item.generator,
        // Journeys differ by chance alone.
        condition: min(view.number, 1))
    }
    let pool = PictureViews(training)
    let heads = try Array(0..<settings.heads).mapConcurrently { number, _ in
      try head(pool, name: "all-\(number)", seed: settings.seed &+ UInt64(number))
    }
    let encoder = try PictureEncoder.installed.get()
    let pictures = training.filter { $0.number == 0 }
    let sources = Dictionary(grouping: pictures, by: \.item.source).filter {
      $0.value.count >= Self.leastOfSource
    }
    .sorted { $0.key < $1.key }.map(\.value)
    let detector = Detector(
      card: Detector.Card(
        trainedBy: settings.trainedBy, seed: settings.seed, steps: settings.steps,
        real: pictures.count { !$0.item.isGenerated }, generated: pictures.count(where: \.item.isGenerated),
        owners: owners.count, encoder: encoder.checksums,
        calibration: try Calibration(examples, views: Self.views),
        spectral: try pool.spectralClassifier(), interfaces: interfaces,
        sources: sources.map(Self.source)),
      heads: heads, encoder: encoder,
      centres: Detector.centres(
        sources.map { $0.map(\.features.tokens) }, head: heads[0], encoder: encoder))
    let weights = try detector.encoded()
    report("trained on all")
    // Judged as a user's would be: from the file, in half precision.
    let read = try Detector(weights: weights)
    return Outcome(
      weights: weights, crossValidation: try crossValidation(training, examples, card: read.card),
      validation: try validation(read))
  }

  /// Trained on all screenshots and a share of the pictures, which are many; nil where there are no screenshots.
  private func interfaceGate(_ views: [PictureView]) throws -> InterfaceGate? {
    guard views.contains(where: \.item.isInterface) else { return nil }
    func percent(_ share: Double) -> String { DetectorEvaluation.percent(share) }
    let gate = try InterfaceGate(
      views.enumerated().filter { $0.element.item.isInterface || $0.offset % Self.gateStride == 0 }.map {
        _, view in
        InterfaceGate.Example(
          tokens: view.features.tokens, isInterface: view.item.isInterface,
          isGenerated: view.item.isGenerated,
          source: view.item.source, fold: view.item.fold)
      })
    report(
      "screenshots of programs: \(percent(gate.caught)) found, beside \(percent(gate.real)) of the real and "
        + "\(percent(gate.generated)) of the generated pictures")
    return gate
  }

  /// Prime to ``views``, so that all of them occur.
  private static let gateStride = 7

  /// Enters what the folder's checkpoints are of.
  private func claimFolder(for views: [PictureView]) throws {
    let lines = views.map { view in
      "\(view.item.path)\t\(view.item.isGenerated)\t\(view.item.owner)\t\(view.number)"
    }
    try RunFolder(folder).claim(for: ["\(settings)"] + lines)
  }

  /// Of a training picture.
  private static let views = 3

  /// Pictures below which a source has no centre.
  private static let leastOfSource = 8

  /// A source by the kind that most of its pictures are of.
  private static func source(_ views: [PictureView]) -> Detector.Card.Source {
    let kinds = Dictionary(grouping: views, by: \.item.generator).mapValues(\.count)
    let commonest = kinds.max { ($0.value, $1.key) < ($1.value, $0.key) }
    let item = views[0].item
    return Detector.Card.Source(
      name: item.source, kind: commonest?.key ?? "", isGenerated: item.isGenerated, count: views.count)
  }

  private func views(_ items: [PictureIndex.Item]) throws -> [PictureView] {
    try items.mapConcurrently { item, _ in try cache.views(item) ?? [] }.flatMap { $0 }
  }

  private func head(_ views: PictureViews, name: String, seed: UInt64) throws -> DetectorHead {
    try views.head(settings, folder: folder.appending(path: name), seed: seed)
  }

  // MARK: - Evaluation

  /// Each fifth is decided by a calibration that never saw it either.
  private func crossValidation(
    _ views: [PictureView], _ examples: [Calibration.Example], card: Detector.Card
  ) throws -> DetectorEvaluation {
    let calibrations = try (0..<PictureIndex.folds).map { fold in
      try Calibration(
        zip(views, examples).filter { $0.0.item.fold != fold }.map(\.1), views: Self.views)
    }
    let scores = zip(views, examples).map { view, example -> DetectorEvaluation.Score? in
      DetectorEvaluation.Score(example.scores, by: calibrations[view.item.fold])
    }
    return try evaluation(
      "training pictures, each judged by heads and a calibration that never saw its fifth of the owners",
      views,
      scores, conditions: ["none", "journey", "journey"], card: card, file: "cross-validation.csv")
  }

  private func validation(_ detector: Detector) throws -> DetectorEvaluation? {
    let views = try views(index.items.filter { $0.isValidation && !$0.isInterface })
    guard !views.isEmpty else { return nil }
    let scores = try views.mapConcurrently { view, _ -> DetectorEvaluation.Score? in
      let outcome = detector.outcome(view.features, longSide: view.longSide, quality: view.quality)
      guard case .opinion(let opinion) = outcome else { return nil }
      return DetectorEvaluation.Score(opinion, by: detector.card.calibration)
    }
    return try evaluation(
      "the validation pictures, whose owners no training saw", views, scores,
      conditions: ["none", "web", "social"],
      card: detector.card, file: "validation.csv")
  }

  private func evaluation(
    _ name: String, _ views: [PictureView], _ scores: [DetectorEvaluation.Score?], conditions: [String],
    card: Detector.Card, file: String
  ) throws -> DetectorEvaluation {
    let pictures = views.map {
      EvaluationSet.Picture(
        path: $0.item.path, isGenerated: $0.item.isGenerated, kind: $0.item.generator, source: $0.item.source,
        owner: $0.item.owner, longSide: max($0.item.width, $0.item.height), format: $0.item.format)
    }
    try writeScores(views, scores, conditions, to: file)
    var evaluation = DetectorEvaluation(set: name, card: card)
    var seen: [String] = []
    for condition in conditions where !seen.contains(condition) {
      seen.append(condition)
      let places = views.indices.filter { conditions[views[$0].number] == condition }
      evaluation.add(condition, pictures: places.map { pictures[$0] }, scores: places.map { scores[$0] })
    }
    return evaluation
  }

  /// Every picture's probability, so that the worst can be looked at.
  private func writeScores(
    _ views: [PictureView], _ scores: [DetectorEvaluation.Score?], _ conditions: [String], to name: String
  ) throws {
    let lines = zip(views, scores).map { view, score in
      let item = view.item
      return [
        item.path, item.isGenerated ? "ai" : "real", item.generator, item.source, conditions[view.number],
        score.map { String($0.probability) } ?? "",
      ].joined(separator: ",")
    }
    let text = (["path,label,generator,source,after,probability"] + lines).joined(separator: "\n") + "\n"
    try writeAtomically(Array(text.utf8), to: FilePath(folder.appending(path: name).path), overwrite: true)
  }
}
