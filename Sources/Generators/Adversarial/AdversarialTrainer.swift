public import Foundation
import Images
import NeuralNetworks
import Tensors

/// Trains a generator of a folder's pictures.
public struct AdversarialTrainer {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var steps = 10_000
    public var batch = 8
    /// Steps between sample grids and Fréchet distances.
    public var observeEvery = 500
    /// Generated pictures of a Fréchet distance.
    public var samples = 1000
    /// The longest time; nil for none. A run that stops by time is not repeated bit for bit.
    public var limit: Duration?

    public init() {}
  }

  private let pictures: PictureSet
  private let features: PictureFeatures
  private let settings: Settings
  private let folder: String
  private let smaller: PictureModel?
  /// What tests put in place of the Fréchet distance after a step.
  package var distance: ((_ step: Int) -> Double)?

  /// - Parameters:
  ///   - features: the fixed network, whose features the discriminator judges by.
  ///   - folder: where checkpoint, log and curves lie.
  ///   - smaller: a trained generator of half the side to go on from; nil to begin anew.
  public init(
    pictures: PictureSet, features: PictureFeatures, settings: Settings, folder: String,
    from smaller: PictureModel? = nil
  ) {
    self.pictures = pictures
    self.features = features
    self.settings = settings
    self.folder = folder
    self.smaller = smaller
  }

  /// Trains to the last step or until time is up, from the checkpoint in the folder where there is one.
  ///
  /// - Parameters:
  ///   - report: told of each observation.
  ///   - keep: given a sheet of 64 samples at each observation.
  /// - Returns: the bytes of the model's file: of the generators that were measured the one with the least Fréchet
  ///   distance, or the last one where none was.
  public func run(
    as identity: ModelIdentity,
    report: @escaping (String) -> Void, keep: @escaping (_ step: Int, _ sheet: GeneratedImage) throws -> Void
  ) throws -> Data {
    let settings = self.settings
    var run = try AdversarialRun(
      plan: PictureGenerator.Plan(side: pictures.side), encoder: features.encoder, spread: spread(),
      settings: AdversarialRun.Settings(), seed: settings.seed, from: smaller?.network)
    report("generator of \(run.generator.parameterCount) parameters, \(pictures.count) pictures")
    let real = FeatureStatistics(features(pictures))
    run.observe = { [features, distance] step, generator in
      guard step % settings.observeEvery == 0 || step == settings.steps else { return [:] }
      let sheet = Image.images(Self.samples(of: generator, count: 64, seed: settings.seed))
      try keep(
        step,
        GeneratedImage(
          Image.sheet(sheet, columns: 8), model: identity, request: "samples at step \(step) of training"))
      let found =
        distance?(step)
        ?? FeatureStatistics(
          Tensor.stacked(
            stride(from: 0, to: settings.samples, by: 20).map { first in
              features(Self.samples(of: generator, count: 20, seed: settings.seed, stream: UInt64(first)))
            })
        ).frechetDistance(to: real)
      report("step \(step): Fréchet distance \(found)")
      return [AdversarialRun.distanceKey: Float(found)]
    }
    let start = ContinuousClock.now
    try Trainer(
      folder: folder, seed: settings.seed, steps: settings.steps, checkpointInterval: 100, logInterval: 20
    ).train(&run, batchSize: settings.batch) { [pictures] step in
      var random = RandomStream(seed: settings.seed, stream: 1 << 40 + UInt64(step))
      return pictures.batch(settings.batch, using: &random)
    } shouldStop: { _ in
      settings.limit.map { ContinuousClock.now - start > $0 } ?? false
    }
    guard let best = run.best else {
      report("no Fréchet distance was measured: the model is the last step's")
      return PictureModel.file(run.average.network, identity: identity, seed: settings.seed)
    }
    report("the model is that of step \(best.step), Fréchet distance \(best.frechetDistance)")
    return PictureModel.file(best.generator, identity: identity, seed: settings.seed)
  }

  /// How far real pictures lie from one another.
  private func spread() -> NeighbourSpread {
    let view = DiscriminatorView.views(of: pictures.side)[0]
    let every = max(1, pictures.count / Self.measured)
    let places = Array(stride(from: 0, to: pictures.count, by: every).prefix(Self.measured))
    return NeighbourSpread(
      real: Tensor.stacked(
        stride(from: 0, to: places.count, by: 20).map { first in
          let batch = pictures.tensor(Array(places[first..<min(first + 20, places.count)]))
          return AdversarialRun.numbers(of: view(Tape.inference().constant(batch)), by: features.encoder)
            .tensor
        }))
  }

  /// Real pictures that distances are learned from.
  private static let measured = 1000

  /// Pictures of the latents of a seed, in one batch.
  static func samples(
    of generator: PictureGenerator, count: Int, seed: UInt64, stream: UInt64 = 0
  ) -> Tensor {
    var random = RandomStream(seed: seed, stream: 1 << 42 + stream)
    return generator.infer(Tensor(normal: [count, generator.plan.latent], using: &random))
  }
}
