import Foundation
import ImageFormats
import Images

/// Pictures that a generator might have made, with a pattern of its own fixed to their sides, and others.
enum SyntheticPictures {
  /// 256×256 values about 0: the pattern of a generator, white up to 128 cycles per picture.
  static func pattern(seed: UInt64) -> Plane {
    var random = SplitMix(state: seed)
    return Plane(
      width: 256, height: 256,
      values: (0..<256 * 256).map { _ in
        (0..<4).reduce(Float(-2)) { sum, _ in sum + Float.random(in: 0...1, using: &random) } * 1.7
      })
  }

  /// Soft content with grain.
  ///
  /// - Parameter pattern: added in grey levels, drawn out over the whole picture.
  static func picture(
    width: Int = 512, height: Int = 512, seed: UInt64, pattern: Plane? = nil, strength: Float = 2
  ) -> Plane {
    var random = SplitMix(state: seed &* 7919 &+ 17)
    func noise(_ w: Int, _ h: Int, _ range: ClosedRange<Float>) -> Plane {
      Plane(width: w, height: h, values: (0..<w * h).map { _ in Float.random(in: range, using: &random) })
    }
    var plane = noise(6, 6, 40...215).resized(width: width, height: height, filter: .bicubic)
    let detail = noise(40, 40, -14...14).resized(width: width, height: height, filter: .bicubic)
    let grain = noise(width, height, -2...2)
    let drawn = pattern?.resized(width: width, height: height, filter: .bicubic)
    for index in plane.values.indices {
      plane.values[index] += detail.values[index] + grain.values[index]
      if let drawn { plane.values[index] += strength * drawn.values[index] }
      plane.values[index] = max(0, min(255, plane.values[index].rounded()))
    }
    return plane
  }

  static func image(_ plane: Plane) -> Image { Image(planes: [plane, plane, plane], colorModel: .rgb) }

  static func jpeg(_ plane: Plane, quality: Int) throws -> Plane {
    try ImageFile(bytes: ImageEncoder.jpeg(image(plane), quality: quality), name: nil).decode().image
      .luminance()
  }
}
