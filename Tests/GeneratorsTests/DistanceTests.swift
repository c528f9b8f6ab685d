import Foundation
import Generators
import Tensors
import TestSupport
import Testing

/// Distances between sets of features against SciPy's (fixtures/generators/make.py).
struct DistanceTests {
  struct Golden: Decodable {
    var a: [[Float]]
    var b: [[Float]]
    var c: [[Float]]
    var frechetAB: Double
    var frechetAC: Double
    var kernelAB: Double
  }

  static let golden: Golden = {
    let url = TestPaths.fixtures.appending(path: "generators/distances.json")
    // A missing fixture fails every test here, loudly.
    return try! JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }()

  private func tensor(_ rows: [[Float]]) -> Tensor {
    Tensor(rows.flatMap(\.self), shape: [rows.count, rows[0].count])
  }

  @Test func `the Fréchet distance is SciPy's, both ways`() {
    let (a, b) = (FeatureStatistics(tensor(Self.golden.a)), FeatureStatistics(tensor(Self.golden.b)))
    let expected = Self.golden.frechetAB
    #expect(abs(a.frechetDistance(to: b) - expected) < 1e-4 * expected)
    #expect(abs(b.frechetDistance(to: a) - expected) < 1e-4 * expected)
    #expect(a.frechetDistance(to: a) < 1e-4)
  }

  @Test func `a singular covariance is no obstacle`() {
    let (a, c) = (FeatureStatistics(tensor(Self.golden.a)), FeatureStatistics(tensor(Self.golden.c)))
    let expected = Self.golden.frechetAC
    #expect(abs(a.frechetDistance(to: c) - expected) < 1e-3 * expected)
    #expect(abs(c.frechetDistance(to: a) - expected) < 1e-3 * expected)
  }

  @Test func `the kernel distance is SciPy's`() {
    let value = kernelDistance(tensor(Self.golden.a), tensor(Self.golden.b))
    #expect(abs(value - Self.golden.kernelAB) < 1e-4 * abs(Self.golden.kernelAB))
  }

  @Test func `a shifted set is as far as the shift, and the halves are the training's alone`() {
    let real = tensor(Self.golden.a)
    let shifted = SetDistances(real + 1, training: real, seed: 1)
    // Equal covariances: what is left is the squared distance of the means.
    #expect(abs(shifted.frechet - Double(real.shape[1])) < 1e-3)
    #expect(shifted.samples == 40 && shifted.training == 40)
    let same = SetDistances(real, training: real, seed: 1)
    #expect(same.frechet < 1e-3 && same.kernel < shifted.kernel)
    #expect(same.realFrechet == shifted.realFrechet && same.realKernel == shifted.realKernel)
    #expect(same.halfFrechet < shifted.halfFrechet)
    #expect(SetDistances(real, training: real, seed: 2).realFrechet != same.realFrechet)
  }

  @Test func `eigenvalues have the matrix's trace and the trace of its square`() {
    var random = RandomStream(seed: 31)
    for side in [1, 2, 3, 17, 40] {
      let half = Tensor(normal: [side, side], using: &random)
      let values = half.matrixProduct(half, otherTransposed: true).values.map(Double.init)
      let matrix = SymmetricMatrix(side: side, values: values)
      let eigenvalues = matrix.eigenvalues()
      let squares = values.reduce(0) { $0 + $1 * $1 }
      #expect(abs(eigenvalues.reduce(0, +) - matrix.trace) < 1e-6 * matrix.trace)
      #expect(abs(eigenvalues.reduce(0) { $0 + $1 * $1 } - squares) < 1e-6 * squares)
      #expect(eigenvalues.allSatisfy { $0 > -1e-4 })
    }
  }
}
