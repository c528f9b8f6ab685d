import Foundation

/// Estimates a fingerprint from pictures that share one.
///
/// The pattern is the mean of the whitened spectra: content has other phases in every picture and averages out. A
/// coefficient's weight is its mean times the share of it that is pattern and not chance, for its ring of 16 cycles
/// (P − 1/n)/P with the ring's mean power P over n pictures (Wiener 1949), or for itself where it stands out alone, as lines do.
public struct FingerprintEstimator: Sendable {
  /// Rings are this wide, in cycles per picture.
  static let ringWidth: Float = 16
  /// A single coefficient counts by itself from this many times the power of chance.
  static let aloneFactor: Float = 6
  /// A ring counts when its power is this many standard deviations above chance.
  static let ringEvidence: Float = 3
  /// The fewest pictures.
  public static let leastPictures = 4

  let rows: Int
  let columns: Int
  private var sumReal: [Float]
  private var sumImaginary: [Float]
  private var counts: [Float]
  /// Pictures taken in and not taken out again.
  public private(set) var pictures = 0

  public init() {
    rows = PatternResidual.side
    columns = PatternResidual.side / 2 + 1
    sumReal = [Float](repeating: 0, count: rows * columns)
    sumImaginary = sumReal
    counts = sumReal
  }

  /// Takes a whole picture's spectrum in.
  public mutating func add(_ spectrum: WhitenedSpectrum) { change(spectrum, by: 1) }

  /// Takes a picture out that was taken in before.
  public mutating func remove(_ spectrum: WhitenedSpectrum) { change(spectrum, by: -1) }

  private mutating func change(_ spectrum: WhitenedSpectrum, by sign: Float) {
    precondition(spectrum.rows == rows && spectrum.columns == columns)
    pictures += sign > 0 ? 1 : -1
    for index in sumReal.indices {
      let (re, im) = (spectrum.real[index], spectrum.imaginary[index])
      sumReal[index] += sign * re
      sumImaginary[index] += sign * im
      counts[index] += re == 0 && im == 0 ? 0 : sign
    }
  }

  /// The template of what was taken in.
  ///
  /// - Throws: ``FingerprintError`` `fingerprint.pictures` for fewer than ``leastPictures``, `fingerprint.empty` when the
  ///   pictures share nothing.
  public func template(band: Int = Fingerprint.Template.mostCycles) throws(FingerprintError)
    -> Fingerprint.Template
  {
    guard pictures >= Self.leastPictures else {
      throw FingerprintError(
        "fingerprint.pictures",
        "a fingerprint takes at least \(Self.leastPictures) pictures that carry one pattern, and \(pictures) do",
        remedy: "give more pictures by one generator, as it made them; cameras and many generators leave none"
      )
    }
    let (re, im) = weights(band: band)
    let largest = zip(re, im).reduce(Float(0)) { max($0, abs($1.0), abs($1.1)) }
    guard largest > 0 else {
      throw FingerprintError(
        "fingerprint.empty", "the \(pictures) pictures share no pattern",
        remedy: "give pictures as the generator made them, all by one model")
    }
    // A line many times above the rest is cut off, so that the rest keeps its steps.
    let strength =
      (zip(re, im).reduce(0.0) { $0 + Double($1.0 * $1.0 + $1.1 * $1.1) }
      / Double(max(1, zip(re, im).count { $0 != 0 || $1 != 0 }))).squareRoot()
    let scale = 127 / min(largest, Float(8 * strength))
    func level(_ value: Float) -> Int8 { Int8(max(-127, min(127, (value * scale).rounded()))) }
    return try Fingerprint.Template(
      band: band, weights: zip(re, im).flatMap { [level($0), level($1)] })
  }

  /// [2·band + 1, band + 1] each.
  private func weights(band: Int) -> (real: [Float], imaginary: [Float]) {
    let width = band + 1
    let rings = Int(Float(band) * 1.5 / Self.ringWidth) + 2
    var (power, chance, members) = (
      [Float](repeating: 0, count: rings), [Float](repeating: 0, count: rings),
      [Float](repeating: 0, count: rings)
    )
    func visit(_ body: (_ source: Int, _ target: Int, _ ring: Int) -> Void) {
      for v in -band...band {
        let row = v >= 0 ? v : v + rows
        for u in 0...band where u > 0 || v > 0 {
          let source = row * columns + u
          guard counts[source] >= 2 else { continue }
          body(source, (v + band) * width + u, Int(Float(u * u + v * v).squareRoot() / Self.ringWidth))
        }
      }
    }
    func meanPower(at index: Int) -> Float {
      let n = counts[index]
      return (sumReal[index] * sumReal[index] + sumImaginary[index] * sumImaginary[index]) / (n * n)
    }
    visit { source, _, ring in
      power[ring] += meanPower(at: source)
      chance[ring] += 1 / counts[source]
      members[ring] += 1
    }
    let shares = (0..<rings).map { ring -> Float in
      guard members[ring] > 0, power[ring] > 0 else { return 0 }
      // Over random phases a coefficient's power is exponential: its deviation is its mean.
      let evidence = (power[ring] / chance[ring] - 1) * members[ring].squareRoot()
      return evidence > Self.ringEvidence ? max(0, (power[ring] - chance[ring]) / power[ring]) : 0
    }
    var real = [Float](repeating: 0, count: (2 * band + 1) * width)
    var imaginary = real
    visit { source, target, ring in
      let n = counts[source]
      let alone = max(0, 1 - Self.aloneFactor / (n * meanPower(at: source) + 1e-9))
      let weight = max(shares[ring], alone) / n
      real[target] = sumReal[source] * weight
      imaginary[target] = sumImaginary[source] * weight
    }
    return (real, imaginary)
  }
}
