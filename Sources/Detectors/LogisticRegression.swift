import Foundation
internal import Tensors

/// log(p / (1 − p)) as a weighted sum of numbers, each taken in units of its spread.
package struct LogisticRegression: Sendable, Hashable, Codable {
  package var weights: [Float]
  package var offset: Float
  package var means: [Float]
  package var spreads: [Float]

  /// Whether the numbers of a file belong together.
  func fits(_ count: Int) -> Bool {
    weights.count == count && means.count == count && spreads.count == count
      && spreads.allSatisfy { (1e-12...1e6).contains($0) }
      && (weights + means + [offset]).allSatisfy { abs($0) <= 1e6 }
  }

  /// - Parameter features: as many as there are weights.
  package func logit(_ features: [Float]) -> Double {
    precondition(features.count == weights.count)
    var sum = Double(offset)
    for index in features.indices { sum += Double(contribution(features[index], index)) }
    return sum
  }

  /// What one number adds to the logit.
  ///
  /// It is cut at five spreads from the mean: what lies outside of all training is no stronger evidence for that.
  func contribution(_ value: Float, _ index: Int) -> Float {
    weights[index] * min(max((value - means[index]) / spreads[index], -5), 5)
  }

  /// The fit that is likeliest with a normal prior on the weights, by Newton's method.
  ///
  /// - Parameters:
  ///   - rows: [N][D].
  ///   - importance: [N], how much each row counts; the classes are brought to equal sums.
  ///   - penalty: of a squared weight, in rows.
  /// - Throws: ``DetectorError`` where a class is missing.
  package init(rows: [[Float]], labels: [Bool], importance: [Float], penalty: Float) throws(DetectorError) {
    let made = zip(importance, labels).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    let real = zip(importance, labels).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
    guard let dimension = rows.first?.count, made > 0, real > 0 else {
      throw DetectorError(
        code: "detector.classes", message: "a classifier needs generated and real pictures",
        remedy: "train on both")
    }
    let total = Float(rows.count)
    let shares = zip(importance, labels).map { $1 ? $0 / made / 2 : $0 / real / 2 }
    var means = [Float](repeating: 0, count: dimension)
    var squares = means
    for (row, share) in zip(rows, shares) { for i in 0..<dimension { means[i] += share * row[i] } }
    for (row, share) in zip(rows, shares) {
      for i in 0..<dimension { squares[i] += share * (row[i] - means[i]) * (row[i] - means[i]) }
    }
    self.means = means
    spreads = squares.map { max($0.squareRoot(), 1e-6) }
    (weights, offset) = ([Float](repeating: 0, count: dimension), 0)
    // The last column is 1, for the offset.
    let width = dimension + 1
    var values: [Float] = []
    values.reserveCapacity(rows.count * width)
    for row in rows {
      for i in 0..<dimension { values.append(min(max((row[i] - means[i]) / spreads[i], -5), 5)) }
      values.append(1)
    }
    let matrix = Tensor(values, shape: [rows.count, width])
    for _ in 0..<12 {
      let solution = weights + [offset]
      let logits = matrix.matrixProduct(Tensor(solution, shape: [width, 1])).values
      var slopes: [Float] = []
      var scaled = values
      for (index, logit) in logits.enumerated() {
        let p = 1 / (1 + exp(-min(max(logit, -30), 30)))
        let share = shares[index] * total
        slopes.append(share * (p - (labels[index] ? 1 : 0)))
        let curvature = share * max(p * (1 - p), 1e-4)
        for i in index * width..<(index + 1) * width { scaled[i] *= curvature }
      }
      var gradient = matrix.matrixProduct(Tensor(slopes, shape: [rows.count, 1]), transposed: true).values
      var hessian = matrix.matrixProduct(Tensor(scaled, shape: [rows.count, width]), transposed: true).values
      for i in 0..<dimension {
        gradient[i] += penalty * solution[i]
        hessian[i * width + i] += penalty
      }
      hessian[width * width - 1] += 1e-3
      let step = Self.solve(hessian.map(Double.init), gradient.map(Double.init))
      let longest = step.reduce(0) { max($0, abs($1)) }
      // Far from the optimum Newton's step overshoots.
      let share = longest > 4 ? 4 / longest : 1
      for i in 0..<dimension { weights[i] -= Float(step[i] * share) }
      offset -= Float(step[dimension] * share)
      if longest < 1e-4 { break }
    }
  }

  /// The same with sources by the root of their size, so that none outweighs the rest.
  ///
  /// - Parameter sources: of each row.
  /// - Throws: ``DetectorError`` where a class is missing.
  package init(rows: [[Float]], labels: [Bool], sources: [String], penalty: Float) throws(DetectorError) {
    let sizes = Dictionary(grouping: sources) { $0 }.mapValues { Float($0.count) }
    try self.init(
      rows: rows, labels: labels, importance: sources.map { 1 / (sizes[$0] ?? 1).squareRoot() },
      penalty: penalty)
  }

  /// Solves a symmetric positive definite system by Cholesky's decomposition.
  private static func solve(_ matrix: [Double], _ right: [Double]) -> [Double] {
    let n = right.count
    var lower = matrix
    for column in 0..<n {
      for row in column..<n {
        let sum =
          lower[row * n + column]
          - dot(lower[row * n..<row * n + column], lower[column * n..<column * n + column])
        lower[row * n + column] =
          row == column ? max(sum, 1e-9).squareRoot() : sum / lower[column * n + column]
      }
    }
    var x = right
    for row in 0..<n {
      x[row] = (x[row] - dot(lower[row * n..<row * n + row], x[..<row])) / lower[row * n + row]
    }
    for row in (0..<n).reversed() {
      x[row] /= lower[row * n + row]
      let value = x[row]
      for k in 0..<row { x[k] -= lower[row * n + k] * value }
    }
    return x
  }

  private static func dot(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
    let (a, b) = (a.span, b.span)
    var lanes = SIMD8<Double>.zero
    let whole = a.count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      for lane in 0..<8 { lanes[lane] += a[start + lane] * b[start + lane] }
    }
    var sum = lanes.sum()
    for place in whole..<a.count { sum += a[place] * b[place] }
    return sum
  }
}
