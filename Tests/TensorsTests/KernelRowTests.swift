import CKernels
import Foundation
import Testing

extension KernelTests {
  @Test(arguments: instructionSets)
  func `softmax and its logarithm follow their definitions, forward and back`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 10)
    for columns in [1, 2, 7, 16, 33, 1000] {
      // Far from 0, where a plain exponential would overflow.
      let x = random.floats(3 * columns).map { $0 * 20 + 300 }
      let dy = random.floats(x.count)
      var (y, log, dx, dLog) = (x, x, x, x)
      ck_softmax_forward(x, 3, columns, &y)
      ck_log_softmax_forward(x, 3, columns, &log)
      ck_softmax_backward(y, dy, 3, columns, &dx)
      ck_log_softmax_backward(log, dy, 3, columns, &dLog)
      for row in 0..<3 {
        let range = row * columns..<(row + 1) * columns
        let peak = Double(x[range].max() ?? 0)
        let total = x[range].reduce(0.0) { $0 + exp(Double($1) - peak) }
        let p = x[range].map { exp(Double($0) - peak) / total }
        let weighted = zip(p, dy[range]).reduce(0.0) { $0 + $1.0 * Double($1.1) }
        let sum = dy[range].reduce(0.0) { $0 + Double($1) }
        #expect(relativeError(Array(y[range]), p) < 2e-6)
        // Beside a probability near 1 the true gradient is far below the gradient that comes in: errors are held
        // against the latter.
        for (i, p) in zip(range, p) {
          #expect(abs(Double(dx[i]) - p * (Double(dy[i]) - weighted)) < 1e-5)
          #expect(abs(Double(dLog[i]) - (Double(dy[i]) - p * sum)) < 1e-4 * max(1, abs(sum)))
        }
        for (i, p) in zip(range, p) where p > 1e-30 {
          #expect(abs(Double(log[i]) - Foundation.log(p)) < 5e-5)
        }
      }
    }
  }

  @Test(arguments: instructionSets, [false, true])
  func `gradient descent with momentum moves as PyTorch's does`(set: CKInstructionSet, nesterov: Bool) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 11)
    for count in [1, 8, 77] {
      var w = random.floats(count)
      var m = [Float](repeating: 0, count: count)
      var (plainW, plainM) = (w.map(Double.init), [Double](repeating: 0, count: count))
      for _ in 0..<4 {
        let g = random.floats(count)
        ck_sgd_step(&w, g, &m, count, 0.1, 0.9, 0.01, nesterov, 0.5)
        for i in 0..<count {
          let gradient = 0.5 * Double(g[i]) + 0.01 * plainW[i]
          plainM[i] = 0.9 * plainM[i] + gradient
          plainW[i] -= 0.1 * (nesterov ? gradient + 0.9 * plainM[i] : plainM[i])
        }
      }
      #expect(relativeError(w, plainW) < 2e-6)
      #expect(relativeError(m, plainM) < 2e-6)
    }
  }

  @Test(arguments: instructionSets)
  func `bfloat16 is the nearest, the even one of two, and keeps what is no number`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    // Every pattern goes to float and back unchanged.
    let all = (0..<65536).map { UInt16($0) }
    var floats = [Float](repeating: 0, count: all.count)
    ck_bfloat16_to_float(all, &floats, all.count)
    var back = all
    ck_float_to_bfloat16(floats, &back, all.count)
    for i in all.indices {
      #expect(floats[i].bitPattern == UInt32(all[i]) << 16)
      if floats[i].isNaN {
        #expect(Float(bitPattern: UInt32(back[i]) << 16).isNaN)
      } else {
        #expect(back[i] == all[i])
      }
    }
    // Halfway between two neighbours, just below and just above.
    let cases: [(UInt32, UInt16)] = [
      (0x3F80_8000, 0x3F80), (0x3F80_7FFF, 0x3F80), (0x3F80_8001, 0x3F81), (0x3F81_8000, 0x3F82),
      (0xBF81_8000, 0xBF82), (0x7F7F_FFFF, 0x7F80), (0x0000_8001, 0x0001), (0x7F80_0001, 0x7FC0),
    ]
    let source = cases.map { Float(bitPattern: $0.0) }
    var rounded = [UInt16](repeating: 0, count: cases.count)
    ck_float_to_bfloat16(source, &rounded, cases.count)
    for i in cases.indices.dropLast() { #expect(rounded[i] == cases[i].1, "\(cases[i].0)") }
    #expect(
      Float(bitPattern: UInt32(rounded[cases.count - 1]) << 16).isNaN,
      "a NaN whose bits are all low stays one")
  }
}
