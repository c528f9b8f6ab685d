import NeuralNetworks
import Tensors

/// Drawings and the pictures they were made of.
struct DrawingBatch: Sendable {
  /// [N, side, side, 1].
  var drawings: Tensor
  /// [N, side, side, 3] in −1...1.
  var pictures: Tensor
}

/// A translation network and a discriminator that sees drawing and picture together.
///
/// The picture is held to the original by its colours and by the features of a fixed network, and to looking real by
/// the discriminator: on pixels beside the drawing, and on the fixed network's features.
struct TranslationRun: TrainingRun {
  static let pixelWeight: Float = 5
  static let featureWeight: Float = 2

  var network: TranslationNetwork
  var average: ExponentialAverage<TranslationNetwork>
  private var discriminator: PairDiscriminator
  private var optimiser = AdamW(rate: 4e-4, beta1: 0.5, beta2: 0.99, weightDecay: 0)
  private var discriminatorOptimiser = AdamW(rate: 2e-4, beta1: 0.5, beta2: 0.99, weightDecay: 0)
  private let encoder: EfficientNetTrunk

  /// - Parameter encoder: frozen, of all levels.
  init(encoder: EfficientNetTrunk, seed: UInt64) {
    var random = RandomStream(seed: seed, stream: 1 << 41)
    network = TranslationNetwork(random: &random)
    discriminator = PairDiscriminator(levels: encoder.levels, random: &random)
    average = ExponentialAverage(of: network, decay: 0.995)
    self.encoder = encoder
  }

  mutating func step(_ batch: DrawingBatch, number: Int, random: RandomStream) throws -> [String: Float] {
    let tape = Tape(.training, random: random)
    let drawings = tape.constant(batch.drawings)
    let made = network(drawings)
    let madeFeatures = encoder.features(made)
    let realFeatures = encoder.features(Tape.inference().constant(batch.pictures)).map(\.tensor)

    let other = Tape(.training, random: random)
    func logits(_ pictures: Tensor, _ features: [Tensor]) -> [Variable] {
      discriminator.logits(
        drawings: other.constant(batch.drawings), pictures: other.constant(pictures),
        features: features.map(other.constant))
    }
    let judged = AdversarialLoss.hinge.discriminator(
      real: logits(batch.pictures, realFeatures), generated: logits(made.tensor, madeFeatures.map(\.tensor)))
    let discriminatorLoss = judged.tensor.item
    guard discriminatorLoss.isFinite else {
      throw NetworkError.diverged(step: number, place: "the discriminator's loss")
    }
    discriminatorOptimiser.update(&discriminator, with: judged.gradients())

    var loss = AdversarialLoss.hinge.generator(
      generated: tape.withConstantParameters {
        discriminator.logits(drawings: drawings, pictures: made, features: madeFeatures)
      })
    let pixels = made.absoluteError(tape.constant(batch.pictures))
    loss = loss + pixels * Self.pixelWeight
    for (map, goal) in zip(madeFeatures, realFeatures) {
      let power = goal.absolute().mean().item + 1e-3
      loss = loss + map.absoluteError(tape.constant(goal)) * (Self.featureWeight / power)
    }
    let value = loss.tensor.item
    guard value.isFinite else { throw NetworkError.diverged(step: number, place: "the network's loss") }
    optimiser.update(&network, with: loss.gradients())
    average.update(from: network, after: number)
    return ["loss": value, "discriminatorLoss": discriminatorLoss, "pixelError": pixels.tensor.item]
  }

  var state: [String: Tensor] {
    var state = ["step": Tensor([Float(optimiser.step)], shape: [1])]
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
    let step = Int(state["step"]?.item ?? 0)
    optimiser.step = step
    optimiser.state = state.part("optimiser.")
    discriminatorOptimiser.step = step
    discriminatorOptimiser.state = state.part("discriminatorOptimiser.")
  }
}

/// A discriminator of pictures beside their drawings, and of three levels of a fixed network's features.
struct PairDiscriminator: Layer {
  /// Of the trunk's levels, those that are judged: strides 4, 8 and 16.
  private static let judged = [2, 3, 4]

  var mixes: [Conv2d]
  var heads: [LogitHead]
  var pair: LogitHead

  init(levels: [EfficientNetTrunk.Level], random: inout RandomStream) {
    mixes = []
    heads = []
    for index in Self.judged {
      let level = levels[index]
      var mix = Conv2d(level.channels, 48, kernel: 1, bias: false, random: &random)
      let deviation = 1 / Float(level.channels).squareRoot()
      mix.weight = Parameter(
        Tensor(normal: [1, 1, level.channels, 48], deviation: deviation, using: &random), role: .buffer,
        fileLayout: .kernel)
      mixes.append(mix)
      heads.append(
        LogitHead(
          48, side: TranslationNetwork.side / level.stride, width: 64, seesBatch: false, random: &random))
    }
    pair = LogitHead(4, side: TranslationNetwork.side, width: 32, seesBatch: false, random: &random)
  }

  func logits(drawings: Variable, pictures: Variable, features: [Variable]) -> [Variable] {
    var results = [pair(Variable.joinedChannels([pictures, drawings]))]
    for (index, level) in Self.judged.enumerated() {
      results.append(heads[index](mixes[index](features[level])))
    }
    return results
  }

  func callAsFunction(_ x: Variable) -> Variable { pair(x) }

  mutating func visitParameters(_ visitor: ParameterVisitor) {
    for i in mixes.indices {
      mixes[i].visitParameters(visitor["mixes"][i])
      heads[i].visitParameters(visitor["heads"][i])
    }
    pair.visitParameters(visitor["pair"])
  }
}
