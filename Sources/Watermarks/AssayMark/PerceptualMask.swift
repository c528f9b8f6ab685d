import Images

/// How strongly each pixel may be marked: the mark's standard deviation, in 8-bit levels.
///
/// Texture hides noise, edges beside flat areas don't: a 4×4 block's activity is the root mean square of its
/// high-passed luminance, and what counts is the geometric mean over the block and its neighbours, which one
/// calm neighbour pulls down.
struct PerceptualMask {
  /// Levels in flat areas.
  static let floor: Float = 1
  /// Levels a level of activity.
  static let slope: Float = 0.25
  static let exponent: Float = 0.8
  static let ceiling: Float = 5
  /// Mean square error that no picture exceeds at strength 1: 41 dB.
  static let meanSquareLimit: Float = 5.16

  private static let block = 4
  private let columns: Int
  private let rows: Int
  /// [rows, columns], levels at the blocks' centres at strength 1.
  private let levels: [Float]
  /// [rows, columns], the picture's variance in each block.
  private let variances: [Float]
  /// Multiplies all levels.
  var strength: Float = 1

  init(luminance: Plane) {
    let block = Self.block
    columns = (luminance.width + block - 1) / block
    rows = (luminance.height + block - 1) / block
    var highPass = luminance
    BoxFilter.subtractMean(&highPass, radius: 3)
    variances = BlockEnergy.means(of: highPass, block: block)
    let activity = variances.map { Float.log($0.squareRoot() + 0.3) }
    let smooth = BlockEnergy.smooth(activity, columns: columns, rows: rows, kernel: (1, 1))
    let free = smooth.map { value in
      let activity = max(Float.exp(value) - 0.3, 0)
      return min(Self.floor + Self.slope * Float.pow(activity, Self.exponent), Self.ceiling)
    }
    let meanSquare = free.reduce(0) { $0 + $1 * $1 } / Float(free.count)
    let factor = min(1, (Self.meanSquareLimit / meanSquare).squareRoot())
    levels = free.map { $0 * factor }
  }

  /// The mean square error of a mark at strength 1.
  var meanSquare: Float { levels.reduce(0) { $0 + $1 * $1 } / Float(levels.count) }

  /// The structural similarity (SSIM) of luminance that a mark leaves, estimated from the blocks' variances.
  func similarity(at strength: Float) -> Float {
    // (0.03 · 255)², SSIM's constant for contrasts.
    let calm: Float = 58.5
    var loss: Float = 0
    for (level, variance) in zip(levels, variances) {
      let added = level * level * strength * strength
      loss += added / (2 * variance + added + calm)
    }
    return 1 - loss / Float(levels.count)
  }

  /// The sum over all pixels of the levels times a factor that is given for blocks of 8×8, row by row.
  func sum(times factors: [Float]) -> Float {
    let wide = (columns + 1) / 2
    var sum: Float = 0
    for row in 0..<rows {
      let (level, factor) = (row * columns, row / 2 * wide)
      for column in 0..<columns { sum += levels[level + column] * factors[factor + column / 2] }
    }
    return strength * sum * Float(Self.block * Self.block)
  }

  /// The levels of one row of pixels, bilinear between block centres.
  func row(_ y: Int, into row: inout [Float]) {
    BlockEnergy.interpolate(levels, columns: columns, rows: rows, block: Self.block, y: y, into: &row)
    if strength != 1 { for x in row.indices { row[x] *= strength } }
  }
}
