import Generators
import ImageFormats
import Images

/// Pictures that tests make.
enum Pictures {
  /// Slopes, waves and a little grain; another `seed` gives other ones.
  static func waves(width: Int = 160, height: Int = 144, seed: Int = 1) -> Image {
    var pixels: [UInt8] = []
    var random = SplitMix(state: UInt64(seed))
    for y in 0..<height {
      for x in 0..<width {
        let grain = Int(random.next() >> 61)
        for channel in 0..<3 {
          let wave = abs(((2 + seed) * x + 5 * y + 11 * channel * seed) % 128 - 64)
          pixels.append(UInt8(min(255, 50 + wave + x * (40 - 12 * channel) / width + grain)))
        }
      }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  static func plain(width: Int = 160, height: Int = 144, level: UInt8 = 120) -> Image {
    Image(
      width: width, height: height, colorModel: .rgb,
      pixels: [UInt8](repeating: level, count: width * height * 3))
  }

  /// A content's file.
  static func source(_ image: Image) throws -> GeneratedImage.Source {
    .init(file: try ImageEncoder.png(image), title: "content.png", mediaType: "image/png")
  }

  /// The pixels of a marked PNG.
  static func decoded(_ file: OutputMarker.MarkedFile) throws -> Image {
    try ImageFile(bytes: file.bytes).decode().image
  }

  /// The largest difference of two pictures' samples.
  static func difference(_ a: Image, _ b: Image) -> Int {
    zip(a.pixels8, b.pixels8).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }
}
