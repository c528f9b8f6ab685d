import Images

/// What every 8×8 block of a picture votes for, given a place of the grid and a way of embedding.
struct VoteGrid {
  var rows: Int
  var columns: Int
  /// −1 (zero) ... 1 (one), less the mean of the 5×5 blocks around: what a payload adds to smooth content.
  var votes: [Float]
  /// The votes with their local mean. Where a payload lines up in columns of blocks, that mean is part of it.
  var rawVotes: [Float]
  /// How much the quantised numbers cluster where a mark leaves them, −1...1; 0 without a mark. Blocks
  /// count by the size of their vote, so flat areas do not.
  var clustering: Double
  /// The blocks that ``clustering`` effectively rests on.
  var effectiveBlocks: Double

  var count: Int { rows * columns }

  /// - Parameter x: columns to leave out at the left, 0...7; `y` likewise at the top.
  init(_ chroma: Chroma, method: DWTMethod, domain: EmbeddingDomain, x: Int = 0, y: Int = 0) {
    // The library's frame ends at a multiple of four, which leaves the same whole blocks.
    let rows = max(0, (chroma.height - y) / 8)
    let columns = max(0, (chroma.width - x) / 8)
    self.rows = rows
    self.columns = columns
    let count = rows * columns
    var raw = [Float](repeating: 0, count: count)
    var comb = [Float](repeating: 0, count: count)
    chroma.values.withUnsafeBufferPointer { plane in
      for row in 0..<rows {
        for column in 0..<columns {
          let start = (y + row * 8) * chroma.width + x + column * 8
          let block = Self.approximation(plane, at: start, stride: chroma.width) + domain.centre
          let value = method == .dwtDct ? Self.largestMagnitude(block) : Self.largestSingularValue(block)
          raw[row * columns + column] = Self.vote(value)
          comb[row * columns + column] = Self.combScore(value)
        }
      }
    }
    rawVotes = raw
    votes = Self.withoutLocalMean(raw, rows: rows, columns: columns)
    var weighted = 0.0
    var weight = 0.0
    var squares = 0.0
    for index in 0..<count {
      let size = Double(abs(votes[index]))
      weighted += size * Double(comb[index])
      weight += size
      squares += size * size
    }
    clustering = weight > 0 ? weighted / weight : 0
    effectiveBlocks = squares > 0 ? weight * weight / squares : 0
  }

  /// The 4×4 approximation coefficients of an 8×8 block: sums of 2×2 samples over two.
  @inline(__always)
  private static func approximation(
    _ plane: UnsafeBufferPointer<Float>, at start: Int, stride: Int
  ) -> SIMD16<Float> {
    @inline(__always) func pair(_ row: Int) -> SIMD4<Float> {
      let at = start + row * stride
      var sum = SIMD8<Float>()
      for index in 0..<8 { sum[index] = plane[at + index] + plane[at + stride + index] }
      return (sum.evenHalf + sum.oddHalf) * 0.5
    }
    return SIMD16(
      lowHalf: SIMD8(lowHalf: pair(0), highHalf: pair(2)),
      highHalf: SIMD8(lowHalf: pair(4), highHalf: pair(6)))
  }

  /// The largest magnitude but for element 0. Which element it is does not matter for reading.
  @inline(__always)
  private static func largestMagnitude(_ block: SIMD16<Float>) -> Float {
    var magnitudes = block.replacing(with: -block, where: block .< 0)
    magnitudes[0] = 0
    return magnitudes.max()
  }

  /// The largest singular value by power iteration from the column sums.
  ///
  /// Four rounds leave less than a tenth of a step for all but blocks whose two largest values are close.
  @inline(__always)
  private static func largestSingularValue(_ block: SIMD16<Float>) -> Float {
    let (a, b) = (block.lowHalf.lowHalf, block.lowHalf.highHalf)
    let (c, d) = (block.highHalf.lowHalf, block.highHalf.highHalf)
    var right = a + b + c + d
    var value: Float = 0
    for _ in 0..<4 {
      let norm = (right * right).sum().squareRoot()
      guard norm > 1e-6 else { return 0 }
      right /= norm
      let left = SIMD4((a * right).sum(), (b * right).sum(), (c * right).sum(), (d * right).sum())
      value = (left * left).sum().squareRoot()
      right = a * left[0] + b * left[1] + c * left[2] + d * left[3]
    }
    return value
  }

  /// 1 where the library's bit one sits (three quarters of a step), −1 where zero does, parabolas between.
  @inline(__always)
  static func vote(_ value: Float) -> Float {
    let steps = value * (1 / 36)
    let part = steps - steps.rounded()
    return -8 * part * (1 - 2 * abs(part))
  }

  /// 1 at a quarter or three quarters of a step, −1 in the middle and at the edges.
  @inline(__always)
  static func combScore(_ value: Float) -> Float {
    let halves = value * (1 / 18)
    return 4 * abs(halves - halves.rounded()) - 1
  }

  /// The votes less the mean of the 5×5 around each, cut at the edges.
  private static func withoutLocalMean(_ votes: [Float], rows: Int, columns: Int) -> [Float] {
    let radius = 2
    var across = votes
    for row in 0..<rows {
      for column in 0..<columns {
        let range = max(0, column - radius)...min(columns - 1, column + radius)
        var sum: Float = 0
        for other in range { sum += votes[row * columns + other] }
        across[row * columns + column] = sum / Float(range.count)
      }
    }
    var result = votes
    for row in 0..<rows {
      let range = max(0, row - radius)...min(rows - 1, row + radius)
      let scale = 1 / Float(range.count)
      for column in 0..<columns {
        var sum: Float = 0
        for other in range { sum += across[other * columns + column] }
        result[row * columns + column] -= sum * scale
      }
    }
    return result
  }
}
