public import Tensors

/// A convolution, its batch normalisation and its activation; one pass over memory in use.
///
/// Its keys are those of PyTorch's `Sequential(Conv2d, BatchNorm2d)`.
public struct NormalizedConvolution: Layer {
  public var convolution: Conv2d
  public var norm: BatchNorm2d
  /// The kernel with the normalisation's scale in it, once the layer is frozen.
  private var frozenWeight: Tensor?

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1,
    padding: ConvolutionGeometry.Padding? = nil, groups: Int = 1, activation: Activation = .identity,
    momentum: Float = 0.1, epsilon: Float = 1e-5, random: inout RandomStream
  ) {
    convolution = Conv2d(
      inputs, outputs, kernel: kernel, stride: stride, padding: padding, groups: groups, bias: false,
      random: &random)
    norm = BatchNorm2d(outputs, momentum: momentum, epsilon: epsilon, activation: activation)
  }

  public func callAsFunction(_ x: Variable) -> Variable { self(x, residual: nil) }

  /// The layer's result with `residual` added before the activation.
  public func callAsFunction(_ x: Variable, residual: Variable?) -> Variable {
    let tape = x.tape
    if let frozenWeight { return frozen(x, frozenWeight, residual: residual) }
    guard !tape.isRecording && tape.mode == .evaluation && !tape.findsFaults else {
      return norm(convolution(x), residual: residual)
    }
    let (scale, shift) = norm.inferenceCoefficients
    let y = Kernels.convolve(
      x.tensor, convolution.weight.value, scale: scale, shift: shift, residual: residual?.tensor,
      activation: norm.activation, convolution.geometry(x.shape))
    return tape.constant(y)
  }

  /// Makes the layer a fixed function, its running statistics in force on every tape: gradients pass through it and
  /// not into it, at the cost of a convolution alone. Weights that are loaded afterwards have no effect.
  public mutating func freeze() {
    let (scale, _) = norm.inferenceCoefficients
    frozenWeight = convolution.weight.value * scale
  }

  private func frozen(_ x: Variable, _ weight: Tensor, residual: Variable?) -> Variable {
    let geometry = convolution.geometry(x.shape)
    let activation = norm.activation
    let y = Kernels.convolve(
      x.tensor, weight, shift: norm.inferenceCoefficients.shift, residual: residual?.tensor,
      activation: activation, geometry)
    precondition(activation.derivesFromOutput, "\(activation) has no derivative by its result")
    let needsX = x.needsGradient
    return x.tape.record("frozen convolution", y, inputs: [x] + (residual.map { [$0] } ?? [])) { dy in
      Kernels.activateBackward(&dy, saved: y, activation)
      return [needsX ? Kernels.convolveBackwardData(dy, weight, geometry) : nil, dy]
    }
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    convolution.visitParameters(visitor[0])
    norm.visitParameters(visitor[1])
  }
}
