import NeuralNetworks
import Tensors

/// A generator, its discriminator and their optimisers; one step changes both.
struct AdversarialRun: TrainingRun {
  struct Settings: Sendable {
    var generatorRate: Float = 5e-4
    var discriminatorRate: Float = 3e-4
    /// Weight of the features' moments beside the discriminator's judgement.
    var moments: Float = 20
    /// Decay of the average of the generator's weights.
    var averaging: Float = 0.998
  }

  /// An averaged generator whose distance to the real pictures was measured.
  struct Measured: Sendable {
    var generator: PictureGenerator
    var frechetDistance: Float
    /// The steps it was trained for.
    var step: Int
  }

  var generator: PictureGenerator
  var discriminator: FeatureDiscriminator
  var average: ExponentialAverage<PictureGenerator>
  private var generatorOptimiser: AdamW
  private var discriminatorOptimiser: AdamW
  private let encoder: EfficientNetLite0
  private var moments = FeatureMoments()
  private let momentsWeight: Float
  private let augmentation = DifferentiableAugmentation()
  /// Of what ``observe`` measured, the nearest to the real pictures; longer training may lead away from them.
  private(set) var best: Measured?
  /// What is measured now and then, for the log; ``distanceKey`` among it decides which generator is the best.
  var observe: (_ step: Int, _ average: PictureGenerator) throws -> [String: Float] = { _, _ in [:] }

  static let distanceKey = "frechetDistance"

  /// - Parameter encoder: a frozen network.
  init(plan: PictureGenerator.Plan, encoder: EfficientNetLite0, settings: Settings, seed: UInt64) {
    var random = RandomStream(seed: seed, stream: 1 << 41)
    generator = PictureGenerator(plan, random: &random)
    discriminator = FeatureDiscriminator(side: plan.side, random: &random)
    average = ExponentialAverage(of: generator, decay: settings.averaging)
    generatorOptimiser = AdamW(rate: settings.generatorRate, beta1: 0, beta2: 0.99, weightDecay: 0)
    discriminatorOptimiser = AdamW(rate: settings.discriminatorRate, beta1: 0, beta2: 0.99, weightDecay: 0)
    self.encoder = encoder
    momentsWeight = settings.moments
  }

  /// The fixed network's features of pictures in −1...1.
  private func features(_ pictures: Variable) -> [Variable] {
    let found = encoder.features(
      EfficientNetLite0.normalized(signed: pictures), at: Set(FeatureDiscriminator.stages))
    return FeatureDiscriminator.stages.compactMap { found[$0] }
  }

  /// - Parameter batch: real pictures [N, side, side, 3] in −1...1.
  mutating func step(_ batch: Tensor, number: Int, random: RandomStream) throws -> [String: Float] {
    let forGenerator = Tape(.training, random: random)
    let latent = Tensor(normal: [batch.shape[0], generator.plan.latent], using: &forGenerator.random)
    let generated = augmentation(generator(forGenerator.constant(latent)))
    let generatedFeatures = features(generated)

    let forReal = Tape(.training, isRecording: false, random: forGenerator.random)
    let real = augmentation(forReal.constant(batch))
    let realFeatures = features(real)

    let forDiscriminator = Tape(.training, random: random)
    func constant(_ variable: Variable) -> Variable { forDiscriminator.constant(variable.tensor) }
    let realLogits = discriminator.logits(
      features: realFeatures.map(constant), pictures: constant(real))
    let generatedLogits = discriminator.logits(
      features: generatedFeatures.map(constant), pictures: constant(generated))
    let judged = AdversarialLoss.hinge.discriminator(real: realLogits, generated: generatedLogits)
    let discriminatorLoss = judged.tensor.item
    guard discriminatorLoss.isFinite else {
      throw NetworkError.diverged(step: number, place: "the discriminator's loss")
    }
    discriminatorOptimiser.update(&discriminator, with: judged.gradients())

    let fooled = AdversarialLoss.hinge.generator(
      generated: forGenerator.withConstantParameters {
        discriminator.logits(features: generatedFeatures, pictures: generated)
      })
    let apart = moments.loss(generatedFeatures, real: realFeatures, step: number)
    let loss = fooled.tensor.item
    guard loss.isFinite else { throw NetworkError.diverged(step: number, place: "the generator's loss") }
    generatorOptimiser.update(&generator, with: (fooled + apart.loss * momentsWeight).gradients())
    average.update(from: generator, after: number)

    var numbers = ["loss": loss, "discriminatorLoss": discriminatorLoss, "variety": apart.variety]
    numbers.merge(try observe(number + 1, average.network)) { $1 }
    if let distance = numbers[Self.distanceKey] {
      if distance < best?.frechetDistance ?? .infinity {
        best = Measured(generator: average.network, frechetDistance: distance, step: number + 1)
      }
      if let best { numbers["bestStep"] = Float(best.step) }
    }
    return numbers
  }

  var state: [String: Tensor] {
    var state = ["step": Tensor([Float(generatorOptimiser.step)], shape: [1])]
    state.add(generator.weights, under: "generator.")
    state.add(discriminator.weights, under: "discriminator.")
    state.add(average.network.weights, under: "average.")
    state.add(generatorOptimiser.state, under: "generatorOptimiser.")
    state.add(discriminatorOptimiser.state, under: "discriminatorOptimiser.")
    state.add(moments.state, under: "moments.")
    if let best {
      state.add(best.generator.weights, under: "best.")
      state["bestDistance"] = Tensor([best.frechetDistance], shape: [1])
      state["bestStep"] = Tensor([Float(best.step)], shape: [1])
    }
    return state
  }

  mutating func restore(_ state: [String: Tensor], name: String) throws(NetworkError) {
    let file = Safetensors(tensors: state)
    try generator.load(file, prefix: "generator.", name: name)
    try discriminator.load(file, prefix: "discriminator.", name: name)
    var averaged = generator
    try averaged.load(file, prefix: "average.", name: name)
    average = ExponentialAverage(of: averaged, decay: average.decay)
    let step = Int(state["step"]?.item ?? 0)
    generatorOptimiser.step = step
    generatorOptimiser.state = state.part("generatorOptimiser.")
    discriminatorOptimiser.step = step
    discriminatorOptimiser.state = state.part("discriminatorOptimiser.")
    moments = FeatureMoments(state: state.part("moments."))
    best = nil
    if let distance = state["bestDistance"]?.item, let step = state["bestStep"]?.item {
      var measured = generator
      try measured.load(file, prefix: "best.", name: name)
      best = Measured(generator: measured, frechetDistance: distance, step: Int(step))
    }
  }
}
