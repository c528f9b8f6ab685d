public import Images

/// The orthonormal two-dimensional Haar wavelet transform.
///
/// Source: Mallat 1989, doi:10.1109/34.192463
public enum HaarTransform {
  /// One level's four bands, each [H/2, W/2]. An odd last row or column is left out.
  public struct Bands: Sendable, Hashable {
    /// Means of 2×2 samples, times two.
    public var approximation: Plane
    /// Differences across: vertical edges.
    public var horizontal: Plane
    /// Differences down: horizontal edges.
    public var vertical: Plane
    /// Differences both ways: corners, noise.
    public var diagonal: Plane
  }

  /// - Throws: ``SpectrumError`` for a side below 2.
  public static func forward(_ plane: Plane) throws(SpectrumError) -> Bands {
    let (width, height) = (plane.width / 2, plane.height / 2)
    guard width > 0, height > 0 else {
      throw .sides(plane.width, plane.height, need: "2×2 samples are the least")
    }
    var bands = Bands(
      approximation: Plane(width: width, height: height), horizontal: Plane(width: width, height: height),
      vertical: Plane(width: width, height: height), diagonal: Plane(width: width, height: height))
    for y in 0..<height {
      for x in 0..<width {
        let (a, b) = (plane[2 * x, 2 * y], plane[2 * x + 1, 2 * y])
        let (c, d) = (plane[2 * x, 2 * y + 1], plane[2 * x + 1, 2 * y + 1])
        bands.approximation[x, y] = (a + b + c + d) / 2
        bands.horizontal[x, y] = (a - b + c - d) / 2
        bands.vertical[x, y] = (a + b - c - d) / 2
        bands.diagonal[x, y] = (a - b - c + d) / 2
      }
    }
    return bands
  }

  /// The plane of [2H, 2W] whose bands these are.
  ///
  /// - Precondition: the bands have one size.
  public static func inverse(_ bands: Bands) -> Plane {
    let (width, height) = (bands.approximation.width, bands.approximation.height)
    var plane = Plane(width: 2 * width, height: 2 * height)
    for y in 0..<height {
      for x in 0..<width {
        let (s, h) = (bands.approximation[x, y], bands.horizontal[x, y])
        let (v, d) = (bands.vertical[x, y], bands.diagonal[x, y])
        plane[2 * x, 2 * y] = (s + h + v + d) / 2
        plane[2 * x + 1, 2 * y] = (s - h + v - d) / 2
        plane[2 * x, 2 * y + 1] = (s + h - v - d) / 2
        plane[2 * x + 1, 2 * y + 1] = (s - h - v + d) / 2
      }
    }
    return plane
  }
}
