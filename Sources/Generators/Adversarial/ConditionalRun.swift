import NeuralNetworks
import Tensors

/// What a network is given and the pictures that it is to make of it.
struct ConditionalBatch: Sendable {
  /// [N, h, w, C], its sides a whole part of the pictures'.
  var given: Tensor
  /// [N, side, side, 3] in −1...1.
  var pictures: Tensor
}

/// A network from one kind of picture to another and a discriminator that sees both together.
///
/// The picture is held to the original by its colours and by the features of a fixed network, and to looking real by
/// the discriminator: on pixels beside what was given, and on the fixed network's features.
struct ConditionalRun<Network: Layer>: TrainingRun {
  /// The weights stand beside one another; rates are AdamW's.
  struct Settings: Sendable {
    var pixelWeight: Float = 5
    var featureWeight: Float = 2
    var adversarialWeight: Float = 1
    /// The first steps, which go without the discriminator.
    var warmUp = 0
    /// The farthest that the window which features and discriminator see is moved at random, in pixels.
    ///
    /// The fixed network looks at every other pixel, always the same ones: without moving, patterns of that period are
    /// neither seen nor punished.
    var jitter = 0
    var rate: Float = 4e-4
    var discriminatorRate: Float = 2e-4
  }

  var network: Network
  var average: ExponentialAverage<Network>
  private let settings: Settings
  private var discriminator: PairDiscriminator
  private var optimiser: AdamW
  private var discriminatorOptimiser: AdamW
  private let encoder: EfficientNetTrunk
  /// What the network is given in place of what the batch holds.
  private let prepared: (_ given: Tensor, _ average: Network) -> Tensor

  /// - Parameters:
  ///   - channels: of what is given.
  ///   - side: of the pictures.
  ///   - encoder: frozen, of all levels.
  ///   - network: makes the network from the run's random stream.
  ///   - prepared: changes what the network is given, where that depends on what it has learned so far.
  init(
    channels: Int, side: Int, encoder: EfficientNetTrunk, settings: Settings, seed: UInt64,
    network: (inout RandomStream) -> Network,
    prepared: @escaping (_ given: Tensor, _ average: Network) -> Tensor = { given, _ in given }
  ) {
    var random = RandomStream(seed: seed, stream: 1 << 41)
    self.network = network(&random)
    discriminator = PairDiscriminator(
      channels: channels, side: side - settings.jitter, levels: encoder.levels, random: &random)
    average = ExponentialAverage(of: self.network, decay: 0.995)
    optimiser = AdamW(rate: settings.rate, beta1: 0.5, beta2: 0.99, weightDecay: 0)
    discriminatorOptimiser = AdamW(rate: settings.discriminatorRate, beta1: 0.5, beta2: 0.99, weightDecay: 0)
    self.settings = settings
    self.encoder = encoder
    self.prepared = prepared
  }

  mutating func step(_ batch: ConditionalBatch, number: Int, random: RandomStream) throws -> [String: Float] {
    let window = Window(batch.pictures.shape[1], jitter: settings.jitter, random: random)
    let tape = Tape(.training, random: random)
    let source = prepared(batch.given, average.network)
    let made = network(tape.constant(source))
    let seen = window(made)
    let seenFeatures = encoder.features(seen)
    let still = Tape.inference()
    let wanted = window(still.constant(batch.pictures))
    let wantedFeatures = encoder.features(wanted).map(\.tensor)

    let pixels = made.absoluteError(tape.constant(batch.pictures))
    var loss = pixels * settings.pixelWeight
    var numbers = ["pixelError": pixels.tensor.item]
    if number >= settings.warmUp {
      let factor = batch.pictures.shape[1] / source.shape[1]
      let given = still.constant(source)
      let condition = window(factor > 1 ? given.upsampledNearest(factor) : given).tensor
      numbers["discriminatorLoss"] = try judge(
        condition, real: (wanted.tensor, wantedFeatures), made: (seen.tensor, seenFeatures.map(\.tensor)),
        number: number, random: random)
      let fooled = AdversarialLoss.hinge.generator(
        generated: tape.withConstantParameters {
          discriminator.logits(given: tape.constant(condition), pictures: seen, features: seenFeatures)
        })
      numbers["adversarialLoss"] = fooled.tensor.item
      loss = loss + fooled * settings.adversarialWeight
    }
    for (map, goal) in zip(seenFeatures, wantedFeatures) {
      let power = goal.absolute().mean().item + 1e-3
      loss = loss + map.absoluteError(tape.constant(goal)) * (settings.featureWeight / power)
    }
    let value = loss.tensor.item
    guard value.isFinite else { throw NetworkError.diverged(step: number, place: "the network's loss") }
    optimiser.update(&network, with: loss.gradients())
    average.update(from: network, after: number)
    numbers["loss"] = value
    return numbers
  }

  /// Teaches the discriminator and gives its loss.
  private mutating func judge(
    _ given: Tensor, real: (pictures: Tensor, features: [Tensor]),
    made: (pictures: Tensor, features: [Tensor]), number: Int, random: RandomStream
  ) throws -> Float {
    let tape = Tape(.training, random: random)
    func logits(_ side: (pictures: Tensor, features: [Tensor])) -> [Variable] {
      discriminator.logits(
        given: tape.constant(given), pictures: tape.constant(side.pictures),
        features: side.features.map(tape.constant))
    }
    let loss = AdversarialLoss.hinge.discriminator(real: logits(real), generated: logits(made))
    let value = loss.tensor.item
    guard value.isFinite else { throw NetworkError.diverged(step: number, place: "the discriminator's loss") }
    discriminatorOptimiser.update(&discriminator, with: loss.gradients())
    return value
  }

  var state: [String: Tensor] {
    var state = [
      "step": Tensor([Float(optimiser.step)], shape: [1]),
      "discriminatorStep": Tensor([Float(discriminatorOptimiser.step)], shape: [1]),
    ]
    state.add(network.weights, under: "network.")
    state.add(discriminator.weights, under: "discriminator.")
    state.add(average.network.weights, under: "average.")
    state.add(optimiser.state, under: "optimiser.")
    state.add(discriminatorOptimiser.state, under: "discriminatorOptimiser.")
    return state
  }

  mutating func restore(_ state: [String: Tensor], name: String) throws(NetworkError) {
    let file = Safetensors(tensors: state)
    try network.load(file, prefix: "network.", name: name)
    try discriminator.load(file, prefix: "discriminator.", name: name)
    var averaged = network
    try averaged.load(file, prefix: "average.", name: name)
    average = ExponentialAverage(of: averaged, decay: average.decay)
    optimiser.step = Int(state["step"]?.item ?? 0)
    optimiser.state = state.part("optimiser.")
    discriminatorOptimiser.step = Int(state["discriminatorStep"]?.item ?? 0)
    discriminatorOptimiser.state = state.part("discriminatorOptimiser.")
  }

  /// The square that features and discriminator see.
  private struct Window {
    let side: Int
    let top: Int
    let left: Int
    let whole: Bool

    init(_ side: Int, jitter: Int, random: RandomStream) {
      var random = random
      self.side = side - jitter
      whole = jitter == 0
      top = whole ? 0 : random.integer(in: 0..<jitter + 1)
      left = whole ? 0 : random.integer(in: 0..<jitter + 1)
    }

    func callAsFunction(_ x: Variable) -> Variable {
      whole ? x : x.cropped(top: top, left: left, height: side, width: side)
    }
  }
}
