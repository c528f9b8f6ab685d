#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How much two pictures of one size differ.
public enum Similarity {
  /// Peak signal-to-noise ratio in dB over all samples, alpha excepted; infinite for equal pictures.
  ///
  /// 16-bit samples count with their peak of 65535.
  ///
  /// - Precondition: both have one size and colour model.
  public static func psnr(_ a: Image, _ b: Image) -> Double {
    precondition(a.width == b.width && a.height == b.height && a.colorModel == b.colorModel)
    let colors = a.colorModel.hasAlpha ? a.channels - 1 : a.channels
    let error = (0..<colors).map { meanSquaredError(a.plane(channel: $0), b.plane(channel: $0)) }
    return decibels(error.reduce(0, +) / Double(colors), peak: 255)
  }

  /// Peak signal-to-noise ratio of two planes in dB; infinite for equal ones.
  ///
  /// - Precondition: both have one size.
  public static func psnr(_ a: Plane, _ b: Plane, peak: Double = 255) -> Double {
    decibels(meanSquaredError(a, b), peak: peak)
  }

  /// The mean structural similarity of the colour channels, up to 1; nil when a side is under 11 pixels.
  ///
  /// - Precondition: both have one size and colour model.
  public static func ssim(_ a: Image, _ b: Image) -> Double? {
    precondition(a.width == b.width && a.height == b.height && a.colorModel == b.colorModel)
    let colors = a.colorModel.hasAlpha ? a.channels - 1 : a.channels
    var sum = 0.0
    for c in 0..<colors {
      guard let value = ssim(a.plane(channel: c), b.plane(channel: c)) else { return nil }
      sum += value
    }
    return sum / Double(colors)
  }

  /// Mean structural similarity: Gaussian window of 11 × 11 with σ 1.5, K1 0.01, K2 0.03, population
  /// covariance, over the windows that lie wholly within; nil when a side is under 11.
  ///
  /// The same as scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5,
  /// use_sample_covariance=False)`.
  ///
  /// - Precondition: both have one size.
  ///
  /// Source: Wang et al. 2004, doi:10.1109/TIP.2003.819861
  public static func ssim(_ a: Plane, _ b: Plane, peak: Double = 255) -> Double? {
    precondition(a.width == b.width && a.height == b.height)
    guard a.width >= window.count && a.height >= window.count else { return nil }
    let (x, y) = (a.values.map { Double($0) }, b.values.map { Double($0) })
    let size = (a.width, a.height)
    let meanX = smoothed(x, size)
    let meanY = smoothed(y, size)
    let squareX = smoothed(zip(x, x).map(*), size)
    let squareY = smoothed(zip(y, y).map(*), size)
    let product = smoothed(zip(x, y).map(*), size)
    let (c1, c2) = ((0.01 * peak) * (0.01 * peak), (0.03 * peak) * (0.03 * peak))
    var sum = 0.0
    for i in 0..<meanX.count {
      let (mx, my) = (meanX[i], meanY[i])
      let (vx, vy, vxy) = (squareX[i] - mx * mx, squareY[i] - my * my, product[i] - mx * my)
      sum += (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    }
    return sum / Double(meanX.count)
  }

  private static func meanSquaredError(_ a: Plane, _ b: Plane) -> Double {
    precondition(a.width == b.width && a.height == b.height)
    var sum = 0.0
    for i in 0..<a.values.count {
      let difference = Double(a.values[i] - b.values[i])
      sum += difference * difference
    }
    return sum / Double(a.values.count)
  }

  private static func decibels(_ error: Double, peak: Double) -> Double {
    error == 0 ? .infinity : 10 * log10(peak * peak / error)
  }

  /// The Gaussian's 11 weights, which sum to 1.
  private static let window: [Double] = {
    let raw = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }()

  /// The weighted mean of every window that lies within: [height − 10, width − 10].
  private static func smoothed(_ values: [Double], _ size: (width: Int, height: Int)) -> [Double] {
    let reach = window.count
    let (width, height) = (size.width - reach + 1, size.height - reach + 1)
    var rows = [Double](repeating: 0, count: width * size.height)
    values.withUnsafeBufferPointer { values in
      rows.withUnsafeMutableBufferPointer { rows in
        for y in 0..<size.height {
          for (k, weight) in window.enumerated() {
            let source = values.baseAddress! + y * size.width + k
            let target = rows.baseAddress! + y * width
            for x in 0..<width { target[x] += weight * source[x] }
          }
        }
      }
    }
    var result = [Double](repeating: 0, count: width * height)
    rows.withUnsafeBufferPointer { rows in
      result.withUnsafeMutableBufferPointer { result in
        for y in 0..<height {
          for (k, weight) in window.enumerated() {
            let source = rows.baseAddress! + (y + k) * width
            let target = result.baseAddress! + y * width
            for x in 0..<width { target[x] += weight * source[x] }
          }
        }
      }
    }
    return result
  }
}
