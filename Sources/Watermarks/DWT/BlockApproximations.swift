/// The 4×4 approximation coefficients of every 8×8 block of a chroma plane: sums of 2×2 samples over two.
///
/// One grid serves both methods and both embedding domains, which only add a constant to it.
struct BlockApproximations {
  let rows: Int
  let columns: Int
  /// [16, ``padded``]: coefficient by coefficient, so that eight blocks are worked on at once.
  private let values: [Float]
  /// The number of blocks, rounded up to whole lanes; the rest is zero.
  private let padded: Int

  /// - Parameters:
  ///   - x: columns to leave out at the left, 0...7.
  ///   - y: rows to leave out at the top, 0...7.
  init(_ chroma: Chroma, x: Int = 0, y: Int = 0) {
    // The library's frame ends at a multiple of four, which leaves the same whole blocks.
    rows = max(0, (chroma.height - y) / 8)
    columns = max(0, (chroma.width - x) / 8)
    let (rows, columns) = (rows, columns)
    let padded = (rows * columns + 7) / 8 * 8
    self.padded = padded
    var values = [Float](repeating: 0, count: 16 * padded)
    var pairs = [Float](repeating: 0, count: 8 * columns)
    chroma.values.withUnsafeBufferPointer { plane in
      values.withUnsafeMutableBufferPointer { values in
        pairs.withUnsafeMutableBufferPointer { pairs in
          guard let plane = plane.baseAddress, let values = values.baseAddress, let sums = pairs.baseAddress
          else { return }
          for row in 0..<rows * 4 {
            let upper = plane + (y + 2 * row) * chroma.width + x
            let lower = upper + chroma.width
            for column in 0..<8 * columns { sums[column] = upper[column] + lower[column] }
            for coefficient in 0..<4 {
              let out = values + (row % 4 * 4 + coefficient) * padded + row / 4 * columns
              let first = sums + 2 * coefficient
              for column in 0..<columns { out[column] = (first[8 * column] + first[8 * column + 1]) * 0.5 }
            }
          }
        }
      }
    }
    self.values = values
  }

  /// The number of each block that a method quantises.
  ///
  /// - Returns: one a block, and up to seven more of no meaning.
  func quantised(_ method: DWTMethod, centre: Float) -> [Float] {
    [Float](unsafeUninitializedCapacity: padded) { out, used in
      values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress, let out = out.baseAddress else { return }
        for at in stride(from: 0, to: padded, by: 8) {
          let block = values + at
          out.store(
            method == .dwtDct
              ? Self.largestMagnitude(block, stride: padded, centre: centre)
              : Self.largestSingularValue(block, stride: padded, centre: centre), at)
        }
      }
      used = padded
    }
  }

  /// The largest magnitude but for element 0. Which element it is does not matter for reading.
  @inline(__always)
  private static func largestMagnitude(_ block: UnsafePointer<Float>, stride: Int, centre: Float) -> Lanes {
    var largest = Lanes(repeating: 0)
    for element in 1..<16 { largest = .larger(largest, (block.lanes(element * stride) + centre).magnitudes) }
    return largest
  }

  /// The largest singular value by power iteration from the column sums.
  ///
  /// Four rounds leave less than a tenth of a step for all but blocks whose two largest values are close.
  @inline(__always)
  private static func largestSingularValue(
    _ block: UnsafePointer<Float>, stride: Int, centre: Float
  ) -> Lanes {
    typealias Vector = (Lanes, Lanes, Lanes, Lanes)
    @inline(__always) func row(_ index: Int) -> Vector {
      let first = block + 4 * index * stride
      return (
        first.lanes(0) + centre, first.lanes(stride) + centre, first.lanes(2 * stride) + centre,
        first.lanes(3 * stride) + centre
      )
    }
    @inline(__always) func dot(_ a: Vector, _ b: Vector) -> Lanes {
      (a.0 * b.0 + a.1 * b.1) + (a.2 * b.2 + a.3 * b.3)
    }
    let (a, b, c, d) = (row(0), row(1), row(2), row(3))
    var right: Vector = (
      a.0 + b.0 + c.0 + d.0, a.1 + b.1 + c.1 + d.1, a.2 + b.2 + c.2 + d.2, a.3 + b.3 + c.3 + d.3
    )
    var square = Lanes(repeating: 0)
    for round in 0..<4 {
      // Scaled by the largest element rather than the norm, which spares a root each round.
      let size = Lanes.larger(
        .larger(right.0.magnitudes, right.1.magnitudes), .larger(right.2.magnitudes, right.3.magnitudes))
      let scale = 1 / Lanes.larger(size, Lanes(repeating: 1e-6))
      right = (right.0 * scale, right.1 * scale, right.2 * scale, right.3 * scale)
      let left = (dot(a, right), dot(b, right), dot(c, right), dot(d, right))
      if round == 3 {
        square = dot(left, left) / Lanes.larger(dot(right, right), Lanes(repeating: 1e-6))
      } else {
        right = (
          (a.0 * left.0 + b.0 * left.1) + (c.0 * left.2 + d.0 * left.3),
          (a.1 * left.0 + b.1 * left.1) + (c.1 * left.2 + d.1 * left.3),
          (a.2 * left.0 + b.2 * left.1) + (c.2 * left.2 + d.2 * left.3),
          (a.3 * left.0 + b.3 * left.1) + (c.3 * left.2 + d.3 * left.3)
        )
      }
    }
    return square.squareRoot()
  }
}
