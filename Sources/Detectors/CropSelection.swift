internal import Images
import Spectra

/// The places of a picture that the discriminator looks at, at native resolution.
package struct CropSelection {
  struct Crop: Hashable {
    var x: Int
    var y: Int
    var side: Int

    var region: PixelRegion { PixelRegion(x: x, y: y, width: side, height: side) }
  }

  enum Outcome {
    case crops([Crop])
    /// Why there is nothing to judge, as a clause.
    case unfit(String)
  }

  /// The sides of crops in pixels, the best first.
  private static let sides = [Detector.cropSide, 96, 64]

  /// The side of a JPEG's blocks: crops begin where blocks do, as the spectral classifier learned them.
  package static let blockSide = 8

  /// The side of crops of a picture; nil where it is too small to be judged.
  package static func side(width: Int, height: Int) -> Int? { sides.first { $0 <= min(width, height) } }

  /// Mean step between horizontal neighbours, of 255, below which a crop counts as flat.
  package static let flatness: Float = 0.6

  /// The most textured of the places of a grid, in reading order.
  ///
  /// What tells generated from real lies in texture: of whole pictures, the most textured crops part the classes
  /// better than ones spread evenly over the picture, and those better than the flattest.
  ///
  /// - Parameter count: the most crops.
  static func of(_ luminance: Plane, count: Int = Detector.mostCrops) -> Outcome {
    guard let side = side(width: luminance.width, height: luminance.height) else {
      return .unfit("it is too small: \(luminance.width)×\(luminance.height) pixels, 64 a side are the least")
    }
    guard
      let grid = Tiling(
        width: luminance.width, height: luminance.height, side: side, maximum: 4 * count, step: blockSide)
    else { return .unfit("it is too small") }
    let textured = grid.origins.enumerated().map { place, origin in
      let crop = Crop(x: origin.x, y: origin.y, side: side)
      return (place: place, crop: crop, texture: texture(luminance, crop))
    }
    .filter { $0.texture >= flatness }
    .sorted { ($1.texture, $0.place) < ($0.texture, $1.place) }
    .prefix(count)
    .sorted { $0.place < $1.place }
    guard !textured.isEmpty else { return .unfit("it is too flat: no place has enough texture") }
    return .crops(textured.map(\.crop))
  }

  /// Whether a crop has enough texture to be judged.
  static func isTextured(_ luminance: Plane, _ crop: Crop) -> Bool {
    texture(luminance, crop) >= flatness
  }

  /// Mean |step| between horizontal neighbours on every fourth row.
  private static func texture(_ plane: Plane, _ crop: Crop) -> Float {
    var sum: Float = 0
    for row in stride(from: crop.y, to: crop.y + crop.side, by: 4) {
      let base = row * plane.width + crop.x
      for column in 1..<crop.side {
        sum += abs(plane.values[base + column] - plane.values[base + column - 1])
      }
    }
    return sum / Float((crop.side + 3) / 4 * (crop.side - 1))
  }
}
