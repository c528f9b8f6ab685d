import Tensors
import Testing

/// One convolution's extents.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  var side = 9
  var inputs = 3
  var outputs = 8
  var kernel = 3
  var stride = 1
  var groups = 1
  var padding = ConvolutionGeometry.Padding.symmetric(1)
  var testDescription: String {
    "\(kernel)×\(kernel) /\(stride) \(inputs)→\(outputs) in \(groups), \(padding)"
  }

  static let all = [
    ConvolutionCase(), ConvolutionCase(side: 13, inputs: 32, outputs: 32),
    ConvolutionCase(inputs: 64, outputs: 48),
    ConvolutionCase(inputs: 16, outputs: 40, kernel: 1, padding: .symmetric(0)),
    ConvolutionCase(side: 12, inputs: 3, outputs: 16, kernel: 4, stride: 2),
    ConvolutionCase(side: 16, inputs: 32, outputs: 24, kernel: 4, stride: 2),
    ConvolutionCase(side: 12, inputs: 8, outputs: 3, kernel: 9, padding: .symmetric(4)),
    ConvolutionCase(side: 10, inputs: 20, outputs: 20, groups: 20),
    ConvolutionCase(side: 10, inputs: 24, outputs: 24, kernel: 5, stride: 2, groups: 24, padding: .same),
    ConvolutionCase(side: 10, inputs: 3, outputs: 32, stride: 2, padding: .same),
    ConvolutionCase(side: 7, inputs: 12, outputs: 8, groups: 4),
  ]

  var geometry: ConvolutionGeometry {
    ConvolutionGeometry(
      input: [2, side, side, inputs], weight: [kernel, kernel, inputs / groups, outputs], stride: stride,
      padding: padding, groups: groups)
  }
}

struct ConvolutionTests {
  /// Calls `body` with (x, w, y) offsets of each product in the convolution.
  private func eachProduct(_ g: ConvolutionGeometry, _ body: (Int, Int, Int) -> Void) {
    let (ci, co) = (g.inputs / g.groups, g.outputs / g.groups)
    for n in 0..<g.batch {
      for oy in 0..<g.outHeight {
        for ox in 0..<g.outWidth {
          for ky in 0..<g.kernelHeight {
            for kx in 0..<g.kernelWidth {
              let (y, x) = (oy * g.stride - g.padTop + ky, ox * g.stride - g.padLeft + kx)
              guard y >= 0, y < g.height, x >= 0, x < g.width else { continue }
              for o in 0..<g.outputs {
                for i in 0..<ci {
                  body(
                    ((n * g.height + y) * g.width + x) * g.inputs + o / co * ci + i,
                    ((ky * g.kernelWidth + kx) * ci + i) * g.outputs + o,
                    ((n * g.outHeight + oy) * g.outWidth + ox) * g.outputs + o)
                }
              }
            }
          }
        }
      }
    }
  }

  private func isClose(_ a: Tensor, _ b: [Float], _ tolerance: Float = 2e-4) -> Bool {
    let scale = max(1, b.map(abs).max() ?? 1)
    return zip(a.values, b).allSatisfy { abs($0 - $1) <= tolerance * scale }
  }

  @Test(arguments: ConvolutionCase.all, [false, true])
  func `each pass is the plain loop's on both back ends`(c: ConvolutionCase, reference: Bool) {
    let g = c.geometry
    var random = RandomStream(seed: 11)
    let x = Tensor(normal: g.inputShape, using: &random)
    let w = Tensor(normal: g.weightShape, using: &random)
    let dy = Tensor(normal: g.outputShape, using: &random)
    let (xs, ws, gs) = (x.values, w.values, dy.values)
    var y = [Float](repeating: 0, count: dy.count)
    var dx = [Float](repeating: 0, count: x.count)
    var dw = [Float](repeating: 0, count: w.count)
    eachProduct(g) { i, j, k in
      y[k] += xs[i] * ws[j]
      dx[i] += gs[k] * ws[j]
      dw[j] += gs[k] * xs[i]
    }
    func check() {
      #expect(isClose(Kernels.convolve(x, w, g), y))
      #expect(isClose(Kernels.convolveBackwardData(dy, w, g), dx))
      #expect(isClose(Kernels.convolveBackwardWeights(x, dy, g), dw))
    }
    if reference { Kernels.withReference(check) } else { check() }
  }

  @Test(arguments: ConvolutionCase.all)
  func `scale, shift, residual and activation are fused alike on both back ends`(c: ConvolutionCase) {
    let g = c.geometry
    var random = RandomStream(seed: 12)
    let x = Tensor(normal: g.inputShape, using: &random)
    // Small weights keep sums near 1, where tanh is steep and Winograd's rounding is that of the result.
    let w = Tensor(normal: g.weightShape, deviation: 0.05, using: &random)
    let scale = Tensor(normal: [g.outputs], using: &random)
    let shift = Tensor(normal: [g.outputs], using: &random)
    let residual = Tensor(normal: g.outputShape, using: &random)
    for activation in [Activation.relu, .relu6, .leakyReLU(slope: 0.2), .tanh] {
      func run() -> Tensor {
        Kernels.convolve(
          x, w, scale: scale, shift: shift, residual: residual, activation: activation, g)
      }
      #expect(isClose(run(), Kernels.withReference(run).values))
    }
  }

  @Test(arguments: ConvolutionCase.all)
  func `one thread and two give the same bits`(c: ConvolutionCase) {
    var g = c.geometry
    g.batch = 5
    var random = RandomStream(seed: 13)
    let x = Tensor(normal: g.inputShape, using: &random)
    let w = Tensor(normal: g.weightShape, using: &random)
    let dy = Tensor(normal: g.outputShape, using: &random)
    let runs = [1, 2].map { threads in
      Parallelism.withThreads(threads) {
        [
          Kernels.convolve(x, w, g), Kernels.convolveBackwardData(dy, w, g),
          Kernels.convolveBackwardWeights(x, dy, g),
        ].map { $0.values.map(\.bitPattern) }
      }
    }
    #expect(runs[0] == runs[1])
  }
}
