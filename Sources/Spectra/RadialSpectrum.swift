import Foundation

/// Log power against spatial frequency, all directions together.
///
/// Photographs fall off as a power of frequency (a straight line in log-log axes); many generators bend away
/// from that line at the high end, where their upsampling puts too much or too little. `slope` is the line,
/// `residual` the bend.
///
/// Sources: van der Schaaf & van Hateren 1996, doi:10.1016/0042-6989(96)00002-8; Durall et al. 2020,
/// arXiv:2003.01826
public struct RadialSpectrum: Sendable, Hashable {
  /// Mid frequencies of the bins, cycles a sample, rising, within 0...0.5.
  public let frequencies: [Float]
  /// Mean log power of each bin, nepers.
  public let logPower: [Float]
  /// Exponent of the fitted power law: d log power / d log frequency over 0.04...0.35; near −2 for photos.
  public let slope: Float
  /// logPower minus the fitted line, nepers.
  public let residual: [Float]

  /// Mean of `residual` above 0.4 cycles a sample: positive where there's more than the law foretells.
  public var highFrequencyExcess: Float {
    let high = zip(frequencies, residual).filter { $0.0 > 0.4 }.map(\.1)
    return high.isEmpty ? 0 : high.reduce(0, +) / Float(high.count)
  }

  /// - Parameter bins: how many bins share 0...0.5; at most half the tile's side.
  public init(of spectrum: LogSpectrum, bins: Int = 32) {
    let (side, columns) = (spectrum.side, spectrum.columns)
    let bins = min(max(bins, 4), side / 2)
    var sums = [Double](repeating: 0, count: bins)
    var counts = [Double](repeating: 0, count: bins)
    let scale = 2 * Float(bins) / Float(side)
    for row in 0..<side {
      let v = row <= side / 2 ? row : row - side
      for u in 0..<columns where u != 0 || v != 0 {
        let bin = Int(Float(u * u + v * v).squareRoot() * scale)
        guard bin < bins else { continue }
        // Columns other than the first and the Nyquist column stand for two bins of the full spectrum.
        let weight: Double = u == 0 || u == side / 2 ? 1 : 2
        sums[bin] += weight * Double(spectrum.values[row * columns + u])
        counts[bin] += weight
      }
    }
    var frequencies: [Float] = []
    var power: [Float] = []
    for bin in 0..<bins where counts[bin] > 0 {
      frequencies.append((Float(bin) + 0.5) * 0.5 / Float(bins))
      power.append(Float(sums[bin] / counts[bin]))
    }
    let points = zip(frequencies, power).filter { (0.04...0.35).contains($0.0) }
      .map { (x: log(Double($0.0)), y: Double($0.1)) }
    let line = Self.fit(points)
    self.frequencies = frequencies
    logPower = power
    slope = Float(line.slope)
    residual = zip(frequencies, power).map { $1 - Float(line.slope * log(Double($0)) + line.offset) }
  }

  /// The least-squares line; level through the mean for fewer than two different x.
  static func fit(_ points: [(x: Double, y: Double)]) -> (slope: Double, offset: Double) {
    let count = Double(max(points.count, 1))
    let meanX = points.reduce(0) { $0 + $1.x } / count
    let meanY = points.reduce(0) { $0 + $1.y } / count
    let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let joint = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    let slope = spread > 0 ? joint / spread : 0
    return (slope, meanY - slope * meanX)
  }
}

/// How the log power above a quarter of the Nyquist frequency is spread over directions.
///
/// Cameras and scalers blur alike in all directions; transposed convolutions and separable filters leave more
/// along the axes or the diagonals.
public struct AngularEnergy: Sendable, Hashable {
  /// Mean log power of each sector less the mean of all, nepers; the first sector is centred on horizontal
  /// frequencies (vertical edges), the rest follow counter-clockwise through 180°.
  let sectors: [Float]

  /// Axes (0°, 90°) less diagonals (45°, 135°), nepers.
  public var axisExcess: Float {
    let step = sectors.count / 4
    return (sectors[0] + sectors[2 * step] - sectors[step] - sectors[3 * step]) / 2
  }

  public init(of spectrum: LogSpectrum) {
    let count = 8
    let (side, columns) = (spectrum.side, spectrum.columns)
    var sums = [Double](repeating: 0, count: count)
    var counts = [Double](repeating: 0, count: count)
    let (inner, outer) = (Float(side) / 8, Float(side) / 2)
    for row in 0..<side {
      let v = row <= side / 2 ? row : row - side
      for u in 0..<columns {
        let radius = Float(u * u + v * v).squareRoot()
        guard radius >= inner, radius <= outer else { continue }
        let sector = Self.sector(u: Float(u), v: Float(v))
        sums[sector] += Double(spectrum.values[row * columns + u])
        counts[sector] += 1
      }
    }
    let means = (0..<count).map { counts[$0] > 0 ? sums[$0] / counts[$0] : 0 }
    let mean = means.reduce(0, +) / Double(count)
    sectors = means.map { Float($0 - mean) }
  }

  /// Which of eight sectors of 22.5°, u ≥ 0: comparisons of slopes, for an arc tangent a bin would cost more
  /// than the transform.
  private static func sector(u: Float, v: Float) -> Int {
    // tan 11.25° and its kin bound the sectors.
    let (t1, t3, t5, t7): (Float, Float, Float, Float) = (
      0.198_912_37, 0.668_178_64, 1.496_605_8, 5.027_339_5
    )
    let slope = abs(v)
    let half = slope <= t1 * u ? 0 : slope <= t3 * u ? 1 : slope <= t5 * u ? 2 : slope <= t7 * u ? 3 : 4
    // Rows grow downwards, so a positive v is a clockwise turn.
    return v > 0 ? (8 - half) % 8 : half
  }
}
