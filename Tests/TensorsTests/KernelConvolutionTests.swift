import CKernels
import Testing

extension KernelTests {
  /// A shape of odd sizes, drawn from the kernels, strides and channel counts in use.
  static func shape(_ random: inout PlainRandom, depthwise: Bool) -> CKConvolution {
    while true {
      let kernel = random.pick([1, 2, 3, 3, 3, 4, 5, 7, 9])
      let inChannels = random.pick([1, 3, 5, 8, 16, 17, 24, 33, 40])
      var s = CKConvolution(
        batch: random.pick([1, 2, 3]), inHeight: random.pick([1, 4, 6, 9, 13, 16]),
        inWidth: random.pick([1, 5, 8, 11, 17]),
        inChannels: inChannels, outHeight: 0, outWidth: 0,
        outChannels: depthwise ? inChannels : random.pick([1, 3, 8, 16, 17, 24, 40, 65]),
        kernelHeight: kernel,
        kernelWidth: random.pick([kernel, kernel, 3]), stride: random.pick([1, 1, 2, 3]),
        padTop: random.pick([0, kernel / 2, kernel - 1]), padLeft: random.pick([0, 1, kernel / 2]),
        algorithm: random.pick([.automatic, .direct, .winograd]))
      s.outHeight = (s.inHeight + 2 * s.padTop - s.kernelHeight) / s.stride + 1
      s.outWidth = (s.inWidth + 2 * s.padLeft - s.kernelWidth) / s.stride + 1
      if s.inHeight + 2 * s.padTop >= s.kernelHeight, s.inWidth + 2 * s.padLeft >= s.kernelWidth { return s }
    }
  }

  static func operands(_ s: CKConvolution, depthwise: Bool, _ random: inout PlainRandom)
    -> (x: [Float], w: [Float], dy: [Float])
  {
    let taps = s.kernelHeight * s.kernelWidth * s.inChannels
    return (
      random.floats(s.batch * s.inHeight * s.inWidth * s.inChannels),
      random.floats(taps * (depthwise ? 1 : s.outChannels)),
      random.floats(s.batch * s.outHeight * s.outWidth * s.outChannels)
    )
  }

  @Test(arguments: instructionSets, [false, true])
  func `all three passes of a convolution follow plain loops`(set: CKInstructionSet, depthwise: Bool) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 3)
    for _ in 0..<60 {
      let s = Self.shape(&random, depthwise: depthwise)
      let (x, w, dy) = Self.operands(s, depthwise: depthwise, &random)
      let plain = PlainConvolution(s, depthwise: depthwise, x: x, w: w, dy: dy)
      let kernel = KernelConvolution(s, depthwise: depthwise, x: x, w: w, dy: dy)
      #expect(relativeError(kernel.y, plain.y) < 1e-4, "forward of \(s)")
      #expect(relativeError(kernel.dx, plain.dx) < 1e-4, "backward data of \(s)")
      #expect(relativeError(kernel.dw, plain.dw) < 1e-4, "backward weights of \(s)")
    }
  }

  @Test(arguments: instructionSets)
  func `slices give the same bits in any order`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 5)
    for (channels, algorithm) in [(16, CKAlgorithm.winograd), (24, .direct), (3, .automatic)] {
      let s = CKConvolution(
        batch: 4, inHeight: 40, inWidth: 40, inChannels: channels, outHeight: 40, outWidth: 40,
        outChannels: 32,
        kernelHeight: 3, kernelWidth: 3, stride: 1, padTop: 1, padLeft: 1, algorithm: algorithm)
      let (x, w, dy) = Self.operands(s, depthwise: false, &random)
      let forwards = KernelConvolution(s, depthwise: false, x: x, w: w, dy: dy)
      let backwards = KernelConvolution(s, depthwise: false, x: x, w: w, dy: dy, backwards: true)
      #expect(forwards.y == backwards.y)
      #expect(forwards.dx == backwards.dx)
      #expect(forwards.dw == backwards.dw)
    }
  }

  @Test(arguments: instructionSets, [CKActivation.none, .relu, .relu6, .leakyRelu, .silu, .tanh])
  func `the epilogue is scale, shift, residual and activation`(
    set: CKInstructionSet, activation: CKActivation
  ) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 7)
    for (kernel, depthwise) in [(1, false), (3, false), (3, true), (5, false)] {
      let s = CKConvolution(
        batch: 2, inHeight: 9, inWidth: 10, inChannels: 21, outHeight: 9, outWidth: 10, outChannels: 21,
        kernelHeight: kernel, kernelWidth: kernel, stride: 1, padTop: kernel / 2, padLeft: kernel / 2,
        algorithm: kernel == 3 ? .winograd : .automatic)
      let (x, w, dy) = Self.operands(s, depthwise: depthwise, &random)
      let scale = random.floats(21)
      let shift = random.floats(21)
      let residual = random.floats(dy.count)
      let plain = PlainConvolution(s, depthwise: depthwise, x: x, w: w, dy: dy)
      let expected = plain.y.enumerated().map { i, v in
        var z = Float(v * Double(scale[i % 21]) + Double(shift[i % 21]) + Double(residual[i]))
        ck_activation_forward(activation, 0.2, [z], &z, 1)
        return Double(z)
      }
      let actual = scale.withUnsafeBufferPointer { scale in
        shift.withUnsafeBufferPointer { shift in
          residual.withUnsafeBufferPointer { residual in
            KernelConvolution(
              s, depthwise: depthwise, x: x, w: w, dy: dy,
              epilogue: CKEpilogue(
                scale: scale.baseAddress, shift: shift.baseAddress, residual: residual.baseAddress,
                activation: activation, slope: 0.2)
            ).y
          }
        }
      }
      #expect(relativeError(actual, expected) < 1e-4, "kernel \(kernel), depthwise \(depthwise)")
    }
  }
}
