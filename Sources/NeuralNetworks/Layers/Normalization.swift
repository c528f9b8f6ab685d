public import Tensors

extension Variable {
  /// activation(γ · (x − mean) / √(variance + ε) + β + residual), statistics over the rows of a sample.
  ///
  /// - Parameters:
  ///   - samples: parts of the batch that have statistics of their own: 1, or N.
  ///   - channelGroups: parts of the channels that share statistics; C for one each.
  ///   - gain: γ [C], or nil for 1.
  ///   - shift: β [C], or nil for 0.
  ///   - activation: fused, so that its input is not kept; piecewise linear.
  ///   - residual: of the result's shape; added before the activation.
  ///   - fixed: statistics [1, C] to use in place of the batch's, which are then constants.
  /// - Returns: the result and the statistics, [samples, C] each, the variance biased.
  func normalized(
    samples: Int, channelGroups: Int, gain: Variable?, shift: Variable?, epsilon: Float,
    activation: Activation, residual: Variable? = nil,
    fixed: (mean: Tensor, variance: Tensor)? = nil
  ) -> (result: Variable, mean: Tensor, variance: Tensor) {
    precondition(activation.isPiecewiseLinear, "\(activation) cannot be fused with a normalisation")
    let x = tensor
    let channels = shape.channels
    let (mean, variance) =
      fixed ?? ChannelStatistics.moments(x, samples: samples, channelGroups: channelGroups)
    let inverse = variance.map { 1 / ($0 + epsilon).squareRoot() }
    let gamma = gain?.tensor ?? Tensor([channels], repeating: 1)
    let scale = inverse * gamma
    let offset = (shift?.tensor ?? Tensor([channels])) - mean * scale
    let y = ChannelStatistics.affine(
      x, scale: scale, shift: offset, residual: residual?.tensor, samples: samples, activation: activation)
    let needs = (x: needsGradient, gain: gain?.needsGradient ?? false, shift: shift?.needsGradient ?? false)
    let isFixed = fixed != nil
    let inputs = [self] + [gain, shift, residual].compactMap { $0 }
    let (hasGain, hasShift, hasResidual) = (gain != nil, shift != nil, residual != nil)
    // With a residual the derivative of the activation follows from the result; without, from x.
    let output = hasResidual && activation != .identity ? y : nil
    let after = hasResidual ? .identity : activation
    let result = tape.record("normalisation", y, inputs: inputs) { dy in
      if let output { Kernels.activateBackward(&dy, saved: output, activation) }
      let (sum, product) = ChannelStatistics.gradientSums(
        dy, x, mean: mean, inverse: inverse, scale: scale, shift: offset, samples: samples, activation: after)
      var parts: [Tensor?] = [nil]
      if hasGain { parts.append(needs.gain ? product.sum(to: [channels]) : nil) }
      if hasShift { parts.append(needs.shift ? sum.sum(to: [channels]) : nil) }
      if hasResidual { parts.append(dy) }
      guard needs.x else { return parts }
      let (q, r) =
        isFixed
        ? (Tensor([samples, channels]), Tensor([samples, channels]))
        : ChannelStatistics.backwardCoefficients(
          sum: sum, product: product, mean: mean, inverse: inverse, gain: gamma, channelGroups: channelGroups,
          rows: x.count / (samples * channels))
      ChannelStatistics.affineBackward(
        &dy, x, scale: scale, shift: offset, p: scale, q: q, r: r, samples: samples, activation: after)
      parts[0] = dy
      return parts
    }
    return (result, mean, variance)
  }
}

/// PyTorch's `BatchNorm2d` over [N, H, W, C] or [N, C], with an activation fused.
///
/// While training, statistics are the batch's and running averages follow them; in use, the running averages.
public struct BatchNorm2d: Layer {
  public var weight: Parameter
  public var bias: Parameter
  public var runningMean: Parameter
  public var runningVariance: Parameter
  public let momentum: Float
  public let epsilon: Float
  public let activation: Activation
  /// Whether the running averages are used, and kept, while training too.
  public var isFrozen = false

  public init(
    _ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, activation: Activation = .identity
  ) {
    weight = Parameter(Tensor([channels], repeating: 1), role: .offset)
    bias = Parameter(Tensor([channels]), role: .offset)
    runningMean = Parameter(Tensor([channels]), role: .buffer)
    runningVariance = Parameter(Tensor([channels], repeating: 1), role: .buffer)
    self.momentum = momentum
    self.epsilon = epsilon
    self.activation = activation
  }

  public func callAsFunction(_ x: Variable) -> Variable { self(x, residual: nil) }

  /// The layer's result with `residual` added before the activation.
  public func callAsFunction(_ x: Variable, residual: Variable?) -> Variable {
    let tape = x.tape
    let channels = x.shape.channels
    let usesBatch = tape.mode == .training && !isFrozen
    let row: Shape = [1, channels]
    let fused = activation.isPiecewiseLinear ? activation : .identity
    let (y, mean, variance) = x.normalized(
      samples: 1, channelGroups: channels, gain: tape.parameter(weight), shift: tape.parameter(bias),
      epsilon: epsilon, activation: fused, residual: residual,
      fixed: usesBatch
        ? nil : (runningMean.value.reshaped(to: row), runningVariance.value.reshaped(to: row)))
    if usesBatch {
      let count = Float(x.tensor.count / channels)
      tape.updateBuffer(runningMean, toward: mean.reshaped(to: [channels]), momentum: momentum)
      tape.updateBuffer(
        runningVariance, toward: variance.reshaped(to: [channels]) * (count / max(1, count - 1)),
        momentum: momentum)
    }
    return fused == activation ? y : y.activated(activation)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
    visitor("running_mean", &runningMean)
    visitor("running_var", &runningVariance)
  }

  /// What the layer does in use: scale and shift per channel.
  var inferenceCoefficients: (scale: Tensor, shift: Tensor) {
    let inverse = runningVariance.value.map { [epsilon] in 1 / ($0 + epsilon).squareRoot() }
    let scale = weight.value * inverse
    return (scale, bias.value - runningMean.value * scale)
  }
}

/// PyTorch's `GroupNorm` over [N, H, W, C], with an activation fused.
public struct GroupNorm: Layer {
  public var weight: Parameter
  public var bias: Parameter
  public let groups: Int
  public let epsilon: Float
  public let activation: Activation

  public init(groups: Int, _ channels: Int, epsilon: Float = 1e-5, activation: Activation = .identity) {
    precondition(channels % groups == 0, "\(channels) channels do not make \(groups) groups")
    weight = Parameter(Tensor([channels], repeating: 1), role: .offset)
    bias = Parameter(Tensor([channels]), role: .offset)
    self.groups = groups
    self.epsilon = epsilon
    self.activation = activation
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    let fused = activation.isPiecewiseLinear ? activation : .identity
    let y = x.normalized(
      samples: x.shape[0], channelGroups: groups, gain: x.tape.parameter(weight),
      shift: x.tape.parameter(bias),
      epsilon: epsilon, activation: fused
    ).result
    return fused == activation ? y : y.activated(activation)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }
}

/// PyTorch's `InstanceNorm2d` over [N, H, W, C], with an activation fused; without running statistics.
public struct InstanceNorm2d: Layer {
  public var weight: Parameter?
  public var bias: Parameter?
  public let epsilon: Float
  public let activation: Activation

  /// - Parameter affine: whether there are a gain and a shift per channel.
  public init(
    _ channels: Int, affine: Bool = false, epsilon: Float = 1e-5, activation: Activation = .identity
  ) {
    weight = affine ? Parameter(Tensor([channels], repeating: 1), role: .offset) : nil
    bias = affine ? Parameter(Tensor([channels]), role: .offset) : nil
    self.epsilon = epsilon
    self.activation = activation
  }

  public func callAsFunction(_ x: Variable) -> Variable { self(x, residual: nil) }

  /// The layer's result with `residual` added before the activation.
  public func callAsFunction(_ x: Variable, residual: Variable?) -> Variable {
    let fused = activation.isPiecewiseLinear ? activation : .identity
    let y = x.normalized(
      samples: x.shape[0], channelGroups: x.shape.channels, gain: weight.map(x.tape.parameter),
      shift: bias.map(x.tape.parameter), epsilon: epsilon, activation: fused, residual: residual
    ).result
    return fused == activation ? y : y.activated(activation)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }
}

extension Variable {
  /// Gives each channel of each image the mean and deviation that `style` has there (AdaIN).
  ///
  /// Source: Huang and Belongie 2017, doi:10.1109/ICCV.2017.167
  public func styled(like style: Variable, epsilon: Float = 1e-5) -> Variable {
    let place: Shape = [style.shape[0], 1, 1, style.shape.channels]
    let mean = style.mean(to: place)
    let deviation = ((style - mean).squared().mean(to: place) + epsilon).squareRoot()
    let plain = normalized(
      samples: shape[0], channelGroups: shape.channels, gain: nil, shift: nil, epsilon: epsilon,
      activation: .identity
    ).result
    return plain * deviation + mean
  }
}
