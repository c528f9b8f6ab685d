/// Depthwise convolutions as plain loops over pixels, vectorised over channels by the compiler.
///
/// Weights are [kH, kW, 1, C].
enum ReferenceDepthwise {
  static func forward(_ x: Tensor, _ w: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let y = Tensor(g.outputShape)
    let input = Raw(reading: x.pointer)
    let weight = Raw(reading: w.pointer)
    let output = Raw(y.freshPointer)
    let c = g.inputs
    Parallelism.forEachSlice(g.batch * g.outHeight) { job in
      let row = job % g.outHeight
      let source = input.pointer + job / g.outHeight * g.height * g.width * c
      for col in 0..<g.outWidth {
        let target = output.pointer + (job * g.outWidth + col) * c
        eachTap(g, row, col) { tap, pixel in
          let a = weight.pointer + tap * c
          let b = source + pixel * c
          for k in 0..<c { target[k] += a[k] * b[k] }
        }
      }
    }
    withExtendedLifetime((x, w, y)) {}
    return y
  }

  static func backwardData(_ dy: Tensor, _ w: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let dx = Tensor(g.inputShape)
    let gradient = Raw(reading: dy.pointer)
    let weight = Raw(reading: w.pointer)
    let output = Raw(dx.freshPointer)
    let c = g.inputs
    Parallelism.forEachSlice(g.batch) { image in
      let target = output.pointer + image * g.height * g.width * c
      for row in 0..<g.outHeight {
        for col in 0..<g.outWidth {
          let source = gradient.pointer + ((image * g.outHeight + row) * g.outWidth + col) * c
          eachTap(g, row, col) { tap, pixel in
            let a = weight.pointer + tap * c
            let b = target + pixel * c
            for k in 0..<c { b[k] += a[k] * source[k] }
          }
        }
      }
    }
    withExtendedLifetime((dy, w, dx)) {}
    return dx
  }

  static func backwardWeights(_ x: Tensor, _ dy: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let slices = min(g.batch, 8)
    let size = g.weightShape.count
    let partial = Tensor([slices, size])
    let input = Raw(reading: x.pointer)
    let gradient = Raw(reading: dy.pointer)
    let output = Raw(partial.freshPointer)
    let c = g.inputs
    Parallelism.forEachSlice(slices) { slice in
      let target = output.pointer + slice * size
      for image in slice * g.batch / slices..<(slice + 1) * g.batch / slices {
        let source = input.pointer + image * g.height * g.width * c
        for row in 0..<g.outHeight {
          for col in 0..<g.outWidth {
            let b = gradient.pointer + ((image * g.outHeight + row) * g.outWidth + col) * c
            eachTap(g, row, col) { tap, pixel in
              let a = source + pixel * c
              let z = target + tap * c
              for k in 0..<c { z[k] += a[k] * b[k] }
            }
          }
        }
      }
    }
    withExtendedLifetime((x, dy)) {}
    return partial.reducedMiddle(outer: 1, middle: slices, inner: size).reshaped(to: g.weightShape)
  }

  /// Calls `body` with each tap of the kernel that lies inside the image, and the pixel under it.
  @inline(__always)
  private static func eachTap(_ g: ConvolutionGeometry, _ row: Int, _ col: Int, _ body: (Int, Int) -> Void) {
    for i in 0..<g.kernelHeight {
      let y = row * g.stride - g.padTop + i
      if y < 0 || y >= g.height { continue }
      for j in 0..<g.kernelWidth {
        let x = col * g.stride - g.padLeft + j
        if x < 0 || x >= g.width { continue }
        body(i * g.kernelWidth + j, y * g.width + x)
      }
    }
  }
}
