import CKernels
import Foundation

/// x · Φ(x) and what stands for it.
public enum GaussianErrorUnit: String, Sendable, Hashable, Codable {
  /// With the error function: DINOv2.
  case exact = "GELU"
  /// The tanh form: SigLIP.
  case tanh = "GELUTanh"
  /// x · sigmoid(1.702 x): OpenAI's CLIP.
  case quick = "quickGELU"

  var kernel: CKActivation {
    switch self {
    case .exact: .geluErf
    case .tanh: .gelu
    case .quick: .quickGelu
    }
  }

  /// The value at `x`.
  public func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .exact: 0.5 * x * (1 + erf(x * Self.root))
    case .tanh: 0.5 * x * (1 + Foundation.tanh(Self.inner(x)))
    case .quick: x * Self.gate(x)
    }
  }

  /// The derivative at `x`.
  public func derivative(at x: Float) -> Float {
    switch self {
    case .exact:
      let density: Float = exp(-0.5 * x * x) / (2 * Float.pi).squareRoot()
      return 0.5 * (1 + erf(x * Self.root)) + x * density
    case .tanh:
      let t = Foundation.tanh(Self.inner(x))
      let slope: Float = Self.rate * (1 + 3 * Self.cubic * x * x)
      return 0.5 * (1 + t + x * (1 - t * t) * slope)
    case .quick:
      let s = Self.gate(x)
      return s * (1 + 1.702 * x * (1 - s))
    }
  }

  /// sigmoid(1.702 x); 0 where the exponential overflows.
  private static func gate(_ x: Float) -> Float { 1 / (1 + exp(-1.702 * x)) }

  private static let root = Float(0.5).squareRoot()
  private static let cubic: Float = 0.044715
  private static let rate = (2 / Float.pi).squareRoot()

  /// What the tanh form takes the hyperbolic tangent of.
  private static func inner(_ x: Float) -> Float { rate * (x + cubic * x * x * x) }
}
