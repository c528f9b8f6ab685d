public import Images

/// Traces of a camera's colour filter array.
///
/// A camera measures one colour at each site and interpolates the other two, so the error of predicting a
/// sample from its neighbours is smaller at interpolated sites, on a lattice of 2×2. JPEG below quality 90 and
/// every resize wipe that out: its presence speaks for a camera, its absence for nothing.
///
/// Source: after Popescu & Farid 2005, doi:10.1109/TSP.2005.855406; Ferrara et al. 2012,
/// doi:10.1109/TIFS.2012.2202227
public struct ColorFilterTraces: Sendable, Hashable {
  /// |log| of the error energies' ratio between green's two checkerboard lattices, nepers; a processed or
  /// made picture stays below about 0.05.
  public let green: Float
  /// log(largest / smallest) error energy of red's four sites, nepers.
  public let red: Float
  /// The same for blue.
  public let blue: Float

  /// - Parameters: planes of one size, 0...255.
  /// - Returns: nil below 32 samples a side.
  public init?(red: Plane, green: Plane, blue: Plane) {
    precondition(red.width == green.width && red.height == green.height)
    precondition(blue.width == green.width && blue.height == green.height)
    guard green.width >= 32, green.height >= 32 else { return nil }
    let g = Self.energies(green)
    let (r, b) = (Self.energies(red), Self.energies(blue))
    self.green = abs(Self.logRatio(g[0] + g[3], g[1] + g[2]))
    self.red = Self.logRatio(r.max() ?? 0, r.min() ?? 0)
    self.blue = Self.logRatio(b.max() ?? 0, b.min() ?? 0)
  }

  /// Mean clamped squared prediction error at the sites (x mod 2, y mod 2): (0,0), (1,0), (0,1), (1,1).
  private static func energies(_ plane: Plane) -> [Float] {
    let (width, height) = (plane.width, plane.height)
    let limit: Float = 100
    var sums = [Float](repeating: 0, count: 4)
    plane.values.withUnsafeBufferPointer { samples in
      var pair = [Float](repeating: 0, count: 2)
      for y in 1..<height - 1 {
        let row = samples.baseAddress! + y * width
        pair[0] = 0
        pair[1] = 0
        for x in 1..<width - 1 {
          let error = row[x] - 0.25 * (row[x - 1] + row[x + 1] + row[x - width] + row[x + width])
          pair[x & 1] += min(error * error, limit)
        }
        sums[(y & 1) * 2] += pair[0] / Float(width)
        sums[(y & 1) * 2 + 1] += pair[1] / Float(width)
      }
    }
    return sums
  }

  private static func logRatio(_ a: Float, _ b: Float) -> Float {
    naturalLog(SIMD4(repeating: (a + 1e-3) / (b + 1e-3)))[0]
  }
}
