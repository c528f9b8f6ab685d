public import Foundation
import Images
public import NeuralNetworks
import Tensors

/// Trains an upsampler on pictures and their own reductions.
public struct UpsamplerTrainer {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var steps = 3000
    public var batch = 8
    /// The first steps, which go without the discriminator.
    public var warmUp = 400
    public var observeEvery = 250
    public var limit: Duration?

    public init() {}
  }

  /// The side of the enlarged crops; a network that is convolutions throughout learns no more from larger ones.
  public static let crop = 100
  /// How much of a crop's side the window of features and discriminator leaves out.
  private static let jitter = 4
  /// Of the larger pictures, which are few, the share of crops.
  private static let detailShare: Float = 0.25

  private let pictures: PictureSet
  private let details: PictureSet?
  private let held: PictureSet
  private let encoder: EfficientNetTrunk
  private let settings: Settings
  private let folder: String

  /// - Parameters:
  ///   - pictures: with sides of at least ``crop``; one in twenty is kept from training.
  ///   - details: larger pictures, from which a quarter of the crops is taken.
  ///   - weights: EfficientNet-Lite0's.
  ///   - folder: where checkpoint, log and curves lie.
  public init(
    pictures: PictureSet, details: PictureSet?, weights: Safetensors, settings: Settings, folder: String
  ) throws(NetworkError) {
    precondition(pictures.side >= Self.crop && (details?.side ?? Self.crop) >= Self.crop)
    (self.pictures, held) = pictures.split()
    self.details = details
    var encoder = EfficientNetTrunk(depth: EfficientNetTrunk.Level.all.count)
    try encoder.load(weights)
    encoder.freeze()
    self.encoder = encoder
    self.settings = settings
    self.folder = folder
  }

  /// Trains to the last step or until time is up.
  ///
  /// - Parameter keep: given a sheet at each observation: bicubic enlargement, result and original in each row's
  ///   threes, of pictures that were not trained on.
  /// - Returns: the bytes of the model's file.
  public func train(
    as identity: ModelIdentity, keep: @escaping (_ step: Int, _ sheet: GeneratedImage) throws -> Void
  ) throws -> Data {
    var weights = ConditionalRun<UpsamplerNetwork>.Settings()
    weights.featureWeight = 1
    weights.adversarialWeight = 0.1
    weights.warmUp = settings.warmUp
    weights.jitter = Self.jitter
    var run = ConditionalRun(
      channels: 3, side: Self.crop, encoder: encoder, settings: weights, seed: settings.seed
    ) {
      UpsamplerNetwork(random: &$0)
    } prepared: { given, average in
      Self.enlargedBefore(given, by: average)
    }
    let trainer = Trainer(
      folder: folder, seed: settings.seed, steps: settings.steps, checkpointInterval: 50, logInterval: 20)
    try trainer.train(
      &run, batchSize: settings.batch, every: settings.observeEvery, limit: settings.limit, batch: batch
    ) { step, run in
      try keep(
        step,
        GeneratedImage(
          sheet(run.average.network), model: identity,
          request: "bicubic enlargements, results and originals at step \(step)"))
    }
    let network = run.average.network
    return UpsamplerModel.file(
      network, identity: identity, bounds: UpsamplerModel.bounds(network, over: pictures))
  }

  private func batch(_ step: Int) throws -> ConditionalBatch {
    var random = RandomStream(seed: settings.seed, stream: 1 << 40 + UInt64(step))
    let crops = (0..<settings.batch).map { _ in
      let set = random.chance(Self.detailShare) ? details ?? pictures : pictures
      return set.crop(Self.crop, using: &random)
    }
    let reduction = Reduction(side: Self.crop / UpsamplerNetwork.factor)
    let reduced = try crops.map { try reduction($0, random: &random) }
    return ConditionalBatch(given: Tensor(signed: reduced), pictures: Tensor(signed: crops))
  }

  /// The pictures with three in eight of them reduced and enlarged again by the network: what a second pass meets.
  ///
  /// A network that never saw its own work would sharpen its invented detail once more.
  private static func enlargedBefore(_ given: Tensor, by network: UpsamplerNetwork) -> Tensor {
    let (count, factor) = (given.shape[0], UpsamplerNetwork.factor)
    let changed = count * 3 / 8
    guard changed > 0 else { return given }
    let coarse = Tape.inference().constant(given.rows(0..<changed)).averagePooled(
      kernel: factor, stride: factor)
    return Tensor.stacked([network(coarse).tensor.clamped(to: -1...1), given.rows(changed..<count)])
  }

  private func sheet(_ network: UpsamplerNetwork) -> Image {
    let indices = (0..<min(12, held.count)).map { $0 * held.count / min(12, held.count) }
    return Image.sheet(
      indices.flatMap { index -> [Image] in
        let original = held.image(index)
        let side = original.width
        let reduced = original.resized(
          width: side / UpsamplerNetwork.factor, height: side / UpsamplerNetwork.factor, filter: .bicubic)
        let made = Image.images(network.infer(Tensor(signed: [reduced])))[0]
        return [reduced.resized(width: side, height: side, filter: .bicubic), made, original]
      }, columns: 6)
  }
}
