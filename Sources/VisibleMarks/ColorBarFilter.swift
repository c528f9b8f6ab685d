internal import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Looks for a row of opaque squares that ends in the bottom right corner.
///
/// The score is the correlation of samples in the squares with their colours, the mean of each channel taken out.
struct ColorBarFilter: MarkFilter {
  /// From the left to the right, 0...255.
  let colors: [SIMD3<Float>]
  /// A square's side as a share of the picture's longer side.
  let shares: ClosedRange<Double>
  /// How much of the colours there must be; 1 is what the maker draws.
  let opacities: ClosedRange<Double>
  let nulls: [MarkPlacement: MarkNull]

  /// Samples a side of each square, which keep an eighth of the square away from its border.
  private static let fineness = 6

  func null(of placement: MarkPlacement) -> MarkNull? { nulls[placement] }

  /// Three channels of each square; its samples are all alike.
  var samples: Double { Double(3 * colors.count) }

  /// - Returns: nothing for a grey picture, whose squares have no colours.
  func candidates(in scene: MarkScene) -> [MarkCandidate] {
    guard let corner = ColorCorner(scene, longest: shares.upperBound * scene.length * Double(colors.count))
    else { return [] }
    var best: (correlation: Float, opacity: Float, side: Double) = (0, 0, 0)
    var side = max(4, shares.lowerBound * scene.length)
    while side <= shares.upperBound * scene.length && side * Double(colors.count) <= Double(corner.width) {
      let (correlation, opacity) = compare(corner, side: side)
      if correlation > best.correlation && opacities.contains(Double(opacity)) {
        best = (correlation, opacity, side)
      }
      side *= 1.02
    }
    guard best.correlation > 0 else { return [] }
    let (width, height) = (Int((best.side * Double(colors.count)).rounded()), Int(best.side.rounded()))
    let region = PixelRegion(
      x: scene.width - width, y: scene.height - height, width: width, height: height)
    return [
      MarkCandidate(
        placement: .expected, region: region, score: Double(atanh(min(best.correlation, 0.9999))),
        opacity: Double(best.opacity))
    ]
  }

  /// The correlation of the corner with squares of a side, and the slope of its colours over theirs.
  private func compare(_ corner: ColorCorner, side: Double) -> (correlation: Float, opacity: Float) {
    let mean = colors.reduce(SIMD3<Float>(), +) / Float(colors.count)
    let per = Float(Self.fineness * Self.fineness)
    var (sum, squares, cross, energy) = (SIMD3<Float>(), SIMD3<Float>(), SIMD3<Float>(), SIMD3<Float>())
    for (index, color) in colors.enumerated() {
      let difference = color - mean
      energy += difference * difference * per
      for v in 0..<Self.fineness {
        for u in 0..<Self.fineness {
          func inset(_ k: Int) -> Double { 0.125 + 0.75 * (Double(k) + 0.5) / Double(Self.fineness) }
          let value = corner.color(
            right: (Double(colors.count - index) - inset(u)) * side, bottom: (1 - inset(v)) * side)
          sum += value
          squares += value * value
          cross += value * difference
        }
      }
    }
    let count = per * Float(colors.count)
    let spread = (squares - sum * sum / count).sum()
    let (match, pattern) = (cross.sum(), energy.sum())
    // The floor is the noise of a flat corner: a level a sample and channel.
    return (match / (pattern * (max(0, spread) + 3 * count)).squareRoot(), match / pattern)
  }
}

/// The bottom right corner of a picture in colour.
private struct ColorCorner {
  let width: Int
  let height: Int
  private let pixels: [UInt8]

  /// - Returns: nil for a grey picture.
  init?(_ scene: MarkScene, longest: Double) {
    let quarter = scene.quarter
    guard quarter.channels == 3 else { return nil }
    width = min(quarter.width, Int(longest.rounded(.up)))
    height = min(quarter.height, width)
    pixels =
      quarter.cropped(x: quarter.width - width, y: quarter.height - height, width: width, height: height)
      .pixels8
  }

  /// The pixel at a distance from the right and the bottom border.
  func color(right: Double, bottom: Double) -> SIMD3<Float> {
    let x = min(max(0, Int(Double(width) - right)), width - 1)
    let y = min(max(0, Int(Double(height) - bottom)), height - 1)
    let i = 3 * (y * width + x)
    return SIMD3(Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]))
  }
}
