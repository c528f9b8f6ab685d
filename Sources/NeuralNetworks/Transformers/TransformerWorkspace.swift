import Tensors

extension VisionTransformer {
  /// The scratch memory of one call at a time, and a block's arithmetic on it.
  ///
  /// `@unchecked Sendable`: whoever takes it out of the idle ones has it alone.
  final class Workspace: @unchecked Sendable {
    /// [tokens, width], the residual stream.
    let tokens: UnsafeMutablePointer<Float>
    /// Queries, keys and values of one head, [tokens, 3 · head width].
    private let head: UnsafeMutablePointer<Float>
    /// What the heads found, [tokens, width].
    private let attended: UnsafeMutablePointer<Float>
    /// A part of the hidden channels, [tokens, hidden / parts], rows a little longer, so that they do not crowd the same
    /// sets of the cache.
    private let hidden: UnsafeMutablePointer<Float>
    private let hiddenStep: Int
    private let attention: UnsafeMutableRawPointer
    private let product: UnsafeMutableRawPointer
    private let rows: QuantisedRows
    /// The hidden channels, while `rows` still holds what they come from.
    private let second: QuantisedRows

    init(_ c: Configuration, _ weights: TransformerWeights) {
      func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
          .bindMemory(to: Float.self, capacity: count)
      }
      hiddenStep = c.hidden / c.hiddenParts + 16
      tokens = floats(c.tokens * c.width)
      head = floats(c.tokens * 3 * (c.width / c.heads))
      attended = floats(c.tokens * c.width)
      hidden = floats(c.tokens * hiddenStep)
      attention = .allocate(
        byteCount: TokenKernels.attentionWorkspace(
          queries: c.tokens, keys: c.tokens, width: c.width / c.heads, fine: c.prefix), alignment: 64)
      let layers = weights.layers
      rows = QuantisedRows(
        tokens: c.tokens, fine: c.prefix, slots: layers.reduce(0) { max($0, $1.slots.count) })
      let bytes = layers.reduce(64) { max($0, $1.weights.workspace(rows: c.tokens + c.prefix)) }
      product = .allocate(byteCount: bytes, alignment: 64)
      second = QuantisedRows(
        tokens: c.tokens, fine: c.prefix, slots: c.hidden / c.hiddenParts + 64)
    }

    deinit {
      for pointer in [tokens, head, attended, hidden] { pointer.deallocate() }
      attention.deallocate()
      product.deallocate()
    }

    /// Replaces the first `queries` tokens by what the block makes of all of them.
    func run(_ block: TransformerWeights.Block, _ c: Configuration, queries: Int) {
      attend(block, c, queries: queries)
      rows.quantise(attended, step: c.width, tokens: queries, slots: block.output.slots)
      multiply(
        block.output, gain: block.attentionScale, residual: tokens, tokens: queries, into: tokens,
        step: c.width)
      rows.normalise(
        tokens, tokens: queries, gain: block.mlpNorm.gain, bias: block.mlpNorm.bias, epsilon: c.epsilon,
        slots: block.expand.slots)
      let part = c.hidden / c.hiddenParts
      for (index, contract) in block.contract.enumerated() {
        multiply(
          block.expand, activation: c.activation, tokens: queries, outputs: index * part..<(index + 1) * part,
          into: hidden, step: hiddenStep)
        second.quantise(hidden, step: hiddenStep, tokens: queries, slots: contract.slots)
        multiply(
          contract, rows: second, gain: block.mlpScale, residual: tokens, tokens: queries, into: tokens,
          step: c.width)
      }
    }

    /// Attention head by head: a head's queries, keys and values exist only while it is computed.
    private func attend(_ block: TransformerWeights.Block, _ c: Configuration, queries: Int) {
      rows.normalise(
        tokens, tokens: c.tokens, gain: block.attentionNorm.gain, bias: block.attentionNorm.bias,
        epsilon: c.epsilon, slots: block.input.slots)
      let width = c.width / c.heads
      for index in 0..<c.heads {
        for part in 0..<3 {
          let first = part * c.width + index * width
          multiply(
            block.input, tokens: part == 0 ? queries : c.tokens, outputs: first..<first + width,
            into: head + part * width, step: 3 * width)
        }
        TokenKernels.attend(
          q: head, k: head + width, v: head + 2 * width, stride: 3 * width, queries: queries, keys: c.tokens,
          width: width, fine: c.prefix, scale: 1 / Float(width).squareRoot(), into: attended + index * width,
          step: c.width,
          workspace: attention)
      }
    }

    private func multiply(
      _ layer: TransformerWeights.Dense, rows source: QuantisedRows? = nil, gain: [Float]? = nil,
      residual: UnsafePointer<Float>? = nil,
      activation: GaussianErrorUnit? = nil, tokens: Int, outputs: Range<Int>? = nil,
      into y: UnsafeMutablePointer<Float>, step: Int
    ) {
      let outputs = outputs ?? 0..<layer.weights.outputs
      layer.bias.withUnsafeBufferPointer { bias in
        func run(_ gain: UnsafePointer<Float>?) {
          (source ?? rows).multiply(
            layer.weights, tokens: tokens, outputs: outputs,
            .init(bias: bias.baseAddress, gain: gain, residual: residual, activation: activation), into: y,
            step: step, workspace: product)
        }
        if let gain { gain.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
      }
    }
  }
}
