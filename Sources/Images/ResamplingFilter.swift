#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a picture changes its size.
///
/// Definitions and borders are Pillow's: a filter is stretched when it shrinks (antialiasing), cut at the
/// border and normalised there.
public enum ResamplingFilter: String, Sendable, Hashable, Codable, CaseIterable {
  /// The sample whose area holds the target's centre.
  case nearest
  /// The mean over the target's area.
  case box
  /// A triangle of radius 1.
  case bilinear
  /// Keys' cubic convolution with a = −0.5 (Catmull-Rom), radius 2.
  case bicubic
  /// A sinc windowed by a sinc, radius 3.
  case lanczos3

  /// Half of the filter's width in source samples, when it does not shrink.
  var radius: Double {
    switch self {
    case .nearest, .box: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos3: 3
    }
  }

  func weight(_ x: Double) -> Double {
    switch self {
    case .nearest, .box: return x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: return max(0, 1 - abs(x))
    case .bicubic:
      let (a, t) = (-0.5, abs(x))
      if t < 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
      if t < 2 { return (((t - 5) * t + 8) * t - 4) * a }
      return 0
    case .lanczos3:
      func sinc(_ v: Double) -> Double { v == 0 ? 1 : sin(v * .pi) / (v * .pi) }
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }

  /// For each target sample the first source sample and the weights from there on, which sum to 1.
  func taps(from source: Int, to target: Int, antialias: Bool) -> [Taps] {
    let scale = Double(source) / Double(target)
    if self == .nearest {
      return (0..<target).map { Taps(start: min(source - 1, Int((Double($0) + 0.5) * scale)), weights: [1]) }
    }
    let stretch = antialias ? max(1, scale) : 1
    let reach = radius * stretch
    // Reciprocals where Pillow has them, for the same last bits.
    let shrink = 1 / stretch
    return (0..<target).map { index in
      let center = (Double(index) + 0.5) * scale
      let start = min(source - 1, max(0, Int(center - reach + 0.5)))
      let end = max(start + 1, min(source, Int(center + reach + 0.5)))
      var weights = (start..<end).map { weight((Double($0) - center + 0.5) * shrink) }
      let sum = weights.reduce(0, +)
      let share = 1 / sum
      if sum != 0 { weights = weights.map { $0 * share } }
      return Taps(start: start, weights: weights)
    }
  }
}

/// The source samples that make one target sample.
struct Taps {
  var start: Int
  var weights: [Double]
}
