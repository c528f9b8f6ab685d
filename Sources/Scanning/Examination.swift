public import ImageFormats
public import Images
import Synchronization

/// One file under examination: what is read or decoded for one examiner is there for the others.
///
/// Nothing is decoded until somebody asks. Memory while in use: the file, its decoded samples and, where
/// asked for, 4 bytes a pixel of luminance. A JPEG file of more than `ReadLimits.maxHeldPixels` pixels is decoded reduced: its
/// pixels are `DecodedImage.reduction`'s means, and examiners of fine structure look at its first rows.
public final class Examination: Sendable {
  public let file: ImageFile
  /// Drawings that the caller wants; making them costs time, so they are made on request only.
  public let wishes: Set<Drawing.Kind>

  private struct Cache {
    var container: Result<ContainerMap, ImageFormatError>?
    var metadata: Result<ImageMetadata, ImageFormatError>?
    var decoded: Result<DecodedImage, ImageFormatError>?
    var luminance: Plane?
    var pixelDigest: String?
    var shared: [ObjectIdentifier: any Sendable] = [:]
  }
  private let cache = Mutex(Cache())

  public init(_ file: ImageFile, wishes: Set<Drawing.Kind> = []) {
    self.file = file
    self.wishes = wishes
  }

  /// The parts of the file.
  public func container() throws(ImageFormatError) -> ContainerMap {
    try cache.withLock { cache in Self.container(file, &cache) }.get()
  }

  /// EXIF, XMP, texts and the like.
  public func metadata() throws(ImageFormatError) -> ImageMetadata {
    try cache.withLock { cache -> Result<ImageMetadata, ImageFormatError> in
      if let known = cache.metadata { return known }
      let result = Self.container(file, &cache).flatMap { _ in
        Result { () throws(ImageFormatError) in try file.metadata() }
      }
      cache.metadata = result
      return result
    }.get()
  }

  /// The pixels; a damaged or cut file throws.
  public func decoded() throws(ImageFormatError) -> DecodedImage {
    try cache.withLock { cache in Self.decoded(file, &cache) }.get()
  }

  /// The luminance plane, 0...255.
  public func luminance() throws(ImageFormatError) -> Plane {
    try cache.withLock { cache -> Result<Plane, ImageFormatError> in
      if let known = cache.luminance { return .success(known) }
      return Self.decoded(file, &cache).map { decoded in
        let plane = decoded.image.luminance()
        cache.luminance = plane
        return plane
      }
    }.get()
  }

  /// A value that one examiner found and others, or its own drawings, need too: made once a file.
  ///
  /// - Parameter make: called without a lock, so that it may ask for pixels; of two that run at once one counts.
  public func shared<Value: Sendable>(_ type: Value.Type, _ make: () throws -> Value) rethrows -> Value {
    let key = ObjectIdentifier(type)
    // Unwrapped before the cast: nothing at all would pass for a `Value` that is optional itself.
    if let stored = cache.withLock({ $0.shared[key] }), let known = stored as? Value { return known }
    let value = try make()
    return cache.withLock { cache in
      if let stored = cache.shared[key], let known = stored as? Value { return known }
      cache.shared[key] = value
      return value
    }
  }

  /// The picture itself, as far as it is held: the first rows of one that is reduced.
  public func fineImage() throws(ImageFormatError) -> Image {
    let decoded = try decoded()
    return decoded.reduction?.firstRows ?? decoded.image
  }

  /// Its luminance.
  public func fineLuminance() throws(ImageFormatError) -> Plane {
    guard let rows = try decoded().reduction?.firstRows else { return try luminance() }
    return rows.luminance()
  }

  /// SHA-256 of the pixels, as ``PixelDigest`` has it; nil where nothing was decoded.
  var pixelSha256: String? {
    cache.withLock { cache in
      guard case .success(let decoded)? = cache.decoded else { return nil }
      return cache.pixelDigest ?? PixelDigest.sha256(of: decoded.image)
    }
  }

  /// What became of decoding; nil if nobody asked for pixels.
  var decodingResult: Result<DecodedImage, ImageFormatError>? { cache.withLock(\.decoded) }

  private static func container(
    _ file: ImageFile, _ cache: inout Cache
  ) -> Result<ContainerMap, ImageFormatError> {
    if let known = cache.container { return known }
    let result = Result { () throws(ImageFormatError) in try file.container() }
    cache.container = result
    return result
  }

  private static func decoded(
    _ file: ImageFile, _ cache: inout Cache
  ) -> Result<DecodedImage, ImageFormatError> {
    if let known = cache.decoded { return known }
    let result = Result { () throws(ImageFormatError) -> DecodedImage in
      var digest: PixelDigest.Running?
      let reduced = try file.decodeReduced { header, samples in
        if digest == nil {
          digest = PixelDigest.Running(
            width: header.width, height: header.height, colorModel: header.colorModel)
        }
        digest?.update(samples)
      }
      guard let reduced else { return try file.decode() }
      cache.pixelDigest = digest?.finish()
      return reduced
    }
    cache.decoded = result
    return result
  }
}
