/// How `invisible-watermark` writes one bit into a 4×4 block of approximation coefficients.
///
/// Either way one positive number of the block is moved to a quarter (0) or three quarters (1) of the
/// 36-wide step that it lies in.
public enum DWTMethod: String, Sendable, Hashable, CaseIterable {
  /// The largest magnitude of elements 1...15; the first of equals. No DCT is made, whatever the name.
  case dwtDct
  /// The largest singular value. The DCT around it is orthonormal and does not change that.
  case dwtDctSvd

  /// The width of a quantisation step, in units of chroma times two.
  static let step = 36.0

  /// Moves the block's number to where it says `bit`.
  ///
  /// - Parameter block: 4×4 coefficients, row by row.
  @inline(__always)
  func write(_ bit: Bool, into block: inout SIMD16<Double>) {
    switch self {
    case .dwtDct:
      var position = 1
      var largest = abs(block[1])
      for index in 2..<16 where abs(block[index]) > largest {
        largest = abs(block[index])
        position = index
      }
      let moved = Self.quantised(largest, bit: bit)
      block[position] = block[position] >= 0 ? moved : -moved
    case .dwtDctSvd:
      let (value, outer) = SingularTriple.largest(of: block)
      block += outer * (Self.quantised(value, bit: bit) - value)
    }
  }

  /// The centre of the half-step for `bit` in the step that `value` ≥ 0 lies in.
  ///
  /// The quotient is numpy's `//` on doubles (a remainder by `fmod`, then a rounded division), which
  /// decides values that lie on a step's edge but for rounding.
  @inline(__always)
  static func quantised(_ value: Double, bit: Bool) -> Double {
    let remainder = value.truncatingRemainder(dividingBy: step)
    let quotient = ((value - remainder) / step).rounded()
    return (quotient + (bit ? 0.75 : 0.25)) * step
  }
}
