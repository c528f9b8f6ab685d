import Foundation
import ImageFormats
public import Images
import NeuralNetworks
import Tensors

/// What happens to pictures on their way through the web, done alike to real and generated ones.
public enum Laundering: String, Sendable, CaseIterable, Codable {
  case none, jpeg95, jpeg85, jpeg70, jpeg50, resize70jpeg70, resize50jpeg85, webp80

  /// The picture after it; the sides may shrink.
  public func apply(to image: Image) throws -> Image {
    func jpeg(_ image: Image, _ quality: Int) throws -> Image {
      try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality), name: nil).decode().image
    }
    func shrunk(_ share: Double) -> Image {
      image.resized(
        width: max(1, Int((Double(image.width) * share).rounded())),
        height: max(1, Int((Double(image.height) * share).rounded())), filter: .bicubic)
    }
    return switch self {
    case .none: image
    case .jpeg95: try jpeg(image, 95)
    case .jpeg85: try jpeg(image, 85)
    case .jpeg70: try jpeg(image, 70)
    case .jpeg50: try jpeg(image, 50)
    case .resize70jpeg70: try jpeg(shrunk(0.7), 70)
    case .resize50jpeg85: try jpeg(shrunk(0.5), 85)
    case .webp80: try ImageFile(bytes: ImageEncoder.webp(image, quality: 80), name: nil).decode().image
    }
  }
}

/// Random laundering while training; blind to the label.
enum Augmentation {
  /// - Parameters:
  ///   - image: 144×144.
  ///   - side: of the result; the least scale is the one that still fills it.
  static func apply(to image: Image, side: Int, using random: inout RandomStream) throws -> Image {
    var image = random.chance(0.5) ? image.flippedHorizontally() : image
    func jpeg(_ image: Image, _ range: Range<Int>, _ random: inout RandomStream) throws -> Image {
      let subsampling: ImageEncoder.ChromaSubsampling = random.chance(0.7) ? .both : .full
      let bytes = try ImageEncoder.jpeg(image, quality: random.integer(in: range), subsampling: subsampling)
      return try ImageFile(bytes: bytes, name: nil).decode().image
    }
    if random.chance(0.25) { image = try jpeg(image, 60..<101, &random) }
    if random.chance(0.6) {
      let least = max(0.4, (Float(side) + 1) / Float(image.width))
      let scale = least * Self.power(1.6 / least, random.uniform())
      let size = max(side, Int((Float(image.width) * scale).rounded()))
      let filters: [ResamplingFilter] = [.box, .bilinear, .bicubic, .lanczos3]
      image = image.resized(width: size, height: size, filter: filters[random.integer(in: 0..<4)])
    }
    if random.chance(0.12) { image = try blurred(image, share: random.uniform()) }
    if random.chance(0.12) { image = noisy(image, deviation: random.uniform(in: 0.5...5), using: &random) }
    let last = random.uniform()
    if last < 0.7 {
      image = try jpeg(image, 50..<101, &random)
    } else if last < 0.82 {
      let bytes = try ImageEncoder.webp(image, quality: Double(random.integer(in: 50..<100)))
      image = try ImageFile(bytes: bytes, name: nil).decode().image
    }
    return image.cropped(
      x: random.integer(in: 0..<(image.width - side + 1)),
      y: random.integer(in: 0..<(image.height - side + 1)),
      width: side, height: side)
  }

  private static func power(_ base: Float, _ exponent: Float) -> Float {
    Foundation.pow(base, exponent)
  }

  /// A mix of the picture and its half-size version blown up again.
  private static func blurred(_ image: Image, share: Float) throws -> Image {
    let small = image.resized(width: image.width / 2, height: image.height / 2, filter: .box)
    let soft = small.resized(width: image.width, height: image.height, filter: .bicubic)
    let mixed = zip(image.pixels8, soft.pixels8).map { sharp, soft in
      UInt8((Float(sharp) * (1 - share) + Float(soft) * share).rounded())
    }
    return Image(width: image.width, height: image.height, colorModel: image.colorModel, pixels: mixed)
  }

  private static func noisy(_ image: Image, deviation: Float, using random: inout RandomStream) -> Image {
    let pixels = image.pixels8.map { pixel in
      UInt8(min(max(Float(pixel) + deviation * random.normal(), 0), 255))
    }
    return Image(width: image.width, height: image.height, colorModel: image.colorModel, pixels: pixels)
  }
}
