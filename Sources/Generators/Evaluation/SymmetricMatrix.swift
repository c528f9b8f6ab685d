/// Square matrices in double precision, row by row: what the Fréchet distance needs of them.
package struct SymmetricMatrix: Sendable {
  package let side: Int
  var values: [Double]

  package init(side: Int, values: [Double]) {
    precondition(values.count == side * side)
    self.side = side
    self.values = values
  }

  package var trace: Double { (0..<side).reduce(0) { $0 + values[$1 * side + $1] } }

  /// A lower triangle L, row by row, with L·Lᵀ this matrix; columns of pivots that vanish are zero.
  ///
  /// - Precondition: positive semidefinite.
  func cholesky() -> [Double] {
    let n = side
    var lower = [Double](repeating: 0, count: n * n)
    let tolerance = 1e-12 * max(trace / Double(max(1, n)), 1e-300)
    for j in 0..<n {
      var pivot = values[j * n + j]
      for k in 0..<j { pivot -= lower[j * n + k] * lower[j * n + k] }
      guard pivot > tolerance else { continue }
      let root = pivot.squareRoot()
      lower[j * n + j] = root
      for i in j + 1..<max(n, j + 1) {
        // Two sums side by side, so that additions need not wait for one another.
        var (sum, other) = (0.0, 0.0)
        for k in stride(from: 0, to: j - 1, by: 2) {
          sum += lower[i * n + k] * lower[j * n + k]
          other += lower[i * n + k + 1] * lower[j * n + k + 1]
        }
        if j % 2 == 1 { sum += lower[i * n + j - 1] * lower[j * n + j - 1] }
        sum += other
        lower[i * n + j] = (values[i * n + j] - sum) / root
      }
    }
    return lower
  }

  /// Lᵀ·self·L for a lower triangle L.
  func congruent(_ lower: [Double]) -> SymmetricMatrix {
    let n = side
    // T = self·L, then Lᵀ·T; both by rows, so that the inner loop walks memory.
    var product = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for k in 0..<n {
        let a = values[i * n + k]
        if a == 0 { continue }
        for j in 0...k { product[i * n + j] += a * lower[k * n + j] }
      }
    }
    var result = [Double](repeating: 0, count: n * n)
    for k in 0..<n {
      for i in 0...k {
        let a = lower[k * n + i]
        if a == 0 { continue }
        for j in 0..<n { result[i * n + j] += a * product[k * n + j] }
      }
    }
    return SymmetricMatrix(side: n, values: result)
  }

  /// The eigenvalues in no order: Householder's reduction to three diagonals, then QL with implicit shifts.
  ///
  /// Source: Golub and Van Loan 2013, Matrix Computations, §8.3.
  package func eigenvalues() -> [Double] {
    var (diagonal, beside) = tridiagonal()
    let n = side
    for l in 0..<n {
      var rounds = 0
      while true {
        var m = l
        while m < n - 1 {
          let scale = abs(diagonal[m]) + abs(diagonal[m + 1])
          if abs(beside[m]) <= 1e-15 * scale { break }
          m += 1
        }
        if m == l || rounds == 60 { break }
        rounds += 1
        var g = (diagonal[l + 1] - diagonal[l]) / (2 * beside[l])
        var r = (g * g + 1).squareRoot()
        g = diagonal[m] - diagonal[l] + beside[l] / (g + (g < 0 ? -r : r))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var isSplit = false
        for i in stride(from: m - 1, through: l, by: -1) {
          let f = s * beside[i]
          let b = c * beside[i]
          r = (f * f + g * g).squareRoot()
          beside[i + 1] = r
          if r == 0 {
            diagonal[i + 1] -= p
            beside[m] = 0
            isSplit = true
            break
          }
          s = f / r
          c = g / r
          g = diagonal[i + 1] - p
          r = (diagonal[i] - g) * s + 2 * c * b
          p = s * r
          diagonal[i + 1] = g + p
          g = c * r - b
        }
        if isSplit { continue }
        diagonal[l] -= p
        beside[l] = g
        beside[m] = 0
      }
    }
    return diagonal
  }

  /// The diagonal and, from index 0, the numbers beside it, of a similar matrix with three diagonals.
  private func tridiagonal() -> (diagonal: [Double], beside: [Double]) {
    let n = side
    var a = values
    var diagonal = [Double](repeating: 0, count: n)
    var beside = [Double](repeating: 0, count: n + 1)
    guard n > 0 else { return (diagonal, beside) }
    var v = [Double](repeating: 0, count: n)
    var p = [Double](repeating: 0, count: n)
    for k in 0..<n - 1 {
      diagonal[k] = a[k * n + k]
      var squares = 0.0
      for i in k + 1..<n { squares += a[k * n + i] * a[k * n + i] }
      let head = a[k * n + k + 1]
      let alpha = head > 0 ? -squares.squareRoot() : squares.squareRoot()
      beside[k] = alpha
      if squares - head * head <= 0 {
        beside[k] = head
        continue
      }
      for i in k + 1..<n { v[i] = a[k * n + i] }
      v[k + 1] -= alpha
      let scale = 1 / (squares - head * alpha)
      // p = A·v·scale over the rest; A is symmetric, so rows serve as columns.
      for i in k + 1..<n { p[i] = 0 }
      for i in k + 1..<n {
        let weight = v[i] * scale
        let row = i * n
        for j in k + 1..<n { p[j] += weight * a[row + j] }
      }
      var along = 0.0
      for i in k + 1..<n { along += p[i] * v[i] }
      let half = 0.5 * scale * along
      for i in k + 1..<n { p[i] -= half * v[i] }
      for i in k + 1..<n {
        let (vi, pi) = (v[i], p[i])
        let row = i * n
        for j in k + 1..<n { a[row + j] -= vi * p[j] + pi * v[j] }
      }
    }
    diagonal[n - 1] = a[n * n - 1]
    return (diagonal, beside)
  }
}
