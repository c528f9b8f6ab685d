public import Images

/// What's left of a picture when its smooth content is taken away.
public enum NoiseResidual {
  /// The second-order high-pass x − prediction from the eight neighbours.
  ///
  /// The kernel is [−1 2 −1; 2 −4 2; −1 2 −1]/4, whose response is 0 for every plane and every pure
  /// horizontal or vertical edge. Values are clamped to ±limit so that contours don't outweigh the noise in
  /// which traces of upsampling live. The one-sample border is 0.
  ///
  /// - Parameters:
  ///   - plane: [H, W], 0...255.
  ///   - limit: in the same units.
  /// - Returns: [H, W].
  ///
  /// Source: the "KB"-type kernel of Fridrich & Kodovský 2012, doi:10.1109/TIFS.2012.2190402
  public static func of(_ plane: Plane, limit: Float = 8) -> Plane {
    let (width, height) = (plane.width, plane.height)
    var result = Plane(width: width, height: height)
    guard width >= 3, height >= 3 else { return result }
    plane.values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        for y in 1..<height - 1 {
          let above = source.baseAddress! + (y - 1) * width
          let here = above + width
          let below = here + width
          let out = target.baseAddress! + y * width
          for x in 1..<width - 1 {
            let corners = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1]
            let sides = above[x] + below[x] + here[x - 1] + here[x + 1]
            let value = 0.5 * sides - 0.25 * corners - here[x]
            out[x] = max(-limit, min(limit, value))
          }
        }
      }
    }
    return result
  }

  /// Pearson's correlation of two residuals, −1...1; 0 where one has no variance.
  ///
  /// A camera interpolates two of three colours from neighbours, which ties the channels' noise together in a
  /// way of its own; a decoder's last convolution ties them differently.
  ///
  /// - Precondition: the planes have one size.
  public static func correlation(_ a: Plane, _ b: Plane) -> Float {
    precondition(a.width == b.width && a.height == b.height)
    var (sumA, sumB, sumAA, sumBB, sumAB) = (0.0, 0.0, 0.0, 0.0, 0.0)
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        // Float sums a row's length at a time keep the speed, double sums between them the precision.
        var start = 0
        while start < a.count {
          let end = min(start + 512, a.count)
          var lanes = (
            SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero
          )
          var index = start
          while index + 4 <= end {
            let x = UnsafeRawPointer(a.baseAddress! + index).loadUnaligned(as: SIMD4<Float>.self)
            let y = UnsafeRawPointer(b.baseAddress! + index).loadUnaligned(as: SIMD4<Float>.self)
            lanes.0 += x
            lanes.1 += y
            lanes.2 += x * x
            lanes.3 += y * y
            lanes.4 += x * y
            index += 4
          }
          while index < end {
            let (x, y) = (a[index], b[index])
            lanes.0[0] += x
            lanes.1[0] += y
            lanes.2[0] += x * x
            lanes.3[0] += y * y
            lanes.4[0] += x * y
            index += 1
          }
          sumA += Double(lanes.0.sum())
          sumB += Double(lanes.1.sum())
          sumAA += Double(lanes.2.sum())
          sumBB += Double(lanes.3.sum())
          sumAB += Double(lanes.4.sum())
          start = end
        }
      }
    }
    let count = Double(a.values.count)
    let (varianceA, varianceB) = (sumAA - sumA * sumA / count, sumBB - sumB * sumB / count)
    guard varianceA > 1e-9, varianceB > 1e-9 else { return 0 }
    return Float((sumAB - sumA * sumB / count) / (varianceA * varianceB).squareRoot())
  }
}
