import Tensors
import Testing

struct TensorTests {
  @Test func `a copy keeps its elements when the other is written`() {
    let a = Tensor([1, 2, 3, 4], shape: [2, 2])
    var b = a
    b.withMutableSpan { $0[0] = 9 }
    #expect(a.values == [1, 2, 3, 4])
    #expect(b.values == [9, 2, 3, 4])
  }

  @Test func `broadcasting repeats extents of one from the last dimension on`() {
    let a = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect((a + Tensor([10, 20, 30], shape: [3])).values == [11, 22, 33, 14, 25, 36])
    #expect((a * Tensor([2, 3], shape: [2, 1])).values == [2, 4, 6, 12, 15, 18])
    #expect((Tensor([1, 2], shape: [2, 1]) - Tensor([1, 2], shape: [2])).values == [0, -1, 1, 0])
  }

  @Test(arguments: [[1, 1, 1, 5], [3, 1, 1, 5], [3, 1, 1, 1], [3, 4, 7, 1], [1, 4, 1, 5], [1, 1, 1, 1]])
  func `a sum to a shape is the plain loop's`(target: [Int]) {
    let shape: Shape = [3, 4, 7, 5]
    var random = RandomStream(seed: 1)
    let x = Tensor(normal: shape, using: &random)
    var expected = [Float](repeating: 0, count: target.reduce(1, *))
    for (i, value) in x.values.enumerated() {
      let place = [i / 140, i / 35 % 4, i / 5 % 7, i % 5]
      let at = zip(place, target).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
      expected[at] += value
    }
    for (a, b) in zip(x.sum(to: Shape(target)).values, expected) { #expect(abs(a - b) < 1e-4) }
  }

  @Test(arguments: [false, true], [false, true])
  func `a matrix product is the plain loop's`(left: Bool, right: Bool) {
    var random = RandomStream(seed: 2)
    let a = Tensor(normal: left ? [7, 33] : [33, 7], using: &random)
    let b = Tensor(normal: right ? [5, 7] : [7, 5], using: &random)
    let c = a.matrixProduct(b, transposed: left, otherTransposed: right)
    let (p, q) = (left ? a.transposed() : a, right ? b.transposed() : b)
    for i in 0..<33 {
      for j in 0..<5 {
        let sum = (0..<7).reduce(Float(0)) { $0 + p.values[i * 7 + $1] * q.values[$1 * 5 + j] }
        #expect(abs(c.values[i * 5 + j] - sum) < 1e-4)
      }
    }
  }

  @Test func `large sums have the same bits on one thread and on three`() {
    var random = RandomStream(seed: 3)
    let x = Tensor(normal: [300_000], using: &random)
    let sums = [1, 2, 3].map { count in Parallelism.withThreads(count) { x.sum().item.bitPattern } }
    #expect(Set(sums).count == 1)
  }

  @Test func `infinities and NaN are noticed anywhere`() {
    for place in [0, 15, 16, 40] {
      for value in [Float.infinity, -.infinity, .nan] {
        var x = Tensor([41])
        #expect(x.isFinite)
        x.withMutableSpan { $0[place] = value }
        #expect(!x.isFinite)
      }
    }
  }
}

struct RandomStreamTests {
  @Test func `the first block is the published known answer of Philox4x32-10`() {
    var zero = RandomStream(seed: 0)
    #expect((0..<4).map { _ in zero.nextWord() } == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
  }

  @Test func `a saved stream goes on where it was`() {
    for skipped in 0..<9 {
      var a = RandomStream(seed: 5, stream: 8)
      for _ in 0..<skipped { _ = a.nextWord() }
      var b = RandomStream(seed: 5, stream: 8, position: a.position)
      #expect((0..<10).map { _ in a.nextWord() } == (0..<10).map { _ in b.nextWord() })
    }
  }

  @Test func `normal deviates have the moments of a normal distribution`() {
    var random = RandomStream(seed: 6)
    let x = Tensor(normal: [200_000], using: &random)
    let mean = x.mean().item
    let central = x - mean
    #expect(abs(mean) < 0.01)
    #expect(abs(central.squared().mean().item - 1) < 0.02)
    #expect(abs(central.squared().squared().mean().item - 3) < 0.1)
  }

  @Test func `a permutation holds each number once`() {
    var random = RandomStream(seed: 7)
    let order = random.permutation(1000)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
  }
}
