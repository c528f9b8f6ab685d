import CKernels
import Foundation
import Testing

extension KernelTests {
  @Test(arguments: instructionSets, [3, 8, 21, 64, 100])
  func `moments of blocks merge into those of the whole`(set: CKInstructionSet, channels: Int) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 11)
    let rows = 77
    let block = 20
    let x = random.floats(rows * channels).map { $0 + 100 }  // a mean far from zero: no sums of squares
    var means = [Float]()
    var m2s = [Float]()
    for start in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - start)
      var mean = [Float](repeating: .nan, count: channels)
      var m2 = mean
      ck_moments(Array(x[start * channels..<(start + count) * channels]), count, channels, &mean, &m2)
      means += mean
      m2s += m2
    }
    var mean = [Float](repeating: .nan, count: channels)
    var variance = mean
    ck_moments_merge(means, m2s, rows, block, channels, channels, &mean, &variance)
    for c in 0..<channels {
      let values = (0..<rows).map { Double(x[$0 * channels + c]) }
      let average = values.reduce(0, +) / Double(rows)
      let spread = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(rows)
      #expect(abs(Double(mean[c]) - average) < 1e-4)
      #expect(abs(Double(variance[c]) - spread) < 1e-4)
    }
  }

  /// Σ dy · activation(norm(x) · gamma + beta), in double: what the backward pass differentiates.
  static func loss(
    _ x: [Double], _ dy: [Float], rows: Int, channels: Int, groups: Int, gamma: [Float], beta: [Float]
  )
    -> Double
  {
    let per = channels / groups
    var total = 0.0
    for g in 0..<groups {
      var values = [Double]()
      for r in 0..<rows { values += x[r * channels + g * per..<r * channels + (g + 1) * per] }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      for r in 0..<rows {
        for c in g * per..<(g + 1) * per {
          let z =
            (x[r * channels + c] - mean) / (variance + 1e-5).squareRoot() * Double(gamma[c]) + Double(beta[c])
          total += Double(dy[r * channels + c]) * (z < 0 ? 0.2 * z : z)
        }
      }
    }
    return total
  }

  @Test(arguments: instructionSets, [12, 4])
  func `the gradient of a normalisation is that of finite differences`(set: CKInstructionSet, groups: Int) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 13)
    let rows = 15
    let channels = 12
    let x = random.floats(rows * channels)
    let dy = random.floats(rows * channels)
    let gamma = random.floats(channels).map { $0 + 2 }
    let beta = random.floats(channels)
    let empty = [Float](repeating: .nan, count: channels)
    var (mean, variance, scale, shift, inverse) = (empty, empty, empty, empty, empty)
    var (m, m2, sum, sumX, a, b, c) = (empty, empty, empty, empty, empty, empty, empty)
    ck_moments(x, rows, channels, &m, &m2)
    ck_moments_merge(m, m2, rows, rows, channels, groups, &mean, &variance)
    ck_norm_coefficients(mean, variance, gamma, beta, 1e-5, channels, &scale, &shift, &inverse)
    ck_norm_backward_sums(
      x, dy, nil, rows, channels, mean, inverse, scale, shift, .leakyRelu, 0.2, nil, &sum, &sumX)
    ck_norm_backward_coefficients(sum, sumX, mean, inverse, gamma, rows, channels, groups, &a, &b, &c)
    var dx = [Float](repeating: .nan, count: x.count)
    ck_norm_backward_apply(x, dy, nil, rows, channels, scale, shift, .leakyRelu, 0.2, a, b, c, &dx)
    for i in stride(from: 0, to: x.count, by: 7) {
      var up = x.map(Double.init)
      var down = up
      up[i] += 1e-4
      down[i] -= 1e-4
      let difference =
        Self.loss(up, dy, rows: rows, channels: channels, groups: groups, gamma: gamma, beta: beta)
        - Self.loss(down, dy, rows: rows, channels: channels, groups: groups, gamma: gamma, beta: beta)
      #expect(abs(Double(dx[i]) - difference / 2e-4) < 2e-3, "element \(i)")
    }
    // From the output instead of the input, with dz stored, the gradient is the same.
    var y = x
    var dz = x
    var second = x
    scale.withUnsafeBufferPointer { scale in
      shift.withUnsafeBufferPointer { shift in
        var e = CKEpilogue(
          scale: scale.baseAddress, shift: shift.baseAddress, residual: nil, activation: .leakyRelu,
          slope: 0.2)
        ck_channel_affine(x, rows, channels, &e, &y)
      }
    }
    ck_norm_backward_sums(
      x, dy, y, rows, channels, mean, inverse, scale, shift, .leakyRelu, 0.2, &dz, &sum, &sumX)
    ck_norm_backward_apply(x, dz, nil, rows, channels, scale, shift, .none, 0, a, b, c, &second)
    #expect(second == dx)
  }
}
