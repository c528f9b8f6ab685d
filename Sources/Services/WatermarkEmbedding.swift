public import ImageFormats
import Images
public import Watermarks

/// Writes a mark into a picture and keeps the metadata that the output can hold.
public struct WatermarkEmbedding: Sendable {
  /// What is written: all of them without loss but for JPEG.
  public enum Format: String, Sendable, CaseIterable {
    case png, jpeg, webp

    /// By the ending of a file's name, in lower case.
    public init?(fileExtension: String) {
      switch fileExtension {
      case "png": self = .png
      case "jpg", "jpeg": self = .jpeg
      case "webp": self = .webp
      default: return nil
      }
    }
  }

  public var payload: Payload
  public var scheme: any WatermarkScheme
  public var format: Format
  /// Of a JPEG, 1...100.
  public var quality: Int

  public init(payload: Payload, scheme: any WatermarkScheme, format: Format, quality: Int = 95) {
    (self.payload, self.scheme, self.format, self.quality) = (payload, scheme, format, quality)
  }

  /// - Returns: the marked file and the names of what it does not keep; nil where the mark cannot be read back from it.
  /// - Throws: `ImageFormatError` or `WatermarkError` for a picture that cannot be read, marked or written.
  public func apply(to source: ImageFile) throws -> (bytes: [UInt8], lost: [String])? {
    let decoded = try source.decode()
    // What EXIF says of the orientation goes into the pixels; the copy of EXIF says that they are upright.
    let pixels = try encoded(scheme.embed(payload, in: decoded.image.oriented(decoded.orientation)))
    let (bytes, lost) = try CarriedMetadata(of: source).put(into: pixels)
    let reread = try ImageFile(bytes: bytes).decode().image
    guard scheme.read(reread).marks.contains(where: { $0.payload == payload }) else { return nil }
    return (bytes, lost)
  }

  private func encoded(_ image: Image) throws -> [UInt8] {
    switch format {
    case .png: try ImageEncoder.png(image)
    case .webp: try ImageEncoder.webpLossless(image)
    case .jpeg: try ImageEncoder.jpeg(image, quality: quality)
    }
  }
}
