import NeuralNetworks
import Tensors

/// A generator, its discriminators and their optimisers; one step changes the generator and one discriminator.
struct AdversarialRun: TrainingRun {
  struct Settings: Sendable {
    var generatorRate: Float = 5e-4
    var discriminatorRate: Float = 3e-4
    /// Weight of the features' moments beside the discriminator's judgement.
    var moments: Float = 20
    /// Weight of the distances to the nearest neighbours.
    var spread: Float = 5
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
  /// What judges each of the ``views``.
  var discriminators: [FeatureDiscriminator]
  var average: ExponentialAverage<PictureGenerator>
  private var generatorOptimiser: AdamW
  private var discriminatorOptimisers: [AdamW]
  private let encoder: EfficientNetLite0
  private var moments: [FeatureMoments]
  private var spread: NeighbourSpread
  /// When they were last measured.
  private var neighbourDistance: Float = 1
  private let settings: Settings
  private let views: [DiscriminatorView]
  private let augmentation = DifferentiableAugmentation()
  /// Of what ``observe`` measured, the nearest to the real pictures; longer training may lead away from them.
  private(set) var best: Measured?
  /// What is measured now and then, for the log; ``distanceKey`` among it decides which generator is the best.
  var observe: (_ step: Int, _ average: PictureGenerator) throws -> [String: Float] = { _, _ in [:] }

  static let distanceKey = "frechetDistance"

  /// - Parameters:
  ///   - encoder: a frozen network.
  ///   - spread: of the real pictures' ``numbers(of:by:)``.
  ///   - smaller: a generator of half the side to go on from; its layers are kept, those that it lacks begin anew.
  /// - Throws: ``NetworkError`` where `smaller` is of another plan.
  init(
    plan: PictureGenerator.Plan, encoder: EfficientNetLite0, spread: NeighbourSpread, settings: Settings,
    seed: UInt64, from smaller: PictureGenerator? = nil
  ) throws(NetworkError) {
    var random = RandomStream(seed: seed, stream: 1 << 41)
    generator = PictureGenerator(plan, random: &random)
    if let smaller { try generator.grow(from: smaller) }
    views = DiscriminatorView.views(of: plan.side)
    discriminators = views.map { FeatureDiscriminator(side: $0.side, random: &random) }
    moments = views.map { _ in FeatureMoments() }
    average = ExponentialAverage(of: generator, decay: settings.averaging)
    generatorOptimiser = AdamW(rate: settings.generatorRate, beta1: 0, beta2: 0.99, weightDecay: 0)
    discriminatorOptimisers = views.map { _ in
      AdamW(rate: settings.discriminatorRate, beta1: 0, beta2: 0.99, weightDecay: 0)
    }
    self.encoder = encoder
    self.spread = spread
    self.settings = settings
  }

  /// What the distances of pictures are measured by, [N, numbers]: the fixed network's coarsest map of the whole picture, two
  /// by two.
  ///
  /// - Parameter pictures: as the first view shows them.
  static func numbers(of pictures: Variable, by encoder: EfficientNetLite0) -> Variable {
    let stage = EfficientNetLite0.Stage.thirtySecond
    guard let map = encoder.features(EfficientNetLite0.normalized(signed: pictures), at: [stage])[stage]
    else { preconditionFailure("the network has this stage") }
    let side = map.shape[1] / 2
    return (side > 1 ? map.averagePooled(kernel: side, stride: side) : map).flattened()
  }

  /// The fixed network's features of pictures in −1...1.
  private func features(_ pictures: Variable) -> [Variable] {
    let found = encoder.features(
      EfficientNetLite0.normalized(signed: pictures), at: Set(FeatureDiscriminator.stages))
    return FeatureDiscriminator.stages.compactMap { found[$0] }
  }

  /// - Parameter batch: real pictures [N, side, side, 3] in −1...1.
  mutating func step(_ batch: Tensor, number: Int, random: RandomStream) throws -> [String: Float] {
    // The views take turns: a step costs what one of them does.
    let turn = number % views.count
    let view = views[turn]
    let forGenerator = Tape(.training, random: random)
    let latent = Tensor(normal: [batch.shape[0], generator.plan.latent], using: &forGenerator.random)
    let plain = view(generator(forGenerator.constant(latent)))
    let generated = augmentation(plain)
    let generatedFeatures = features(generated)

    let forReal = Tape(.training, isRecording: false, random: forGenerator.random)
    let real = augmentation(view(forReal.constant(batch)))
    let realFeatures = features(real)

    let forDiscriminator = Tape(.training, random: random)
    func constant(_ variable: Variable) -> Variable { forDiscriminator.constant(variable.tensor) }
    let realLogits = discriminators[turn].logits(
      features: realFeatures.map(constant), pictures: constant(real))
    let generatedLogits = discriminators[turn].logits(
      features: generatedFeatures.map(constant), pictures: constant(generated))
    let judged = AdversarialLoss.hinge.discriminator(real: realLogits, generated: generatedLogits)
    let discriminatorLoss = judged.tensor.item
    guard discriminatorLoss.isFinite else {
      throw NetworkError.diverged(step: number, place: "the discriminator's loss")
    }
    discriminatorOptimisers[turn].update(&discriminators[turn], with: judged.gradients())

    let fooled = AdversarialLoss.hinge.generator(
      generated: forGenerator.withConstantParameters {
        discriminators[turn].logits(features: generatedFeatures, pictures: generated)
      })
    let apart = moments[turn].loss(
      generatedFeatures, real: realFeatures, step: number / views.count)
    let loss = fooled.tensor.item
    guard loss.isFinite else { throw NetworkError.diverged(step: number, place: "the generator's loss") }
    var numbers = ["loss": loss, "discriminatorLoss": discriminatorLoss, "variety": apart.variety]
    var total = fooled + apart.loss * settings.moments
    if view.part == .whole {
      let near = spread.loss(Self.numbers(of: plain, by: encoder))
      total = total + near.loss * settings.spread
      neighbourDistance = near.distance
    }
    numbers["neighbourDistance"] = neighbourDistance
    generatorOptimiser.update(&generator, with: total.gradients())
    average.update(from: generator, after: number)

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
    state.add(average.network.weights, under: "average.")
    state.add(generatorOptimiser.state, under: "generatorOptimiser.")
    for (view, turn) in zip(views, discriminators.indices) {
      state.add(discriminators[turn].weights, under: "discriminator.\(view.name).")
      state.add(discriminatorOptimisers[turn].state, under: "discriminatorOptimiser.\(view.name).")
      state["discriminatorStep.\(view.name)"] = Tensor(
        [Float(discriminatorOptimisers[turn].step)], shape: [1])
      state.add(moments[turn].state, under: "moments.\(view.name).")
    }
    state.add(spread.state, under: "spread.")
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
    var averaged = generator
    try averaged.load(file, prefix: "average.", name: name)
    average = ExponentialAverage(of: averaged, decay: average.decay)
    let step = Int(state["step"]?.item ?? 0)
    generatorOptimiser.step = step
    generatorOptimiser.state = state.part("generatorOptimiser.")
    for (view, turn) in zip(views, discriminators.indices) {
      try discriminators[turn].load(file, prefix: "discriminator.\(view.name).", name: name)
      discriminatorOptimisers[turn].step = Int(state["discriminatorStep.\(view.name)"]?.item ?? 0)
      discriminatorOptimisers[turn].state = state.part("discriminatorOptimiser.\(view.name).")
      moments[turn] = FeatureMoments(state: state.part("moments.\(view.name)."))
    }
    spread.restore(state.part("spread."))
    best = nil
    if let distance = state["bestDistance"]?.item, let step = state["bestStep"]?.item {
      var measured = generator
      try measured.load(file, prefix: "best.", name: name)
      best = Measured(generator: measured, frechetDistance: distance, step: Int(step))
    }
  }
}
