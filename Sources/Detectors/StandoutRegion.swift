import Foundation
public import Images

/// The rectangle of a picture that speaks for generation most unlike the rest, as a part that a model filled in would.
///
/// Source: Kulldorff et al. 2009, "A scan statistic for continuous data based on the normal probability model".
public struct StandoutRegion: Sendable, Hashable {
  public var region: PixelRegion
  /// The mean logit of generation of the windows inside and outside, −30...30.
  public var insideLogit: Double
  public var outsideLogit: Double

  /// The probability of generation inside and outside at even odds, through the mean logits, 0...1.
  public var inside: Double { LogOdds.probability(insideLogit) }
  public var outside: Double { LogOdds.probability(outsideLogit) }

  /// How far the mean logit inside lies above the one outside.
  public var contrast: Double { insideLogit - outsideLogit }

  /// Whether it is worth a person's look: it looks generated, the rest doesn't, and they are far apart.
  ///
  /// Real pictures vary from place to place as well: `benchmarks detector-regions` measures how many have such a
  /// region, and how few edits leave one.
  public var isOutstanding: Bool { insideLogit > 0 && outsideLogit < 0 && contrast >= Self.leastContrast }

  private static let leastContrast = 3.5

  /// Cells that must be judged: among fewer any picture has one that stands out.
  private static let leastCells = 16

  /// The rectangle of cells by which two means explain the logits most better than one; nil where too few can be judged
  /// or none lies above the rest.
  ///
  /// - Parameter map: all rectangles of its grid are tried that hold no more than half of the cells that were judged.
  public init?(in map: HeatMap) {
    let columns = map.columns
    let rows = map.cells.count / max(columns, 1)
    let logits = map.cells.map { $0.probability.map(LogOdds.logit) }
    let all = Sums(logits)
    guard all.count >= Double(Self.leastCells) else { return nil }
    // Sums of every rectangle that begins in the corner; of any other they are four of these.
    var corners = [Sums](repeating: Sums(), count: (columns + 1) * (rows + 1))
    for row in 0..<rows {
      for column in 0..<columns {
        let place = (row + 1) * (columns + 1) + column + 1
        corners[place] =
          Sums([logits[row * columns + column]]) + corners[place - 1] + corners[place - columns - 1]
          - corners[place - columns - 2]
      }
    }
    func sums(_ block: Block) -> Sums {
      let (top, bottom) = (block.rows.lowerBound * (columns + 1), block.rows.upperBound * (columns + 1))
      let (left, right) = (block.columns.lowerBound, block.columns.upperBound)
      return corners[bottom + right] - corners[top + right] - corners[bottom + left] + corners[top + left]
    }
    var best: (gain: Double, block: Block)?
    for top in 0..<rows {
      for bottom in top + 1...rows {
        for left in 0..<columns {
          for right in left + 1...columns {
            let block = Block(columns: left..<right, rows: top..<bottom)
            let inside = sums(block)
            // Counts are whole numbers, and exact.
            guard inside.count >= 1, inside.count <= all.count / 2 else { continue }
            let outside = all - inside
            guard inside.mean > outside.mean else { continue }
            let within = max(inside.squaredDeviation + outside.squaredDeviation, 1e-6)
            let gain = all.count / 2 * log(max(all.squaredDeviation, 1e-6) / within)
            if gain > best?.gain ?? 0 { best = (gain, block) }
          }
        }
      }
    }
    guard var block = best?.block else { return nil }
    let found = sums(block)
    // Borders of cells that nobody judged belong to it no more than to the rest.
    func isEmpty(columns: Range<Int>, rows: Range<Int>) -> Bool {
      sums(Block(columns: columns, rows: rows)).count < 0.5
    }
    while isEmpty(columns: block.columns, rows: block.rows.prefix(1)) { block.rows = block.rows.dropFirst() }
    while isEmpty(columns: block.columns, rows: block.rows.suffix(1)) { block.rows = block.rows.dropLast() }
    while isEmpty(columns: block.columns.prefix(1), rows: block.rows) {
      block.columns = block.columns.dropFirst()
    }
    while isEmpty(columns: block.columns.suffix(1), rows: block.rows) {
      block.columns = block.columns.dropLast()
    }
    let first = map.cells[block.rows.lowerBound * columns + block.columns.lowerBound].region
    let last = map.cells[(block.rows.upperBound - 1) * columns + block.columns.upperBound - 1].region
    region = PixelRegion(
      x: first.x, y: first.y, width: last.x + last.width - first.x, height: last.y + last.height - first.y)
    (insideLogit, outsideLogit) = (found.mean, (all - found).mean)
  }

  /// Cells of a rectangle.
  private struct Block {
    var columns: Range<Int>
    var rows: Range<Int>
  }

  /// Count, sum and sum of squares of the judged cells of a rectangle.
  private struct Sums {
    var count = 0.0
    var sum = 0.0
    var squares = 0.0

    init() {}

    init(_ values: [Double?]) {
      for case let value? in values {
        count += 1
        sum += value
        squares += value * value
      }
    }

    var mean: Double { sum / max(count, 1) }
    var squaredDeviation: Double { max(squares - sum * mean, 0) }

    static func + (left: Sums, right: Sums) -> Sums { combined(left, right, 1) }
    static func - (left: Sums, right: Sums) -> Sums { combined(left, right, -1) }

    private static func combined(_ left: Sums, _ right: Sums, _ sign: Double) -> Sums {
      var result = left
      result.count += sign * right.count
      result.sum += sign * right.sum
      result.squares += sign * right.squares
      return result
    }
  }
}
