public import Tensors

/// A convolution, its batch normalisation and its activation; one pass over memory in use.
///
/// Its keys are those of PyTorch's `Sequential(Conv2d, BatchNorm2d)`.
public struct NormalizedConvolution: Layer {
  public var convolution: Conv2d
  public var norm: BatchNorm2d

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
    guard !tape.isRecording && tape.mode == .evaluation && !tape.findsFaults else {
      return norm(convolution(x), residual: residual)
    }
    let (scale, shift) = norm.inferenceCoefficients
    let y = Kernels.convolve(
      x.tensor, convolution.weight.value, scale: scale, shift: shift, residual: residual?.tensor,
      activation: norm.activation, convolution.geometry(x.shape))
    return tape.constant(y)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    convolution.visitParameters(visitor[0])
    norm.visitParameters(visitor[1])
  }
}
