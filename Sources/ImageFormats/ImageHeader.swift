public import Images

/// What a file says of its picture before any pixel is decoded.
public struct ImageHeader: Sendable, Hashable {
  public var format: ImageFormat
  public var width: Int
  public var height: Int
  /// Bits per sample in the file: 1...16.
  public var bitDepth: Int
  /// The colour model that decoding gives; palettes count as RGB, CMYK becomes RGB.
  public var colorModel: Image.ColorModel
  /// Pictures in the file as far as its header tells; at least 1.
  public var frames: Int

  public init(
    format: ImageFormat, width: Int, height: Int, bitDepth: Int, colorModel: Image.ColorModel, frames: Int = 1
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.colorModel = colorModel
    self.frames = frames
  }
}
