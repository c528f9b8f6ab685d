public import Tensors

extension Variable {
  /// Each row of the last extent normalised to mean 0 and variance 1, times gain, plus bias.
  ///
  /// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450
  ///
  /// - Parameters:
  ///   - gain: [columns].
  ///   - bias: [columns].
  public func layerNormalised(gain: Variable, bias: Variable, epsilon: Float) -> Variable {
    let columns: Shape = [shape.channels]
    precondition(
      gain.shape == columns && bias.shape == columns, "\(gain.shape), \(bias.shape) do not fit \(shape)")
    let (x, gamma) = (tensor, gain.tensor)
    let y = TokenKernels.normalised(x, gain: gamma, bias: bias.tensor, epsilon: epsilon)
    return tape.record("layer normalisation", y, inputs: [self, gain, bias]) { dy in
      let parts = TokenKernels.normalisedBackward(dy, x, gain: gamma, epsilon: epsilon)
      return [parts.x, parts.gain, parts.bias]
    }
  }

  /// What these queries find: softmax(q kᵀ / √width) v in each head of each sample.
  ///
  /// A head's weights are computed again when gradients are taken: no queries × tokens matrix is kept.
  ///
  /// Source: Vaswani et al. 2017, arXiv:1706.03762
  ///
  /// - Parameters:
  ///   - keys: [N, tokens, heads · width], where the queries are [N, queries, heads · width].
  ///   - values: of the keys' shape.
  /// - Returns: of the queries' shape.
  public func attending(to keys: Variable, values: Variable, heads: Int) -> Variable {
    precondition(
      shape.rank == 3 && keys.shape == [shape[0], keys.shape[1], shape[2]] && values.shape == keys.shape
        && heads > 0 && shape[2] % heads == 0 && keys.shape[1] > 0,
      "\(heads) heads of \(shape) cannot attend to \(keys.shape), \(values.shape)")
    let (q, k, v) = (tensor, keys.tensor, values.tensor)
    let y = TokenKernels.attended(q, k, v, heads: heads)
    return tape.record("attention", y, inputs: [self, keys, values]) { dy in
      let parts = TokenKernels.attendedBackward(dy, q, k, v, heads: heads)
      return [parts.q, parts.k, parts.v]
    }
  }

  /// The tokens `range` of each sample: [N, tokens, C] gives [N, range, C].
  public func tokens(_ range: Range<Int>) -> Variable {
    let (samples, channels) = (shape[0], shape[2])
    if range == 0..<shape[1] { return self }
    return reshaped(to: [samples, shape[1] * channels])
      .channels(range.lowerBound * channels..<range.upperBound * channels)
      .reshaped(to: [samples, range.count, channels])
  }
}

/// PyTorch's `LayerNorm` over the last extent.
public struct LayerNorm: Layer {
  public var weight: Parameter
  public var bias: Parameter
  public let epsilon: Float

  public init(_ columns: Int, epsilon: Float = 1e-5) {
    weight = Parameter(Tensor([columns], repeating: 1), role: .offset)
    bias = Parameter(Tensor([columns]), role: .offset)
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    x.layerNormalised(gain: x.tape.parameter(weight), bias: x.tape.parameter(bias), epsilon: epsilon)
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }
}

/// A block of a vision transformer over tokens [N, tokens, width]: x + attention(norm(x)), then x + mlp(norm(x)).
///
/// Paths are those of the blocks of Hugging Face's `CLIPVisionModel` and `Dinov2Model` where these agree, of the former
/// where they do not.
///
/// Source: Dosovitskiy et al. 2020, arXiv:2010.11929
public struct TransformerBlock: Layer {
  public var attentionNorm: LayerNorm
  public var query: Linear
  public var key: Linear
  public var value: Linear
  public var output: Linear
  /// By channel, what scales the attention's result (DINOv2); nil for none.
  public var attentionScale: Parameter?
  public var perceptronNorm: LayerNorm
  public var expand: Linear
  public var contract: Linear
  /// By channel, what scales the perceptron's result; nil for none.
  public var perceptronScale: Parameter?
  public let heads: Int
  public let activation: GaussianErrorUnit

  /// Weights drawn as PyTorch's linear layers draw theirs.
  ///
  /// - Parameters:
  ///   - width: channels of a token, a multiple of the heads.
  ///   - hidden: channels between the two layers of the perceptron.
  ///   - layerScale: what layer scales begin with (Touvron et al. 2021, arXiv:2103.17239); nil for none.
  public init(
    width: Int, heads: Int, hidden: Int, activation: GaussianErrorUnit = .exact, layerScale: Float? = nil,
    epsilon: Float = 1e-5, random: inout RandomStream
  ) {
    precondition(heads > 0 && width % heads == 0, "\(width) channels do not make \(heads) heads")
    attentionNorm = LayerNorm(width, epsilon: epsilon)
    query = Linear(width, width, random: &random)
    key = Linear(width, width, random: &random)
    value = Linear(width, width, random: &random)
    output = Linear(width, width, random: &random)
    perceptronNorm = LayerNorm(width, epsilon: epsilon)
    expand = Linear(width, hidden, random: &random)
    contract = Linear(hidden, width, random: &random)
    attentionScale = layerScale.map { Parameter(Tensor([width], repeating: $0), role: .offset) }
    perceptronScale = layerScale.map { Parameter(Tensor([width], repeating: $0), role: .offset) }
    self.heads = heads
    self.activation = activation
  }

  public func callAsFunction(_ x: Variable) -> Variable { self(x, queries: x.shape[1]) }

  /// The first `queries` tokens after the block, [N, queries, width]; all tokens are attended to.
  ///
  /// After the last block often the class token alone counts: that takes a sixth of the products.
  public func callAsFunction(_ x: Variable, queries: Int) -> Variable {
    let normalised = attentionNorm(x)
    let found = query(normalised.tokens(0..<queries)).attending(
      to: key(normalised), values: value(normalised), heads: heads)
    let attended = x.tokens(0..<queries) + scaled(output(found), by: attentionScale)
    let hidden = expand(perceptronNorm(attended)).activated(.gaussian(activation))
    return attended + scaled(contract(hidden), by: perceptronScale)
  }

  private func scaled(_ x: Variable, by scale: Parameter?) -> Variable {
    scale.map { x * x.tape.parameter($0) } ?? x
  }

  public mutating func visitParameters(_ visitor: ParameterVisitor) {
    let attention = visitor["self_attn"]
    attentionNorm.visitParameters(visitor["layer_norm1"])
    query.visitParameters(attention["q_proj"])
    key.visitParameters(attention["k_proj"])
    value.visitParameters(attention["v_proj"])
    output.visitParameters(attention["out_proj"])
    visitor["layer_scale1"]("lambda1", &attentionScale)
    perceptronNorm.visitParameters(visitor["layer_norm2"])
    expand.visitParameters(visitor["mlp"]["fc1"])
    contract.visitParameters(visitor["mlp"]["fc2"])
    visitor["layer_scale2"]("lambda1", &perceptronScale)
  }
}
