import Foundation

/// A function of one element, fused into the layer before it where that saves a pass over memory.
public enum Activation: Hashable, Sendable {
  case identity
  case relu
  /// min(max(x, 0), 6)
  case relu6
  case leakyReLU(slope: Float)
  case tanh
  case sigmoid
  /// x · sigmoid(x)
  case silu
  case gaussian(GaussianErrorUnit)

  /// Whether the derivative follows from the sign and size of the input without transcendental functions.
  package var isPiecewiseLinear: Bool {
    switch self {
    case .identity, .relu, .relu6, .leakyReLU: true
    case .tanh, .sigmoid, .silu, .gaussian: false
    }
  }

  /// Whether the derivative follows from the result; else it takes the input.
  package var derivesFromOutput: Bool {
    switch self {
    case .silu, .gaussian: false
    default: true
    }
  }

  /// The derivative where the result is `y`, or at the input `y` where it takes that.
  func derivative(saved y: Float) -> Float {
    switch self {
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    default: derivative(at: y)
    }
  }

  /// The value at `x`.
  public func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .leakyReLU(let slope): x > 0 ? x : slope * x
    case .tanh: Foundation.tanh(x)
    case .sigmoid: Self.sigmoid(x)
    case .silu: x * Self.sigmoid(x)
    case .gaussian(let unit): unit(x)
    }
  }

  /// The derivative at `x`; 0 at the kinks of ReLU, as PyTorch has it.
  public func derivative(at x: Float) -> Float {
    switch self {
    case .identity: return 1
    case .relu: return x > 0 ? 1 : 0
    case .relu6: return x > 0 && x < 6 ? 1 : 0
    case .leakyReLU(let slope): return x > 0 ? 1 : slope
    case .tanh:
      let y = Foundation.tanh(x)
      return 1 - y * y
    case .sigmoid:
      let y = Self.sigmoid(x)
      return y * (1 - y)
    case .silu:
      let y = Self.sigmoid(x)
      return y * (1 + x * (1 - y))
    case .gaussian(let unit): return unit.derivative(at: x)
    }
  }

  /// 1 / (1 + e⁻ˣ), without overflow.
  static func sigmoid(_ x: Float) -> Float {
    let e = Foundation.exp(-Swift.abs(x))
    return x >= 0 ? 1 / (1 + e) : e / (1 + e)
  }
}
