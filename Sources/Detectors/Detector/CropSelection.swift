import Images
import Spectra

/// The places of a picture that the discriminator looks at, at native resolution.
struct CropSelection {
  struct Crop: Hashable {
    var x: Int
    var y: Int
    var side: Int
  }

  enum Outcome {
    case crops([Crop])
    /// Why there is nothing to judge, as a clause.
    case unfit(String)
  }

  /// The sides of crops in pixels, the best first.
  private static let sides = [128, 96, 64]

  /// The side of a JPEG's blocks: crops begin where blocks do, as the spectral classifier learned them.
  static let blockSide = 8

  /// The side of crops of a picture; nil where it is too small to be judged.
  static func side(width: Int, height: Int) -> Int? { sides.first { $0 <= min(width, height) } }

  /// Mean step between horizontal neighbours, of 255, below which a crop counts as flat.
  static let flatness: Float = 0.6

  /// The most textured place of each cell of a grid of at most `columns`².
  static func of(_ luminance: Plane, columns: Int = 3) -> Outcome {
    guard let side = side(width: luminance.width, height: luminance.height) else {
      return .unfit("it is too small: \(luminance.width)×\(luminance.height) pixels, 64 a side are the least")
    }
    guard
      let grid = Tiling(
        width: luminance.width, height: luminance.height, side: side, maximum: 4 * columns * columns,
        step: blockSide)
    else { return .unfit("it is too small") }
    var best: [Int: (texture: Float, crop: Crop)] = [:]
    for origin in grid.origins {
      let texture = texture(luminance, x: origin.x, y: origin.y, side: side)
      guard texture >= flatness else { continue }
      let cell =
        (origin.y + side / 2) * columns / luminance.height * columns + (origin.x + side / 2) * columns
        / luminance.width
      if texture > best[cell]?.texture ?? 0 {
        best[cell] = (texture, Crop(x: origin.x, y: origin.y, side: side))
      }
    }
    guard !best.isEmpty else { return .unfit("it is too flat: no place has enough texture") }
    return .crops(best.sorted { $0.key < $1.key }.map(\.value.crop))
  }

  /// Mean |step| between horizontal neighbours on every fourth row.
  private static func texture(_ plane: Plane, x: Int, y: Int, side: Int) -> Float {
    var sum: Float = 0
    for row in stride(from: y, to: y + side, by: 4) {
      let base = row * plane.width + x
      for column in 1..<side { sum += abs(plane.values[base + column] - plane.values[base + column - 1]) }
    }
    return sum / Float((side + 3) / 4 * (side - 1))
  }
}
