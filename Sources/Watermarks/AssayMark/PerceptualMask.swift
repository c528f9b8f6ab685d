import Images

/// How strongly each pixel may be marked: the mark's standard deviation, in 8-bit levels.
///
/// Texture hides noise, edges beside flat areas don't: a 4×4 block's activity is the root mean square of its
/// high-passed luminance, and what counts is the geometric mean over the block and its neighbours, which one
/// calm neighbour pulls down.
struct PerceptualMask {
  /// Levels in flat areas.
  static let floor: Float = 0.68
  /// Levels a level of activity.
  static let slope: Float = 0.28
  static let exponent: Float = 0.8
  static let ceiling: Float = 4.2
  /// Mean square error that no picture exceeds at strength 1: 42.0 dB.
  static let meanSquareLimit: Float = 4.1

  private static let block = 4
  private let columns: Int
  private let rows: Int
  /// [rows, columns], levels at the blocks' centres.
  private var levels: [Float]

  init(luminance: Plane, strength: Float) {
    let block = Self.block
    columns = (luminance.width + block - 1) / block
    rows = (luminance.height + block - 1) / block
    var highPass = luminance
    BoxFilter.subtractMean(&highPass, radius: 3)
    let activity = BlockEnergy.means(of: highPass, block: block).map { Float.log($0.squareRoot() + 0.3) }
    let smooth = BlockEnergy.smooth(activity, columns: columns, rows: rows, kernel: (1, 1))
    levels = smooth.map { value in
      let activity = max(Float.exp(value) - 0.3, 0)
      return min(Self.floor + Self.slope * Float.pow(activity, Self.exponent), Self.ceiling)
    }
    let meanSquare = levels.reduce(0) { $0 + $1 * $1 } / Float(levels.count)
    let factor = strength * min(1, (Self.meanSquareLimit / meanSquare).squareRoot())
    for index in levels.indices { levels[index] *= factor }
  }

  /// The levels of one row of pixels, bilinear between block centres.
  func row(_ y: Int, into row: inout [Float]) {
    BlockEnergy.interpolate(levels, columns: columns, rows: rows, block: Self.block, y: y, into: &row)
  }
}
