import Foundation
import Images

/// Sharpens a guess of turn and scale until the template adds up in phase over the whole picture.
///
/// A region is folded in 3×3 parts. A small change of the map turns the phases of a part's lines in proportion
/// to its distance from the middle, so the template's energy can be told for any near map without touching
/// pixels again; it is climbed by trying steps of all four entries. Then the region grows.
struct GeometryRefinement {
  private static let parts = 3
  /// Pixels a side of the first region.
  static let firstSide = 560
  private static let growth = 2.2

  let pattern: MarkPattern
  let residual: Plane

  /// The middle of the residual, which stays where it is when the map changes.
  private var centre: (x: Double, y: Double) {
    (Double(residual.width) / 2, Double(residual.height) / 2)
  }

  /// Where pixel (0, 0) goes when the middle goes to the origin.
  func origin(of map: LinearMap) -> (x: Double, y: Double) {
    let moved = map(centre.x, centre.y)
    return (-moved.x, -moved.y)
  }

  /// The sides of the growing regions.
  var sides: [Int] {
    var sides = [Self.firstSide]
    while sides[sides.count - 1] < max(residual.width, residual.height) {
      sides.append(Int(Double(sides[sides.count - 1]) * Self.growth))
    }
    return sides
  }

  /// The map and the template's energy over its expectation in noise, seen in a region of this side.
  func refined(_ map: LinearMap, side: Int) -> (map: LinearMap, energy: Double) {
    let region = TileFolding.Region(middleOf: residual, side: side)
    let parts = measure(region, map: map)
    var change = [0.0, 0.0, 0.0, 0.0]
    var best = energy(parts, change: change)
    // Pixels of the marked picture at the region's edge.
    let halfSide = max(Double(max(region.x.count, region.y.count)) / 2 * abs(map.determinant).squareRoot(), 1)
    var step = 2 / halfSide
    while step * halfSide > 0.04 {
      var improved = false
      for entry in change.indices {
        for direction in [step, -step] {
          var next = change
          next[entry] += direction
          let value = energy(parts, change: next)
          if value > best {
            best = value
            change = next
            improved = true
          }
        }
      }
      if !improved { step /= 2 }
    }
    return (correction(change) * map, best / parts.noise)
  }

  /// Scale, turn, and the two ways to stretch.
  private func correction(_ change: [Double]) -> LinearMap {
    LinearMap(
      xx: 1 + change[0] + change[2], xy: change[3] - change[1], yx: change[3] + change[1],
      yy: 1 + change[0] - change[2])
  }

  private struct Parts {
    /// Middles in the marked picture's coordinates.
    var centres: [(x: Double, y: Double)] = []
    /// [parts, lines]
    var re: [Float] = []
    var im: [Float] = []
    var lines: [(u: Double, v: Double)] = []
    /// The expected energy if phases were random.
    var noise = 0.0
  }

  private func measure(_ region: TileFolding.Region, map: LinearMap) -> Parts {
    var parts = Parts()
    parts.lines = pattern.template.map { (Double($0.line.u), Double($0.line.v)) }
    let origin = origin(of: map)
    func cut(_ range: Range<Int>) -> [Range<Int>] {
      (0..<Self.parts).map { part in
        let start = range.lowerBound + range.count * part / Self.parts
        let end = range.lowerBound + range.count * (part + 1) / Self.parts
        return start..<max(end, start)
      }
    }
    var weights = [Float](repeating: 1, count: parts.lines.count)
    for y in cut(region.y) {
      for x in cut(region.x) {
        let tile = TileFolding.fold(
          residual, region: TileFolding.Region(x: x, y: y), map: map, origin: origin,
          cells: MarkPattern.period)
        let spectrum = LatticeSpectrum(folded: tile)
        let middle = map(
          Double(x.lowerBound + x.upperBound - 1) / 2, Double(y.lowerBound + y.upperBound - 1) / 2)
        parts.centres.append((middle.x + origin.x, middle.y + origin.y))
        for (number, entry) in pattern.template.enumerated() {
          let index = LatticeSpectrum.index(entry.line.u, entry.line.v)
          parts.re.append(spectrum.re[index])
          parts.im.append(spectrum.im[index])
          let size = spectrum.re[index] * spectrum.re[index] + spectrum.im[index] * spectrum.im[index]
          weights[number] += size
        }
      }
    }
    // Lines weigh alike: each is divided by its own power over the parts.
    let count = parts.lines.count
    for number in 0..<count {
      let scale = 1 / weights[number].squareRoot()
      for part in parts.centres.indices {
        parts.re[part * count + number] *= scale
        parts.im[part * count + number] *= scale
      }
    }
    parts.noise = Double(count)
    return parts
  }

  private func energy(_ parts: Parts, change: [Double]) -> Double {
    let count = parts.lines.count
    let turn = -2 * Double.pi / Double(MarkPattern.period)
    let map = correction(change)
    let shifts = parts.centres.map { centre in
      let moved = map(centre.x, centre.y)
      return (x: (moved.x - centre.x) * turn, y: (moved.y - centre.y) * turn)
    }
    var sum = 0.0
    for (number, line) in parts.lines.enumerated() {
      var (re, im) = (Float(0), Float(0))
      for (part, shift) in shifts.enumerated() {
        let (c, s) = PhaseTable.turn(line.u * shift.x + line.v * shift.y)
        let (a, b) = (parts.re[part * count + number], parts.im[part * count + number])
        re += a * c - b * s
        im += a * s + b * c
      }
      sum += Double(re * re + im * im)
    }
    return sum
  }
}

/// Cosine and sine from a table of 2048 steps a turn.
enum PhaseTable {
  private static let steps = 2048
  private static let table: [Float] = (0..<steps + steps / 4).map {
    Float(sin(Double($0) / Double(steps) * 2 * .pi))
  }

  @inline(__always)
  static func turn(_ angle: Double) -> (cosine: Float, sine: Float) {
    let index = Int((angle * (Double(steps) / (2 * .pi))).rounded()) & (steps - 1)
    return (table[index + steps / 4], table[index])
  }
}
