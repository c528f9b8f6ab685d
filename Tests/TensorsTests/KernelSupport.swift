import CKernels
import Testing

/// The kernels themselves, under every instruction set of this machine. A test chooses one for its own thread.
@Suite struct KernelTests {}

/// The instruction sets that this machine can run; what surrounds AMX's instructions is tried on every machine.
let instructionSets: [CKInstructionSet] = [
  .baseline, .avx2, .avx512, .avx512Vnni, .amx, .amxEmulated, .neon,
].filter {
  ck_instruction_set_available($0)
}

/// Numbers in -1..<1 from a fixed sequence.
struct PlainRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(next() & 0xFFFFFF) / 8_388_608 - 1 }
  }
  mutating func pick<T>(_ values: [T]) -> T { values[Int(next() >> 8) % values.count] }
}

/// The greatest difference, as a part of the greatest magnitude expected.
func relativeError(_ actual: [Float], _ expected: [Double]) -> Double {
  var difference = 0.0
  var magnitude = 1e-9
  for (a, b) in zip(actual, expected) {
    if !(abs(Double(a) - b) <= difference) { difference = abs(Double(a) - b) }
    magnitude = max(magnitude, abs(b))
  }
  return difference / magnitude
}

/// A convolution's three results by plain loops in double.
struct PlainConvolution {
  var y: [Double]
  var dx: [Double]
  var dw: [Double]

  init(_ s: CKConvolution, depthwise: Bool, x: [Float], w: [Float], dy: [Float]) {
    y = Array(repeating: 0, count: dy.count)
    dx = Array(repeating: 0, count: x.count)
    dw = Array(repeating: 0, count: w.count)
    for n in 0..<s.batch {
      for oy in 0..<s.outHeight {
        for ox in 0..<s.outWidth {
          for ky in 0..<s.kernelHeight {
            for kx in 0..<s.kernelWidth {
              let iy = oy * s.stride + ky - s.padTop
              let ix = ox * s.stride + kx - s.padLeft
              guard iy >= 0, iy < s.inHeight, ix >= 0, ix < s.inWidth else { continue }
              let xAt = ((n * s.inHeight + iy) * s.inWidth + ix) * s.inChannels
              let yAt = ((n * s.outHeight + oy) * s.outWidth + ox) * s.outChannels
              let tap = (ky * s.kernelWidth + kx) * s.inChannels
              for i in 0..<s.inChannels {
                for o in depthwise ? i..<i + 1 : 0..<s.outChannels {
                  let at = depthwise ? tap + i : (tap + i) * s.outChannels + o
                  y[yAt + o] += Double(x[xAt + i]) * Double(w[at])
                  dx[xAt + i] += Double(dy[yAt + o]) * Double(w[at])
                  dw[at] += Double(x[xAt + i]) * Double(dy[yAt + o])
                }
              }
            }
          }
        }
      }
    }
  }
}

/// A convolution's three results by the kernels, its slices run in the order given by `backwards`.
struct KernelConvolution {
  var y: [Float]
  var dx: [Float]
  var dw: [Float]

  init(
    _ shape: CKConvolution, depthwise: Bool, x: [Float], w: [Float], dy: [Float], backwards: Bool = false,
    epilogue: CKEpilogue? = nil
  ) {
    // NaN where a kernel fails to write.
    y = Array(repeating: .nan, count: dy.count)
    dx = Array(repeating: .nan, count: x.count)
    dw = Array(repeating: .nan, count: w.count)
    var s = shape
    func order(_ count: Int) -> [Int] { backwards ? Array((0..<count).reversed()) : Array(0..<count) }
    func space(_ pass: CKPass) -> [Float] {
      Array(
        repeating: .nan, count: depthwise ? ck_depthwise_workspace(&s, pass) : ck_conv_workspace(&s, pass))
    }
    func packed(_ pass: CKPass) -> [Float] {
      var packed = [Float](repeating: .nan, count: ck_conv_packed_count(&s, pass))
      for slice in order(ck_conv_pack_slices(&s, pass)) { ck_conv_pack(&s, pass, w, &packed, slice) }
      return packed
    }
    var epilogueStorage = epilogue ?? CKEpilogue()
    withUnsafePointer(to: &epilogueStorage) { pointer in
      let e = epilogue == nil ? nil : pointer
      if depthwise {
        for slice in order(ck_depthwise_slices(&s, .forward)) {
          var workspace = space(.forward)
          ck_depthwise_forward(&s, x, w, &y, e, &workspace, slice)
        }
      } else {
        let weights = packed(.forward)
        for slice in order(ck_conv_slices(&s, .forward)) {
          var workspace = space(.forward)
          ck_conv_forward(&s, x, weights, &y, e, &workspace, slice)
        }
      }
    }
    if depthwise {
      for slice in order(ck_depthwise_slices(&s, .backwardData)) {
        var workspace = space(.backwardData)
        ck_depthwise_backward_data(&s, dy, w, &dx, &workspace, slice)
      }
      let slices = ck_depthwise_slices(&s, .backwardWeights)
      var partials = [Float](repeating: .nan, count: slices * w.count)
      for slice in order(slices) {
        var workspace = space(.backwardWeights)
        ck_depthwise_backward_weights(&s, x, dy, &partials, &workspace, slice)
      }
      ck_depthwise_reduce_weights(&s, partials, &dw, false)
    } else {
      let weights = packed(.backwardData)
      for slice in order(ck_conv_slices(&s, .backwardData)) {
        var workspace = space(.backwardData)
        ck_conv_backward_data(&s, dy, weights, &dx, nil, &workspace, slice)
      }
      let slices = ck_conv_slices(&s, .backwardWeights)
      var partials = [Float](repeating: .nan, count: slices * ck_conv_partial_count(&s))
      for slice in order(slices) {
        var workspace = space(.backwardWeights)
        ck_conv_backward_weights(&s, x, dy, &partials, &workspace, slice)
      }
      for slice in order(ck_conv_reduce_slices(&s)) {
        ck_conv_reduce_weights(&s, partials, &dw, false, slice)
      }
    }
  }
}
