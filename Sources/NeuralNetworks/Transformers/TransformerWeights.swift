import Tensors

/// Where a transformer's numbers lie: the int8 ones in mapped files, what else there is in a few hundred kilobytes.
///
/// Keys: `embedding.patch` [patch, patch, 3, width], `embedding.class` [1 + registers, width] (or [width]),
/// `embedding.position` [1 + registers + patches, width], `embedding.norm.gain`, `.bias`; and of each block
/// `blocks.N.attention.norm`, `.attention.input` (queries, keys and values one after the other), `.attention.output`,
/// `.mlp.norm`, `.mlp.expand`, `.mlp.contract`, with `.attention.scale` and `.mlp.scale` where there is a layer scale.
struct TransformerWeights: Sendable {
  struct Norm: Sendable {
    var gain: [Float]
    var bias: [Float]

    /// For a layer whose input's columns have slots: each column is given its slot's share.
    func sharing(_ slots: ColumnSlots) -> Norm {
      Norm(
        gain: zip(gain, slots.share).map { $0 * $1 }, bias: zip(bias, slots.share).map { $0 * $1 })
    }
  }

  struct Dense: Sendable {
    var weights: IntegerWeights
    var slots: ColumnSlots
    var bias: [Float]

    /// The layer as several whose results are to be added; the first has the bias. Further slots, made for scales that span
    /// all columns, go unused.
    func parts(_ count: Int) -> [Dense] {
      if count == 1 { return [self] }
      let columns = slots.columns / count
      return (0..<count).map { part in
        Dense(
          weights: weights.part(inputs: part * columns..<(part + 1) * columns),
          slots: ColumnSlots(columns: columns),
          bias: part == 0 ? bias : bias.map { _ in 0 })
      }
    }
  }

  struct Block: Sendable {
    var attentionNorm: Norm
    var input: Dense
    var output: Dense
    var attentionScale: [Float]?
    var mlpNorm: Norm
    var expand: Dense
    /// One for each part of the hidden channels; the first has the bias.
    var contract: [Dense]
    var mlpScale: [Float]?
  }

  var patch: Tensor
  /// What is added to the patches: their positions.
  var positions: Tensor
  /// The tokens before the patches, positions added.
  var prefix: [Float]
  var embeddingNorm: Norm?
  var blocks: [Block]

  init(_ files: [MappedTensors], _ c: VisionTransformer.Configuration) throws(NetworkError) {
    let source = Source(files: files)
    patch = Tensor(
      try source.floats("embedding.patch", [c.patch, c.patch, 3, c.width]),
      shape: [c.patch, c.patch, 3, c.width])
    let tokens = try source.floats(
      "embedding.class", c.registers == 0 ? [c.width] : [c.prefix, c.width])
    let positions = try source.floats("embedding.position", [c.tokens, c.width])
    let split = c.prefix * c.width
    prefix = zip(tokens, positions).map { $0 + $1 }
    let grid = c.side / c.patch
    self.positions = Tensor(Array(positions[split...]), shape: [1, grid, grid, c.width])
    embeddingNorm = c.normalisesEmbedding ? try source.norm("embedding.norm", c.width) : nil
    blocks = []
    for index in 0..<c.blocks {
      let key = "blocks.\(index)"
      let input = try source.dense("\(key).attention.input", c.width, 3 * c.width)
      let expand = try source.dense("\(key).mlp.expand", c.width, c.hidden)
      let contract = try source.dense("\(key).mlp.contract", c.hidden, c.width).parts(c.hiddenParts)
      blocks.append(
        Block(
          attentionNorm: try source.norm("\(key).attention.norm", c.width).sharing(input.slots),
          input: input,
          output: try source.dense("\(key).attention.output", c.width, c.width),
          attentionScale: c.layerScale ? try source.floats("\(key).attention.scale", [c.width]) : nil,
          mlpNorm: try source.norm("\(key).mlp.norm", c.width).sharing(expand.slots),
          expand: expand,
          contract: contract,
          mlpScale: c.layerScale ? try source.floats("\(key).mlp.scale", [c.width]) : nil))
    }
  }

  /// Every dense layer of every block.
  var layers: [Dense] { blocks.flatMap { [$0.input, $0.output, $0.expand] + $0.contract } }

  /// Several files seen as one.
  private struct Source {
    var files: [MappedTensors]

    func file(_ key: String) throws(NetworkError) -> MappedTensors {
      if let file = files.first(where: { $0.contains(key) }) { return file }
      throw NetworkError(
        code: "weights.tensor", location: .init(file: files.first?.path, path: key),
        message: "it is in none of the files of weights", remedy: "name all files of the encoder")
    }

    func floats(_ key: String, _ shape: [Int]) throws(NetworkError) -> [Float] {
      try file(key).floats(key, shape)
    }

    func norm(_ key: String, _ width: Int) throws(NetworkError) -> Norm {
      Norm(gain: try floats("\(key).gain", [width]), bias: try floats("\(key).bias", [width]))
    }

    func dense(_ key: String, _ inputs: Int, _ outputs: Int) throws(NetworkError) -> Dense {
      let file = try file("\(key).weights")
      var extra: [Int32] = []
      if file.contains("\(key).slots") {
        let shape = try file.shape("\(key).slots")
        guard shape.count == 1, shape[0] <= inputs, shape[0] % 4 == 0 else {
          throw file.fault("\(key).slots", "there are \(shape) slots for \(inputs) columns")
        }
        extra = Array(
          UnsafeBufferPointer(start: try file.pointer("\(key).slots", shape, as: Int32.self), count: shape[0])
        )
        guard extra.allSatisfy({ $0 >= 0 && $0 < inputs }) else {
          throw file.fault("\(key).slots", "a slot belongs to no column")
        }
      }
      let slots = ColumnSlots(columns: inputs, extra: extra)
      _ = try file.floats("\(key).scale", [outputs])  // all finite
      return Dense(
        weights: IntegerWeights(
          outputs: outputs, inputs: slots.count,
          values: try file.pointer("\(key).weights", [outputs / 16, slots.count / 4, 16, 4], as: Int8.self),
          scale: try file.pointer("\(key).scale", [outputs], as: Float.self),
          sums: Array(
            UnsafeBufferPointer(
              start: try file.pointer("\(key).sum", [outputs], as: Int32.self), count: outputs))),
        slots: slots, bias: try floats("\(key).bias", [outputs]))
    }
  }
}
