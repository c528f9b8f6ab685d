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

  init(_ blocks: BlockApproximations, method: DWTMethod, domain: EmbeddingDomain) {
    rows = blocks.rows
    columns = blocks.columns
    let count = rows * columns
    var raw = blocks.quantised(method, centre: domain.centre)
    var comb = [Float](repeating: 0, count: raw.count)
    raw.withUnsafeMutableBufferPointer { raw in
      comb.withUnsafeMutableBufferPointer { comb in
        guard let values = raw.baseAddress, let scores = comb.baseAddress else { return }
        for at in stride(from: 0, to: raw.count, by: 8) {
          let value = values.lanes(at)
          values.store(Self.vote(value), at)
          scores.store(Self.combScore(value), at)
        }
      }
    }
    raw.removeLast(raw.count - count)
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

  /// 1 where the library's bit one sits (three quarters of a step), −1 where zero does, parabolas between.
  @inline(__always)
  private static func vote(_ values: Lanes) -> Lanes {
    let steps = values * (1 / 36)
    let part = steps - steps.nearestIntegers
    return -8 * part * (1 - 2 * part.magnitudes)
  }

  /// 1 at a quarter or three quarters of a step, −1 in the middle and at the edges.
  @inline(__always)
  static func combScore(_ values: Lanes) -> Lanes {
    let halves = values * (1 / 18)
    return (halves - halves.nearestIntegers).magnitudes * 4 - 1
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
    var sums = [Float](repeating: 0, count: columns)
    for row in 0..<rows {
      let range = max(0, row - radius)...min(rows - 1, row + radius)
      let scale = 1 / Float(range.count)
      for column in 0..<columns { sums[column] = 0 }
      for other in range {
        for column in 0..<columns { sums[column] += across[other * columns + column] }
      }
      for column in 0..<columns { result[row * columns + column] -= sums[column] * scale }
    }
    return result
  }
}
