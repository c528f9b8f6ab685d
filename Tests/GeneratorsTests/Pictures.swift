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

  /// Squares of 8 pixels in colours that have nothing to do with one another.
  static func mosaic(width: Int = 160, height: Int = 144) -> Image {
    var random = SplitMix(state: 3)
    let across = (width + 7) / 8
    let colours = (0..<across * ((height + 7) / 8) * 3).map { _ in UInt8(20 + random.next() % 216) }
    let pixels = (0..<height).flatMap { y in
      (0..<width).flatMap { x in (0..<3).map { colours[(y / 8 * across + x / 8) * 3 + $0] } }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  /// How red, green and blue go together, two by two: the correlations of their levels and of their steps to the right.
  static func colourCorrelations(_ image: Image) -> [Double] {
    let pixels = image.withoutAlpha().inColor().pixels8.map(Double.init)
    let steps = (3..<pixels.count).map { pixels[$0] - pixels[$0 - 3] }
    return [pixels, steps].flatMap { values -> [Double] in
      let channels = (0..<3).map { channel -> [Double] in
        let levels = stride(from: channel, to: values.count, by: 3).map { values[$0] }
        let mean = levels.reduce(0, +) / Double(levels.count)
        return levels.map { $0 - mean }
      }
      func product(_ a: Int, _ b: Int) -> Double {
        zip(channels[a], channels[b]).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return [(0, 1), (0, 2), (1, 2)].map {
        product($0, $1) / (product($0, $0) * product($1, $1)).squareRoot()
      }
    }
  }

  /// The largest difference of two pictures' samples.
  static func difference(_ a: Image, _ b: Image) -> Int {
    zip(a.pixels8, b.pixels8).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }
}
