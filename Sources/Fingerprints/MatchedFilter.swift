import Foundation

/// How strongly a spectrum carries a template.
///
/// T = Σ Re(Z·W̄) / √(½ Σ |Z|²|W|²). Given the strengths |Z|, the denominator is the standard deviation of the numerator over random
/// phases, so that T follows the normal law where there is no pattern: coefficients that are left out, or a picture
/// whose spectrum is uneven, change nothing.
struct MatchedFilter: Sendable {
  /// Sums are kept apart by rings of this many cycles per picture, taken as squares: |u| and |v| whichever is larger.
  static let ringWidth = 16
  static let rings = Fingerprint.Template.mostCycles / ringWidth + 1
  /// How much the rings count: all alike, as a picture that was resized once, and as one that was strongly compressed,
  /// which keeps a pattern at low frequencies only, where the rest would add nothing but noise.
  static let weightings: [[Double]] = [
    [Double](repeating: 1, count: rings),
    (0..<rings).map { 1 / (1 + pow(Double(ringWidth * $0) / 128, 2)) },
    (0..<rings).map { 1 / (1 + pow(Double(ringWidth * $0) / 96, 4)) },
  ]

  /// [rows, columns] each: the template's half spectrum as floats.
  let band: Int
  let real: [Float]
  let imaginary: [Float]

  init(_ template: Fingerprint.Template) {
    band = template.band
    let count = template.weights.count / 2
    var (real, imaginary) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    for index in 0..<count {
      real[index] = Float(template.weights[2 * index])
      imaginary[index] = Float(template.weights[2 * index + 1])
    }
    self.real = real
    self.imaginary = imaginary
  }

  /// The same pattern with its two axes exchanged, as in a picture mirrored at its main diagonal: W(v, u) for W(u, v).
  var transposed: MatchedFilter {
    let width = band + 1
    var (turnedReal, turnedImaginary) = (real, imaginary)
    for v in -band...band {
      for u in 0...band {
        let target = (v + band) * width + u
        // Of column 0 only rows above 0 are kept, and W(−v, −u) is the conjugate of W(v, u).
        guard u > 0 || v > 0 else {
          (turnedReal[target], turnedImaginary[target]) = (0, 0)
          continue
        }
        let source = v >= 0 ? (u + band) * width + v : (band - u) * width - v
        turnedReal[target] = real[source]
        turnedImaginary[target] = v >= 0 ? imaginary[source] : -imaginary[source]
      }
    }
    return MatchedFilter(band: band, real: turnedReal, imaginary: turnedImaginary)
  }

  init(band: Int, real: [Float], imaginary: [Float]) {
    self.band = band
    self.real = real
    self.imaginary = imaginary
  }

  /// T of a template and of the same turned by half, [asIs, turnedByHalf] for each of ``weightings``.
  struct Result: Sendable {
    var statistics: [[Double]]

    /// The best weighting of one way.
    func best(turned: Bool = false) -> Double { statistics.map { $0[turned ? 1 : 0] }.max() ?? 0 }
  }

  /// - Parameter mirrored: compare with the template mirrored left to right.
  func apply(to spectrum: WhitenedSpectrum, mirrored: Bool = false) -> Result {
    var partReal = [Double](repeating: 0, count: Self.rings)
    var partImaginary = partReal
    var variance = partReal
    let across = min(band, spectrum.columns - 1)
    let down = min(band, (spectrum.rows - 1) / 2)
    spectrum.real.withUnsafeBufferPointer { zr in
      spectrum.imaginary.withUnsafeBufferPointer { zi in
        real.withUnsafeBufferPointer { wr in
          imaginary.withUnsafeBufferPointer { wi in
            for v in -down...down {
              let z = (v >= 0 ? v : v + spectrum.rows) * spectrum.columns
              let w = ((mirrored ? -v : v) + band) * (band + 1)
              for from in stride(from: 0, through: across, by: Self.ringWidth) {
                let sums = Self.sums(
                  zr.baseAddress! + z + from, zi.baseAddress! + z + from, wr.baseAddress! + w + from,
                  wi.baseAddress! + w + from, min(Self.ringWidth, across - from + 1))
                let ring = max(abs(v), from) / Self.ringWidth
                partReal[ring] += Double(sums.real)
                partImaginary[ring] += Double(sums.imaginary)
                variance[ring] += Double(sums.variance)
              }
            }
          }
        }
      }
    }
    let statistics = Self.weightings.map { gains -> [Double] in
      var (re, im, spread) = (0.0, 0.0, 0.0)
      for (ring, gain) in gains.enumerated() {
        re += gain * partReal[ring]
        im += gain * partImaginary[ring]
        spread += gain * gain * variance[ring]
      }
      let deviation = (spread / 2).squareRoot()
      guard deviation > 0 else { return [0, 0] }
      // Mirrored, the template is conj W(u, −v): the imaginary parts change their sign.
      return mirrored
        ? [(re - im) / deviation, (re + im) / deviation] : [(re + im) / deviation, (re - im) / deviation]
    }
    return Result(statistics: statistics)
  }

  /// Σ re·re, Σ im·im and Σ |z|²|w|² over one row's piece.
  @inline(__always)
  private static func sums(
    _ zr: UnsafePointer<Float>, _ zi: UnsafePointer<Float>, _ wr: UnsafePointer<Float>,
    _ wi: UnsafePointer<Float>, _ count: Int
  ) -> (real: Float, imaginary: Float, variance: Float) {
    typealias Lanes = SIMD8<Float>
    var (re, im, spread) = (Lanes.zero, Lanes.zero, Lanes.zero)
    var index = 0
    while index + 8 <= count {
      func load(_ base: UnsafePointer<Float>) -> Lanes {
        UnsafeRawPointer(base + index).loadUnaligned(as: Lanes.self)
      }
      let (a, b, c, d) = (load(zr), load(zi), load(wr), load(wi))
      re += a * c
      im += b * d
      spread += (a * a + b * b) * (c * c + d * d)
      index += 8
    }
    var result = (re.sum(), im.sum(), spread.sum())
    while index < count {
      let (a, b, c, d) = (zr[index], zi[index], wr[index], wi[index])
      result.0 += a * c
      result.1 += b * d
      result.2 += (a * a + b * b) * (c * c + d * d)
      index += 1
    }
    return result
  }
}
