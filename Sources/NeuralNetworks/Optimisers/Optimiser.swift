import Foundation
public import Tensors

/// Changes a network's parameters by their gradients.
public protocol Optimiser: Sendable {
  /// The learning rate of the next update.
  var rate: Float { get set }
  /// The number of updates so far.
  var step: Int { get set }
  /// The moments, by the path of their parameter, for checkpoints.
  var state: [String: Tensor] { get set }
  /// Moves the parameters and brings running statistics up to date.
  mutating func update<Network: Layer>(_ network: inout Network, with gradients: Gradients, scale: Float)
}

extension Optimiser {
  public mutating func update<Network: Layer>(_ network: inout Network, with gradients: Gradients) {
    update(&network, with: gradients, scale: 1)
  }

  /// Moves the parameters, the gradients first scaled down to `norm` where they are longer together.
  ///
  /// - Returns: the norm before.
  @discardableResult
  public mutating func update<Network: Layer>(
    _ network: inout Network, with gradients: Gradients, clippedTo norm: Float
  ) -> Float {
    let length = gradients.norm
    update(&network, with: gradients, scale: length > norm ? norm / (length + 1e-6) : 1)
    return length
  }
}

/// Adam with decoupled weight decay; the numbers are PyTorch's `AdamW`.
///
/// Source: Loshchilov and Hutter 2019, arXiv:1711.05101
public struct AdamW: Optimiser {
  public var rate: Float
  public var beta1: Float
  public var beta2: Float
  public var epsilon: Float
  public var weightDecay: Float
  /// Whether biases, gains and shifts are decayed too, as PyTorch does unless told otherwise.
  public var decaysOffsets: Bool
  public var step = 0
  public var state: [String: Tensor] = [:]

  public init(
    rate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01, decaysOffsets: Bool = false
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decaysOffsets = decaysOffsets
  }

  public mutating func update<Network: Layer>(
    _ network: inout Network, with gradients: Gradients, scale: Float
  ) {
    step += 1
    // In double precision, as β₂ᵗ near 1 leaves few digits.
    let correction1 = Float(1 - pow(Double(beta1), Double(step)))
    let correction2 = Float(1 - pow(Double(beta2), Double(step)))
    var state = self.state
    self.state = [:]
    network.updateParameters { [self] path, parameter in
      guard let gradient = gradients[parameter] else { return }
      let decay = parameter.role == .weight || decaysOffsets ? weightDecay : 0
      var m = state.removeValue(forKey: "\(path).m") ?? Tensor(parameter.value.shape)
      var v = state.removeValue(forKey: "\(path).v") ?? Tensor(parameter.value.shape)
      Kernels.adam(
        &parameter.value, gradient, &m, &v,
        .init(
          rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay,
          correction1: correction1,
          correction2: correction2, gradientScale: scale))
      state["\(path).m"] = m
      state["\(path).v"] = v
    }
    self.state = state
    network.updateBuffers(with: gradients)
  }
}

/// Stochastic gradient descent with momentum; the numbers are PyTorch's `SGD`.
public struct SGD: Optimiser {
  public var rate: Float
  public var momentum: Float
  public var weightDecay: Float
  public var isNesterov: Bool
  public var decaysOffsets: Bool
  public var step = 0
  public var state: [String: Tensor] = [:]

  public init(
    rate: Float, momentum: Float = 0.9, weightDecay: Float = 0, isNesterov: Bool = false,
    decaysOffsets: Bool = false
  ) {
    self.rate = rate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
    self.decaysOffsets = decaysOffsets
  }

  public mutating func update<Network: Layer>(
    _ network: inout Network, with gradients: Gradients, scale: Float
  ) {
    step += 1
    var state = self.state
    self.state = [:]
    network.updateParameters { [self] path, parameter in
      guard let gradient = gradients[parameter] else { return }
      let decay = parameter.role == .weight || decaysOffsets ? weightDecay : 0
      var m = state.removeValue(forKey: "\(path).m") ?? Tensor(parameter.value.shape)
      Kernels.sgd(
        &parameter.value, gradient, &m, rate: rate, momentum: momentum, weightDecay: decay,
        isNesterov: isNesterov, gradientScale: scale)
      state["\(path).m"] = m
    }
    self.state = state
    network.updateBuffers(with: gradients)
  }
}

/// A network whose parameters are the running average of another's: steadier than the last step.
public struct ExponentialAverage<Network: Layer>: Sendable {
  public private(set) var network: Network
  public var decay: Float

  public init(of network: Network, decay: Float = 0.999) {
    self.network = network
    self.decay = decay
  }

  /// average = decay · average + (1 − decay) · network; running statistics are copied.
  ///
  /// - Parameter updates: how many went before, where a young average is to follow closely: else the untrained start
  ///   would weigh for hundreds of steps.
  public mutating func update(from other: Network, after updates: Int? = nil) {
    let decay = updates.map { min(self.decay, Float(1 + $0) / Float(10 + $0)) } ?? self.decay
    let values = other.parameters
    var index = 0
    network.updateParameters { _, parameter in
      let source = values[index].parameter
      index += 1
      if parameter.role == .buffer {
        parameter.value = source.value
      } else {
        Kernels.average(&parameter.value, source.value, decay: decay)
      }
    }
  }

  /// Shows the average's parameters, for checkpoints.
  public mutating func updateParameters(_ body: (String, inout Parameter) -> Void) {
    network.updateParameters(body)
  }
}

/// A learning rate as a function of the step.
public enum RateSchedule: Sendable, Hashable {
  case constant(Float)
  /// Rises evenly from 0 over `warmUp` steps to `peak`, then falls along half a cosine to `floor` at `steps`.
  case cosine(peak: Float, warmUp: Int, steps: Int, floor: Float)

  /// The rate of the update that follows `step` others.
  public func callAsFunction(_ step: Int) -> Float {
    switch self {
    case .constant(let rate): return rate
    case .cosine(let peak, let warmUp, let steps, let floor):
      if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
      let progress = min(1, Double(step - warmUp) / Double(max(1, steps - warmUp)))
      return floor + (peak - floor) * Float(0.5 * (1 + cos(Double.pi * progress)))
    }
  }
}
