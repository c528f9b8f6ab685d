import Diagnostics
import Images

/// One image file in memory, and what can be read from it.
///
/// Nothing is parsed on creation beyond the first bytes; each method does its own work, within ``limits``.
public struct ImageFile: Sendable {
  /// The content.
  public let bytes: [UInt8]
  /// The name for messages and for ``extensionMatches``; nil for bytes without one.
  public let path: FilePath?
  public let limits: ReadLimits
  /// By magic bytes, never by extension; nil when they name no format that Assay reads.
  public let format: ImageFormat?

  /// Reads a regular file.
  ///
  /// - Throws: ``ImageFormatError`` when it cannot be read or is over `limits.maxFileBytes`.
  public init(path: FilePath, limits: ReadLimits = .standard) throws(ImageFormatError) {
    self.init(bytes: try readFile(path, limits: limits), path: path, limits: limits)
  }

  /// Reads a regular file.
  public init(path: String, limits: ReadLimits = .standard) throws(ImageFormatError) {
    try self.init(path: FilePath(path), limits: limits)
  }

  /// Takes bytes that are in memory already.
  public init(bytes: [UInt8], name: String? = nil, limits: ReadLimits = .standard) {
    self.init(bytes: bytes, path: name.map { FilePath($0) }, limits: limits)
  }

  private init(bytes: [UInt8], path: FilePath?, limits: ReadLimits) {
    self.bytes = bytes
    self.path = path
    self.limits = limits
    self.format = ImageFormat(magic: bytes)
  }

  /// Whether the extension belongs to the content; nil without a known format or an extension.
  public var extensionMatches: Bool? {
    guard let format, let ending = path?.fileExtension else { return nil }
    return format.fileExtensions.contains(ending)
  }

  /// Size, depth and colour model, from the header alone.
  ///
  /// - Throws: ``ImageFormatError`` `format.unknown`, `FORMAT.header`, or `limit.pixels`.
  public func header() throws(ImageFormatError) -> ImageHeader {
    let format = try knownFormat()
    let shape = try Codecs.shape(of: self, format: format)
    return ImageHeader(
      format: format, width: shape.width, height: shape.height, bitDepth: shape.sourceBits,
      colorModel: shape.colorModel, frames: shape.frames)
  }

  /// The pixels.
  ///
  /// - Parameter allowingDamage: give what can be decoded of a cut or damaged file, with `isComplete` false,
  ///   rather than throw. What is missing is grey or zero, as the codec left it.
  /// - Throws: ``ImageFormatError`` `format.unknown`, `limit.pixels`, `limit.scans`, `FORMAT.header`,
  ///   `FORMAT.truncated` or `FORMAT.damaged`.
  public func decode(allowingDamage: Bool = false) throws(ImageFormatError) -> DecodedImage {
    let format = try knownFormat()
    return try Codecs.decode(self, format: format, allowingDamage: allowingDamage)
  }

  /// An error at a place in this file.
  func error(_ code: String, _ range: Range<Int>?, _ message: String, _ remedy: String) -> ImageFormatError {
    ImageFormatError(
      code: code, location: FaultLocation(file: path?.display, byteRange: range), message: message,
      remedy: remedy)
  }

  private func knownFormat() throws(ImageFormatError) -> ImageFormat {
    guard !bytes.isEmpty else {
      throw error("format.empty", 0..<0, "the file is empty", "fetch the file again")
    }
    guard let format else {
      throw error(
        "format.unknown", 0..<min(16, bytes.count), "the first bytes name no image format that Assay reads",
        "give a PNG, JPEG, WebP, GIF, TIFF, AVIF or HEIC file")
    }
    return format
  }
}
