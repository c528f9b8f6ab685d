import CKernels
import Foundation
import Testing

extension KernelTests {
  @Test(arguments: instructionSets)
  func `vector functions follow the mathematical ones`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    let x = (0...4001).map { Float($0 - 2000) * 0.043 }
    var y = x
    ck_exp(x, &y, x.count)
    for (x, y) in zip(x, y) { #expect(abs(Double(y) / exp(Double(x)) - 1) < 3e-7, "exp \(x)") }
    let positive = x.map { exp($0) }
    ck_log(positive, &y, x.count)
    for (x, y) in zip(positive, y) {
      #expect(abs(Double(y) - log(Double(x))) <= 3e-7 * max(1, abs(log(Double(x)))), "log \(x)")
    }
    ck_softplus(x, &y, x.count)
    for (x, y) in zip(x, y) {
      let expected = max(Double(x), 0) + log1p(exp(-abs(Double(x))))
      #expect(abs(Double(y) - expected) <= 1e-6 * max(1e-3, expected), "softplus \(x)")
    }
    let special: [Float] = [.nan, .infinity, -.infinity, 0, 89, -88]
    var out = special
    ck_exp(special, &out, special.count)
    #expect(out[0].isNaN)
    #expect(out[1...] == [.infinity, 0, 1, .infinity, 0])
    ck_log([.nan, -1, 0, .infinity, 1], &out, 5)
    #expect(out[0].isNaN && out[1].isNaN)
    #expect(out[2...4] == [-.infinity, .infinity, 0])
  }

  @Test(
    arguments: instructionSets,
    [CKActivation.none, .relu, .relu6, .leakyRelu, .sigmoid, .tanh, .silu, .gelu])
  func `an activation's gradient is that of finite differences`(
    set: CKInstructionSet, activation: CKActivation
  ) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    let x = (0..<203).map { Float($0 - 101) * 0.0817 + 0.003 }
    func forward(_ x: [Float]) -> [Float] {
      var y = x
      ck_activation_forward(activation, 0.2, x, &y, x.count)
      return y
    }
    let saved = activation == .silu || activation == .gelu ? x : forward(x)
    var dx = x
    ck_activation_backward(activation, 0.2, saved, [Float](repeating: 2, count: x.count), &dx, x.count)
    let up = forward(x.map { $0 + 0.0005 })
    let down = forward(x.map { $0 - 0.0005 })
    for i in x.indices { #expect(abs(dx[i] - 2 * (up[i] - down[i]) / 0.001) < 6e-3, "at \(x[i])") }
    #expect(forward([.nan])[0].isNaN)
  }

  @Test(arguments: instructionSets)
  func `sums, steps and conversions follow plain loops`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 17)
    let n = 9001
    let a = random.floats(n)
    let b = random.floats(n)
    #expect(abs(ck_sum(a, n) - a.reduce(0) { $0 + Double($1) }) < 1e-3)
    #expect(abs(ck_dot(a, b, n) - zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }) < 1e-3)
    #expect(ck_max_absolute(a, n) == a.map(abs).max())
    #expect(ck_all_finite(a, n))
    var broken = a
    broken[8999] = .nan
    #expect(!ck_all_finite(broken, n))
    #expect(ck_max_absolute(broken, n).isNaN)

    // Two steps of AdamW and of SGD against PyTorch's update rules in double.
    var w = a
    var m = [Float](repeating: 0, count: n)
    var v = m
    var wide = a.map(Double.init)
    var wideM = [Double](repeating: 0, count: n)
    var wideV = wideM
    for t in 1...2 {
      var p = CKAdam(
        rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.05,
        correction1: 1 - powf(0.9, Float(t)), correction2: 1 - powf(0.99, Float(t)), gradientScale: 0.5)
      ck_adam_step(&w, b, &m, &v, n, &p)
      for i in 0..<n {
        let g = Double(b[i]) * 0.5
        wide[i] *= 1 - 0.01 * 0.05
        wideM[i] = 0.9 * wideM[i] + 0.1 * g
        wideV[i] = 0.99 * wideV[i] + 0.01 * g * g
        wide[i] -=
          0.01 * (wideM[i] / (1 - pow(0.9, Double(t))))
          / ((wideV[i] / (1 - pow(0.99, Double(t)))).squareRoot() + 1e-8)
      }
    }
    #expect(relativeError(w, wide) < 1e-5)

    let halves = (0...UInt16.max).map { $0 }
    var floats = [Float](repeating: 0, count: halves.count)
    ck_half_to_float(halves, &floats, halves.count)
    var back = halves
    ck_float_to_half(floats, &back, halves.count)
    for (half, (value, again)) in zip(halves, zip(floats, back)) {
      if value.isNaN {
        #expect(half & 0x7FFF > 0x7C00 && again & 0x7FFF > 0x7C00)
      } else {
        #expect(again == half)
      }
    }
    ck_float_to_half([65519, 65520, 1 + 1.0 / 2048, 1 + 3.0 / 2048, 2.9e-8, 3.1e-8], &back, 6)
    #expect(back[..<6] == [0x7BFF, 0x7C00, 0x3C00, 0x3C02, 0, 1])
    var bytes = [UInt8](repeating: 9, count: 5)
    ck_quantise_u8([.nan, -1, 0.5, 1.5 / 255, 2], 5, 255, 0, &bytes)
    #expect(bytes == [0, 0, 128, 2, 255])
  }
}
