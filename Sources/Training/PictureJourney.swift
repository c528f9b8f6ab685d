import Detectors
import Foundation
import ImageFormats
internal import Images
import Tensors

/// What happens to whole pictures on their way through the web, drawn at random and alike for both classes.
///
/// Generated pictures are square more often than real ones, rarely cropped, rarely captioned and compressed otherwise;
/// a classifier must not learn that.
struct PictureJourney {
  private(set) var random: RandomStream

  init(seed: UInt64, stream: UInt64) { random = RandomStream(seed: seed, stream: stream) }

  init(random: RandomStream) { self.random = random }

  /// Size, sharpness and compression alone: what lay somewhere in the picture is there still.
  mutating func published(_ image: Image) throws -> Image {
    var image = image
    if random.chance(0.6) {
      image = reduced(image, longest: Double(exp(random.uniform(in: log(360)...log(1024)))))
    }
    if random.chance(0.15) { image = sharpened(image, by: random.uniform(in: -0.9...0.9)) }
    if random.chance(0.2) { image = try compressed(image).image }
    return random.chance(0.9) ? try compressed(image).image : image
  }

  /// Crop, mirror, size, tone, sharpness, noise, frame, compression, once more compressed.
  ///
  /// - Returns: the picture and the quality of its last compression, 1...100, where that was JPEG.
  mutating func apply(to image: Image) throws -> (image: Image, quality: Int?) {
    var image = image.withoutAlpha().inColor()
    if random.chance(0.5) { image = cropped(image) }
    if random.chance(0.5) { image = image.flippedHorizontally() }
    if random.chance(0.8) {
      image = reduced(image, longest: Double(exp(random.uniform(in: log(360)...log(1400)))))
    }
    // What is left is at most this large, so that one picture does not hold up the rest.
    image = reduced(image, longest: 2048)
    if random.chance(0.15) {
      image = image.withGamma(random.uniform(in: 0.75...1.35))
    }
    if random.chance(0.06) { image = grey(image) }
    if random.chance(0.25) { image = sharpened(image, by: random.uniform(in: -0.9...0.9)) }
    if random.chance(0.08) {
      let deviation = random.uniform(in: 1...6)
      var random = random
      image = image.mappingLevels {
        UInt8(min(max((Float($0) + deviation * random.normal()).rounded(), 0), 255))
      }
      self.random = random
    }
    if random.chance(0.15) { image = framed(image) }
    if random.chance(0.2) { image = try compressed(image).image }
    return random.chance(0.9) ? try compressed(image) : (image, nil)
  }

  private mutating func cropped(_ image: Image) -> Image {
    let width = max(1, Int(Float(image.width) * random.uniform(in: 0.55...1)))
    let height = max(1, Int(Float(image.height) * random.uniform(in: 0.55...1)))
    return image.cropped(
      x: random.integer(in: 0..<image.width - width + 1),
      y: random.integer(in: 0..<image.height - height + 1),
      width: width, height: height)
  }

  private mutating func reduced(_ image: Image, longest: Double) -> Image {
    let filters: [ResamplingFilter] = [.box, .bilinear, .bicubic, .lanczos3]
    // Drawn also where nothing is reduced: what is drawn after it stays the same.
    let filter = filters[random.integer(in: 0..<filters.count)]
    return image.reduced(toLongestSide: longest, filter: filter)
  }

  /// Sharper, or softer where `amount` is negative, by the difference to a coarser copy.
  private func sharpened(_ image: Image, by amount: Float) -> Image {
    let coarse = image.resized(width: max(1, image.width / 2), height: max(1, image.height / 2), filter: .box)
      .resized(width: image.width, height: image.height, filter: .bilinear)
    let pixels = zip(image.pixels8, coarse.pixels8).map { fine, soft in
      UInt8(min(max((Float(fine) + amount * (Float(fine) - Float(soft))).rounded(), 0), 255))
    }
    return Image(width: image.width, height: image.height, colorModel: .rgb, pixels: pixels)
  }

  private func grey(_ image: Image) -> Image {
    let values = image.luminance().values
    return Image(
      width: image.width, height: image.height, colorModel: .rgb,
      pixels: values.flatMap { value in
        let level = UInt8(min(max(value.rounded(), 0), 255))
        return [level, level, level]
      })
  }

  /// A border on all sides, or a strip above or below as captions and screenshots have it.
  private mutating func framed(_ image: Image) -> Image {
    let side = random.integer(in: 0..<3)
    let strip = max(1, Int(Float(image.height) * random.uniform(in: 0.02...0.15)))
    let (left, top, bottom) = side == 0 ? (strip, strip, strip) : side == 1 ? (0, strip, 0) : (0, 0, strip)
    let shades: [UInt8] = [0, 255, UInt8(random.integer(in: 0..<256))]
    let shade = shades[random.integer(in: 0..<3)]
    let (width, height) = (image.width + 2 * left, image.height + top + bottom)
    var pixels = [UInt8](repeating: shade, count: width * height * 3)
    let source = image.pixels8
    for row in 0..<image.height {
      let start = ((row + top) * width + left) * 3
      pixels.replaceSubrange(
        start..<start + image.width * 3, with: source[row * image.width * 3..<(row + 1) * image.width * 3])
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  private mutating func compressed(_ image: Image) throws -> (image: Image, quality: Int?) {
    let bytes: [UInt8]
    var quality: Int?
    if random.chance(0.85) {
      let subsampling = ImageEncoder.ChromaSubsampling.allCases
      let chosen = random.integer(in: 45..<97)
      quality = chosen
      bytes = try ImageEncoder.jpeg(
        image, quality: chosen,
        subsampling: subsampling[random.integer(in: 0..<subsampling.count)])
    } else {
      bytes = try ImageEncoder.webp(image, quality: Double(random.integer(in: 45..<96)))
    }
    return (try ImageFile(bytes: bytes).decode().image.inColor(), quality)
  }
}
