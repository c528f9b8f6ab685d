import Foundation
import Images

/// Makes a whole sphere of a strip around the horizon.
///
/// The strip's rows are continued by their mirror image towards the poles. There, a row stands for ever shorter circles,
/// so that what is wide on the sphere fills it: a low-pass along the row that grows with 1 / cos(latitude) keeps detail at
/// one size, and broad colours pass to one, which is the pole's. The ground keeps its grain nearly to the end and the sky
/// loses its own at once.
struct SphereContinuation: Sendable {
  /// How a cap of the sphere is made.
  private struct Cap {
    /// The strip's rows at this end that are the network's border, not its picture; a share of its height.
    var border: Double
    /// The rows that are mirrored to and fro.
    var turn: Double
    /// Where the broad colours have become the pole's, as a part of the way.
    var colourEnd: Double
    /// Where detail begins to go, and where it is gone.
    var detail: ClosedRange<Double>

    static let sky = Cap(border: 6.0 / 128, turn: 0.1, colourEnd: 1, detail: 0...0.5)
    static let ground = Cap(border: 5.0 / 128, turn: 0.34, colourEnd: 0.55, detail: 0.4...1)
  }

  /// Columns over which a row at 1 / cos(latitude) = 2 is averaged more than one at 1, as a part of the row.
  private static let spread = 7.0 / 2048

  /// - Parameter strip: four times as wide as high, a quarter of the circle as high.
  /// - Returns: twice as wide as high, in 8-bit colour; first and last row have one colour each.
  func callAsFunction(_ strip: Image) -> Image {
    let width = strip.width
    let half = width / 4
    let source = strip.pixels8.map(Float.init)
    var pixels = [UInt8](repeating: 0, count: width * 2 * half * 3)
    for (cap, isGround) in [(Cap.sky, false), (Cap.ground, true)] {
      let rows = (0..<strip.height / 2).map { index in
        let row = isGround ? strip.height - 1 - index : index
        return Array(source[row * width * 3..<(row + 1) * width * 3])
      }
      for (index, row) in continued(rows, to: half, cap).enumerated() {
        let target = (isGround ? 2 * half - 1 - index : index) * width * 3
        for (place, level) in row.enumerated() {
          pixels[target + place] = UInt8(level: level)
        }
      }
    }
    return Image(width: width, height: 2 * half, colorModel: .rgb, pixels: pixels)
  }

  /// The rows of half a sphere from its pole on.
  ///
  /// - Parameter strip: rows of interleaved colours, from the strip's border to the horizon.
  private func continued(_ strip: [[Float]], to count: Int, _ cap: Cap) -> [[Float]] {
    let height = Double(2 * strip.count)
    let border = Int((height * cap.border).rounded())
    let inner = Array(strip[border...])
    let top = count - inner.count
    let turn = min(max(1, Int(height * cap.turn)), inner.count)
    var rows = inner
    var pole = SIMD3<Float>.zero
    for row in inner.prefix(turn) { pole += Self.mean(row) / Float(turn) }
    let mirrored = (0..<top).map { index -> [Float] in
      let place = index % (2 * turn)
      return inner[place < turn ? place : 2 * turn - 1 - place]
    }
    rows = mirrored.reversed() + rows
    let broad = Self.broad(rows, reach: Int(height / 20))

    let step = Double.pi / 2 / Double(count)
    let edge = Double(inner.count) * step * 0.85
    let base = 1 / cos(edge)
    for index in 0..<count {
      let latitude = Double.pi / 2 - (Double(index) + 0.5) * step
      let growth = 1 / cos(latitude) - base
      guard growth > 0 else { break }
      let way = (latitude - edge) / (Double.pi / 2 - step / 2 - edge)
      let toPole = Self.smooth(way / cap.colourEnd)
      let kept =
        1 - Self.smooth((way - cap.detail.lowerBound) / (cap.detail.upperBound - cap.detail.lowerBound))
      let reach = Self.spread * growth * Double(rows[index].count / 3)
      let colours = Self.averaged(broad[index], reach: 3 * reach)
      let grain = Self.averaged(zip(rows[index], broad[index]).map { $0 - $1 }, reach: reach)
      // What all of a row has would be a ring around the pole.
      let ring = Self.mean(grain) * Float(Self.smooth(2 * way))
      for place in rows[index].indices {
        let channel = place % 3
        rows[index][place] =
          colours[place] * Float(1 - toPole) + pole[channel] * Float(toPole)
          + (grain[place] - ring[channel]) * Float(kept)
      }
    }
    // The last passage is a limit: at the pole itself there is one colour.
    rows[0] = (0..<rows[0].count).map { pole[$0 % 3] }
    return rows
  }

  private static func smooth(_ value: Double) -> Double {
    let t = min(max(value, 0), 1)
    return t * t * t * (t * (6 * t - 15) + 10)
  }

  private static func mean(_ row: [Float]) -> SIMD3<Float> {
    var sum = SIMD3<Double>.zero
    for place in stride(from: 0, to: row.count, by: 3) {
      sum += SIMD3(Double(row[place]), Double(row[place + 1]), Double(row[place + 2]))
    }
    return SIMD3<Float>(sum / Double(row.count / 3))
  }

  /// The rows without what is small, along both directions.
  private static func broad(_ rows: [[Float]], reach: Int) -> [[Float]] {
    var result = rows
    for _ in 0..<2 {
      let before = result
      var sum = [Double](repeating: 0, count: rows[0].count)
      func add(_ index: Int, _ sign: Double) {
        let row = before[min(max(index, 0), before.count - 1)]
        for place in row.indices { sum[place] += sign * Double(row[place]) }
      }
      for index in -reach...reach { add(index, 1) }
      for index in before.indices {
        result[index] = sum.map { Float($0 / Double(2 * reach + 1)) }
        add(index + reach + 1, 1)
        add(index - reach, -1)
      }
    }
    return result.map { averaged($0, reach: Double($0.count / 3) / 40) }
  }

  /// A row that goes around, averaged three times over `reach` columns to either side; close to a Gaussian.
  private static func averaged(_ row: [Float], reach: Double) -> [Float] {
    let width = row.count / 3
    let reach = min(Int(reach.rounded()), (width - 1) / 2)
    guard reach > 0 else { return row }
    var result = row
    for _ in 0..<3 {
      let before = result
      for channel in 0..<3 {
        var sum = 0.0
        for column in -reach...reach { sum += Double(before[(column + width) % width * 3 + channel]) }
        for column in 0..<width {
          result[column * 3 + channel] = Float(sum / Double(2 * reach + 1))
          sum += Double(before[(column + reach + 1) % width * 3 + channel])
          sum -= Double(before[(column - reach + width) % width * 3 + channel])
        }
      }
    }
    return result
  }
}
