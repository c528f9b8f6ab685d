public import ImageFormats
public import Images

/// What happens to pictures on their way through the web, done alike to real and generated ones.
public enum Laundering: String, Sendable, CaseIterable, Codable {
  case none, web, social, jpeg95, jpeg85, jpeg70, jpeg50, resize70, resize70jpeg70, resize50jpeg85, webp80,
    screenshot

  /// What pictures are measured after unless others are asked for: as found, and as large and small sites show them.
  public static let usual: [Laundering] = [.none, .web, .social]

  /// A decoded file's picture after it, and the quality of its last JPEG compression, 1...100, as far as it is known.
  public func apply(to decoded: DecodedImage) throws -> (image: Image, quality: Int?) {
    (try apply(to: decoded.image), self == .none ? decoded.jpeg?.estimatedQuality : quality)
  }

  /// The picture after it; the sides may shrink.
  public func apply(to image: Image) throws -> Image {
    func jpeg(_ image: Image) throws -> Image {
      guard let quality else { return image }
      return try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality), name: nil).decode().image
    }
    func resized(_ share: Double) -> Image { image.resized(by: share, filter: .bicubic) }
    func limited(_ side: Double) -> Image { image.reduced(toLongestSide: side, filter: .bicubic) }
    return switch self {
    case .none: image
    case .web: try jpeg(limited(1024))
    case .social: try jpeg(limited(720))
    case .jpeg95, .jpeg85, .jpeg70, .jpeg50: try jpeg(image)
    case .resize70: resized(0.7)
    case .resize70jpeg70: try jpeg(resized(0.7))
    case .resize50jpeg85: try jpeg(resized(0.5))
    case .webp80: try ImageFile(bytes: ImageEncoder.webp(image, quality: 80), name: nil).decode().image
    case .screenshot: try jpeg(resized(0.83))
    }
  }

  /// For people.
  public var title: String {
    switch self {
    case .none: "as found"
    case .web: "at most 1024 px, JPEG 85"
    case .social: "at most 720 px, JPEG 70"
    case .jpeg95, .jpeg85, .jpeg70, .jpeg50: "JPEG \(quality ?? 0)"
    case .resize70: "resized 0.7"
    case .resize70jpeg70: "resized 0.7, JPEG 70"
    case .resize50jpeg85: "resized 0.5, JPEG 85"
    case .webp80: "WebP 80"
    case .screenshot: "screenshot (resized 0.83, JPEG 85)"
    }
  }

  /// Of the JPEG that comes out; nil where none does.
  public var quality: Int? {
    switch self {
    case .none, .resize70, .webp80: nil
    case .jpeg95: 95
    case .web, .jpeg85, .resize50jpeg85, .screenshot: 85
    case .social, .jpeg70, .resize70jpeg70: 70
    case .jpeg50: 50
    }
  }
}
