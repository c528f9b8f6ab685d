package import Images
import Spectra

/// The places of a picture that the spectral classifier looks at, at native resolution.
package enum CropSelection {
  /// The sides of crops in pixels, the best first.
  private static let sides = [128, 96, 64]

  /// The most crops that are looked at.
  package static let most = 9

  /// The side of a JPEG's blocks: crops begin where blocks do, as the spectral classifier learned them.
  private static let blockSide = 8

  /// Mean step between horizontal neighbours, of 255, below which a crop counts as flat.
  private static let flatness: Float = 0.6

  /// The most textured of the places of a grid, in reading order; none where the picture is smaller than 64 pixels or flat.
  ///
  /// What tells generated from real lies in texture: of whole pictures, the most textured crops part the classes
  /// better than ones spread evenly over the picture, and those better than the flattest.
  package static func of(_ luminance: Plane) -> [PixelRegion] {
    places(luminance).enumerated().map { place, crop in
      (place: place, crop: crop, texture: texture(luminance, crop))
    }
    .filter { $0.texture >= flatness }
    .sorted { ($1.texture, $0.place) < ($0.texture, $1.place) }
    .prefix(most)
    .sorted { $0.place < $1.place }
    .map(\.crop)
  }

  /// Whether any part of a picture is more than a plain surface.
  package static func hasTexture(_ luminance: Plane) -> Bool {
    places(luminance).contains { texture(luminance, $0) >= flatness }
  }

  /// The places of the grid; none where the picture is too small.
  private static func places(_ luminance: Plane) -> [PixelRegion] {
    guard let side = sides.first(where: { $0 <= min(luminance.width, luminance.height) }),
      let grid = Tiling(
        width: luminance.width, height: luminance.height, side: side, maximum: 4 * most, step: blockSide)
    else { return [] }
    return grid.origins.map { PixelRegion(x: $0.x, y: $0.y, width: side, height: side) }
  }

  /// Mean |step| between horizontal neighbours on every fourth row.
  private static func texture(_ plane: Plane, _ crop: PixelRegion) -> Float {
    var sum: Float = 0
    for row in stride(from: crop.y, to: crop.y + crop.height, by: 4) {
      let base = row * plane.width + crop.x
      for column in 1..<crop.width {
        sum += abs(plane.values[base + column] - plane.values[base + column - 1])
      }
    }
    return sum / Float((crop.height + 3) / 4 * (crop.width - 1))
  }
}
