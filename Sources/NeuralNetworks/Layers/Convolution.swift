public import Tensors

extension Variable {
  /// The convolution with weights [kH, kW, inC/groups, outC] and a bias [outC].
  public func convolved(
    with weight: Variable, bias: Variable? = nil, stride: Int = 1, padding: ConvolutionGeometry.Padding,
    groups: Int = 1
  ) -> Variable {
    let geometry = ConvolutionGeometry(
      input: shape, weight: weight.shape, stride: stride, padding: padding, groups: groups)
    let (x, w) = (tensor, weight.tensor)
    let (needsX, needsW) = (needsGradient, weight.needsGradient)
    let y = Kernels.convolve(x, w, shift: bias?.tensor, geometry)
    // The input is kept only where the weights learn from it.
    let kept = needsW ? x : nil
    let outC = weight.shape[3]
    let needsBias = bias?.needsGradient ?? false
    return tape.record("convolution", y, inputs: [self, weight] + (bias.map { [$0] } ?? [])) { dy in
      [
        needsX ? Kernels.convolveBackwardData(dy, w, geometry) : nil,
        kept.map { Kernels.convolveBackwardWeights($0, dy, geometry) },
        needsBias ? dy.sum(to: [outC]) : nil,
      ]
    }
  }

  /// The transposed convolution with weights [kH, kW, outC, inC] and a bias [outC].
  public func transposedConvolved(
    with weight: Variable, bias: Variable? = nil, stride: Int, padding: Int, outputPadding: Int = 0
  ) -> Variable {
    let geometry = ConvolutionGeometry(
      transposedInput: shape, weight: weight.shape, stride: stride, padding: padding,
      outputPadding: outputPadding)
    let (x, w) = (tensor, weight.tensor)
    let (needsX, needsW) = (needsGradient, weight.needsGradient)
    let y = Kernels.convolveBackwardData(x, w, shift: bias?.tensor, geometry)
    let kept = needsW ? x : nil
    let outC = weight.shape[2]
    let needsBias = bias?.needsGradient ?? false
    return tape.record("transposed convolution", y, inputs: [self, weight] + (bias.map { [$0] } ?? [])) {
      dy in
      [
        needsX ? Kernels.convolve(dy, w, geometry) : nil,
        kept.map { Kernels.convolveBackwardWeights(dy, $0, geometry) },
        needsBias ? dy.sum(to: [outC]) : nil,
      ]
    }
  }
}

/// PyTorch's `Conv2d` over [N, H, W, inC].
public struct Conv2d: Layer {
  public var weight: Parameter
  public var bias: Parameter?
  public let stride: Int
  public let padding: ConvolutionGeometry.Padding
  public let groups: Int

  /// Weights and bias uniform within ±1/√(inC/groups · kernel²), as PyTorch's are.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: ConvolutionGeometry.Padding? = nil,
    groups: Int = 1, bias: Bool = true, random: inout RandomStream
  ) {
    let bound = 1 / Float(inputs / groups * kernel * kernel).squareRoot()
    weight = Parameter(
      Tensor(uniform: [kernel, kernel, inputs / groups, outputs], in: -bound...bound, using: &random),
      fileLayout: .kernel)
    self.bias =
      bias ? Parameter(Tensor(uniform: [outputs], in: -bound...bound, using: &random), role: .offset) : nil
    self.stride = stride
    self.padding = padding ?? .symmetric(kernel / 2)
    self.groups = groups
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    x.convolved(
      with: x.tape.parameter(weight), bias: bias.map(x.tape.parameter), stride: stride, padding: padding,
      groups: groups)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }

  func geometry(_ input: Shape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      input: input, weight: weight.value.shape, stride: stride, padding: padding, groups: groups)
  }
}

/// PyTorch's `ConvTranspose2d` over [N, H, W, inC].
public struct ConvTranspose2d: Layer {
  public var weight: Parameter
  public var bias: Parameter?
  public let stride: Int
  public let padding: Int
  public let outputPadding: Int

  /// Weights and bias uniform within ±1/√(outC · kernel²), as PyTorch's are.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    bias: Bool = true, random: inout RandomStream
  ) {
    let bound = 1 / Float(outputs * kernel * kernel).squareRoot()
    weight = Parameter(
      Tensor(uniform: [kernel, kernel, outputs, inputs], in: -bound...bound, using: &random),
      fileLayout: .kernel)
    self.bias =
      bias ? Parameter(Tensor(uniform: [outputs], in: -bound...bound, using: &random), role: .offset) : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    x.transposedConvolved(
      with: x.tape.parameter(weight), bias: bias.map(x.tape.parameter), stride: stride, padding: padding,
      outputPadding: outputPadding)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }
}

/// PyTorch's `Linear` over the last extent: [N, inputs], or tokens [N, tokens, inputs].
public struct Linear: Layer {
  /// [outputs, inputs].
  public var weight: Parameter
  public var bias: Parameter?

  /// Weights and bias uniform within ±1/√inputs, as PyTorch's are.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, random: inout RandomStream) {
    let bound = 1 / Float(inputs).squareRoot()
    weight = Parameter(Tensor(uniform: [outputs, inputs], in: -bound...bound, using: &random))
    self.bias =
      bias ? Parameter(Tensor(uniform: [outputs], in: -bound...bound, using: &random), role: .offset) : nil
  }

  /// Known weights, [outputs, inputs], and a bias, [outputs].
  public init(weight: Tensor, bias: Tensor? = nil) {
    self.weight = Parameter(weight)
    self.bias = bias.map { Parameter($0, role: .offset) }
  }

  /// All zero, to be loaded: drawing what is overwritten takes longer than reading it.
  public init(unset inputs: Int, _ outputs: Int) {
    weight = Parameter(Tensor([outputs, inputs]))
    bias = Parameter(Tensor([outputs]), role: .offset)
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    let (head, inputs) = (x.shape.extents.dropLast(), x.shape.channels)
    let rows = x.shape.rank == 2 ? x : x.reshaped(to: [head.reduce(1, *), inputs])
    var product = rows.matrixProduct(x.tape.parameter(weight), otherTransposed: true)
    if let bias { product = product + x.tape.parameter(bias) }
    return x.shape.rank == 2 ? product : product.reshaped(to: Shape(head + [product.shape.channels]))
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }
}
