import Foundation
import Images

/// What is left of a picture once its content is taken away, on the grid that all pictures share.
///
/// A fingerprint is fixed to the picture's sides and not to its pixels, so that every picture is brought to one square
/// grid first: a pattern of k cycles a side then has the same place in the spectrum whatever the size was. The
/// residual is divided by its own local variance: edges and textures would else outweigh the pattern, which is as
/// strong in a clear sky as in grass.
struct PatternResidual: Sendable {
  /// The grid's side in samples.
  static let side = 640
  /// Standard deviation in grid samples of the Gaussian that parts detail from content, and of the window over which its
  /// strength is taken.
  static let sigma = 2.0

  /// Below this, in grey levels, a residual is the rounding of this arithmetic and no trace of a picture.
  static let leastDetail: Float = 1e-3
  /// The least share of samples with detail: too few make a spectrum whose phases hang together.
  static let leastDetailShare = 0.05

  /// Share of samples with detail, 0...1.
  let detailShare: Double
  /// [side, side], grey levels over their local variance.
  let plane: Plane
  /// The picture's own sides in pixels, which say how far its spectrum reaches and where JPEG's grid lies.
  let pixelWidth: Int
  let pixelHeight: Int

  /// - Parameter luminance: [H, W], 0...255.
  init(of luminance: Plane) {
    let grid = PatternGrid.resample(luminance, side: Self.side)
    let smooth = GaussianSmoothing(sigma: Self.sigma)
    var detail = smooth.apply(to: grid)
    for index in detail.values.indices { detail.values[index] = grid.values[index] - detail.values[index] }
    var squares = detail
    for index in squares.values.indices { squares.values[index] *= squares.values[index] }
    let strength = smooth.apply(to: squares)
    var detailed = 0
    for index in detail.values.indices {
      // Divided by its variance, not its deviation: where content is strong the pattern is not only hidden but worth the
      // less. One grey level squared keeps flat areas, and the rounding of 8 bits in them, from being blown up.
      let value = detail.values[index] / (strength.values[index] + 1)
      let counts = abs(value) >= Self.leastDetail
      detail.values[index] = counts ? value : 0
      if counts { detailed += 1 }
    }
    detailShare = Double(detailed) / Double(detail.values.count)
    plane = detail
    pixelWidth = luminance.width
    pixelHeight = luminance.height
  }

  private init(plane: Plane, pixelWidth: Int, pixelHeight: Int) {
    self.plane = plane
    detailShare = Double(plane.values.count { $0 != 0 }) / Double(plane.values.count)
    self.pixelWidth = pixelWidth
    self.pixelHeight = pixelHeight
  }

  /// One cell of the picture cut into equal columns and rows, as collages are made.
  ///
  /// - Precondition: `columns` and `rows` divide ``side`` and the cell is within them.
  func cell(column: Int, row: Int, columns: Int, rows: Int) -> PatternResidual {
    let (width, height) = (plane.width / columns, plane.height / rows)
    return PatternResidual(
      plane: plane.cropped(x: column * width, y: row * height, width: width, height: height),
      pixelWidth: pixelWidth / columns, pixelHeight: pixelHeight / rows)
  }
}

/// A separable Gaussian whose borders are mirrored without repeating the edge.
struct GaussianSmoothing {
  /// From the centre outwards; the whole kernel sums to 1.
  let weights: [Float]

  /// - Parameter sigma: in samples; the kernel reaches 3 of them.
  init(sigma: Double) {
    let radius = Int((3 * sigma).rounded(.up))
    let raw = (0...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = raw[0] + 2 * raw.dropFirst().reduce(0, +)
    weights = raw.map { Float($0 / sum) }
  }

  func apply(to plane: Plane) -> Plane {
    let (width, height, radius) = (plane.width, plane.height, weights.count - 1)
    func mirrored(_ place: Int, _ count: Int) -> Int {
      guard count > 1 else { return 0 }
      let period = 2 * (count - 1)
      let wrapped = ((place % period) + period) % period
      return wrapped < count ? wrapped : period - wrapped
    }
    var result = Plane(width: width, height: height)
    var line = [Float](repeating: 0, count: width + 2 * radius)
    plane.values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        line.withUnsafeMutableBufferPointer { line in
          let middle = line.baseAddress! + radius
          for y in 0..<height {
            let here = source.baseAddress! + y * width
            for x in 0..<width { middle[x] = weights[0] * here[x] }
            for k in 1...radius {
              let above = source.baseAddress! + mirrored(y - k, height) * width
              let below = source.baseAddress! + mirrored(y + k, height) * width
              let weight = weights[k]
              for x in 0..<width { middle[x] += weight * (above[x] + below[x]) }
            }
            for k in 1...radius {
              middle[-k] = middle[mirrored(-k, width)]
              middle[width - 1 + k] = middle[mirrored(width - 1 + k, width)]
            }
            let out = target.baseAddress! + y * width
            for x in 0..<width { out[x] = weights[0] * middle[x] }
            for k in 1...radius {
              let weight = weights[k]
              let (left, right) = (middle - k, middle + k)
              for x in 0..<width { out[x] += weight * (left[x] + right[x]) }
            }
          }
        }
      }
    }
    return result
  }
}
