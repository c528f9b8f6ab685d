public import Images

/// How strongly 8×8 blocks show, and where their grid lies.
///
/// JPEG leaves a step at every eighth sample. A grid that starts anywhere but at (0, 0) means that the picture
/// was cropped after compression; none at all in a JPEG means a resize before its last compression, or a high
/// quality.
///
/// Source: Fan & de Queiroz 2003, doi:10.1109/TIP.2002.807361 (the statistic here is its own: third
/// differences by phase)
public struct BlockGrid: Sendable, Hashable {
  /// log(steps at the strongest phase / median of the other phases), mean of both directions, nepers;
  /// about 0.02 for none, above 0.1 visible.
  public let strength: Float
  /// Columns and rows at which blocks start, 0...7.
  public let phaseX: Int
  public let phaseY: Int

  /// - Returns: nil for a plane below 32 samples a side.
  public init?(of plane: Plane) {
    guard plane.width >= 32, plane.height >= 32 else { return nil }
    // Every row of up to 256 evenly spread ones is measured across, every column likewise.
    var across = [Float](repeating: 0, count: 8)
    var down = [Float](repeating: 0, count: 8)
    let (width, height) = (plane.width, plane.height)
    let limit: Float = 24
    plane.values.withUnsafeBufferPointer { samples in
      let rowStep = max(1, height / 256)
      var sums = [Float](repeating: 0, count: width)
      for y in stride(from: 0, to: height, by: rowStep) {
        let row = samples.baseAddress! + y * width
        for x in 2..<width - 1 {
          let step = abs(row[x - 2] - 3 * row[x - 1] + 3 * row[x] - row[x + 1])
          sums[x] += min(step, limit)
        }
      }
      for x in 2..<width - 1 { across[x % 8] += sums[x] / Float((width - 3 + 7 - (x + 5) % 8) / 8 + 1) }
      // Whole rows are compared, up to 256 of them in two bands from the top and the bottom. Each phase sums
      // column by column: in one running sum the order of additions would keep the loop from vectorising.
      let bandHeight = min(height - 3, 256)
      var phases = [Float](repeating: 0, count: 8 * width)
      phases.withUnsafeMutableBufferPointer { phases in
        for index in 0..<bandHeight {
          let y = index < bandHeight / 2 ? 2 + index : height - 1 - bandHeight + index
          let row = samples.baseAddress! + y * width
          let sums = phases.baseAddress! + y % 8 * width
          for x in 0..<width {
            let step = abs(row[x - 2 * width] - 3 * row[x - width] + 3 * row[x] - row[x + width])
            sums[x] += min(step, limit)
          }
        }
      }
      for phase in 0..<8 { down[phase] = phases[phase * width..<(phase + 1) * width].reduce(0, +) }
    }
    let (x, y) = (Self.strongest(across), Self.strongest(down))
    strength = (x.strength + y.strength) / 2
    (phaseX, phaseY) = (x.phase, y.phase)
  }

  private static func strongest(_ phases: [Float]) -> (phase: Int, strength: Float) {
    var best = 0
    for phase in 1..<8 where phases[phase] > phases[best] { best = phase }
    var others = phases
    others.remove(at: best)
    others.sort()
    let middle = others[3]
    return (best, middle > 0 ? naturalLog(SIMD4(repeating: phases[best] / middle))[0] : 0)
  }
}
