import Foundation
public import Images

/// The numbers that a classifier of spectral artefacts looks at, of one crop at native resolution.
///
/// All are logarithms, ratios, correlations or frequencies: how bright or contrasty a picture is plays no part
/// beyond what it does to its quantisation.
public struct SpectralFeatures: Sendable, Hashable {
  /// ``count`` numbers, each finite.
  public let values: [Float]

  /// What a number tells, by the kinds of ``kinds``.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    case radialSpectrum, angularEnergy, lattice, blockCoefficients, blockTails, channelCorrelation,
      colorFilter
    case steps, diagonalSteps, chromaSteps

    /// How many numbers of it there are.
    var count: Int {
      switch self {
      case .radialSpectrum: 18
      case .angularEnergy: 8
      case .lattice: 4
      case .blockCoefficients, .blockTails: 63
      case .channelCorrelation, .colorFilter: 3
      case .steps, .diagonalSteps, .chromaSteps: CoOccurrences.classes
      }
    }

    /// In words, for reports.
    public var title: String {
      switch self {
      case .radialSpectrum: "how power falls off with frequency"
      case .angularEnergy: "how fine detail is spread over directions"
      case .lattice: "periodic traces of upsampling"
      case .blockCoefficients: "energy of the 8×8 block frequencies"
      case .blockTails: "tails of the 8×8 block coefficients"
      case .channelCorrelation: "how the channels' noise hangs together"
      case .colorFilter: "traces of a colour filter array"
      case .steps: "how neighbouring samples follow on one another"
      case .diagonalSteps: "how diagonal neighbours follow on one another"
      case .chromaSteps: "how neighbours follow on one another in colour"
      }
    }
  }

  public static let count = Kind.allCases.reduce(0) { $0 + $1.count }

  /// The kind of each number.
  public static let kinds: [Kind] = Kind.allCases.flatMap { [Kind](repeating: $0, count: $0.count) }

  /// - Parameter crop: at least 64 pixels a side, grey being colour with three like channels; of a larger one, tiles of 128 or 64 are measured.
  /// - Throws: ``SpectrumError`` for a smaller one.
  public init(of crop: Image) throws(SpectrumError) {
    let least = min(crop.width, crop.height)
    let side = least >= 128 ? 128 : 64
    guard
      let tiling = Tiling(width: crop.width, height: crop.height, side: side, maximum: 4, step: 8)
    else { throw .sides(crop.width, crop.height, need: "64 a side are the least") }
    let crop = crop.withoutAlpha().inColor()
    let luminance = crop.luminance()
    let spectrum = LogSpectrum(of: NoiseResidual.of(luminance), tiling: tiling)
    let radial = RadialSpectrum(of: LogSpectrum(of: luminance, tiling: tiling), bins: 16)
    var values = radial.residual + [radial.slope, radial.highFrequencyExcess]
    values += AngularEnergy(of: spectrum).sectors
    values += PeriodicPeaks.strength(of: spectrum)
    let blocks = BlockStatistics(of: luminance, tiling: tiling)
    let logs = blocks.meanAbsolute[1...].map { log($0 + 0.05) }
    let mean = logs.reduce(0, +) / Float(logs.count)
    values += logs.map { $0 - mean }
    values += blocks.tailRatio[1...].map { log(max($0, 1)) }
    let steps = CoOccurrences(of: crop, luminance: luminance)
    let origin = tiling.origins[tiling.origins.count / 2]
    let planes = (0..<3).map { crop.tile(channel: $0, x: origin.x, y: origin.y, side: side) }
    let residuals = planes.map { NoiseResidual.of($0) }
    values += [(0, 1), (1, 2), (0, 2)].map { NoiseResidual.correlation(residuals[$0.0], residuals[$0.1]) }
    let filter = ColorFilterTraces(red: planes[0], green: planes[1], blue: planes[2])
    values += [filter?.green ?? 0, filter?.red ?? 0, filter?.blue ?? 0]
    values += steps.straight + steps.diagonal + steps.chroma
    precondition(values.count == Self.count)
    self.values = values.map { $0.isFinite ? $0 : 0 }
  }
}
