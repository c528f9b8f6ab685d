public import ImageFormats
import Images
import Watermarks

/// What happens to a picture on its way through other programs, as one file from another.
///
/// The picture is cut, turned, scaled and written anew, in this order; what is written anew keeps the metadata that the new
/// file can hold, unless they are stripped. Signed credentials are never carried over: they would not fit the new bytes.
public struct PictureAttack: Sendable, Hashable {
  /// Of the JPEG that is written, 1...100; nil keeps PNG, WebP and their pixels without loss.
  public var jpegQuality: Int?
  /// Both sides multiplied, 0.05...4.
  public var scale = 1.0
  /// The middle of the picture with this share of each side, 0.1...1.
  public var crop = 1.0
  /// Degrees counter-clockwise about the middle, −180...180; corners turn black.
  public var turn = 0.0
  /// As a picture of a screen: four fifths of the size, a JPEG, nothing beside the pixels.
  public var isScreenshot = false
  /// Whether everything beside the pixels is left out.
  public var stripsMetadata = false

  public init() {}

  /// Pixels of a picture that is treated, and of the result, so that none can be blown up.
  public static let greatestPixels = 1 << 24

  public var isNothing: Bool { self == PictureAttack() }

  private static let screenshot: (scale: Double, quality: Int) = (0.8, 85)

  private static let codecs = WatermarkAttack.Codecs(
    jpeg: { image, quality in
      try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality, subsampling: .both)).decode().image
    },
    webp: { image, quality in
      try ImageFile(bytes: ImageEncoder.webp(image, quality: Double(quality))).decode().image
    })

  /// The file afterwards; the same bytes where nothing happens.
  ///
  /// - Throws: `ImageFormatError` for what cannot be read or written.
  public func file(of source: ImageFile) throws -> [UInt8] {
    if isNothing { return source.bytes }
    let decoded = try source.decode()
    var image = decoded.image.oriented(decoded.orientation)
    if crop < 1 {
      image = image.centerCropped(
        width: max(1, Int((Double(image.width) * crop).rounded())),
        height: max(1, Int((Double(image.height) * crop).rounded())))
    }
    if turn != 0 { image = try WatermarkAttack.rotate(turn).apply(to: image, seed: 1, codecs: Self.codecs) }
    let scale = self.scale * (isScreenshot ? Self.screenshot.scale : 1)
    if scale != 1 {
      let most = (Double(Self.greatestPixels) / Double(image.pixelCount)).squareRoot()
      image = try WatermarkAttack.resize(min(scale, max(most, 1))).apply(
        to: image, seed: 1, codecs: Self.codecs)
    }
    if isScreenshot {
      image = try WatermarkAttack.jpeg(quality: Self.screenshot.quality)
        .apply(to: image.withoutAlpha(), seed: 1, codecs: Self.codecs)
    }
    let bytes = try written(image, source.format)
    guard !stripsMetadata, !isScreenshot else { return bytes }
    return try CarriedMetadata(of: source).put(into: bytes).bytes
  }

  private func written(_ image: Image, _ format: ImageFormat?) throws -> [UInt8] {
    if let jpegQuality {
      return try ImageEncoder.jpeg(image.withoutAlpha(), quality: jpegQuality, subsampling: .both)
    }
    switch format {
    case .jpeg: return try ImageEncoder.jpeg(image.withoutAlpha(), quality: 95, subsampling: .both)
    case .webp: return try ImageEncoder.webpLossless(image)
    default: return try ImageEncoder.png(image)
    }
  }
}
