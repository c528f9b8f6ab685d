import Images

/// Products of a picture and a pattern, summed over the cells of an even grid: with the pattern in its place, and moved.
struct CellSums: Sendable {
  let cells: Int
  private let moves: Int
  /// [cells + 1, cells + 1, 1 + moves]: sums of every rectangle that begins in the corner; of any other they are four of
  /// these. The first is of the pattern in its place.
  private let corners: [Double]
  /// [cells + 1, cells + 1]: likewise the cells' variances, as the moves have them.
  private let variances: [Double]

  /// What a part of the picture says.
  struct Moments: Sendable {
    var sum: Double
    /// Of the sum where there is no pattern.
    var variance: Double

    /// T.
    var statistic: Double { variance > 0 ? sum / variance.squareRoot() : 0 }
    /// How strong the pattern is, in the pattern's own measure.
    var strength: Double { variance > 0 ? sum / variance : 0 }
  }

  /// - Precondition: both planes are squares of the same side, which `cells` divides by a multiple of 8.
  init(of picture: Plane, _ pattern: Plane, cells: Int, moves: Int) {
    let side = picture.width
    let count = moves + 1
    precondition(side == picture.height && side == pattern.width && side == pattern.height)
    precondition(side % (8 * cells) == 0)
    // Twice side by side, so that a moved row is one piece.
    var wide = [Float](repeating: 0, count: 2 * side * side)
    for y in 0..<side {
      for x in 0..<side {
        let value = pattern.values[y * side + x]
        wide[2 * y * side + x] = value
        wide[(2 * y + 1) * side + x] = value
      }
    }
    var single = [Double](repeating: 0, count: cells * cells * count)
    for move in 0..<count {
      let (across, down) = Self.move(move, side: side)
      Self.add(picture.values, wide, side: side, cells: cells, across: across, down: down) { cell, sum in
        single[cell * count + move] += sum
      }
    }
    let width = cells + 1
    var corners = [Double](repeating: 0, count: width * width * count)
    var variances = [Double](repeating: 0, count: width * width)
    for y in 0..<cells {
      for x in 0..<cells {
        let here = (y + 1) * width + x + 1
        let (left, above, both) = (here - 1, here - width, here - width - 1)
        var squares = 0.0
        for move in 0..<count {
          let value = single[(y * cells + x) * count + move]
          if move > 0 { squares += value * value }
          corners[here * count + move] =
            value + corners[left * count + move] + corners[above * count + move]
            - corners[both * count + move]
        }
        variances[here] =
          squares / Double(moves) + variances[left] + variances[above] - variances[both]
      }
    }
    self.cells = cells
    self.moves = moves
    self.corners = corners
    self.variances = variances
  }

  /// Sums and variances of a rectangle of cells.
  func moments(columns: Range<Int>, rows: Range<Int>) -> Moments { both(columns: columns, rows: rows).inside }

  /// Of a rectangle of cells, and of all others.
  ///
  /// Cells next to each other may hang together, in a halftone or a screen: the variance is the larger of the cells'
  /// own added up and of that which the whole part's sums have over the moves.
  func both(columns: Range<Int>, rows: Range<Int>) -> (inside: Moments, outside: Moments) {
    let (width, count) = (cells + 1, moves + 1)
    let a = rows.upperBound * width + columns.upperBound
    let b = rows.lowerBound * width + columns.upperBound
    let c = rows.upperBound * width + columns.lowerBound
    let d = rows.lowerBound * width + columns.lowerBound
    let last = width * width - 1
    var (inner, outer) = (0.0, 0.0)
    for move in 1..<count {
      let sum =
        corners[a * count + move] - corners[b * count + move] - corners[c * count + move]
        + corners[d * count + move]
      let rest = corners[last * count + move] - sum
      inner += sum * sum
      outer += rest * rest
    }
    let own = max(0, variances[a] - variances[b] - variances[c] + variances[d])
    let sum = corners[a * count] - corners[b * count] - corners[c * count] + corners[d * count]
    return (
      Moments(sum: sum, variance: max(own, inner / Double(moves))),
      Moments(
        sum: corners[last * count] - sum,
        variance: max(max(0, variances[last] - own), outer / Double(moves)))
    )
  }

  /// In samples; spread evenly by the plastic number's powers, and none near the pattern's own place.
  ///
  /// Source: Roberts 2018, "The unreasonable effectiveness of quasirandom sequences".
  private static func move(_ number: Int, side: Int) -> (across: Int, down: Int) {
    guard number > 0 else { return (0, 0) }
    func place(_ step: Double) -> Int {
      let share = (Double(number) * step).truncatingRemainder(dividingBy: 1)
      return Int((0.06 + 0.88 * share) * Double(side))
    }
    return (place(0.7548776662466927), place(0.5698402909980532))
  }

  private static func add(
    _ picture: [Float], _ wide: [Float], side: Int, cells: Int, across: Int, down: Int,
    _ take: (_ cell: Int, _ sum: Double) -> Void
  ) {
    typealias Lanes = SIMD8<Float>
    let length = side / cells
    picture.withUnsafeBufferPointer { picture in
      wide.withUnsafeBufferPointer { wide in
        for y in 0..<side {
          let a = UnsafeRawPointer(picture.baseAddress! + y * side)
          let b = UnsafeRawPointer(wide.baseAddress! + 2 * ((y + down) % side) * side + across)
          for cell in 0..<cells {
            var sum = Lanes.zero
            for x in stride(from: cell * length, to: (cell + 1) * length, by: 8) {
              sum +=
                a.loadUnaligned(fromByteOffset: 4 * x, as: Lanes.self)
                * b.loadUnaligned(fromByteOffset: 4 * x, as: Lanes.self)
            }
            take(y / length * cells + cell, Double(sum.sum()))
          }
        }
      }
    }
  }
}
