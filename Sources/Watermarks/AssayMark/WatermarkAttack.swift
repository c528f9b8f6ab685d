import Foundation
public import Images

/// What happens to pictures on their way: the steps that a mark is tested against.
///
/// Lossy codecs are given by the caller, as this module holds none.
public enum WatermarkAttack: Sendable, Hashable {
  /// Encoded and decoded as JPEG with 4:2:0 chroma.
  case jpeg(quality: Int)
  /// Encoded and decoded as lossy WebP.
  case webp(quality: Int)
  /// Both sides multiplied, bicubic.
  case resize(Double)
  /// A rectangle of this share of the area, its place drawn from the seed.
  case crop(area: Double)
  /// Turned counter-clockwise by degrees about the middle, bilinear; the size stays, corners turn black.
  case rotate(Double)
  /// Turned by quarter turns, clockwise.
  case quarterTurns(Int)
  /// Left and right exchanged.
  case mirror
  /// Samples multiplied.
  case brightness(Double)
  /// Distances from mid-grey multiplied.
  case contrast(Double)
  /// Samples to this power, of 0...1.
  case gamma(Double)
  /// Gaussian, σ in pixels.
  case blur(Double)
  /// Gaussian noise of this σ in levels on every channel, drawn from the seed.
  case noise(Double)
  /// Each sample the median of its 3×3.
  case median
  /// 256 colours: three bits of red and green, two of blue, without dithering.
  case palette

  /// Lossy round trips.
  public struct Codecs: Sendable {
    var jpeg: @Sendable (Image, Int) throws -> Image
    var webp: @Sendable (Image, Int) throws -> Image

    public init(
      jpeg: @escaping @Sendable (Image, Int) throws -> Image,
      webp: @escaping @Sendable (Image, Int) throws -> Image
    ) {
      self.jpeg = jpeg
      self.webp = webp
    }
  }

  /// The picture after this step, in 8 bits.
  ///
  /// - Parameter seed: decides what is drawn: the place of a crop, the noise.
  /// - Throws: what the codecs throw.
  public func apply(to image: Image, seed: UInt64, codecs: Codecs) throws -> Image {
    var random = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678)
    switch self {
    case .jpeg(let quality): return try codecs.jpeg(image, quality)
    case .webp(let quality): return try codecs.webp(image, quality)
    case .resize(let factor):
      let side = { (length: Int) in max(Int((Double(length) * factor).rounded()), 1) }
      return image.resized(width: side(image.width), height: side(image.height), filter: .bicubic)
    case .crop(let area):
      // The sides' ratio varies too, within 4:5...5:4 of the picture's.
      let stretch = (0.8 + 0.45 * random.unit()).squareRoot()
      let width = min(Int(Double(image.width) * area.squareRoot() * stretch), image.width)
      let height = min(Int(Double(image.height) * area.squareRoot() / stretch), image.height)
      return image.cropped(
        x: Int(random.unit() * Double(image.width - width + 1)),
        y: Int(random.unit() * Double(image.height - height + 1)), width: max(width, 1),
        height: max(height, 1))
    case .rotate(let degrees): return Self.rotated(image, degrees: degrees)
    case .quarterTurns(let turns): return image.rotated(quarterTurns: turns)
    case .mirror: return image.flippedHorizontally()
    case .brightness(let factor): return Self.mapped(image) { $0 * factor }
    case .contrast(let factor): return Self.mapped(image) { 127.5 + ($0 - 127.5) * factor }
    case .gamma(let exponent): return Self.mapped(image) { 255 * pow($0 / 255, exponent) }
    case .blur(let sigma):
      return Self.perPlane(image) { Self.blurred($0, sigma: sigma) }
    case .noise(let sigma):
      return Self.perPlane(image) { plane in
        var plane = plane
        for index in plane.values.indices { plane.values[index] += Float(sigma * random.gaussian()) }
        return plane
      }
    case .median: return Self.perPlane(image, Self.median)
    case .palette:
      let levels = image.channels < 3 ? [8] : [8, 8, 4]
      var channel = 0
      return Self.perPlane(image) { plane in
        let count = Float(levels[min(channel, levels.count - 1)] - 1)
        channel += 1
        var plane = plane
        for index in plane.values.indices {
          plane.values[index] = (plane.values[index] / 255 * count).rounded() / count * 255
        }
        return plane
      }
    }
  }

  /// The colour planes changed one by one; alpha is dropped.
  private static func perPlane(_ image: Image, _ change: (Plane) -> Plane) -> Image {
    let opaque = image.withoutAlpha()
    return Image(planes: opaque.planes().map(change), colorModel: opaque.colorModel)
  }

  /// Every colour sample through a table.
  private static func mapped(_ image: Image, _ curve: (Double) -> Double) -> Image {
    let opaque = image.withoutAlpha()
    let table = (0..<256).map { UInt8(min(max(curve(Double($0)), 0), 255).rounded()) }
    return Image(
      width: opaque.width, height: opaque.height, colorModel: opaque.colorModel,
      pixels: opaque.pixels8.map { table[Int($0)] })
  }

  private static func rotated(_ image: Image, degrees: Double) -> Image {
    let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    return perPlane(image) { plane in
      var result = plane
      let (middleX, middleY) = (Double(plane.width - 1) / 2, Double(plane.height - 1) / 2)
      for y in 0..<plane.height {
        for x in 0..<plane.width {
          // Back through the turn; y points down.
          let (dx, dy) = (Double(x) - middleX, Double(y) - middleY)
          let (fromX, fromY) = (c * dx - s * dy + middleX, s * dx + c * dy + middleY)
          guard fromX >= 0, fromY >= 0, fromX <= Double(plane.width - 1), fromY <= Double(plane.height - 1)
          else {
            result[x, y] = 0
            continue
          }
          let (left, top) = (Int(fromX), Int(fromY))
          let (right, bottom) = (min(left + 1, plane.width - 1), min(top + 1, plane.height - 1))
          let (shareX, shareY) = (Float(fromX - Double(left)), Float(fromY - Double(top)))
          let upper = plane[left, top] + shareX * (plane[right, top] - plane[left, top])
          let lower = plane[left, bottom] + shareX * (plane[right, bottom] - plane[left, bottom])
          result[x, y] = upper + shareY * (lower - upper)
        }
      }
      return result
    }
  }

  private static func blurred(_ plane: Plane, sigma: Double) -> Plane {
    let reach = Int((3 * sigma).rounded(.up))
    var kernel = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
    let total = kernel.reduce(0, +)
    for index in kernel.indices { kernel[index] /= total }
    func pass(_ plane: Plane, dx: Int, dy: Int) -> Plane {
      var result = plane
      for y in 0..<plane.height {
        for x in 0..<plane.width {
          var sum: Float = 0
          for tap in -reach...reach {
            let atX = min(max(x + tap * dx, 0), plane.width - 1)
            let atY = min(max(y + tap * dy, 0), plane.height - 1)
            sum += kernel[tap + reach] * plane[atX, atY]
          }
          result[x, y] = sum
        }
      }
      return result
    }
    return pass(pass(plane, dx: 1, dy: 0), dx: 0, dy: 1)
  }

  private static func median(_ plane: Plane) -> Plane {
    var result = plane
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        var values: [Float] = []
        values.reserveCapacity(9)
        for dy in -1...1 {
          for dx in -1...1 {
            values.append(plane[min(max(x + dx, 0), plane.width - 1), min(max(y + dy, 0), plane.height - 1)])
          }
        }
        values.sort()
        result[x, y] = values[4]
      }
    }
    return result
  }
}
