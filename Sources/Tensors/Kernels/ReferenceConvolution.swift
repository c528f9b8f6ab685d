/// Convolutions by unrolling the input into a matrix and multiplying with OpenBLAS.
///
/// The back end that `ASSAY_KERNELS=reference` chooses and that tests hold the vector kernels to.
enum ReferenceConvolution {
  /// Floats of the unrolled matrix held at a time: 512 KB.
  private static let columnFloats = 128 << 10

  private static func tileRows(_ g: ConvolutionGeometry) -> Int {
    max(1, columnFloats / (g.kernelHeight * g.kernelWidth * (g.inputs / g.groups)))
  }

  /// y = x * w, without bias.
  static func forward(_ x: Tensor, _ w: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let y = Tensor(uninitialized: g.outputShape)
    let input = Raw(reading: x.pointer)
    let weight = Raw(reading: w.pointer)
    let output = Raw(y.freshPointer)
    let pixels = g.outHeight * g.outWidth
    let rows = tileRows(g)
    let tiles = (pixels + rows - 1) / rows
    let depth = g.kernelHeight * g.kernelWidth * (g.inputs / g.groups)
    let width = g.outputs / g.groups
    Parallelism.forEachSlice(g.batch * tiles) { job in
      let image = job / tiles
      let first = job % tiles * rows
      let range = first..<min(pixels, first + rows)
      withScratch(range.count * depth) { column in
        for group in 0..<g.groups {
          unroll(input.pointer + image * g.height * g.width * g.inputs, g, group, range, column)
          BLAS.multiply(
            transposeA: false, transposeB: false, m: range.count, n: width, k: depth, alpha: 1,
            a: column, lda: depth, b: weight.pointer + group * width, ldb: g.outputs, beta: 0,
            c: output.pointer + (image * pixels + first) * g.outputs + group * width, ldc: g.outputs)
        }
      }
    }
    withExtendedLifetime((x, w, y)) {}
    return y
  }

  /// The gradient with respect to the input.
  static func backwardData(_ dy: Tensor, _ w: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let dx = Tensor(g.inputShape)
    let gradient = Raw(reading: dy.pointer)
    let weight = Raw(reading: w.pointer)
    let output = Raw(dx.freshPointer)
    let pixels = g.outHeight * g.outWidth
    let rows = tileRows(g)
    let depth = g.kernelHeight * g.kernelWidth * (g.inputs / g.groups)
    let width = g.outputs / g.groups
    Parallelism.forEachSlice(g.batch) { image in
      withScratch(min(rows, pixels) * depth) { column in
        for first in stride(from: 0, to: pixels, by: rows) {
          let range = first..<min(pixels, first + rows)
          for group in 0..<g.groups {
            BLAS.multiply(
              transposeA: false, transposeB: true, m: range.count, n: depth, k: width, alpha: 1,
              a: gradient.pointer + (image * pixels + first) * g.outputs + group * width, lda: g.outputs,
              b: weight.pointer + group * width, ldb: g.outputs, beta: 0, c: column, ldc: depth)
            rollUp(column, g, group, range, output.pointer + image * g.height * g.width * g.inputs)
          }
        }
      }
    }
    withExtendedLifetime((dy, w, dx)) {}
    return dx
  }

  /// The gradient with respect to the weights, summed over images in a fixed order.
  static func backwardWeights(_ x: Tensor, _ dy: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let slices = min(g.batch, 8)
    let size = g.weightShape.count
    let partial = Tensor([slices, size])
    let input = Raw(reading: x.pointer)
    let gradient = Raw(reading: dy.pointer)
    let output = Raw(partial.freshPointer)
    let pixels = g.outHeight * g.outWidth
    let rows = tileRows(g)
    let depth = g.kernelHeight * g.kernelWidth * (g.inputs / g.groups)
    let width = g.outputs / g.groups
    Parallelism.forEachSlice(slices) { slice in
      withScratch(min(rows, pixels) * depth) { column in
        for image in slice * g.batch / slices..<(slice + 1) * g.batch / slices {
          for first in stride(from: 0, to: pixels, by: rows) {
            let range = first..<min(pixels, first + rows)
            for group in 0..<g.groups {
              unroll(input.pointer + image * g.height * g.width * g.inputs, g, group, range, column)
              BLAS.multiply(
                transposeA: true, transposeB: false, m: depth, n: width, k: range.count, alpha: 1,
                a: column, lda: depth,
                b: gradient.pointer + (image * pixels + first) * g.outputs + group * width, ldb: g.outputs,
                beta: 1, c: output.pointer + slice * size + group * width, ldc: g.outputs)
            }
          }
        }
      }
    }
    withExtendedLifetime((x, dy)) {}
    return partial.reducedMiddle(outer: 1, middle: slices, inner: size).reshaped(to: g.weightShape)
  }

  private static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let scratch = Storage(count: count)
    withExtendedLifetime(scratch) { body(scratch.base) }
  }

  /// One row per output pixel: the inputs under the kernel, [kH, kW, inC/groups].
  private static func unroll(
    _ x: UnsafePointer<Float>, _ g: ConvolutionGeometry, _ group: Int, _ range: Range<Int>,
    _ column: UnsafeMutablePointer<Float>
  ) {
    let channels = g.inputs / g.groups
    var target = column
    for pixel in range {
      let top = pixel / g.outWidth * g.stride - g.padTop
      let left = pixel % g.outWidth * g.stride - g.padLeft
      for i in 0..<g.kernelHeight {
        for j in 0..<g.kernelWidth {
          let (row, col) = (top + i, left + j)
          if row >= 0 && row < g.height && col >= 0 && col < g.width {
            target.update(from: x + (row * g.width + col) * g.inputs + group * channels, count: channels)
          } else {
            target.update(repeating: 0, count: channels)
          }
          target += channels
        }
      }
    }
  }

  /// Adds each row of the unrolled matrix back to the inputs it came from.
  private static func rollUp(
    _ column: UnsafePointer<Float>, _ g: ConvolutionGeometry, _ group: Int, _ range: Range<Int>,
    _ dx: UnsafeMutablePointer<Float>
  ) {
    let channels = g.inputs / g.groups
    var source = column
    for pixel in range {
      let top = pixel / g.outWidth * g.stride - g.padTop
      let left = pixel % g.outWidth * g.stride - g.padLeft
      for i in 0..<g.kernelHeight {
        for j in 0..<g.kernelWidth {
          let (row, col) = (top + i, left + j)
          if row >= 0 && row < g.height && col >= 0 && col < g.width {
            let target = dx + (row * g.width + col) * g.inputs + group * channels
            for c in 0..<channels { target[c] += source[c] }
          }
          source += channels
        }
      }
    }
  }
}
