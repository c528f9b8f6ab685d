import ImageFormats
import Images

/// What happens to a picture on its way to the person who judges it.
enum PictureVersion: String, CaseIterable, Codable {
  case found, web, social

  var description: String {
    switch self {
    case .found: "as found"
    case .web: "≤ 1024 px, JPEG 85"
    case .social: "≤ 720 px, JPEG 70"
    }
  }

  /// - Returns: nil where the picture cannot be written as JPEG.
  func apply(to image: Image) -> Image? {
    switch self {
    case .found: image
    case .web: Self.reduced(image, longest: 1024, quality: 85)
    case .social: Self.reduced(image, longest: 720, quality: 70)
    }
  }

  private static func reduced(_ image: Image, longest: Double, quality: Int) -> Image? {
    let small = image.withoutAlpha().reduced(toLongestSide: longest, filter: .lanczos3)
    guard let bytes = try? ImageEncoder.jpeg(small, quality: quality) else { return nil }
    return try? ImageFile(bytes: bytes).decode().image
  }
}
