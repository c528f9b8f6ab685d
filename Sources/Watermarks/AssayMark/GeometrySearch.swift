import Foundation
import Images

/// Finds how a picture was turned and scaled by laying the template's lines over its power spectrum.
///
/// In coordinates of angle and log radius a turn and a scale are shifts, so that the score of every guess is
/// a sum of shifted copies of one map: no transform, only additions along rows. The picture is searched at
/// full, half and quarter size, each for scales of 0.33...0.76 of its own pixels.
struct GeometrySearch: Sendable {
  /// Scales of a level's pixels over the marked picture's.
  static let scales = 0.33...0.76
  /// Guesses are kept from this many standard deviations above the mean of all guesses.
  private static let threshold: Float = 3.8

  struct Guess: Sendable {
    var scale: Double
    /// Radians, counter-clockwise as seen, modulo π.
    var rotation: Double
    var mirrored: Bool
    /// Standard deviations above the mean.
    var score: Float
  }

  private let side: Int
  /// Step of angle and log radius.
  private let step: Double
  private let angles: Int
  private let radii: Int
  private let guesses: Int
  private let innermost: Double
  /// Where each sample of the log-polar map lies in the spectrum, and the shares of its right and lower
  /// neighbours.
  private let cells: [Int32]
  private let shares: [(Float, Float)]
  /// Each template line's angle and log radius, in steps.
  private let places: [Place]

  private typealias Place = (angle: Int, mirroredAngle: Int, radius: Int)

  /// - Parameter side: of the power spectra that will be searched.
  init(pattern: MarkPattern, side: Int) {
    self.side = side
    let angles = Int((Double.pi * Double(side) * 0.47 / 0.62).rounded(.up))
    let step = Double.pi / Double(angles)
    let period = Double(MarkPattern.period)
    let innermost = MarkPattern.templateRadii.lowerBound / period / Self.scales.upperBound
    let outermost = min(MarkPattern.templateRadii.upperBound / period / Self.scales.lowerBound, 0.497)
    let guesses = Int(log(Self.scales.upperBound / Self.scales.lowerBound) / step) + 1
    let spread = log(MarkPattern.templateRadii.upperBound / MarkPattern.templateRadii.lowerBound) / step
    // Long enough for the outermost line at the smallest scale; frequencies past Nyquist read as noise.
    let radii = guesses + Int(spread) + 2
    var cells: [Int32] = []
    var shares: [(Float, Float)] = []
    cells.reserveCapacity(angles * radii)
    shares.reserveCapacity(angles * radii)
    let width = side / 2 + 1
    let radiusTable = (0..<radii).map { innermost * exp(Double($0) * step) * Double(side) }
    let limit = outermost * Double(side)
    for angle in 0..<angles {
      let (c, s) = (cos(Double(angle) * step), sin(Double(angle) * step))
      for radius in radiusTable {
        guard radius <= limit else {
          cells.append(-1)
          shares.append((0, 0))
          continue
        }
        // The half plane u ≥ 0 stands for both halves.
        let sign: Double = c < 0 ? -1 : 1
        let (u, v) = (sign * c * radius, sign * s * radius)
        let wrapped = v < 0 ? v + Double(side) : v
        let (column, row) = (min(Int(u), width - 2), min(Int(wrapped), side - 1))
        cells.append(Int32(row * width + column))
        shares.append((Float(u - Double(column)), Float(wrapped - Double(row))))
      }
    }
    self.angles = angles
    self.step = step
    self.innermost = innermost
    self.guesses = guesses
    self.radii = radii
    self.cells = cells
    self.shares = shares
    places = pattern.template.map { entry in
      let angle = atan2(Double(entry.line.v), Double(entry.line.u))
      let steps = Int((angle / step).rounded())
      let radius = log(entry.line.radius / MarkPattern.templateRadii.lowerBound) / step
      return (
        angle: (steps % angles + angles) % angles, mirroredAngle: (-steps % angles + angles) % angles,
        radius: min(max(Int(radius.rounded()), 0), radii - guesses)
      )
    }
  }

  /// The likeliest guesses, best first.
  func search(_ spectrum: PowerSpectrum, limit: Int) -> [Guess] {
    let map = logPolar(spectrum)
    var found: [Guess] = []
    for mirrored in [false, true] {
      found += peaks(of: scores(map, mirrored: mirrored), mirrored: mirrored)
    }
    found.sort { $0.score > $1.score }
    var kept: [Guess] = []
    for guess in found where kept.count < limit {
      let isNew = kept.allSatisfy { other in
        let turn = abs(remainder(other.rotation - guess.rotation, .pi))
        return other.mirrored != guess.mirrored || turn > 6 * step
          || abs(log(other.scale / guess.scale)) > 6 * step
      }
      if isNew { kept.append(guess) }
    }
    return kept
  }

  /// [angles, radii], the spectrum over angle 0..<π and log radius, minus its mean of 1.
  private func logPolar(_ spectrum: PowerSpectrum) -> [Float] {
    let width = side / 2 + 1
    let last = Int32((side - 1) * width)
    return [Float](unsafeUninitializedCapacity: cells.count) { map, used in
      spectrum.values.withUnsafeBufferPointer { values in
        cells.withUnsafeBufferPointer { cells in
          shares.withUnsafeBufferPointer { shares in
            for index in 0..<cells.count {
              let cell = cells[index]
              guard cell >= 0 else {
                map[index] = 0
                continue
              }
              let at = Int(cell)
              let below = cell >= last ? at - Int(last) : at + width
              let (right, down) = shares[index]
              let upper = values[at] + right * (values[at + 1] - values[at])
              let lower = values[below] + right * (values[below + 1] - values[below])
              map[index] = upper + down * (lower - upper) - 1
            }
          }
        }
      }
      used = cells.count
    }
  }

  /// [angles, guesses]: the sum over the template's lines for each turn and each scale, largest scale first.
  private func scores(_ map: [Float], mirrored: Bool) -> [Float] {
    var scores = [Float](repeating: 0, count: angles * guesses)
    scores.withUnsafeMutableBufferPointer { scores in
      map.withUnsafeBufferPointer { map in
        for turn in 0..<angles {
          let out = scores.baseAddress! + turn * guesses
          func row(_ place: Place) -> UnsafePointer<Float> {
            // A turn counter-clockwise as seen lessens angles, as y points down.
            let angle = (mirrored ? place.mirroredAngle : place.angle) - turn
            return map.baseAddress! + (angle < 0 ? angle + angles : angle) * radii + place.radius
          }
          // Four lines at a time, since the sums' way to memory and back is what takes time.
          let whole = places.count / 4 * 4
          for first in stride(from: 0, to: whole, by: 4) {
            let (a, b) = (row(places[first]), row(places[first + 1]))
            let (c, d) = (row(places[first + 2]), row(places[first + 3]))
            for guess in 0..<guesses { out[guess] += (a[guess] + b[guess]) + (c[guess] + d[guess]) }
          }
          for place in places[whole...] {
            let a = row(place)
            for guess in 0..<guesses { out[guess] += a[guess] }
          }
        }
      }
    }
    return scores
  }

  private func peaks(of scores: [Float], mirrored: Bool) -> [Guess] {
    // Few lines are within reach at small scales, so mean and spread are taken scale by scale.
    var mean = [Float](repeating: 0, count: guesses)
    var square = mean
    for turn in 0..<angles {
      for guess in 0..<guesses {
        let value = scores[turn * guesses + guess]
        mean[guess] += value
        square[guess] += value * value
      }
    }
    for guess in 0..<guesses {
      mean[guess] /= Float(angles)
      square[guess] = max(square[guess] / Float(angles) - mean[guess] * mean[guess], 1e-6).squareRoot()
    }
    var found: [Guess] = []
    for turn in 0..<angles {
      let (before, after) = ((turn + angles - 1) % angles * guesses, (turn + 1) % angles * guesses)
      for guess in 1..<guesses - 1 {
        let value = scores[turn * guesses + guess]
        guard value > mean[guess] + Self.threshold * square[guess],
          value >= scores[turn * guesses + guess - 1], value > scores[turn * guesses + guess + 1],
          value >= scores[before + guess], value > scores[after + guess]
        else { continue }
        func vertex(_ left: Float, _ right: Float) -> Double {
          let bend = left - 2 * value + right
          return bend < 0 ? Double(0.5 * (left - right) / bend) : 0
        }
        let finerScale = vertex(
          scores[turn * guesses + guess - 1], scores[turn * guesses + guess + 1])
        let finerTurn = vertex(scores[before + guess], scores[after + guess])
        found.append(
          Guess(
            scale: Self.scales.upperBound * exp(-(Double(guess) + finerScale) * step),
            rotation: (Double(turn) + finerTurn) * step, mirrored: mirrored,
            score: (value - mean[guess]) / square[guess]))
      }
    }
    return found
  }
}
