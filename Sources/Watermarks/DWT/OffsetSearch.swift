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
    let padded = (width + 7) / 8 * 8 + 8
    var plane = [Float](repeating: 0, count: padded * rows)
    chroma.values.withUnsafeBufferPointer { values in
      plane.withUnsafeMutableBufferPointer { plane in
        for row in 0..<rows {
          let at = (top + dy + 2 * row) * chroma.width + dx
          for column in 0..<width {
            let left = at + 2 * column
            plane[row * padded + column] =
              (values[left] + values[left + 1] + values[left + chroma.width] + values[left + chroma.width + 1])
              * 0.5
          }
        }
      }
    }
    // Extremes over four (from the second row of a block on) and over the last three of the first row.
    typealias Vector = SIMD8<Float>
    var largest4 = plane
    var largest3 = plane
    var smallest4 = plane
    var smallest3 = plane
    let usable = padded * rows - 8 - 3
    plane.withUnsafeBufferPointer { plane in
      func load(_ at: Int) -> Vector {
        UnsafeRawPointer(plane.baseAddress! + at).loadUnaligned(as: Vector.self)
      }
      func store(_ vector: Vector, _ at: Int, _ array: UnsafeMutableBufferPointer<Float>) {
        UnsafeMutableRawPointer(array.baseAddress! + at).storeBytes(of: vector, as: Vector.self)
      }
      largest4.withUnsafeMutableBufferPointer { l4 in
        largest3.withUnsafeMutableBufferPointer { l3 in
          smallest4.withUnsafeMutableBufferPointer { s4 in
            smallest3.withUnsafeMutableBufferPointer { s3 in
              for at in stride(from: 0, to: max(0, usable), by: 8) {
                let (a, b, c, d) = (load(at), load(at + 1), load(at + 2), load(at + 3))
                let (high, low) = (pointwiseMax(pointwiseMax(b, c), d), pointwiseMin(pointwiseMin(b, c), d))
                store(high, at, l3)
                store(low, at, s3)
                store(pointwiseMax(a, high), at, l4)
                store(pointwiseMin(a, low), at, s4)
              }
            }
          }
        }
      }
    }
    let blockColumns = (width - 3) / 4
    for row in 0..<max(0, rows - 3) {
      var byteSums = Vector(repeating: 0)
      var floatSums = byteSums
      largest4.withUnsafeBufferPointer { l4 in
        largest3.withUnsafeBufferPointer { l3 in
          smallest4.withUnsafeBufferPointer { s4 in
            smallest3.withUnsafeBufferPointer { s3 in
              func load(_ array: UnsafeBufferPointer<Float>, _ at: Int) -> Vector {
                UnsafeRawPointer(array.baseAddress! + at).loadUnaligned(as: Vector.self)
              }
              let at = row * padded
              for column in stride(from: 0, to: (width - 3) / 8 * 8, by: 8) {
                let first = at + column
                let high = pointwiseMax(
                  pointwiseMax(load(l3, first), load(l4, first + padded)),
                  pointwiseMax(load(l4, first + 2 * padded), load(l4, first + 3 * padded)))
                let low = pointwiseMin(
                  pointwiseMin(load(s3, first), load(s4, first + padded)),
                  pointwiseMin(load(s4, first + 2 * padded), load(s4, first + 3 * padded)))
                byteSums += score(high + EmbeddingDomain.bytes.centre)
                floatSums += score(
                  pointwiseMax(high + EmbeddingDomain.floats.centre, -low - EmbeddingDomain.floats.centre))
              }
            }
          }
        }
      }
      let weight = 1 / Float(max(1, blockColumns * ((rows - row % 4) / 4)))
      for lane in 0..<8 {
        let offset = (2 * (row % 4) + dy) * 8 + 2 * (lane % 4) + dx
        bytes[offset] += byteSums[lane] * weight
        floats[offset] += floatSums[lane] * weight
      }
    }
  }

  /// ``VoteGrid/combScore(_:)`` of eight numbers; adding and taking away 1.5·2²³ rounds.
  @inline(__always)
  private static func score(_ values: SIMD8<Float>) -> SIMD8<Float> {
    let halves = values * (1 / 18)
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let part = halves - ((halves + magic) - magic)
    return pointwiseMax(part, -part) * 4 - 1
  }
}
