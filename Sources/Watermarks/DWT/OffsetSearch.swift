/// Finds where an embedding grid of 8×8 blocks may lie in a picture that was cut, without knowing the payload.
///
/// At the right offset the blocks' numbers sit at a quarter and three quarters of a step; elsewhere they
/// lie anywhere. All 64 offsets are scored in one pass over the four parities of the wavelet transform.
struct OffsetSearch {
  /// One offset, and how far its clustering stands above the median of the 64, in robust deviations.
  struct Candidate {
    var x: Int
    var y: Int
    var prominence: Double
  }

  /// The most samples that are looked at; more would not make it surer.
  static let sampleLimit = 1_500_000

  /// - Returns: for each domain the 64 offsets, the most prominent first.
  static func candidates(in chroma: Chroma) -> [(
    domain: EmbeddingDomain, method: DWTMethod, offsets: [Candidate]
  )] {
    let rows = max(16, min(chroma.height, sampleLimit / max(1, chroma.width)) / 8 * 8)
    let top = max(0, (chroma.height - rows) / 16 * 8)
    let height = min(rows, chroma.height - top)
    guard height >= 24, chroma.width >= 24 else { return [] }
    var bytes = [Float](repeating: 0, count: 64)
    var floats = bytes
    for parity in 0..<4 {
      accumulate(
        chroma, top: top, height: height, dx: parity % 2, dy: parity / 2, bytes: &bytes, floats: &floats)
    }
    return [(.bytes, .dwtDct, ranked(bytes)), (.floats, .dwtDct, ranked(floats))]
  }

  private static func ranked(_ scores: [Float]) -> [Candidate] {
    let sorted = scores.sorted()
    let median = (sorted[31] + sorted[32]) / 2
    let deviations = scores.map { abs($0 - median) }.sorted()
    let deviation = max(1.4826 * (deviations[31] + deviations[32]) / 2, 1e-6)
    return scores.indices
      .map { Candidate(x: $0 % 8, y: $0 / 8, prominence: Double((scores[$0] - median) / deviation)) }
      .sorted { ($0.prominence, $1.y, $1.x) > ($1.prominence, $0.y, $0.x) }
  }

  /// Adds one parity's sixteen offsets: the mean comb score of the blocks at each.
  private static func accumulate(
    _ chroma: Chroma, top: Int, height: Int, dx: Int, dy: Int, bytes: inout [Float], floats: inout [Float]
  ) {
    let width = (chroma.width - dx) / 2
    let rows = (height - dy) / 2
    // Columns where a block may start, in whole lanes.
    let columns = (width - 3) / 8 * 8
    guard columns > 0, rows > 3 else { return }
    let padded = columns + 16
    var line = [Float](repeating: 0, count: padded)
    var ring = [Float](repeating: 0, count: 4 * Extremes.rows * padded)
    var byteSums = [Lanes](repeating: Lanes(repeating: 0), count: 4)
    var floatSums = byteSums
    chroma.values.withUnsafeBufferPointer { values in
      line.withUnsafeMutableBufferPointer { line in
        ring.withUnsafeMutableBufferPointer { ring in
          guard let values = values.baseAddress, let line = line.baseAddress, let ring = ring.baseAddress
          else { return }
          for row in 0..<rows {
            let upper = values + (top + dy + 2 * row) * chroma.width + dx
            let lower = upper + chroma.width
            for column in 0..<min(width, padded) {
              let left = 2 * column
              line[column] = (upper[left] + upper[left + 1] + lower[left] + lower[left + 1]) * 0.5
            }
            @inline(__always) func extremes(of row: Int) -> Extremes {
              Extremes(ring + row % 4 * Extremes.rows * padded, padded: padded)
            }
            extremes(of: row).fill(from: line, columns: columns)
            guard row >= 3 else { continue }
            let sums = score(
              extremes(of: row - 3), extremes(of: row - 2), extremes(of: row - 1), extremes(of: row),
              columns: columns)
            byteSums[(row - 3) % 4] += sums.bytes
            floatSums[(row - 3) % 4] += sums.floats
          }
        }
      }
    }
    let blockColumns = (width - 3) / 4
    for row in 0..<4 {
      let weight = 1 / Float(max(1, blockColumns * ((rows - row) / 4)))
      for lane in 0..<8 {
        let offset = (2 * row + dy) * 8 + 2 * (lane % 4) + dx
        bytes[offset] += byteSums[row][lane] * weight
        floats[offset] += floatSums[row][lane] * weight
      }
    }
  }

  /// Of a row of coefficients, for each column: the extremes of the four from there on, and of the last
  /// three, as a block's first coefficient does not count.
  private struct Extremes {
    static let rows = 4
    let largest4: UnsafeMutablePointer<Float>
    let largest3: UnsafeMutablePointer<Float>
    let smallest4: UnsafeMutablePointer<Float>
    let smallest3: UnsafeMutablePointer<Float>

    init(_ start: UnsafeMutablePointer<Float>, padded: Int) {
      largest4 = start
      largest3 = start + padded
      smallest4 = start + 2 * padded
      smallest3 = start + 3 * padded
    }

    @inline(__always)
    func fill(from line: UnsafeMutablePointer<Float>, columns: Int) {
      for at in stride(from: 0, to: columns, by: 8) {
        let (a, b, c, d) = (line.lanes(at), line.lanes(at + 1), line.lanes(at + 2), line.lanes(at + 3))
        let (high, low) = (Lanes.larger(.larger(b, c), d), Lanes.smaller(.smaller(b, c), d))
        largest3.store(high, at)
        smallest3.store(low, at)
        largest4.store(.larger(a, high), at)
        smallest4.store(.smaller(a, low), at)
      }
    }
  }

  /// The comb scores of the blocks whose four rows these are, summed over every eighth column.
  @inline(__always)
  private static func score(
    _ a: Extremes, _ b: Extremes, _ c: Extremes, _ d: Extremes, columns: Int
  ) -> (bytes: Lanes, floats: Lanes) {
    let (byteCentre, floatCentre) = (EmbeddingDomain.bytes.centre, EmbeddingDomain.floats.centre)
    var bytes = Lanes(repeating: 0)
    var floats = bytes
    for at in stride(from: 0, to: columns, by: 8) {
      let high = Lanes.larger(
        .larger(a.largest3.lanes(at), b.largest4.lanes(at)),
        .larger(c.largest4.lanes(at), d.largest4.lanes(at)))
      let low = Lanes.smaller(
        .smaller(a.smallest3.lanes(at), b.smallest4.lanes(at)),
        .smaller(c.smallest4.lanes(at), d.smallest4.lanes(at)))
      bytes += VoteGrid.combScore(high + byteCentre)
      floats += VoteGrid.combScore(.larger(high + floatCentre, -low - floatCentre))
    }
    return (bytes, floats)
  }
}
