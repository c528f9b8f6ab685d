import Foundation
import ImageFormats
import Images

/// Pictures made for the tests, and marks painted on them by plain loops.
enum PaintedMarks {
  /// Smooth shading, soft spots and noise: a ground on which a mark can be seen.
  static func ground(width: Int, height: Int, seed: UInt64, brightest: Double = 200, noise: Double = 4)
    -> Image
  {
    var random = SplitMix(state: seed)
    let spots = (0..<12).map { _ in
      (
        x: random.unit() * Double(width), y: random.unit() * Double(height),
        size: (0.05 + 0.2 * random.unit()) * Double(max(width, height)),
        color: SIMD3(random.unit(), random.unit(), random.unit()) * brightest - brightest / 2
      )
    }
    let base = SIMD3(random.unit(), random.unit(), random.unit()) * brightest * 0.7
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        var color = base
        for spot in spots {
          let (dx, dy) = ((Double(x) - spot.x) / spot.size, (Double(y) - spot.y) / spot.size)
          let square = dx * dx + dy * dy
          if square < 9 { color += spot.color * exp(-square / 2) }
        }
        for c in 0..<3 {
          pixels.append(UInt8(min(max(0, color[c] + noise * (random.unit() * 2 - 1)), brightest)))
        }
      }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  /// Whether a point is in Gemini's star; both from −1 to 1.
  static func isInStar(_ x: Double, _ y: Double) -> Bool {
    abs(x) <= 1 && abs(y) <= 1 && (abs(x) + 0.4525) * (abs(y) + 0.4525) <= 0.69
  }

  /// White over a picture: a star of a width with its middle at a distance from the right and the bottom.
  static func star(
    on image: Image, width: Double, right: Double, bottom: Double, opacity: Double = 0.5,
    color: SIMD3<Double> = SIMD3(255, 255, 255), shape: (Double, Double) -> Bool = isInStar
  ) -> Image {
    var pixels = image.pixels8
    let (cx, cy) = (Double(image.width) - right, Double(image.height) - bottom)
    let reach = width / 2 + 1
    for y in max(0, Int(cy - reach))..<min(image.height, Int(cy + reach) + 1) {
      for x in max(0, Int(cx - reach))..<min(image.width, Int(cx + reach) + 1) {
        var covered = 0.0
        for part in 0..<64 {
          let u = (Double(x) + (Double(part % 8) + 0.5) / 8 - cx) / (width / 2)
          let v = (Double(y) + (Double(part / 8) + 0.5) / 8 - cy) / (width / 2)
          if shape(u, v) { covered += 1.0 / 64 }
        }
        for c in 0..<min(3, image.channels) {
          let i = (y * image.width + x) * image.channels + c
          let value = Double(pixels[i])
          pixels[i] = UInt8((value + (color[c] - value) * opacity * covered).rounded())
        }
      }
    }
    return Image(width: image.width, height: image.height, colorModel: image.colorModel, pixels: pixels)
  }

  /// The five squares of DALL·E 2, of a side in pixels.
  static func colorBar(on image: Image, side: Int = 16) -> Image {
    let colors: [[UInt8]] = [
      [255, 255, 102], [66, 255, 255], [81, 218, 76], [255, 110, 60], [60, 70, 255],
    ]
    var pixels = image.pixels8
    for y in image.height - side..<image.height {
      for x in image.width - 5 * side..<image.width {
        let color = colors[(x - image.width + 5 * side) / side]
        for c in 0..<3 { pixels[(y * image.width + x) * image.channels + c] = color[c] }
      }
    }
    return Image(width: image.width, height: image.height, colorModel: image.colorModel, pixels: pixels)
  }

  static func jpeg(_ image: Image, quality: Int) throws -> Image {
    try ImageFile(bytes: ImageEncoder.jpeg(image, quality: quality)).decode().image
  }

  static func reduced(_ image: Image, longest: Int) -> Image {
    image.resized(by: Double(longest) / Double(max(image.width, image.height)), filter: .lanczos3)
  }
}
