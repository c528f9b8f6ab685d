import CKernels

/// Convolutions by the vector kernels of CKernels, one group or one group per channel.
enum NativeConvolution {
  /// Whether the vector kernels have this convolution.
  static func supports(_ g: ConvolutionGeometry) -> Bool { g.groups == 1 || g.isDepthwise }

  static func forward(
    _ x: Tensor, _ w: Tensor, _ g: ConvolutionGeometry, scale: Tensor?, shift: Tensor?, residual: Tensor?,
    activation: Activation
  ) -> Tensor {
    let y = Tensor(uninitialized: g.outputShape)
    if g.isDepthwise {
      var shape = CKConvolution(g)
      let slices = Int(ck_depthwise_slices(&shape, .forward))
      let scratch = Int(ck_depthwise_workspace(&shape, .forward))
      Parallelism.forEachSlice(slices, scratch: scratch) { [shape] slice, workspace in
        withUnsafePointer(to: shape) { shape in
          withEpilogue(scale: scale, shift: shift, residual: residual, activation) { epilogue in
            ck_depthwise_forward(shape, x.pointer, w.pointer, y.freshPointer, epilogue, workspace, slice)
          }
        }
      }
    } else {
      var shape = CKConvolution(g)
      let packed = packedWeights(w, g, .forward)
      let slices = Int(ck_conv_slices(&shape, .forward))
      let scratch = Int(ck_conv_workspace(&shape, .forward))
      Parallelism.forEachSlice(slices, scratch: scratch) { [shape] slice, workspace in
        withUnsafePointer(to: shape) { shape in
          withEpilogue(scale: scale, shift: shift, residual: residual, activation) { epilogue in
            ck_conv_forward(shape, x.pointer, packed.base, y.freshPointer, epilogue, workspace, slice)
          }
        }
      }
    }
    withExtendedLifetime((x, w, y)) {}
    return y
  }

  static func backwardData(
    _ dy: Tensor, _ w: Tensor, _ g: ConvolutionGeometry, shift: Tensor? = nil,
    activation: Activation = .identity
  ) -> Tensor {
    let dx = Tensor(uninitialized: g.inputShape)
    var shape = CKConvolution(g)
    if g.isDepthwise {
      let slices = Int(ck_depthwise_slices(&shape, .backwardData))
      let scratch = Int(ck_depthwise_workspace(&shape, .backwardData))
      Parallelism.forEachSlice(slices, scratch: scratch) { [shape] slice, workspace in
        withUnsafePointer(to: shape) {
          ck_depthwise_backward_data($0, dy.pointer, w.pointer, dx.freshPointer, workspace, slice)
        }
      }
    } else {
      let packed = packedWeights(w, g, .backwardData)
      let slices = Int(ck_conv_slices(&shape, .backwardData))
      let scratch = Int(ck_conv_workspace(&shape, .backwardData))
      Parallelism.forEachSlice(slices, scratch: scratch) { [shape] slice, workspace in
        withUnsafePointer(to: shape) { shape in
          withEpilogue(scale: nil, shift: shift, residual: nil, activation) { epilogue in
            ck_conv_backward_data(shape, dy.pointer, packed.base, dx.freshPointer, epilogue, workspace, slice)
          }
        }
      }
    }
    withExtendedLifetime((dy, w, dx)) {}
    return dx
  }

  static func backwardWeights(_ x: Tensor, _ dy: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let dw = Tensor(uninitialized: g.weightShape)
    var shape = CKConvolution(g)
    if g.isDepthwise {
      let slices = Int(ck_depthwise_slices(&shape, .backwardWeights))
      let scratch = Int(ck_depthwise_workspace(&shape, .backwardWeights))
      let partials = Storage(count: slices * dw.count)
      Parallelism.forEachSlice(slices, scratch: scratch) { [shape] slice, workspace in
        withUnsafePointer(to: shape) {
          ck_depthwise_backward_weights($0, x.pointer, dy.pointer, partials.base, workspace, slice)
        }
      }
      ck_depthwise_reduce_weights(&shape, partials.base, dw.freshPointer, false)
      withExtendedLifetime(partials) {}
    } else {
      let slices = Int(ck_conv_slices(&shape, .backwardWeights))
      let scratch = Int(ck_conv_workspace(&shape, .backwardWeights))
      let partials = Storage(count: slices * Int(ck_conv_partial_count(&shape)))
      Parallelism.forEachSlice(slices, scratch: scratch) { [shape] slice, workspace in
        withUnsafePointer(to: shape) {
          ck_conv_backward_weights($0, x.pointer, dy.pointer, partials.base, workspace, slice)
        }
      }
      Parallelism.forEachSlice(Int(ck_conv_reduce_slices(&shape))) { [shape] slice in
        withUnsafePointer(to: shape) {
          ck_conv_reduce_weights($0, partials.base, dw.freshPointer, false, slice)
        }
      }
      withExtendedLifetime(partials) {}
    }
    withExtendedLifetime((x, dy, dw)) {}
    return dw
  }

  /// The weights in the order the pass wants, kept with them until they change.
  private static func packedWeights(_ w: Tensor, _ g: ConvolutionGeometry, _ pass: CKPass) -> Storage {
    var shape = CKConvolution(g)
    // The order depends on the weights' shape, the pass, the algorithm and the instruction set.
    let algorithm = Int(ck_conv_algorithm(&shape, pass).rawValue)
    let key = PackingKey(
      weight: w.shape, stride: g.stride, pass: Int(pass.rawValue), algorithm: algorithm,
      padTop: g.padTop, padLeft: g.padLeft, count: Int(ck_conv_packed_count(&shape, pass)),
      instructionSet: Int(ck_instruction_set().rawValue))
    return w.packed(key) {
      let storage = Storage(count: key.count)
      Parallelism.forEachSlice(Int(ck_conv_pack_slices(&shape, pass))) { [shape] slice in
        withUnsafePointer(to: shape) { ck_conv_pack($0, pass, w.pointer, storage.base, slice) }
      }
      return storage
    }
  }
}

extension CKConvolution {
  init(_ g: ConvolutionGeometry) {
    self.init(
      batch: g.batch, inHeight: g.height, inWidth: g.width, inChannels: g.inputs, outHeight: g.outHeight,
      outWidth: g.outWidth, outChannels: g.outputs, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth,
      stride: g.stride, padTop: g.padTop, padLeft: g.padLeft, algorithm: .automatic)
  }
}

extension Activation {
  /// The kernels' name for it, and the slope of a leaky ReLU.
  var kernel: (CKActivation, Float) {
    switch self {
    case .identity: (.none, 0)
    case .relu: (.relu, 0)
    case .relu6: (.relu6, 0)
    case .leakyReLU(let slope): (.leakyRelu, slope)
    case .tanh: (.tanh, 0)
    case .sigmoid: (.sigmoid, 0)
    case .silu: (.silu, 0)
    case .gaussian(let unit): (unit.kernel, 0)
    }
  }
}

/// Calls `body` with the epilogue, or with nil where it would do nothing.
func withEpilogue(
  scale: Tensor?, shift: Tensor?, residual: Tensor?, _ activation: Activation,
  _ body: (UnsafePointer<CKEpilogue>?) -> Void
) {
  if scale == nil && shift == nil && residual == nil && activation == .identity { return body(nil) }
  let (kind, slope) = activation.kernel
  let epilogue = CKEpilogue(
    scale: scale?.pointer, shift: shift?.pointer, residual: residual?.pointer, activation: kind, slope: slope)
  withUnsafePointer(to: epilogue) { body($0) }
  withExtendedLifetime((scale, shift, residual)) {}
}
