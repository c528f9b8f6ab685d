public import Images

/// The log-power spectrum of a picture, averaged over Hann-windowed tiles (Welch's method on logarithms).
///
/// The mean of logarithms lets every tile count alike, so that one contrasty tile doesn't hide a weak lattice
/// that runs through all of them. Values are natural logarithms of power in squared sample units, scaled so
/// that white noise of variance σ² has the mean log(σ²) − 0.577. Subtracting a tile's mean first and the
/// window's fall to 0 keep edges from leaking along the axes.
///
/// Source: Welch 1967, doi:10.1109/TAU.1967.1161901
public struct LogSpectrum: Sendable, Hashable {
  /// The tiles' side N; frequencies are multiples of 1/N cycles a sample.
  public let side: Int
  /// How many tiles were averaged.
  public let tiles: Int
  /// [N, N/2 + 1]: column u is u/N cycles a sample; row v is v/N, rows past N/2 are v/N − 1.
  public let values: [Float]

  /// Power below this (in squared sample units) is flat: an 8-bit picture's rounding alone gives 1/12.
  static let floor: Float = 1e-4

  public var columns: Int { side / 2 + 1 }

  /// - Parameters:
  ///   - plane: [H, W]; luminance or a residual.
  ///   - side: a multiple of 16, so that the lattices' frequencies fall on bins.
  /// - Throws: ``SpectrumError`` for a plane smaller than one tile.
  public init(of plane: Plane, side: Int = 256, maximumTiles: Int = 16) throws(SpectrumError) {
    guard let tiling = Tiling(width: plane.width, height: plane.height, side: side, maximum: maximumTiles)
    else { throw .sides(plane.width, plane.height, need: "a tile of \(side)×\(side) is the least") }
    self.init(of: plane, tiling: tiling)
  }

  /// Averages the given tiles.
  ///
  /// - Precondition: the tiles lie within the plane and their side is at least 16.
  public init(of plane: Plane, tiling: Tiling) {
    let side = tiling.side
    precondition(side >= 16)
    let window = HannWindow.of(side)
    let columns = side / 2 + 1
    let plan = FourierPlan.cached(.init(kind: .realForward, width: side, height: side))
    var windowed = [Float](repeating: 0, count: side * side)
    var spectrum = [Float](repeating: 0, count: 2 * columns * side)
    var power = [Float](repeating: 0, count: columns * side)
    var sum = [Float](repeating: 0, count: columns * side)
    for origin in tiling.origins {
      window.apply(to: plane, at: origin, into: &windowed)
      plan.realForward(windowed, into: &spectrum)
      let scale = 1 / window.energy
      spectrum.withUnsafeBufferPointer { source in
        power.withUnsafeMutableBufferPointer { target in
          for index in 0..<target.count {
            let (re, im) = (source[2 * index], source[2 * index + 1])
            target[index] = (re * re + im * im) * scale
          }
          target.baseAddress!.takeLog(count: target.count, floor: Self.floor)
        }
      }
      sum.withUnsafeMutableBufferPointer { target in
        power.withUnsafeBufferPointer { source in
          for index in 0..<target.count { target[index] += source[index] }
        }
      }
    }
    let share = 1 / Float(tiling.origins.count)
    self.side = side
    tiles = tiling.origins.count
    values = sum.map { $0 * share }
  }

  /// The value at a signed frequency in bins, −N/2...N/2 each way; opposite frequencies share one.
  public func value(u: Int, v: Int) -> Float {
    let (x, y) = u < 0 ? (-u, -v) : (u, v)
    return values[((y % side + side) % side) * columns + x]
  }
}

/// The two-dimensional Hann window of one side.
struct HannWindow {
  let weights: [Float]
  /// Σ w² over the tile: what white noise of variance 1 would give as power in each bin.
  let energy: Float

  static func of(_ side: Int) -> HannWindow {
    let weights = (0..<side).map { Float(0.5 - 0.5 * cosine(2 * Double.pi * Double($0) / Double(side))) }
    let line = weights.reduce(0.0) { $0 + Double($1) * Double($1) }
    return HannWindow(weights: weights, energy: Float(line * line))
  }

  /// (x − mean) · w(y) · w(x) of the tile at `origin`.
  func apply(to plane: Plane, at origin: Tiling.Origin, into target: inout [Float]) {
    let side = weights.count
    plane.values.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        weights.withUnsafeBufferPointer { weights in
          var total: Float = 0
          for y in 0..<side {
            let row = source.baseAddress! + (origin.y + y) * plane.width + origin.x
            var lanes = SIMD8<Float>.zero
            var x = 0
            while x + 8 <= side {
              lanes += UnsafeRawPointer(row + x).loadUnaligned(as: SIMD8<Float>.self)
              x += 8
            }
            while x < side {
              lanes[0] += row[x]
              x += 1
            }
            total += lanes.sum()
          }
          let mean = total / Float(side * side)
          for y in 0..<side {
            let row = source.baseAddress! + (origin.y + y) * plane.width + origin.x
            let out = target.baseAddress! + y * side
            let weight = weights[y]
            for x in 0..<side { out[x] = (row[x] - mean) * weight * weights[x] }
          }
        }
      }
    }
  }
}
