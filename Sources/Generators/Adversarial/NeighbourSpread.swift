public import NeuralNetworks
public import Tensors

/// Keeps generated pictures as far from their nearest neighbours as real pictures are from theirs.
///
/// A generator that has a few layouts, each in many colours, has the mean and the deviation of real pictures at every place, and
/// no batch shows how often they come back. Among some hundred pictures, though, each has a neighbour that is far nearer than
/// among real ones. Pictures that are nearer to one of the last ``capacity`` than real ones are on average are pushed
/// away from it.
///
/// Source: Yang et al. 2019, arXiv:1901.09024 (diversity as distance of results), here by the nearest neighbour and no farther than
/// real pictures lie.
public struct NeighbourSpread: Sendable {
  /// Pictures that neighbours are looked for among.
  public static let capacity = 512

  /// What a picture's numbers are multiplied by, [1, numbers].
  private let inverse: Tensor
  /// The mean distance of a real picture to the nearest among ``capacity`` others.
  public let typical: Float
  /// The latest generated pictures, [some, numbers], in units of the real ones' deviations.
  private var latest: Tensor?

  /// - Parameter real: numbers of real pictures, [M, numbers], M at least 2.
  public init(real: Tensor) {
    let (count, numbers) = (real.shape[0], real.shape[1])
    let mean = real.sum(to: [1, numbers]) * (1 / Float(count))
    let away = real - mean
    let variance = away.map { $0 * $0 }.sum(to: [1, numbers]) * (1 / Float(count))
    let typicalVariance = variance.values.reduce(0, +) / Float(numbers)
    // Numbers that hardly ever change are no measure.
    inverse = variance.map { 1 / max($0, 0.04 * typicalVariance, 1e-12).squareRoot() }
    let rows = real.rows(0..<min(count, Self.capacity + 1)) * inverse
    let nearest = Self.nearest(of: rows, among: rows)
    typical = max(nearest.reduce(0) { $0 + $1.distance } / Float(nearest.count), 1e-6)
  }

  /// What the generator is to lessen: how much nearer than is usual the nearest neighbours are, 0...1.
  ///
  /// - Parameter numbers: of generated pictures, with gradients, [N, numbers].
  /// - Returns: the loss, and the mean distance to the nearest neighbour as a share of the real pictures'.
  public mutating func loss(_ numbers: Variable) -> (loss: Variable, distance: Float) {
    let scaled = numbers * numbers.tape.constant(inverse)
    let own = scaled.tensor
    let count = own.shape[0]
    let others = latest.map { Tensor.stacked([own, $0]) } ?? own
    let found = Self.nearest(of: own, among: others)
    latest = others.shape[0] > Self.capacity ? others.rows(0..<Self.capacity) : others
    guard found.count == count else { return (numbers.tape.constant(Tensor(scalar: 0)), 1) }
    let neighbours = Tensor.stacked(found.map { others.rows($0.place..<$0.place + 1) })
    let distance = ((scaled - scaled.tape.constant(neighbours)).squared().mean(to: [count, 1]) + 1e-8)
      .squareRoot()
    let lack = (distance * (-1 / typical) + 1).activated(.relu)
    return (lack.mean(), found.reduce(0) { $0 + $1.distance } / Float(count) / typical)
  }

  private struct Neighbour {
    var place: Int
    /// The root of the mean square of the differences.
    var distance: Float
  }

  /// The nearest row of `others`, which begin with these rows themselves, to each row but itself.
  private static func nearest(of rows: Tensor, among others: Tensor) -> [Neighbour] {
    let (count, numbers) = (others.shape[0], rows.shape[1])
    func squares(_ x: Tensor) -> [Float] { x.map { $0 * $0 }.sum(to: [x.shape[0], 1]).values }
    let (ownSquares, otherSquares) = (squares(rows), squares(others))
    let products = rows.matrixProduct(others, otherTransposed: true).values
    return (0..<rows.shape[0]).compactMap { row -> Neighbour? in
      var best: Neighbour?
      for place in 0..<count where place != row {
        let square = ownSquares[row] + otherSquares[place] - 2 * products[row * count + place]
        let distance = (max(square, 0) / Float(numbers)).squareRoot()
        if distance < best?.distance ?? .infinity { best = Neighbour(place: place, distance: distance) }
      }
      return best
    }
  }

  /// What a checkpoint keeps.
  var state: [String: Tensor] { latest.map { ["latest": $0] } ?? [:] }

  mutating func restore(_ state: [String: Tensor]) { latest = state["latest"] }
}
