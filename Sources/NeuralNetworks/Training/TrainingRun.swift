public import Tensors

/// What a trainer drives: networks, optimisers and averages, and how one step changes them.
///
/// A classifier has one network; a GAN has two and an average. All randomness of a step comes from the stream it
/// is given, which depends on the seed and the step's number alone, so that a run which was cut off goes on with the
/// same numbers.
public protocol TrainingRun {
  associatedtype Batch
  /// Makes step `number` and gives named numbers for the log, `loss` among them.
  ///
  /// - Throws: an error of code `training.diverged` where a loss is not finite; nothing has changed then.
  mutating func step(_ batch: Batch, number: Int, random: RandomStream) throws -> [String: Float]
  /// All that the next steps depend on, by name.
  var state: [String: Tensor] { get }
  /// Takes back what ``state`` gave.
  mutating func restore(_ state: [String: Tensor], name: String) throws(NetworkError)
}

/// Images with targets.
public struct LabelledBatch: Sendable {
  /// [N, H, W, C].
  public var images: Tensor
  /// Probabilities or class numbers, [N].
  public var targets: Tensor

  public init(images: Tensor, targets: Tensor) {
    self.images = images
    self.targets = targets
  }
}

/// Training one network by a loss, with a schedule, clipping and an average of the weights.
public struct SupervisedRun<Network: Layer, Rule: Optimiser>: TrainingRun {
  public var network: Network
  public var average: ExponentialAverage<Network>
  public var optimiser: Rule
  public var schedule: RateSchedule
  /// The longest norm that gradients keep.
  public var clipping: Float
  private let loss: @Sendable (Network, LabelledBatch, Tape) -> Variable

  /// - Parameter loss: one number from the network and a batch, on the tape.
  public init(
    network: Network, optimiser: Rule, schedule: RateSchedule, clipping: Float = 1,
    averageDecay: Float = 0.999,
    loss: @escaping @Sendable (Network, LabelledBatch, Tape) -> Variable
  ) {
    self.network = network
    average = ExponentialAverage(of: network, decay: averageDecay)
    self.optimiser = optimiser
    self.schedule = schedule
    self.clipping = clipping
    self.loss = loss
  }

  public mutating func step(_ batch: LabelledBatch, number: Int, random: RandomStream) throws -> [String:
    Float]
  {
    let loss = self.loss(network, batch, Tape(.training, random: random))
    let value = loss.tensor.item
    guard value.isFinite else {
      throw NetworkError.diverged(step: number, place: place(batch, random))
    }
    let gradients = loss.gradients()
    let norm = gradients.norm
    guard norm.isFinite else {
      throw NetworkError.diverged(step: number, place: gradients.firstFault(in: network) ?? "a gradient")
    }
    optimiser.rate = schedule(number)
    optimiser.update(&network, with: gradients, scale: norm > clipping ? clipping / (norm + 1e-6) : 1)
    average.update(from: network, after: number)
    return ["loss": value, "gradientNorm": norm, "rate": optimiser.rate]
  }

  /// Repeats a pass whose loss is not finite, looking at each result.
  private func place(_ batch: LabelledBatch, _ random: RandomStream) -> String {
    let tape = Tape(.training, random: random)
    tape.findsFaults = true
    _ = loss(network, batch, tape)
    guard let fault = tape.fault else { return "the loss" }
    guard let path = network.parameters.first(where: { $0.parameter.identifier == fault.parameter })?.path
    else {
      return fault.operation
    }
    return "\(fault.operation) at \(path)"
  }

  public var state: [String: Tensor] {
    var state = ["optimiser.step": Tensor([Float(optimiser.step)], shape: [1])]
    state.add(network.weights, under: "network.")
    state.add(average.network.weights, under: "average.")
    state.add(optimiser.state, under: "optimiser.state.")
    return state
  }

  public mutating func restore(_ state: [String: Tensor], name: String) throws(NetworkError) {
    let file = Safetensors(tensors: state)
    try network.load(file, prefix: "network.", name: name)
    var averaged = network
    try averaged.load(file, prefix: "average.", name: name)
    average = ExponentialAverage(of: averaged, decay: average.decay)
    optimiser.step = Int(state["optimiser.step"]?.item ?? 0)
    optimiser.state = state.part("optimiser.state.")
  }
}

extension [String: Tensor] {
  /// Takes in tensors, each key behind `prefix`.
  package mutating func add(_ tensors: [String: Tensor], under prefix: String) {
    for (key, value) in tensors { self[prefix + key] = value }
  }

  /// The entries whose key begins with `prefix`, without it.
  package func part(_ prefix: String) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (key, value) in self where key.hasPrefix(prefix) {
      tensors[String(key.dropFirst(prefix.count))] = value
    }
    return tensors
  }
}

extension Gradients {
  /// The path of the first parameter whose gradient is not finite.
  public func firstFault(in network: some Layer) -> String? {
    network.parameters.first { self[$0.parameter]?.isFinite == false }?.path
  }
}

extension NetworkError {
  /// A loss or gradient that is infinite or not a number.
  public static func diverged(step: Int, place: String) -> NetworkError {
    NetworkError(
      code: "training.diverged", location: .init(path: place),
      message: "step \(step) gave numbers that are not finite, first in \(place)",
      remedy: "go on from the last checkpoint with a lower rate")
  }
}
