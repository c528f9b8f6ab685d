internal import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Correlations of a quarter with a mark of one size, at every place.
struct CorrelationMap {
  private let scene: MarkScene
  private let template: OverlayTemplate
  private let width: Double
  /// Picture pixels a sample.
  private var step: Double { width / template.width }
  /// Of the map; the window's upper left corner.
  private let columns: Int
  private let rows: Int
  /// 0 where the opacity does not count.
  private var correlations: [Float]

  init(
    _ scene: MarkScene, template: OverlayTemplate, width: Double, opacities: ClosedRange<Double>,
    opacity: Double
  ) {
    (self.scene, self.template, self.width) = (scene, template, width)
    let step = width / template.width
    let gridColumns = Int(Double(scene.quarter.width) / step)
    let gridRows = Int(Double(scene.quarter.height) / step)
    columns = max(0, gridColumns - template.side + 1)
    rows = max(0, gridRows - template.side + 1)
    correlations = []
    guard columns > 0 && rows > 0 else { return }
    let plane = scene.grid(
      right: Double(gridColumns) * step / 2, bottom: Double(gridRows) * step / 2, step: step,
      columns: gridColumns, rows: gridRows
    ).logarithmicRoom()
    let field = DifferenceField(plane)
    let sums = Self.correlate(field.adjoint(), width: gridColumns, template, columns: columns, rows: rows)
    let energies = Self.boxSums(field, side: template.side, columns: columns, rows: rows)
    let floor = Float(template.side * template.side * 2) * OverlayFilter.noise * OverlayFilter.noise
    // A coarse place is half a sample off at worst, so opacities are taken more loosely than in the end.
    let amplitude = { (a: Double) in Float(log1p(-a) / log1p(-opacity)) }
    let allowed = amplitude(opacities.lowerBound) * 0.6...amplitude(min(0.98, opacities.upperBound)) * 1.3
    correlations = [Float](repeating: 0, count: columns * rows)
    for i in correlations.indices where allowed.contains(sums[i] / template.straightEnergy) {
      correlations[i] = sums[i] / (template.straightEnergy * (energies[i] + floor)).squareRoot()
    }
  }

  /// The best place with its middle at a distance from both borders, give or take some samples.
  func best(near distance: Double, reach: Int) -> OverlayFilter.Spot? {
    let offset = Int((distance / step - Double(template.side) / 2).rounded())
    let (column, row) = (columns - 1 - offset, rows - 1 - offset)
    let (xs, ys) = (column - reach..<column + reach + 1, row - reach..<row + reach + 1)
    return best(columns: xs.clamped(to: 0..<columns), rows: ys.clamped(to: 0..<rows))
  }

  func best() -> OverlayFilter.Spot? { best(columns: 0..<columns, rows: 0..<rows) }

  private func best(columns xs: Range<Int>, rows ys: Range<Int>) -> OverlayFilter.Spot? {
    var (place, correlation) = (-1, Float(0))
    for y in ys {
      for x in xs where correlations[y * columns + x] > correlation {
        place = y * columns + x
        correlation = correlations[place]
      }
    }
    guard place >= 0 else { return nil }
    let half = Double(template.side) / 2
    return OverlayFilter.Spot(
      right: (Double(columns - 1 - place % columns) + half) * step,
      bottom: (Double(rows - 1 - place / columns) + half) * step, width: width, correlation: correlation)
  }

  /// Σ of the template's support times the plane under it, for every place of the window.
  private static func correlate(
    _ plane: [Float], width: Int, _ template: OverlayTemplate, columns: Int, rows: Int
  ) -> [Float] {
    var result = [Float](repeating: 0, count: columns * rows)
    plane.withUnsafeBufferPointer { plane in
      result.withUnsafeMutableBufferPointer { result in
        for y in 0..<rows {
          let target = result.baseAddress! + y * columns
          for (row, column, value) in template.support {
            let source = plane.baseAddress! + (y + row) * width + column
            for x in 0..<columns { target[x] += value * source[x] }
          }
        }
      }
    }
    return result
  }

  /// Σ of the field's energies in every window, without its first column and row, whose differences reach outside.
  private static func boxSums(_ field: DifferenceField, side: Int, columns: Int, rows: Int) -> [Float] {
    var result = [Float](repeating: 0, count: columns * rows)
    var sums = [Float](repeating: 0, count: field.width)
    for y in 1..<field.height {
      for x in 0..<field.width {
        sums[x] += field.energies[y * field.width + x]
        if y >= side { sums[x] -= field.energies[(y - side + 1) * field.width + x] }
      }
      guard y >= side - 1 else { continue }
      let row = y - side + 1
      var sum = sums[1..<side].reduce(0, +)
      for x in 0..<columns {
        result[row * columns + x] = max(0, sum)
        if x + 1 < columns { sum += sums[x + side] - sums[x + 1] }
      }
    }
    return result
  }
}
