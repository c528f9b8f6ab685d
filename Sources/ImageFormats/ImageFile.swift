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
  /// What lies beside a file that was never on the disk by itself, by full name; nil where its folder is to be looked at.
  private let companions: [FilePath: [UInt8]]?
  let memo = ReadingMemo()

  /// Reads a regular file.
  ///
  /// - Throws: ``ImageFormatError`` when it cannot be read or is over `limits.maxFileBytes`.
  public init(path: FilePath, limits: ReadLimits = .standard) throws(ImageFormatError) {
    self.init(
      bytes: try readFile(path, limits: limits), path: path, inFolderOr: nil, limits: limits)
  }

  /// Reads a regular file.
  public init(path: String, limits: ReadLimits = .standard) throws(ImageFormatError) {
    try self.init(path: FilePath(path), limits: limits)
  }

  /// Takes bytes that are in memory already.
  public init(bytes: [UInt8], name: String? = nil, limits: ReadLimits = .standard) {
    self.init(bytes: bytes, path: name.map { FilePath($0) }, inFolderOr: nil, limits: limits)
  }

  /// Takes bytes that came with others, such as a member of an archive.
  ///
  /// - Parameter companions: what lies beside it, by full name; nothing else counts as its neighbour.
  public init(
    bytes: [UInt8], path: FilePath, companions: [FilePath: [UInt8]], limits: ReadLimits = .standard
  ) {
    self.init(bytes: bytes, path: path, inFolderOr: companions, limits: limits)
  }

  /// The file of that name beside this one, on the disk or among those that this one came with; nil where there is none.
  public func neighbour(_ path: FilePath) -> ImageFile? {
    guard let companions else { return try? ImageFile(path: path) }
    return companions[path].map { ImageFile(bytes: $0, path: path, companions: companions, limits: limits) }
  }

  /// What a picture is that Assay does not read; nil for one that it reads, and for what is no picture.
  public var unreadKind: UnreadKind? {
    format == nil
      ? UnreadKind(head: bytes.prefix(UnreadKind.headLength), fileExtension: path?.fileExtension) : nil
  }

  /// The same file with other content.
  func replacing(_ bytes: [UInt8]) -> ImageFile {
    ImageFile(bytes: bytes, path: path, inFolderOr: companions, limits: limits)
  }

  private init(
    bytes: [UInt8], path: FilePath?, inFolderOr companions: [FilePath: [UInt8]]?, limits: ReadLimits
  ) {
    self.companions = companions
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

  /// Size, depth and colour model, from the headers alone.
  ///
  /// Of a picture that no installed codec decodes, the size is the container's and the colour model RGB.
  ///
  /// - Throws: ``ImageFormatError`` `format.empty`, `format.unread`, `format.unknown`, `FORMAT.header`,
  ///   `FORMAT.unsupported` where the container gives no size, or `limit.pixels`.
  public func header() throws(ImageFormatError) -> ImageHeader {
    let format = try knownFormat()
    let shape: Codecs.Shape
    do throws(ImageFormatError) {
      shape = try Codecs.shape(of: self, format: format)
    } catch {
      // A picture that no installed codec takes still has the size that its container gives.
      guard error.code.hasSuffix(".unsupported"), let declared = DeclaredPicture(of: self, format: format),
        let width = declared.width, let height = declared.height
      else { throw error }
      return ImageHeader(
        format: format, width: width, height: height, bitDepth: declared.bitDepth ?? 8, colorModel: .rgb)
    }
    return ImageHeader(
      format: format, width: shape.width, height: shape.height, bitDepth: shape.sourceBits,
      colorModel: shape.colorModel, frames: max(shape.frames, try countFrames(format)))
  }

  /// The pixels of the first or primary picture.
  ///
  /// - Parameters:
  ///   - allowingDamage: give what can be decoded of a cut or damaged file, with `isComplete` false, rather
  ///     than throw. What is missing is grey or zero, as the codec left it.
  ///   - metadata: this file's metadata, when the caller has read them, so that they are not read twice.
  /// - Throws: ``ImageFormatError`` `format.empty`, `format.unknown`, `limit.pixels`, `limit.scans`, `memory`,
  ///   `FORMAT.header`, `FORMAT.truncated`, `FORMAT.damaged` or `FORMAT.unsupported`.
  public func decode(
    allowingDamage: Bool = false, metadata: ImageMetadata? = nil
  ) throws(ImageFormatError) -> DecodedImage {
    let format = try knownFormat()
    ReadingTally.current?.count(\.decodings)
    var decoded = try Codecs.decode(self, format: format, allowingDamage: allowingDamage)
    let known: ImageMetadata
    if let metadata { known = metadata } else { known = try self.metadata() }
    decoded.orientation = known.orientation
    decoded.iccProfile = known.iccProfile?.content(in: bytes, limit: limits.maxTextBytes)
    decoded.jpeg = known.jpeg
    return decoded
  }

  /// Pictures that the container names; 1 where only the codec could tell.
  private func countFrames(_ format: ImageFormat) throws(ImageFormatError) -> Int {
    switch format {
    case .gif: try container().segments(named: "picture").count
    case .webp: try container().segments(named: "ANMF").count
    case .tiff: try container().segments.count { $0.name.hasPrefix("IFD") }
    case .png:
      try container().segments(named: "acTL").first.flatMap { bytes.u32($0.payload.lowerBound) } ?? 1
    case .jpeg, .avif, .heic, .jxl, .bmp: 1
    }
  }

  /// An error at a place in this file.
  func error(_ code: String, _ range: Range<Int>?, _ message: String, _ remedy: String) -> ImageFormatError {
    ImageFormatError(
      code: code, location: FaultLocation(file: path?.display, byteRange: range), message: message,
      remedy: remedy)
  }

  func knownFormat() throws(ImageFormatError) -> ImageFormat {
    guard !bytes.isEmpty else {
      throw error("format.empty", 0..<0, "the file is empty", "fetch the file again")
    }
    guard let format else {
      if let kind = unreadKind {
        throw error(
          "format.unread", nil, "a kind of picture that Assay cannot read yet: \(kind.name)",
          "convert it to PNG, JPEG, WebP, TIFF, AVIF, HEIC or JPEG XL")
      }
      if let kind = ForeignKind(bytes) {
        throw error(
          "format.unknown", 0..<min(16, bytes.count), "this is \(kind.name), no picture", kind.advice)
      }
      if bytes.allSatisfy({ $0 == 0 }) {
        throw error(
          "format.unknown", 0..<bytes.count, "the file holds nothing but zeros", "fetch the file again")
      }
      throw error(
        "format.unknown", 0..<min(16, bytes.count), "the first bytes name no image format that Assay reads",
        "give a PNG, JPEG, WebP, GIF, TIFF, AVIF, HEIC, JPEG XL or BMP file")
    }
    return format
  }
}
