import Tensors

extension VisionTransformer {
  /// The last blocks as layers that can be trained, their weights made floats.
  ///
  /// They take the tokens that ``encode(_:patchesAfter:tokensAfter:)`` gives after the block before them. Their results differ
  /// from the encoder's by what quantising activations costs.
  ///
  /// - Parameter count: 1...blocks.
  public func lastBlocks(_ count: Int) -> [TransformerBlock] {
    precondition((1...configuration.blocks).contains(count), "there are \(configuration.blocks) blocks")
    return weights.blocks.suffix(count).map { TransformerBlock($0, configuration) }
  }
}

extension TransformerBlock {
  fileprivate init(_ block: TransformerWeights.Block, _ c: VisionTransformer.Configuration) {
    attentionNorm = LayerNorm(block.attentionNorm, slots: block.input.slots, epsilon: c.epsilon)
    let input = Linear(dequantising: [block.input])
    func part(_ number: Int) -> Linear {
      let range = number * c.width..<(number + 1) * c.width
      return Linear(
        weight: input.weight.value.rows(range),
        bias: input.bias?.value.reshaped(to: [1, 3 * c.width]).channels(range).reshaped(to: [c.width]))
    }
    (query, key, value) = (part(0), part(1), part(2))
    output = Linear(dequantising: [block.output])
    attentionScale = block.attentionScale.map { Parameter(Tensor($0, shape: [c.width]), role: .offset) }
    perceptronNorm = LayerNorm(block.mlpNorm, slots: block.expand.slots, epsilon: c.epsilon)
    expand = Linear(dequantising: [block.expand])
    contract = Linear(dequantising: block.contract)
    perceptronScale = block.mlpScale.map { Parameter(Tensor($0, shape: [c.width]), role: .offset) }
    heads = c.heads
    activation = c.activation
  }
}

extension LayerNorm {
  /// What `Norm.sharing(_:)` took is given back: without slots each column counts whole.
  fileprivate init(_ norm: TransformerWeights.Norm, slots: ColumnSlots, epsilon: Float) {
    let columns: Shape = [norm.gain.count]
    let share = Tensor(slots.share, shape: columns)
    self.init(slots.columns, epsilon: epsilon)
    weight.value = Tensor(norm.gain, shape: columns) / share
    bias.value = Tensor(norm.bias, shape: columns) / share
  }
}

extension Linear {
  /// Layers whose results are added, as one over the inputs of all.
  fileprivate init(dequantising parts: [TransformerWeights.Dense]) {
    let biases = parts.map { Tensor($0.bias, shape: [$0.bias.count]) }
    self.init(
      weight: Tensor.joinedChannels(parts.map { $0.weights.dequantised(columns: $0.slots.columns) }),
      bias: biases.dropFirst().reduce(biases[0], +))
  }
}
