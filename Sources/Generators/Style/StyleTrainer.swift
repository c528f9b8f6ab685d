public import Foundation
import Images
public import NeuralNetworks
import Tensors

/// Trains the decoder of style transfer; the encoder stays as published.
public struct StyleTrainer {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var steps = 6000
    /// Pairs of a content and a style.
    public var batch = 4
    public var rate: Float = 1e-3
    /// Weight of the style's moments against the content's maps.
    public var styleWeight: Float = 1.5
    /// The first steps, in which the decoder only learns to give pictures back.
    public var warmUp = 600
    /// Weight of exact repetition where content and style are one picture.
    public var identityWeight: Float = 10
    public var smoothness: Float = 0.1
    public var observeEvery = 250
    public var limit: Duration?

    public init() {}
  }

  private let contents: PictureSet
  private let styles: PictureSet
  private let encoder: EfficientNetTrunk
  private let settings: Settings
  private let folder: String

  /// - Parameters:
  ///   - weights: EfficientNet-Lite0's.
  ///   - folder: where checkpoint, log and curves lie.
  /// - Throws: an error naming the weight that is missing.
  public init(
    contents: PictureSet, styles: PictureSet, weights: Safetensors, settings: Settings, folder: String
  ) throws(NetworkError) {
    self.contents = contents
    self.styles = styles
    var encoder = EfficientNetTrunk(depth: EfficientNetTrunk.Level.all.count)
    try encoder.load(weights)
    encoder.freeze()
    self.encoder = encoder
    self.settings = settings
    self.folder = folder
  }

  /// Trains to the last step or until time is up.
  ///
  /// - Parameter keep: given a sheet at each observation: a content, a style and the result in each row's threes.
  /// - Returns: the averaged decoder.
  func run(
    as identity: ModelIdentity, keep: @escaping (_ step: Int, _ sheet: GeneratedImage) throws -> Void
  ) throws -> StyleDecoder {
    let (settings, encoder) = (self.settings, self.encoder)
    var random = RandomStream(seed: settings.seed, stream: 1 << 41)
    let levels = encoder.levels
    let decoder = StyleDecoder(
      eighth: levels[3].channels, quarter: levels[2].channels, random: &random)
    var run = SupervisedRun(
      network: decoder, optimiser: AdamW(rate: settings.rate, beta1: 0.9, beta2: 0.99, weightDecay: 0),
      schedule: .cosine(
        peak: settings.rate, warmUp: 100, steps: settings.steps, floor: settings.rate / 20),
      averageDecay: 0.99
    ) { decoder, batch, tape in
      batch.targets.item == 1
        ? Self.repetition(decoder, encoder, batch.images, tape)
        : Self.loss(decoder, encoder, batch.images, tape, settings)
    }
    let trainer = Trainer(
      folder: folder, seed: settings.seed, steps: settings.steps, checkpointInterval: 100, logInterval: 20)
    try trainer.train(
      &run, batchSize: settings.batch, every: settings.observeEvery, limit: settings.limit, batch: batch
    ) { step, run in
      try keep(
        step,
        GeneratedImage(
          sheet(run.average.network), model: identity, request: "contents, styles and results at step \(step)"
        ))
    }
    return run.average.network
  }

  /// Contents, then styles.
  private func batch(_ step: Int) -> LabelledBatch {
    var random = RandomStream(seed: settings.seed, stream: 1 << 40 + UInt64(step))
    let content = contents.batch(settings.batch, using: &random)
    let style = styles.batch(settings.batch, using: &random)
    // The target tells the loss whether the decoder is still warming up.
    return LabelledBatch(
      images: Tensor.stacked([content, style]), targets: Tensor(scalar: step < settings.warmUp ? 1 : 0))
  }

  /// How far the decoder is from giving pictures back whose maps keep their own moments.
  private static func repetition(
    _ decoder: StyleDecoder, _ encoder: EfficientNetTrunk, _ pictures: Tensor, _ tape: Tape
  ) -> Variable {
    let maps = encoder.features(Tape.inference().constant(pictures))
    let repeated = decoder(eighth: tape.constant(maps[3].tensor), quarter: tape.constant(maps[2].tensor))
    return repeated.absoluteError(tape.constant(pictures))
  }

  /// Content, style, moments and repetition together.
  static func loss(
    _ decoder: StyleDecoder, _ encoder: EfficientNetTrunk, _ pictures: Tensor, _ tape: Tape,
    _ settings: Settings
  ) -> Variable {
    let pairs = pictures.shape[0] / 2
    let outer = Tape.inference()
    let maps = encoder.features(outer.constant(pictures))
    func halves(_ map: Variable) -> (content: Variable, style: Variable) {
      (tape.constant(map.tensor.rows(0..<pairs)), tape.constant(map.tensor.rows(pairs..<2 * pairs)))
    }
    let (quarter, eighth) = (halves(maps[2]), halves(maps[3]))
    let target = eighth.content.styled(like: eighth.style, epsilon: ChannelMoments.epsilon)
    let fine = quarter.content.styled(like: quarter.style, epsilon: ChannelMoments.epsilon)
    let painted = decoder(eighth: target, quarter: fine)
    let seen = encoder.features(painted)
    // Each term is relative to what it is compared with, so that no level outweighs the rest.
    func relative(_ map: Variable, _ goal: Variable) -> Variable {
      (map - goal).squared().mean() / (goal.tensor.squared().mean().item + 1e-4)
    }
    var loss = relative(seen[3], target) + relative(seen[2], fine)
    for (level, map) in seen.enumerated() {
      let style = halves(maps[level]).style
      loss = loss + momentError(map, style) * settings.styleWeight
    }
    loss = loss + painted.totalVariation() * settings.smoothness
    // The first content again, with its own moments: the decoder must give it back.
    let first = tape.constant(pictures.rows(0..<1))
    let repeated = decoder(eighth: eighth.content.rows(0..<1), quarter: quarter.content.rows(0..<1))
    return loss + repeated.absoluteError(first) * settings.identityWeight / Float(pairs)
  }

  /// The squared differences of means and deviations against the style's power.
  private static func momentError(_ map: Variable, _ style: Variable) -> Variable {
    let place: Shape = [map.shape[0], 1, 1, map.shape.channels]
    func moments(_ x: Variable) -> (mean: Variable, deviation: Variable) {
      let mean = x.mean(to: place)
      return (mean, ((x - mean).squared().mean(to: place) + ChannelMoments.epsilon).squareRoot())
    }
    let (a, b) = (moments(map), moments(style))
    let power = b.deviation.tensor.squared().mean().item + 1e-4
    return ((a.mean - b.mean).squared().mean() + (a.deviation - b.deviation).squared().mean()) / power
  }

  private func sheet(_ decoder: StyleDecoder) -> Image {
    var images: [Image] = []
    for row in 0..<8 {
      let content = contents.tensor([row * 131 % contents.count])
      let style = styles.tensor([row * 97 % styles.count])
      let maps = encoder.features(Tape.inference().constant(Tensor.stacked([content, style])))
      func styled(_ map: Variable) -> Variable {
        map.rows(0..<1).styled(like: map.rows(1..<2), epsilon: ChannelMoments.epsilon)
      }
      let painted = decoder(eighth: styled(maps[3]), quarter: styled(maps[2]))
      images += Image.images(Tensor.stacked([content, style, painted.tensor]))
    }
    return Image.sheet(images, columns: 6)
  }

  /// Trains, and gives the bytes of the model's file: encoder and decoder.
  public func train(
    as identity: ModelIdentity, keep: @escaping (_ step: Int, _ sheet: GeneratedImage) throws -> Void
  ) throws -> Data {
    let decoder = try run(as: identity, keep: keep)
    var random = RandomStream(seed: settings.seed)
    var network = StyleNetwork(random: &random)
    try network.encoder.load(Safetensors(tensors: encoder.weights))
    network.decoder = decoder
    return StyleModel.file(network, identity: identity)
  }
}
