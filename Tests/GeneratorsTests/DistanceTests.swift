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

  @Test func `coverage tells a set that repeats itself from one that varies`() {
    var random = RandomStream(seed: 8)
    let real = Tensor(normal: [60, 4], using: &random)
    let same = SetCoverage(real, real: real)
    #expect(same == SetCoverage(real, real: real))
    #expect(same.precision == 1 && same.recall == 1 && same.coverage == 1)
    let far = SetCoverage(real + 100, real: real)
    #expect(far.precision == 0 && far.recall == 0 && far.coverage == 0)
    // Sixty pictures like one of them: each is right, and nearly nothing is covered.
    let one =
      Tensor.stacked((0..<60).map { _ in real.rows(7..<8) })
      + Tensor(normal: [60, 4], deviation: 1e-3, using: &random)
    let narrow = SetCoverage(one, real: real)
    #expect(narrow.precision == 1 && narrow.recall < 0.1 && narrow.coverage < 0.3 && narrow.coverage > 0)
    // Half of the real pictures cover their neighbours too.
    let half = SetCoverage(real.rows(0..<30), real: real)
    #expect(half.precision == 1 && half.coverage > 0.9)
  }

  @Test func `coverage is that of plain loops`() {
    var random = RandomStream(seed: 9)
    let (made, real) = (
      Tensor(normal: [23, 3], deviation: 0.7, using: &random), Tensor(normal: [31, 3], using: &random)
    )
    func rows(_ x: Tensor) -> [[Double]] {
      (0..<x.shape[0]).map { x.rows($0..<$0 + 1).values.map(Double.init) }
    }
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    func radii(_ set: [[Double]], _ k: Int) -> [Double] {
      set.map { x in set.map { distance(x, $0) }.sorted()[k] }
    }
    let (m, r) = (rows(made), rows(real))
    let found = SetCoverage(made, real: real)
    let (near, wide, called) = (radii(r, 3), radii(r, 5), radii(m, 3))
    func share(_ flags: [Bool]) -> Double { Double(flags.count { $0 }) / Double(flags.count) }
    #expect(found.precision == share(m.map { x in r.indices.contains { distance(x, r[$0]) <= near[$0] } }))
    #expect(found.recall == share(r.map { x in m.indices.contains { distance(x, m[$0]) <= called[$0] } }))
    #expect(found.coverage == share(r.indices.map { i in m.contains { distance($0, r[i]) <= wide[i] } }))
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
