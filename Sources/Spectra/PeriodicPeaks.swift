/// A place in the spectrum that stands out from its surroundings.
public struct SpectralPeak: Sendable, Hashable {
  /// Cycles a sample, 0...0.5.
  public let frequencyX: Float
  /// Cycles a sample, −0.5...0.5.
  public let frequencyY: Float
  /// Nepers above the local median.
  public let height: Float
  /// `height` in robust standard deviations of the surroundings; noise alone seldom passes 5.
  public let significance: Float
  /// The finest lattice of 2, 4, 8 or 16 samples that has this frequency, nil if none has.
  public let lattice: Int?
}

/// Peaks of upsampling lattices in a noise residual's spectrum.
///
/// A decoder that doubles its grid k times leaves traces with the period 2^k samples; they show as peaks at
/// multiples of 1/2^k cycles a sample. JPEG's 8×8 blocks put peaks on the same multiples of 1/8, so a
/// compressed picture's 8-lattice says little; the block grid's own strength is reported beside it.
///
/// Sources: Zhang et al. 2019, arXiv:1907.06515; Frank et al. 2020, arXiv:2003.08685; Corvi et al. 2023,
/// arXiv:2304.06408
public struct PeriodicPeaks: Sendable, Hashable {
  /// Periods in samples that ``strength`` covers.
  public static let lattices = [2, 4, 8, 16]

  /// The strongest peaks, falling significance, at most 12, each at least 5 robust deviations high.
  public let peaks: [SpectralPeak]
  /// Mean height in nepers over the frequencies that a lattice adds to the next coarser one's, in the order
  /// of ``lattices``: 2 holds (½, 0), (0, ½), (½, ½); 4 those with an odd multiple of ¼; and so on.
  public let strength: [Float]

  /// - Parameter spectrum: of a ``NoiseResidual``, side a multiple of 16.
  public init(of spectrum: LogSpectrum) {
    let (side, columns) = (spectrum.side, spectrum.columns)
    strength = Self.strength(of: spectrum)
    // Local maxima that pass a quick look; only for those the ring is sorted.
    var found: [SpectralPeak] = []
    let threshold = 3 * Self.spread(spectrum.values)
    for row in 0..<side {
      let v = row <= side / 2 ? row : row - side
      for u in 0..<columns where u * u + v * v >= side * side / 256 {
        // Column 0 and the Nyquist column hold each frequency twice.
        if u == 0 || u == side / 2, v < 0 { continue }
        let value = spectrum.values[row * columns + u]
        if Self.looksHigh(spectrum, value, u: u, v: v, by: threshold),
          let peak = Self.peak(spectrum, u: u, row: row, v: v)
        {
          found.append(peak)
        }
      }
    }
    found.sort {
      ($0.significance, -$0.frequencyX, -$0.frequencyY) > ($1.significance, -$1.frequencyX, -$1.frequencyY)
    }
    peaks = Array(found.prefix(12))
  }

  /// ``strength`` alone, without the search for peaks, which costs many times as much.
  static func strength(of spectrum: LogSpectrum) -> [Float] {
    let side = spectrum.side
    return lattices.map { period in
      guard side % period == 0 else { return 0 }
      let step = side / period
      var (sum, count): (Float, Float) = (0, 0)
      for b in 0..<period {
        for a in 0...period / 2 where period == 2 || a % 2 == 1 || b % 2 == 1 {
          // Column 0 holds each frequency twice.
          if a == 0, b == 0 || b > period / 2 { continue }
          sum += prominence(spectrum, u: a * step, row: b * step).height
          count += 1
        }
      }
      return sum / count
    }
  }

  /// Whether a bin tops its four neighbours and the mean of the four bins three away.
  private static func looksHigh(_ spectrum: LogSpectrum, _ value: Float, u: Int, v: Int, by threshold: Float)
    -> Bool
  {
    let inner = u > 0 && u < spectrum.side / 2
    if inner {
      // The common case without the wrap-around: two loads in the same row.
      let row = ((v + spectrum.side) % spectrum.side) * spectrum.columns
      guard value > spectrum.values[row + u - 1], value > spectrum.values[row + u + 1] else { return false }
    }
    func at(_ dx: Int, _ dy: Int) -> Float { bin(spectrum, u: u + dx, v: v + dy) }
    let far = (at(3, 0) + at(-3, 0) + at(0, 3) + at(0, -3)) / 4
    return value > far + threshold && value > at(0, 1) && value > at(0, -1) && value >= at(1, 0)
      && value >= at(-1, 0)
  }

  private static func peak(_ spectrum: LogSpectrum, u: Int, row: Int, v: Int) -> SpectralPeak? {
    let side = spectrum.side
    let place = prominence(spectrum, u: u, row: row)
    // Below 1/16 content has peaks of its own; the caller leaves those out.
    guard place.significance >= 5 else { return nil }
    let lattice = lattices.first { period in
      side % period == 0 && u % (side / period) == 0 && (v + side) % (side / period) == 0
    }
    return SpectralPeak(
      frequencyX: Float(u) / Float(side), frequencyY: Float(v) / Float(side), height: place.height,
      significance: place.significance, lattice: lattice)
  }

  /// A bin past the Nyquist column is its conjugate's.
  private static func bin(_ spectrum: LogSpectrum, u: Int, v: Int) -> Float {
    spectrum.value(u: u > spectrum.side / 2 ? u - spectrum.side : u, v: v)
  }

  /// How far a bin stands above the ring of bins 2...4 away.
  ///
  /// The Hann window spreads a pure tone over ±1 bin, so the nearest neighbours are left out.
  static func prominence(_ spectrum: LogSpectrum, u: Int, row: Int) -> (height: Float, significance: Float) {
    let side = spectrum.side
    let v = row <= side / 2 ? row : row - side
    var ring: [Float] = []
    ring.reserveCapacity(72)
    for dy in -4...4 {
      for dx in -4...4 where max(abs(dx), abs(dy)) >= 2 {
        ring.append(bin(spectrum, u: u + dx, v: v + dy))
      }
    }
    let middle = ring.selectSmallest(ring.count / 2)
    let quarters = (ring.selectSmallest(ring.count / 4), ring.selectSmallest(ring.count * 3 / 4))
    var deviation = max((quarters.1 - quarters.0) / 1.349, 0.05)
    var height = spectrum.value(u: u, v: v) - middle
    if u % (side / 2) == 0, row % (side / 2) == 0 {
      // A real plane's spectrum is real at these bins: log power of noise lies log 2 lower and scatters
      // √3 times as much as where it's complex.
      height += 0.693_147_2
      deviation *= 1.732_050_8
    }
    return (height, height / deviation)
  }

  /// The scatter that averaging logarithms leaves: half the median step between horizontal neighbours.
  private static func spread(_ values: [Float]) -> Float {
    var steps: [Float] = []
    var index = 1
    while index < values.count {
      steps.append(abs(values[index] - values[index - 1]))
      index += 37
    }
    return median(steps) ?? 0
  }
}
