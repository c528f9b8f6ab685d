import CKernels
import Testing

/// Σ a·b, in double.
private func product(_ a: [Float], _ b: [Float]) -> Double {
  zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// Whether ⟨y, dy⟩ and ⟨x, dx⟩ agree, as they do where `dx` is the adjoint of a linear `y`.
private func areAdjoint(_ y: [Float], _ dy: [Float], _ x: [Float], _ dx: [Float]) -> Bool {
  let (a, b) = (product(y, dy), product(x, dx))
  return abs(a - b) <= 1e-5 * Double(x.count).squareRoot() * max(1, abs(a))
}

private func withSet(_ set: CKInstructionSet, _ body: () throws -> Void) rethrows {
  let before = ck_instruction_set()
  defer { #expect(ck_use_instruction_set(before)) }
  #expect(ck_use_instruction_set(set))
  try body()
}

private func windows(
  _ h: Int, _ w: Int, channels: Int, kernel: Int, stride: Int, pad: Int
) -> CKConvolution {
  CKConvolution(
    batch: 2, inHeight: h, inWidth: w, inChannels: channels, outHeight: (h + 2 * pad - kernel) / stride + 1,
    outWidth: (w + 2 * pad - kernel) / stride + 1, outChannels: channels, kernelHeight: kernel,
    kernelWidth: kernel, stride: stride, padTop: pad, padLeft: pad, algorithm: .automatic)
}

extension KernelTests {
  @Test(arguments: instructionSets, [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 1, 0)])
  func `pooling takes the largest and the mean of each window`(
    set: CKInstructionSet, geometry: (Int, Int, Int)
  ) {
    withSet(set) {
      var random = PlainRandom(seed: 5)
      for channels in [1, 3, 8, 19, 33] {
        var s = windows(7, 9, channels: channels, kernel: geometry.0, stride: geometry.1, pad: geometry.2)
        // Few values, so that windows hold equals: the first wins.
        let x = random.floats(2 * 7 * 9 * channels).map { ($0 * 3).rounded() }
        let count = s.batch * s.outHeight * s.outWidth * channels
        let dy = random.floats(count)
        var largest = [Float](repeating: .nan, count: count)
        var taps = [UInt8](repeating: 255, count: count)
        let rows = Int(s.batch * s.outHeight)
        ck_max_pool_forward(&s, x, &largest, &taps, 0, rows / 2)
        ck_max_pool_forward(&s, x, &largest, &taps, rows / 2, rows)
        var dLargest = [Float](repeating: .nan, count: x.count)
        ck_max_pool_backward(&s, dy, taps, &dLargest, 0, 2)
        var means = [false, true].map { _ in [Float](repeating: .nan, count: count) }
        for (i, countPadding) in [false, true].enumerated() {
          ck_average_pool_forward(&s, countPadding, x, &means[i], 0, rows)
          var dMean = [Float](repeating: .nan, count: x.count)
          ck_average_pool_backward(&s, countPadding, dy, &dMean, 0, 2)
          #expect(areAdjoint(means[i], dy, x, dMean))
        }
        var expectedGradient = [Double](repeating: 0, count: x.count)
        for at in 0..<count {
          let (c, pixel) = (at % channels, at / channels)
          let (ox, oy) = (pixel % s.outWidth, pixel / s.outWidth % s.outHeight)
          let image = pixel / (s.outWidth * s.outHeight)
          var best: (value: Float, place: Int) = (-.infinity, -1)
          var (sum, inside) = (0.0, 0)
          for ky in 0..<s.kernelHeight {
            for kx in 0..<s.kernelWidth {
              let (iy, ix) = (oy * s.stride + ky - s.padTop, ox * s.stride + kx - s.padLeft)
              guard iy >= 0, iy < s.inHeight, ix >= 0, ix < s.inWidth else { continue }
              let place = ((image * s.inHeight + iy) * s.inWidth + ix) * channels + c
              if x[place] > best.value { best = (x[place], place) }
              sum += Double(x[place])
              inside += 1
            }
          }
          #expect(largest[at] == best.value)
          expectedGradient[best.place] += Double(dy[at])
          #expect(abs(Double(means[0][at]) - sum / Double(inside)) < 1e-6)
          #expect(abs(Double(means[1][at]) - sum / Double(s.kernelHeight * s.kernelWidth)) < 1e-6)
        }
        #expect(relativeError(dLargest, expectedGradient) < 1e-6)
      }
    }
  }

  @Test(arguments: instructionSets)
  func `the average of an image goes to each channel and back`(set: CKInstructionSet) {
    withSet(set) {
      var random = PlainRandom(seed: 6)
      for channels in [1, 7, 16, 35] {
        let (x, dy) = (random.floats(45 * channels), random.floats(channels))
        var (y, dx) = (dy, x)
        ck_global_average_forward(x, 45, channels, &y)
        ck_global_average_backward(dy, 45, channels, &dx)
        let expected = (0..<channels).map { c in
          (0..<45).reduce(0.0) { $0 + Double(x[$1 * channels + c]) } / 45
        }
        #expect(relativeError(y, expected) < 1e-6)
        #expect(areAdjoint(y, dy, x, dx))
      }
    }
  }

  @Test(arguments: instructionSets)
  func `doubling repeats each pixel, bilinear resizing weighs four`(set: CKInstructionSet) {
    withSet(set) {
      var random = PlainRandom(seed: 7)
      for (channels, size) in [(1, (9, 4)), (3, (10, 14)), (17, (5, 7)), (32, (3, 20))] {
        let (h, w) = (5, 7)
        let x = random.floats(2 * h * w * channels)
        var dx = [Float](repeating: .nan, count: x.count)
        var y = [Float](repeating: .nan, count: 4 * x.count)
        var dy = random.floats(y.count)
        ck_nearest2x_forward(x, h, w, channels, &y, 0, 1)
        ck_nearest2x_forward(x, h, w, channels, &y, 1, 2)
        ck_nearest2x_backward(dy, h, w, channels, &dx, 0, 2)
        for at in y.indices {
          let (c, col, row) = (at % channels, at / channels % (2 * w), at / channels / (2 * w))
          #expect(y[at] == x[(row / 2 * w + col / 2) * channels + c])
        }
        #expect(areAdjoint(y, dy, x, dx))

        let (height, width) = size
        y = Array(repeating: .nan, count: 2 * height * width * channels)
        dy = random.floats(y.count)
        ck_bilinear_forward(x, h, w, channels, &y, height, width, 0, 2)
        ck_bilinear_backward(dy, h, w, channels, &dx, height, width, 0, 2)
        func place(_ i: Int, _ size: Int, _ target: Int) -> (Int, Int, Double) {
          let position = max(0, (Double(i) + 0.5) * Double(size) / Double(target) - 0.5)
          let first = min(Int(position), size - 1)
          return (first, min(first + 1, size - 1), position - Double(first))
        }
        let expected = y.indices.map { at in
          let (c, col) = (at % channels, at / channels % width)
          let (row, image) = (at / channels / width % height, at / channels / width / height)
          let (top, bottom, v) = place(row, h, height)
          let (left, right, u) = place(col, w, width)
          func pixel(_ i: Int, _ j: Int) -> Double { Double(x[((image * h + i) * w + j) * channels + c]) }
          return (1 - v) * ((1 - u) * pixel(top, left) + u * pixel(top, right))
            + v * ((1 - u) * pixel(bottom, left) + u * pixel(bottom, right))
        }
        #expect(relativeError(y, expected) < 2e-6)
        #expect(areAdjoint(y, dy, x, dx))
      }
    }
  }

  @Test(arguments: instructionSets)
  func `shuffling and mirroring put each pixel where PyTorch does`(set: CKInstructionSet) {
    withSet(set) {
      var random = PlainRandom(seed: 8)
      for (channels, factor) in [(1, 2), (3, 3), (8, 2), (17, 2)] {
        let (h, w, deep) = (4, 5, channels * factor * factor)
        let x = random.floats(2 * h * w * deep)
        var y = [Float](repeating: .nan, count: x.count)
        var back = y
        ck_pixel_shuffle_forward(x, h, w, channels, factor, &y, 0, 2)
        ck_pixel_shuffle_backward(y, h, w, channels, factor, &back, 0, 2)
        #expect(back == x)
        for at in y.indices {
          let (c, col, row) = (at % channels, at / channels % (w * factor), at / channels / (w * factor))
          let source =
            (row / factor * w + col / factor) * deep + c * factor * factor + row % factor * factor
            + col % factor
          #expect(y[at] == x[source])
        }
      }
      for channels in [1, 3, 16, 21] {
        let (h, w) = (5, 6)
        let (top, bottom, left, right) = (4, 1, 2, 5)
        let (height, width) = (h + top + bottom, w + left + right)
        let x = random.floats(2 * h * w * channels)
        var y = [Float](repeating: .nan, count: 2 * height * width * channels)
        var dx = [Float](repeating: .nan, count: x.count)
        let dy = random.floats(y.count)
        ck_reflection_pad_forward(x, h, w, channels, top, bottom, left, right, &y, 0, 2)
        ck_reflection_pad_backward(dy, h, w, channels, top, bottom, left, right, &dx, 0, 2)
        func mirrored(_ i: Int, _ size: Int) -> Int { i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i }
        for at in y.indices {
          let (c, col) = (at % channels, at / channels % width)
          let (row, image) = (at / channels / width % height, at / channels / width / height)
          let source = (image * h + mirrored(row - top, h)) * w + mirrored(col - left, w)
          #expect(y[at] == x[source * channels + c])
        }
        #expect(areAdjoint(y, dy, x, dx))
      }
    }
  }

  @Test(arguments: instructionSets)
  func `columns times weights are the convolution, and their adjoint its gradient`(set: CKInstructionSet) {
    withSet(set) {
      var random = PlainRandom(seed: 9)
      for (kernel, stride, pad) in [(1, 1, 0), (3, 1, 1), (3, 2, 1), (4, 2, 1), (5, 1, 2)] {
        var s = windows(6, 7, channels: 3, kernel: kernel, stride: stride, pad: pad)
        s.outChannels = 2
        let (depth, pixels) = (kernel * kernel * 3, Int(s.batch * s.outHeight * s.outWidth))
        let (x, w) = (random.floats(2 * 6 * 7 * 3), random.floats(depth * 2))
        let dy = random.floats(pixels * 2)
        let plain = PlainConvolution(s, depthwise: false, x: x, w: w, dy: dy)
        var columns = [Float](repeating: .nan, count: pixels * depth)
        ck_im2col(&s, x, &columns, 0, Int(s.batch * s.outHeight))
        let y = (0..<pixels * 2).map { at in
          (0..<depth).reduce(Float(0)) { $0 + columns[at / 2 * depth + $1] * w[$1 * 2 + at % 2] }
        }
        #expect(relativeError(y, plain.y) < 1e-5)
        let gradient = (0..<pixels * depth).map { at in
          dy[at / depth * 2] * w[at % depth * 2] + dy[at / depth * 2 + 1] * w[at % depth * 2 + 1]
        }
        var dx = [Float](repeating: 0, count: x.count)
        let size = gradient.count / 2
        for image in 0..<2 {
          ck_col2im(&s, Array(gradient[image * size..<(image + 1) * size]), &dx, image)
        }
        #expect(relativeError(dx, plain.dx) < 1e-5)
      }
    }
  }
}
