public import Tensors

/// How much of a set another covers, by the distances to nearest neighbours: what a distance between sets cannot tell apart.
///
/// Sources: Kynkäänniemi et al. 2019, arXiv:1904.06991 (precision and recall); Naeem et al. 2020, arXiv:2002.09797 (coverage).
public struct SetCoverage: Sendable, Hashable, Codable {
  /// Of the samples, those that lie no farther from some real picture than its k-th neighbour among the real ones.
  public var precision: Double
  /// Of the real pictures, those that lie no farther from some sample than its k-th neighbour among the samples.
  public var recall: Double
  /// Of the real pictures, those that have a sample no farther than their k-th neighbour among the real ones.
  public var coverage: Double
  /// k of precision and recall.
  public static let neighbours = 3
  /// k of coverage.
  public static let coverageNeighbours = 5

  /// - Parameters:
  ///   - made: features of samples, [N, D], N > 5.
  ///   - real: of real pictures, [M, D], M > 5.
  public init(_ made: Tensor, real: Tensor) {
    precondition(min(made.shape[0], real.shape[0]) > Self.coverageNeighbours)
    let ownReal = Self.squaredDistances(real, real)
    let radii = Self.radii(ownReal, k: Self.neighbours)
    let wide = Self.radii(ownReal, k: Self.coverageNeighbours)
    let ownMade = Self.radii(Self.squaredDistances(made, made), k: Self.neighbours)
    let across = Self.squaredDistances(made, real)
    let (rows, columns) = (across.shape[0], across.shape[1])
    var isNear = [Bool](repeating: false, count: rows)
    var isCalled = [Bool](repeating: false, count: columns)
    var isCovered = isCalled
    across.withSpan { span in
      for row in 0..<rows {
        for column in 0..<columns {
          let distance = span[row * columns + column]
          if distance <= radii[column] { isNear[row] = true }
          if distance <= ownMade[row] { isCalled[column] = true }
          if distance <= wide[column] { isCovered[column] = true }
        }
      }
    }
    func share(_ flags: [Bool]) -> Double { Double(flags.count { $0 }) / Double(flags.count) }
    precision = share(isNear)
    recall = share(isCalled)
    coverage = share(isCovered)
  }

  /// [N, M] of [N, D] and [M, D].
  private static func squaredDistances(_ a: Tensor, _ b: Tensor) -> Tensor {
    var result = a.matrixProduct(b, otherTransposed: true)
    let (rows, columns) = (result.shape[0], result.shape[1])
    func squares(_ x: Tensor) -> [Float] {
      (0..<x.shape[0]).map { row in x.rows(row..<row + 1).squared().values.reduce(0, +) }
    }
    let (left, right) = (squares(a), squares(b))
    result.withMutableSpan { span in
      for row in 0..<rows {
        for column in 0..<columns {
          let at = row * columns + column
          span[at] = max(left[row] + right[column] - 2 * span[at], 0)
        }
      }
    }
    return result
  }

  /// The squared distance of each to its k-th neighbour, itself left out.
  private static func radii(_ own: Tensor, k: Int) -> [Float] {
    let count = own.shape[0]
    return own.withSpan { span in
      (0..<count).map { row in
        // The nearest so far, in order.
        var nearest = [Float](repeating: .infinity, count: k)
        for column in 0..<count where column != row {
          var distance = span[row * count + column]
          guard distance < nearest[k - 1] else { continue }
          for place in 0..<k where distance < nearest[place] { swap(&distance, &nearest[place]) }
        }
        return nearest[k - 1]
      }
    }
  }
}
