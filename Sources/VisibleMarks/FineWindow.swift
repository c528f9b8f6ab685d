internal import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A patch around a spot, and the mark's correlation at each place in it.
struct FineWindow {
  private let template: OverlayTemplate
  private let spot: OverlayFilter.Spot
  private let width: Double
  private let reach: Int
  private let shift: Double
  private let room: Plane
  private let bent: DifferenceField
  private let steps: DifferenceField

  /// - Parameters:
  ///   - width: of the mark to look for, in picture pixels.
  ///   - reach: samples around the spot on each side.
  ///   - shift: moves the samples to the left and up, in samples.
  init(
    _ scene: MarkScene, template: OverlayTemplate, spot: OverlayFilter.Spot, width: Double, reach: Int,
    shift: Double
  ) {
    let step = width / template.width
    let side = template.side + 2 * reach
    let patch = scene.grid(
      right: spot.right + shift * step, bottom: spot.bottom + shift * step, step: step, columns: side,
      rows: side)
    self.init(
      patch, template: template, spot: spot, width: width, reach: reach, shift: shift)
  }

  /// One channel of the picture, already sampled, with the mark in the middle.
  init(_ patch: Plane, template: OverlayTemplate, spot: OverlayFilter.Spot) {
    self.init(patch, template: template, spot: spot, width: spot.width, reach: 0, shift: 0)
  }

  private init(
    _ patch: Plane, template: OverlayTemplate, spot: OverlayFilter.Spot, width: Double, reach: Int,
    shift: Double
  ) {
    (self.template, self.spot, self.width) = (template, spot, width)
    (self.reach, self.shift) = (reach, shift)
    room = patch.logarithmicRoom()
    bent = DifferenceField(room, bend: OverlayTemplate.bend)
    steps = DifferenceField(room, lag: OverlayTemplate.lag)
  }

  /// What the mark gives at one place.
  struct Answer {
    /// With its correlation.
    var spot: OverlayFilter.Spot
    var opacity: Double
    /// The levels up to white around the mark, their geometric mean.
    var ground: Float
  }

  /// The answers of all places whose correlation is above a value.
  ///
  /// - Parameter opacity: the template's.
  func answers(opacity: Double, above least: Float = -.infinity) -> [Answer] {
    let step = width / template.width
    var result: [Answer] = []
    for dy in 0...2 * reach {
      for dx in 0...2 * reach {
        let correlation = correlation(column: dx, row: dy)
        guard correlation > least else { continue }
        let (amplitude, ground) = cover(column: dx, row: dy)
        // Softening takes something from the amplitude on bright grounds, which is given back.
        let light = max(1, ground - OverlayFilter.softening)
        let covered = 1 - exp(Double(amplitude) * log1p(-opacity))
        let spot = OverlayFilter.Spot(
          right: spot.right + (shift + Double(reach - dx)) * step,
          bottom: spot.bottom + (shift + Double(reach - dy)) * step, width: width, correlation: correlation)
        result.append(Answer(spot: spot, opacity: covered * Double(ground / light), ground: light))
      }
    }
    return result
  }

  /// The correlation of the bent fields.
  private func correlation(column: Int, row: Int) -> Float {
    let side = template.side
    let place = (column: column, row: row)
    let sum =
      Self.product(bent.across, template.bent.across, side: side, stride: bent.width, from: 1, place)
      + Self.product(bent.down, template.bent.down, side: side, stride: bent.width, from: 1, place)
    let energy = Self.product(bent.energies, template.ones, side: side, stride: bent.width, from: 1, place)
    let floor = Float(side * side * 2) * OverlayFilter.noise * OverlayFilter.noise / 4
    return sum / (template.bentEnergy * (energy + floor)).squareRoot()
  }

  /// How much of the mark there is by the steps, 1 being the template's opacity; and the room up to white around it.
  private func cover(column: Int, row: Int) -> (amplitude: Float, ground: Float) {
    let (side, stride, lag) = (template.side, steps.width, OverlayTemplate.lag)
    let place = (column: column, row: row)
    let sum =
      Self.product(steps.across, template.steps.across, side: side, stride: stride, from: lag, place)
      + Self.product(steps.down, template.steps.down, side: side, stride: stride, from: lag, place)
    var ground: Float = 0
    for index in template.ground {
      ground += room.values[(row + index / side) * stride + column + index % side]
    }
    return (sum / template.stepEnergy, exp(ground / Float(template.ground.count)))
  }

  /// Σ of samples times the template's at a place, without the first columns and rows of the window, whose
  /// differences reach outside.
  private static func product(
    _ samples: [Float], _ template: [Float], side: Int, stride: Int, from start: Int,
    _ place: (column: Int, row: Int)
  ) -> Float {
    var (sums, rest) = (SIMD8<Float>(), Float(0))
    samples.withUnsafeBytes { samples in
      template.withUnsafeBytes { template in
        for y in start..<side {
          let base = ((place.row + y) * stride + place.column + start) * 4
          let own = (y * side + start) * 4
          var x = 0
          while x + 8 <= side - start {
            sums +=
              samples.loadUnaligned(fromByteOffset: base + 4 * x, as: SIMD8<Float>.self)
              * template.loadUnaligned(fromByteOffset: own + 4 * x, as: SIMD8<Float>.self)
            x += 8
          }
          while x < side - start {
            rest +=
              samples.load(fromByteOffset: base + 4 * x, as: Float.self)
              * template.load(fromByteOffset: own + 4 * x, as: Float.self)
            x += 1
          }
        }
      }
    }
    return sums.sum() + rest
  }
}
