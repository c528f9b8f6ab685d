import Evaluation
import Foundation
import ImageFormats
package import Images
import Tensors

/// Pictures of which a part comes from another one, drawn at random: real ones with generated parts and the reverse, and
/// of one class alone.
///
/// As all four are alike but for the class, what tells a patched place teaches nothing.
package struct CompositeMaker {
  /// A picture, and which share of each place of a grid over it is generated.
  package struct Composite {
    package var image: Image
    /// [grid, grid] by rows, 0...1.
    package var shares: [Float]

    /// The mean over a part of the picture, 0...1.
    package func share(of region: PixelRegion) -> Float {
      let grid = CompositeMaker.grid
      func cells(_ start: Int, _ length: Int, _ whole: Int) -> Range<Int> {
        let first = min(start * grid / whole, grid - 1)
        return first..<max(first + 1, min(grid, (start + length) * grid / whole))
      }
      let columns = cells(region.x, region.width, image.width)
      let rows = cells(region.y, region.height, image.height)
      let sum = rows.reduce(Float(0)) { sum, row in
        columns.reduce(sum) { $0 + shares[row * grid + $1] }
      }
      return sum / Float(columns.count * rows.count)
    }
  }

  /// Places a side of the grid.
  package static let grid = 64

  private var random: RandomStream

  package init(seed: UInt64, stream: UInt64) { random = RandomStream(seed: seed, stream: stream) }

  /// - Parameters:
  ///   - host: the picture that keeps its surroundings.
  ///   - inset: the picture that a part is taken from; both of any size.
  package mutating func composite(
    host: Image, isGenerated hostIsGenerated: Bool, inset: Image, isGenerated insetIsGenerated: Bool
  ) throws -> Composite {
    let host = host.withoutAlpha().inColor().reduced(toLongestSide: 1024, filter: .bicubic)
    let inset = inset.withoutAlpha().inColor()
    let (width, height) = (host.width, host.height)
    let shorter = Float(min(width, height))
    let size = (
      width: max(24, Int(shorter * random.uniform(in: 0.2...0.7))),
      height: max(24, Int(shorter * random.uniform(in: 0.2...0.7)))
    )
    let part = fitted(inset, width: min(size.width, width), height: min(size.height, height))
    let origin = (
      x: random.integer(in: 0..<width - part.width + 1), y: random.integer(in: 0..<height - part.height + 1)
    )
    let mask = drawnMask(width: part.width, height: part.height)
    var pixels = host.pixels8
    let source = part.pixels8
    var covered = [Float](repeating: 0, count: width * height)
    for y in 0..<part.height {
      for x in 0..<part.width {
        let share = mask[y * part.width + x]
        guard share > 0 else { continue }
        let place = (y + origin.y) * width + x + origin.x
        covered[place] = share
        for c in 0..<3 {
          let below = Float(pixels[3 * place + c])
          pixels[3 * place + c] = UInt8(
            (below + share * (Float(source[3 * (y * part.width + x) + c]) - below)).rounded())
        }
      }
    }
    var image = Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
    // A view of a part, so that places of all sizes are seen.
    if random.chance(0.5) {
      let side = Int(shorter * random.uniform(in: 0.45...1))
      let x = random.integer(in: 0..<width - side + 1)
      let y = random.integer(in: 0..<height - side + 1)
      image = image.cropped(x: x, y: y, width: side, height: side)
      covered = (y..<y + side).flatMap { row in covered[row * width + x..<row * width + x + side] }
    }
    let inside: Float = insetIsGenerated ? 1 : 0
    let outside: Float = hostIsGenerated ? 1 : 0
    let shares = Self.means(covered, width: image.width, height: image.height, grid: Self.grid)
      .map { outside + $0 * (inside - outside) }
    var journey = PictureJourney(random: random)
    image = try journey.published(image)
    random = journey.random
    return Composite(image: image, shares: shares)
  }

  /// A part of that size, at the scale at which it lay in its picture or a smaller one.
  private mutating func fitted(_ image: Image, width: Int, height: Int) -> Image {
    let most = min(Double(image.width) / Double(width), Double(image.height) / Double(height))
    let scale = most <= 1 ? most : exp(log(most) * Double(random.uniform(in: 0...1)))
    let cut = (
      width: min(image.width, max(1, Int(Double(width) * scale))),
      height: min(image.height, max(1, Int(Double(height) * scale)))
    )
    let part = image.cropped(
      x: random.integer(in: 0..<image.width - cut.width + 1),
      y: random.integer(in: 0..<image.height - cut.height + 1), width: cut.width, height: cut.height)
    return part.resized(width: width, height: height, filter: .bicubic)
  }

  /// A rectangle or a round shape with a hard or a soft border, [height, width], 0...1.
  private mutating func drawnMask(width: Int, height: Int) -> [Float] {
    let isRound = random.chance(0.6)
    let soft = random.chance(0.6) ? random.uniform(in: 0.02...0.25) : 0.001
    let waves = (0..<3).map { _ in (random.uniform(in: 0...0.12), random.uniform(in: 0...6.28)) }
    var mask = [Float](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let u = 2 * (Float(x) + 0.5) / Float(width) - 1
        let v = 2 * (Float(y) + 0.5) / Float(height) - 1
        var distance = max(abs(u), abs(v))
        if isRound {
          let angle = atan2(v, u)
          let bulge = waves.enumerated().reduce(Float(0)) { sum, wave in
            sum + wave.element.0 * (cos(Float(wave.offset + 2) * angle + wave.element.1) - 1)
          }
          distance = (u * u + v * v).squareRoot() / (1 + bulge)
        }
        mask[y * width + x] = min(max((1 - distance) / soft, 0), 1)
      }
    }
    return mask
  }

  /// The mean of each place of a grid over a plane.
  private static func means(_ values: [Float], width: Int, height: Int, grid: Int) -> [Float] {
    var means: [Float] = []
    for row in 0..<grid {
      for column in 0..<grid {
        var (sum, count): (Float, Float) = (0, 0)
        for y in row * height / grid..<max((row + 1) * height / grid, row * height / grid + 1) {
          for x in column * width / grid..<max((column + 1) * width / grid, column * width / grid + 1) {
            sum += values[y * width + x]
            count += 1
          }
        }
        means.append(sum / count)
      }
    }
    return means
  }
}
