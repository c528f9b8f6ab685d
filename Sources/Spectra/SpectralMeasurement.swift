public import Images

/// Every spectral number of one picture. It measures and decides nothing.
///
/// At most eight tiles of 256×256 are looked at, spread evenly and never resized, so that cost stops growing
/// at about one megapixel. Pictures below 256 a side use tiles of 128 or 64.
public struct SpectralMeasurement: Sendable, Hashable {
  /// The least side that is measured, pixels.
  public static let leastSide = 64

  /// The tiles' side: 256, 128 or 64.
  public let tileSide: Int
  public let tiles: Int
  /// Of luminance.
  public let spectrum: LogSpectrum
  /// Of luminance's noise residual.
  public let residualSpectrum: LogSpectrum
  public let radial: RadialSpectrum
  public let angular: AngularEnergy
  public let peaks: PeriodicPeaks
  public let blocks: BlockStatistics
  public let grid: BlockGrid?
  /// Nil for grey pictures.
  public let channelCorrelation: ChannelCorrelation?
  public let colorFilter: ColorFilterTraces?
  /// For JPEG files whose coefficients were given.
  public let doubleCompression: DoubleCompression?

  /// - Parameters:
  ///   - image: any colour model and depth; alpha is left out.
  ///   - luminance: the picture's, where the caller has it already.
  ///   - lumaCoefficients: a JPEG's quantised luma coefficients, [blocks, 64] in row order.
  /// - Throws: ``SpectrumError`` `spectrum.size` for a side below ``leastSide``.
  public init(
    of image: Image, luminance: Plane? = nil, lumaCoefficients: [Int16]? = nil
  ) throws(SpectrumError) {
    let side = min(image.width, image.height)
    guard side >= Self.leastSide else {
      throw .sides(image.width, image.height, need: "\(Self.leastSide) a side is the least")
    }
    tileSide = side >= 256 ? 256 : side >= 128 ? 128 : 64
    guard
      let tiling = Tiling(width: image.width, height: image.height, side: tileSide, maximum: 8, step: 8)
    else { throw .sides(image.width, image.height, need: "a tile of \(tileSide) is the least") }
    tiles = tiling.origins.count
    let luminance = luminance ?? image.luminance()
    spectrum = LogSpectrum(of: luminance, tiling: tiling)
    residualSpectrum = LogSpectrum(of: NoiseResidual.of(luminance), tiling: tiling)
    radial = RadialSpectrum(of: spectrum)
    angular = AngularEnergy(of: residualSpectrum)
    peaks = PeriodicPeaks(of: residualSpectrum)
    blocks = BlockStatistics(of: luminance, tiling: tiling)
    grid = BlockGrid(of: luminance)
    if image.channels >= 3,
      let center = Tiling(width: image.width, height: image.height, side: tileSide, maximum: 1, step: 8)?
        .origins.first
    {
      // One tile from the middle: correlations and filter traces are the same everywhere in a picture.
      let side = tileSide
      let planes = (0..<3).map { image.tile(channel: $0, x: center.x, y: center.y, side: side) }
      let residuals = planes.map { NoiseResidual.of($0) }
      channelCorrelation = ChannelCorrelation(
        redGreen: NoiseResidual.correlation(residuals[0], residuals[1]),
        greenBlue: NoiseResidual.correlation(residuals[1], residuals[2]),
        redBlue: NoiseResidual.correlation(residuals[0], residuals[2]))
      colorFilter = ColorFilterTraces(red: planes[0], green: planes[1], blue: planes[2])
    } else {
      channelCorrelation = nil
      colorFilter = nil
    }
    doubleCompression = try lumaCoefficients.map { (values) throws(SpectrumError) in
      try DoubleCompression(luma: values)
    }
  }
}

/// Pearson's correlation of two channels' noise residuals, −1...1.
public struct ChannelCorrelation: Sendable, Hashable {
  public let redGreen: Float
  public let greenBlue: Float
  public let redBlue: Float
}

extension Image {
  /// One channel of a square of the picture, 0...255.
  ///
  /// - Precondition: the square lies within the picture and has the channel.
  package func tile(channel: Int, x: Int, y: Int, side: Int) -> Plane {
    precondition(x >= 0 && y >= 0 && x + side <= width && y + side <= height && channel < channels)
    let values = [Float](unsafeUninitializedCapacity: side * side) { out, used in
      func fill<Sample: FixedWidthInteger & UnsignedInteger>(_ samples: [Sample], _ scale: Float) {
        samples.withUnsafeBufferPointer { samples in
          for row in 0..<side {
            let source = samples.baseAddress! + ((y + row) * width + x) * channels + channel
            for column in 0..<side { out[row * side + column] = Float(source[column * channels]) * scale }
          }
        }
      }
      switch samples {
      case .eight(let pixels): fill(pixels, 1)
      case .sixteen(let pixels): fill(pixels, 1 / 257)
      }
      used = side * side
    }
    return Plane(width: side, height: side, values: values)
  }
}
