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
    /// [tokens, hidden], rows a little longer, so that they do not crowd the same sets of the cache.
    private let hidden: UnsafeMutablePointer<Float>
    private let hiddenStep: Int
    private let attention: UnsafeMutablePointer<Float>
    private let product: UnsafeMutableRawPointer
    private let rows: QuantisedRows

    init(_ c: Configuration, _ weights: TransformerWeights) {
      func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
          .bindMemory(to: Float.self, capacity: count)
      }
      hiddenStep = c.hidden + 16
      tokens = floats(c.tokens * c.width)
      head = floats(c.tokens * 3 * (c.width / c.heads))
      attended = floats(c.tokens * c.width)
      hidden = floats(c.tokens * hiddenStep)
      attention = floats(TokenKernels.attentionWorkspace(keys: c.tokens, width: c.width / c.heads))
      rows = QuantisedRows(tokens: c.tokens, fine: c.prefix, slots: weights.mostSlots)
      let bytes = weights.blocks.flatMap { [$0.input, $0.output, $0.expand, $0.contract] }.map {
        $0.weights.workspace(rows: c.tokens + c.prefix)
      }
      product = .allocate(byteCount: max(64, bytes.max() ?? 0), alignment: 64)
    }

    deinit {
      for pointer in [tokens, head, attended, hidden, attention] { pointer.deallocate() }
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
      multiply(block.expand, activation: c.activation, tokens: queries, into: hidden, step: hiddenStep)
      rows.quantise(hidden, step: hiddenStep, tokens: queries, slots: block.contract.slots)
      multiply(
        block.contract, gain: block.mlpScale, residual: tokens, tokens: queries, into: tokens, step: c.width)
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
          width: width, scale: 1 / Float(width).squareRoot(), into: attended + index * width, step: c.width,
          workspace: attention)
      }
    }

    private func multiply(
      _ layer: TransformerWeights.Dense, gain: [Float]? = nil, residual: UnsafePointer<Float>? = nil,
      activation: GaussianErrorUnit? = nil, tokens: Int, outputs: Range<Int>? = nil,
      into y: UnsafeMutablePointer<Float>, step: Int
    ) {
      let outputs = outputs ?? 0..<layer.weights.outputs
      layer.bias.withUnsafeBufferPointer { bias in
        func run(_ gain: UnsafePointer<Float>?) {
          rows.multiply(
            layer.weights, tokens: tokens, outputs: outputs,
            .init(bias: bias.baseAddress, gain: gain, residual: residual, activation: activation), into: y,
            step: step, workspace: product)
        }
        if let gain { gain.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
      }
    }
  }
}
