public import Tensors

/// A convolution whose kernel, as a matrix [outC, inC·kH·kW], has the largest singular value 1.
///
/// The singular value is followed by one step of power iteration at each training pass, as PyTorch's
/// `spectral_norm` does; the gradient passes through it.
///
/// Source: Miyato et al. 2018, arXiv:1802.05957
public struct SpectralConv2d: Layer {
  public var convolution: Conv2d
  /// The left singular vector, [outC].
  public var direction: Parameter

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: ConvolutionGeometry.Padding? = nil,
    bias: Bool = true, random: inout RandomStream
  ) {
    convolution = Conv2d(
      inputs, outputs, kernel: kernel, stride: stride, padding: padding, bias: bias, random: &random)
    direction = Parameter(Self.normalized(Tensor(normal: [outputs], using: &random)), role: .buffer)
    // A random vector is far from the singular one.
    for _ in 0..<10 { direction.value = Self.iterated(convolution.weight.value, direction.value).left }
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    let tape = x.tape
    let weight = tape.parameter(convolution.weight)
    let shape = weight.shape
    let outputs = shape[3]
    let (left, right) = Self.iterated(weight.tensor, direction.value)
    if tape.mode == .training { tape.updateBuffer(direction, toward: left, momentum: 1) }
    let matrix = weight.reshaped(to: [weight.tensor.count / outputs, outputs])
    let singular = tape.constant(right.reshaped(to: [1, right.count])).matrixProduct(matrix)
      .matrixProduct(tape.constant(left.reshaped(to: [outputs, 1])))
    return x.convolved(
      with: weight / singular.reshaped(to: [1]), bias: convolution.bias.map(tape.parameter),
      stride: convolution.stride, padding: convolution.padding)
  }

  /// One step of power iteration from the left vector [outC].
  private static func iterated(_ weight: Tensor, _ left: Tensor) -> (left: Tensor, right: Tensor) {
    let outputs = weight.shape[3]
    let matrix = weight.reshaped(to: [weight.count / outputs, outputs])
    let right = normalized(matrix.matrixProduct(left.reshaped(to: [outputs, 1])))
    let next = normalized(matrix.matrixProduct(right, transposed: true))
    return (next.reshaped(to: [outputs]), right.reshaped(to: [right.count]))
  }

  private static func normalized(_ x: Tensor) -> Tensor { x * (1 / max(x.norm, 1e-12)) }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    convolution.visitParameters(visitor)
    visitor("direction", &direction)
  }
}
