import CKernels
import Tensors
import Testing

extension KernelTests {
  /// Whatever surrounds the products: layout, borders, windows of several pixels, places of an enlarged image.
  @Test(arguments: instructionSets)
  func `convolutions of bytes follow plain loops`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 43)
    for (height, width, channels, columns, left, pixels, outputs, step) in [
      (1, 1, 4, 3, 1, 1, 16, 1), (3, 5, 4, 3, 1, 1, 48, 1), (7, 37, 48, 3, 1, 1, 48, 1),
      (5, 33, 32, 7, 1, 5, 3, 1), (4, 4, 32, 7, 1, 5, 3, 1), (6, 19, 48, 2, 1, 1, 32, 2),
      (6, 19, 20, 2, 0, 1, 32, 2), (2, 70, 32, 3, 1, 1, 32, 1),
    ] {
      let lanes = (pixels * outputs + 15) / 16 * 16
      let depth = columns * 3 * channels
      let x = (0..<height * width * channels).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let weights = (0..<lanes * depth).map { _ in Int8(truncatingIfNeeded: Int(random.next() % 255) - 127) }
      let scale = random.floats(lanes).map { abs($0) * 1e-4 + 1e-5 }
      let bias = random.floats(lanes)
      let zero = UInt8(truncatingIfNeeded: random.next())
      let (offsetY, offsetX) = (step - 1, 0)
      let results = height * step * width * step * outputs
      let residual = random.floats(results)
      var y = residual
      var q = [UInt8](repeating: 7, count: results)
      weights.withUnsafeBufferPointer { values in
        scale.withUnsafeBufferPointer { scale in
          bias.withUnsafeBufferPointer { bias in
            y.withUnsafeMutableBufferPointer { y in
              q.withUnsafeMutableBufferPointer { q in
                var integers = CKIntegerWeights(
                  outputs: lanes, groups: depth / 4, panelStep: depth * 16, values: values.baseAddress,
                  scale: scale.baseAddress, sum: nil)
                withUnsafePointer(to: &integers) { integers in
                  var convolution = CKByteConvolution(
                    height: height, width: width, channels: channels, columns: columns, left: left,
                    pixels: pixels, outputs: outputs, step: step, offsetY: offsetY, offsetX: offsetX,
                    zero: zero, weights: integers, bias: bias.baseAddress, activation: .leakyRelu,
                    slope: 0.25, residual: y.baseAddress, y: y.baseAddress, q: q.baseAddress, inverse: 20,
                    offset: 90.5)
                  var workspace = [UInt8](
                    repeating: 99, count: Int(ck_byte_convolution_workspace(&convolution)))
                  // Rows in any order.
                  for row in (0..<height).reversed() {
                    ck_byte_convolution(&convolution, x, row, row + 1, &workspace)
                  }
                }
              }
            }
          }
        }
      }
      var isWritten = [Bool](repeating: false, count: results)
      var expected = residual.map(Double.init)
      for row in 0..<height {
        for column in 0..<width {
          let (window, pixel) = (column / pixels, column % pixels)
          for o in 0..<outputs {
            let lane = pixel * outputs + o
            var sum = 0
            for k in 0..<depth {
              let (dx, dy, i) = (k / (3 * channels), k / channels % 3, k % channels)
              let (at, line) = (window * pixels + dx - left, row + dy - 1)
              let isInside = line >= 0 && line < height && at >= 0 && at < width
              let byte = isInside ? x[(line * width + at) * channels + i] : zero
              sum +=
                Int(byte) * Int(weights[((lane / 16 * (depth / 4) + k / 4) * 16 + lane % 16) * 4 + k % 4])
            }
            let value = Double(sum) * Double(scale[lane]) + Double(bias[lane])
            let place =
              ((row * step + offsetY) * width * step + column * step + offsetX) * outputs + o
            expected[place] += value < 0 ? value / 4 : value
            isWritten[place] = true
          }
        }
      }
      #expect(relativeError(y, expected) < 1e-5, "\(height)×\(width)×\(channels), \(outputs) outputs")
      for place in 0..<results {
        let level = isWritten[place] ? min(max(Double(y[place]) * 20 + 90.5, 0), 255).rounded(.down) : 7
        #expect(abs(Double(q[place]) - level) <= 1)
      }
    }
  }
}

struct ByteConvolutionTests {
  private func largest(_ a: Tensor, _ b: Tensor) -> Float {
    zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// The same convolution in floats, of the bytes that stand for `x`.
  private func exact(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, _ activation: Activation) -> Tensor {
    Kernels.convolve(
      x, weight, shift: bias, activation: activation,
      ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: 1, padding: .symmetric(1)))
  }

  @Test(arguments: [(48, 1), (3, 5), (16, 1)])
  func `rounded weights give nearly what exact ones give`(outputs: Int, pixels: Int) {
    var random = RandomStream(seed: 3)
    let x = Tensor(uniform: [1, 23, 31, 12], in: -1...2, using: &random)
    let weight = Tensor(uniform: [3, 3, 12, outputs], in: -0.3...0.3, using: &random)
    let bias = Tensor(uniform: [outputs], in: -1...1, using: &random)
    let source = ByteScale(-1...2)
    let convolution = ByteConvolution(
      weight: weight, bias: bias, source: source, activation: .relu, pixels: pixels)
    let result = NumberImage(height: 23, width: 31, channels: outputs)
    convolution(ByteImage(x, scale: source), rows: 0..<23, into: .init(numbers: result))
    let expected = exact(x, weight, bias, .relu)
    #expect(
      largest(result.tensor, expected) < 0.06,
      "of about \(expected.norm / Float(expected.count).squareRoot())")
  }

  @Test func `four phases make a convolution of repeated pixels`() {
    var random = RandomStream(seed: 4)
    let x = Tensor(uniform: [1, 9, 14, 16], in: -1...1, using: &random)
    let weight = Tensor(uniform: [3, 3, 16, 32], in: -0.3...0.3, using: &random)
    let bias = Tensor(uniform: [32], in: -1...1, using: &random)
    let source = ByteScale(-1...1)
    let result = NumberImage(height: 18, width: 28, channels: 32)
    for phase in ByteConvolution.Phase.allCases {
      ByteConvolution(weight: weight, bias: bias, source: source, phase: phase)(
        ByteImage(x, scale: source), rows: 0..<9, into: .init(numbers: result))
    }
    let repeated = Spatial.resample(x, Spatial.nearest(9, 2), Spatial.nearest(14, 2))
    #expect(largest(result.tensor, exact(repeated, weight, bias, .identity)) < 0.06)
  }

  @Test func `threads do not matter`() {
    var random = RandomStream(seed: 5)
    let x = Tensor(uniform: [1, 40, 21, 8], in: 0...1, using: &random)
    let weight = Tensor(uniform: [3, 3, 8, 16], in: -1...1, using: &random)
    let source = ByteScale(0...1)
    let convolution = ByteConvolution(weight: weight, bias: Tensor([16]), source: source)
    let results = [1, 3].map { threads in
      Parallelism.withThreads(threads) {
        let result = NumberImage(height: 40, width: 21, channels: 16)
        convolution(ByteImage(x, scale: source), rows: 0..<40, into: .init(numbers: result))
        return result.tensor
      }
    }
    #expect(results[0] == results[1])
  }

  @Test func `pictures are held in their own 255 steps`() {
    let x = Tensor((0..<256).map { Float($0) / 127.5 - 1 }, shape: [1, 16, 16, 1])
    // The kernel that passes its pixel on, for each of sixteen outputs.
    var weight = Tensor([3, 3, 1, 16])
    weight.withMutableSpan { for o in 0..<16 { $0[4 * 16 + o] = 1 } }
    let convolution = ByteConvolution(weight: weight, bias: Tensor([16]), source: .pixels)
    let result = NumberImage(height: 16, width: 16, channels: 16)
    convolution(ByteImage(x, scale: .pixels), rows: 0..<16, into: .init(numbers: result))
    for (index, value) in result.tensor.values.enumerated() {
      #expect(abs(value - (Float(index / 16) / 127.5 - 1)) < 1e-5)
    }
  }

  @Test func `a map of colours is interpolated between its points`() {
    var lattice = ColourLattice()
    var random = RandomStream(seed: 6)
    let picture = Tensor(uniform: [1, 50, 40, 3], in: 0...1, using: &random)
    var same = picture
    lattice.apply(to: &same)
    #expect(largest(same, picture * 2 - 1) < 1e-5)
    // A map that is linear stays so between the points.
    lattice.points = lattice.points.map { SIMD4($0.y, 1 - $0.x, 0.5 * $0.z + 0.25, 0) }
    var turned = picture
    lattice.apply(to: &turned)
    let (before, after) = (picture.values, turned.values)
    for i in stride(from: 0, to: before.count, by: 3) {
      #expect(abs(after[i] - (2 * before[i + 1] - 1)) < 1e-5)
      #expect(abs(after[i + 1] - (1 - 2 * before[i])) < 1e-5)
      #expect(abs(after[i + 2] - (before[i + 2] - 0.5)) < 1e-5)
    }
  }
}
