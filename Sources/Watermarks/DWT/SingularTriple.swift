/// The largest singular value of a 4×4 matrix with its singular vectors.
enum SingularTriple {
  /// The largest singular value σ and the rank-one matrix u·vᵀ that belongs to it.
  ///
  /// `invisible-watermark` takes σ from LAPACK after OpenCV's DCT. For a generic block any accurate value
  /// leads to the same bytes. A constant block is different: its σ is eight times an integer up to
  /// rounding and may sit exactly on a step's edge (chroma 126 does), so there the order of OpenCV's
  /// additions is followed, and LAPACK returns that number unchanged.
  static func largest(of block: SIMD16<Double>) -> (value: Double, outer: SIMD16<Double>) {
    let low = block.min()
    let high = block.max()
    if high - low <= 1e-10 * high {
      return (openCVMeanCoefficient(of: block), SIMD16(repeating: 0.25))
    }
    let rows = (
      block.lowHalf.lowHalf, block.lowHalf.highHalf, block.highHalf.lowHalf, block.highHalf.highHalf
    )
    let right = rightVector(rows)
    var left = SIMD4(
      (rows.0 * right).sum(), (rows.1 * right).sum(), (rows.2 * right).sum(), (rows.3 * right).sum())
    let value = (left * left).sum().squareRoot()
    guard value > 0 else { return (0, SIMD16(repeating: 0)) }
    left /= value
    let outer = SIMD16(
      lowHalf: SIMD8(lowHalf: right * left[0], highHalf: right * left[1]),
      highHalf: SIMD8(lowHalf: right * left[2], highHalf: right * left[3]))
    return (value, outer)
  }

  /// The dominant eigenvector of AᵀA: its power 2⁹ by repeated squaring, applied to (1, 1, 1, 1).
  ///
  /// Chroma is positive in 8 bits, so by Perron's theorem the vector has no zero and the start is never
  /// orthogonal to it.
  @inline(__always)
  private static func rightVector(
    _ rows: (SIMD4<Double>, SIMD4<Double>, SIMD4<Double>, SIMD4<Double>)
  ) -> SIMD4<Double> {
    var power = multiplyTransposed(rows)
    for _ in 0..<9 {
      let trace = power.0[0] + power.1[1] + power.2[2] + power.3[3]
      guard trace > 0 else { return SIMD4(repeating: 0.5) }
      let scale = 1 / trace
      power = multiplyTransposed((power.0 * scale, power.1 * scale, power.2 * scale, power.3 * scale))
    }
    let vector = power.0 + power.1 + power.2 + power.3
    let norm = (vector * vector).sum().squareRoot()
    return norm > 0 ? vector / norm : SIMD4(repeating: 0.5)
  }

  /// AᵀA, by rows.
  @inline(__always)
  private static func multiplyTransposed(
    _ a: (SIMD4<Double>, SIMD4<Double>, SIMD4<Double>, SIMD4<Double>)
  ) -> (SIMD4<Double>, SIMD4<Double>, SIMD4<Double>, SIMD4<Double>) {
    @inline(__always) func row(_ i: Int) -> SIMD4<Double> {
      a.0 * a.0[i] + a.1 * a.1[i] + a.2 * a.2[i] + a.3 * a.3[i]
    }
    return (row(0), row(1), row(2), row(3))
  }

  /// Coefficient [0, 0] of OpenCV's 4×4 DCT, in its order of additions: rows, then the column.
  static func openCVMeanCoefficient(of block: SIMD16<Double>) -> Double {
    let root = 0.7071067811865476
    @inline(__always) func mean(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
      (((a + d) + (c + b)) * root) * root
    }
    return mean(
      mean(block[0], block[1], block[2], block[3]), mean(block[4], block[5], block[6], block[7]),
      mean(block[8], block[9], block[10], block[11]), mean(block[12], block[13], block[14], block[15]))
  }
}
