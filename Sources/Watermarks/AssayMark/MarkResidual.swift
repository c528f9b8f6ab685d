import Images

/// What is left of a picture when most of what it shows is taken away: the reader's input.
///
/// Luminance minus its local mean, over its local strength plus two levels, clipped at ±2.5. Where the picture
/// is busy the mark is stronger and so is the noise; the division weighs pixels about as a matched filter
/// would.
enum MarkResidual {
  static let block = 8
  private static let floor: Float = 2
  private static let limit: Float = 2.5

  static func make(from luminance: Plane) -> Plane { makeWithGains(from: luminance).residual }

  /// The residual and what pixels are multiplied by: the gains of 8×8 blocks, row by row.
  static func makeWithGains(from luminance: Plane) -> (residual: Plane, gains: [Float]) {
    var plane = luminance
    BoxFilter.subtractMean(&plane, radius: 4)
    let columns = (plane.width + block - 1) / block
    let rows = (plane.height + block - 1) / block
    let means = BlockEnergy.means(of: plane, block: block)
    var gains = BlockEnergy.smooth(means, columns: columns, rows: rows, kernel: (2, 1))
    for index in gains.indices { gains[index] = 1 / (max(gains[index], 0).squareRoot() + floor) }
    var row = [Float](repeating: 0, count: plane.width)
    let width = plane.width
    for y in 0..<plane.height {
      BlockEnergy.interpolate(gains, columns: columns, rows: rows, block: block, y: y, into: &row)
      plane.values.withUnsafeMutableBufferPointer { values in
        row.withUnsafeBufferPointer { row in
          let line = values.baseAddress! + y * width
          for x in 0..<width { line[x] = min(max(line[x] * row[x], -limit), limit) }
        }
      }
    }
    return (plane, gains)
  }

  /// The picture at half size, each pixel the mean of four; an odd last row or column is dropped.
  ///
  /// - Returns: nil if a side would vanish.
  static func halved(_ plane: Plane) -> Plane? {
    let (width, height) = (plane.width / 2, plane.height / 2)
    guard width > 0, height > 0 else { return nil }
    var half = Plane(width: width, height: height)
    plane.values.withUnsafeBufferPointer { source in
      half.values.withUnsafeMutableBufferPointer { target in
        for y in 0..<height {
          let upper = source.baseAddress! + 2 * y * plane.width
          let lower = upper + plane.width
          let out = target.baseAddress! + y * width
          for x in 0..<width {
            out[x] = 0.25 * ((upper[2 * x] + upper[2 * x + 1]) + (lower[2 * x] + lower[2 * x + 1]))
          }
        }
      }
    }
    return half
  }
}
