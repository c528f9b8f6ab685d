public import Tensors

/// Mean and covariance of features: what the Fréchet distance compares.
public struct FeatureStatistics: Sendable {
  public let count: Int
  let mean: [Double]
  let covariance: SymmetricMatrix

  /// - Parameter features: [N, dimensions], at least two rows.
  public init(_ features: Tensor) {
    let (count, width) = (features.shape[0], features.shape[1])
    precondition(count > 1)
    self.count = count
    var mean = [Double](repeating: 0, count: width)
    features.withSpan { span in
      for row in 0..<count { for i in 0..<width { mean[i] += Double(span[row * width + i]) } }
    }
    for i in 0..<width { mean[i] /= Double(count) }
    var centred = features
    centred.withMutableSpan { span in
      for row in 0..<count {
        for i in 0..<width { span[row * width + i] -= Float(mean[i]) }
      }
    }
    let products = centred.matrixProduct(centred, transposed: true).values
    covariance = SymmetricMatrix(side: width, values: products.map { Double($0) / Double(count - 1) })
    self.mean = mean
  }

  /// |μ₁ − μ₂|² + tr(C₁ + C₂ − 2·√(C₁·C₂)): 0 for equal distributions.
  ///
  /// Biased upward for few samples; compare figures of the same counts.
  ///
  /// Source: Heusel et al. 2017, arXiv:1706.08500
  public func frechetDistance(to other: FeatureStatistics) -> Double {
    precondition(mean.count == other.mean.count)
    let shift = zip(mean, other.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    // C₁ = L·Lᵀ: the eigenvalues of C₁·C₂ are those of Lᵀ·C₂·L.
    let roots = other.covariance.congruent(covariance.cholesky()).eigenvalues()
      .reduce(0) { $0 + max(0, $1).squareRoot() }
    return max(0, shift + covariance.trace + other.covariance.trace - 2 * roots)
  }
}

/// The squared maximum mean discrepancy under the kernel (x·y/d + 1)³, without bias: near 0 for equal distributions,
/// whatever the counts.
///
/// - Parameters:
///   - a: features [N, d].
///   - b: features [M, d].
///
/// Source: Bińkowski et al. 2018, arXiv:1801.01401
public func kernelDistance(_ a: Tensor, _ b: Tensor) -> Double {
  let width = Float(a.shape[1])
  func sum(_ x: Tensor, _ y: Tensor, withoutDiagonal: Bool) -> Double {
    let products = x.matrixProduct(y, otherTransposed: true)
    let (rows, columns) = (products.shape[0], products.shape[1])
    var total = 0.0
    products.withSpan { span in
      for row in 0..<rows {
        for column in 0..<columns where !(withoutDiagonal && row == column) {
          let base = Double(span[row * columns + column] / width + 1)
          total += base * base * base
        }
      }
    }
    return total / (Double(rows) * Double(withoutDiagonal ? columns - 1 : columns))
  }
  return sum(a, a, withoutDiagonal: true) + sum(b, b, withoutDiagonal: true)
    - 2 * sum(a, b, withoutDiagonal: false)
}
