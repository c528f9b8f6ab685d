/// A decoded picture: interleaved samples, row by row, top to bottom, without padding.
///
/// Samples are what the file holds; nothing here applies gamma, an ICC profile, EXIF orientation or
/// alpha. 8-bit sources stay 8-bit, deeper ones are held as 16 bits scaled to the full range.
public struct Image: Sendable, Hashable {
  /// What the channels of a pixel mean, in order.
  public enum ColorModel: String, Sendable, Hashable, Codable {
    case grey, greyAlpha, rgb, rgba

    /// Samples per pixel: 1...4.
    public var channels: Int {
      switch self {
      case .grey: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// Whether the last channel is alpha.
    public var hasAlpha: Bool { self == .greyAlpha || self == .rgba }
  }

  /// The samples at the depth they were stored with.
  public enum Samples: Sendable, Hashable {
    /// Values 0...255.
    case eight([UInt8])
    /// Values 0...65535, host byte order.
    case sixteen([UInt16])
  }

  public let width: Int
  public let height: Int
  public let colorModel: ColorModel
  public internal(set) var samples: Samples

  /// Wraps 8-bit samples.
  ///
  /// - Precondition: both sides are positive and `pixels.count == width * height * colorModel.channels`.
  public init(width: Int, height: Int, colorModel: ColorModel, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * colorModel.channels)
    self.width = width
    self.height = height
    self.colorModel = colorModel
    self.samples = .eight(pixels)
  }

  /// Wraps 16-bit samples.
  ///
  /// - Precondition: both sides are positive and `pixels.count == width * height * colorModel.channels`.
  public init(width: Int, height: Int, colorModel: ColorModel, pixels16: [UInt16]) {
    precondition(width > 0 && height > 0 && pixels16.count == width * height * colorModel.channels)
    self.width = width
    self.height = height
    self.colorModel = colorModel
    self.samples = .sixteen(pixels16)
  }

  public var channels: Int { colorModel.channels }
  public var pixelCount: Int { width * height }

  /// The samples in 8 bits; deeper ones are rounded (`(v * 255 + 32767) / 65535`).
  public var pixels8: [UInt8] {
    switch samples {
    case .eight(let pixels): pixels
    case .sixteen(let pixels): pixels.map { UInt8((UInt32($0) * 255 + 32767) / 65535) }
    }
  }
}
