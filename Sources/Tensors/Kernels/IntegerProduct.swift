import CKernels

/// A dense layer's weights in int8 with a scale for each output, in memory that someone else keeps: a mapped file.
package struct IntegerWeights: @unchecked Sendable {
  // Sendable: the memory is only read.
  package let outputs: Int
  /// Inputs, further slots included; a multiple of 4.
  package let inputs: Int
  private let values: UnsafePointer<Int8>
  /// Bytes from a panel of 16 outputs to the next.
  private let panelStep: Int
  private let scale: UnsafePointer<Float>
  private let sums: [Int32]

  /// - Parameters:
  ///   - values: [outputs / 16, inputs / 4, 16, 4].
  ///   - sums: the sum of each output's weights.
  package init(
    outputs: Int, inputs: Int, values: UnsafePointer<Int8>, scale: UnsafePointer<Float>, sums: [Int32]
  ) {
    precondition(outputs % 16 == 0 && inputs % 4 == 0 && sums.count == outputs)
    self.init(
      outputs: outputs, inputs: inputs, values: values, panelStep: inputs * 16, scale: scale, sums: sums)
  }

  private init(
    outputs: Int, inputs: Int, values: UnsafePointer<Int8>, panelStep: Int, scale: UnsafePointer<Float>,
    sums: [Int32]
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.values = values
    self.panelStep = panelStep
    self.scale = scale
    self.sums = sums
  }

  /// The weights of some inputs (whole groups of four), as a layer of its own. Reads those weights once.
  package func part(inputs range: Range<Int>) -> IntegerWeights {
    precondition(range.lowerBound % 4 == 0 && range.count % 4 == 0 && range.upperBound <= inputs)
    let first = values + range.lowerBound * 16
    var sums = [Int32](repeating: 0, count: outputs)
    ck_integer_sums(first, panelStep, range.count / 4, outputs, &sums)
    return IntegerWeights(
      outputs: outputs, inputs: range.count, values: first, panelStep: panelStep, scale: scale, sums: sums)
  }

  /// The weights as floats, [outputs, columns], without the further slots, whose weights are their columns' again.
  package func dequantised(columns: Int) -> Tensor {
    precondition(columns <= inputs)
    var result = Tensor([outputs, columns])
    result.withMutableSpan { result in
      for output in 0..<outputs {
        let panel = values + output / 16 * panelStep + output % 16 * 4
        for column in 0..<columns {
          result[output * columns + column] = scale[output] * Float(panel[column / 4 * 64 + column % 4])
        }
      }
    }
    return result
  }

  func withKernel<R>(_ body: (UnsafePointer<CKIntegerWeights>) -> R) -> R {
    sums.withUnsafeBufferPointer { sums in
      var weights = CKIntegerWeights(
        outputs: outputs, groups: inputs / 4, panelStep: panelStep, values: values, scale: scale,
        sum: sums.baseAddress)
      return body(&weights)
    }
  }

  /// Bytes of workspace for a product of `rows` rows.
  package func workspace(rows: Int) -> Int {
    withKernel { ck_integer_product_workspace($0, rows) }
  }
}

/// How many slots each column of a layer's input occupies, so that columns of large values do not coarsen the others.
package struct ColumnSlots: Sendable {
  package let columns: Int
  let extra: [Int32]
  let rounding: [Float]
  /// One over the number of slots of each column.
  package let share: [Float]

  /// - Parameter extra: the column of each slot beyond the first of every column.
  package init(columns: Int, extra: [Int32] = []) {
    precondition(extra.allSatisfy { $0 >= 0 && $0 < columns })
    self.columns = columns
    self.extra = extra
    var count = [Int](repeating: 1, count: columns)
    for column in extra { count[Int(column)] += 1 }
    let share = count.map { 1 / Float($0) }
    self.share = share
    rounding =
      share.map { 0.5 * $0 }
      + extra.enumerated().map { index, column in
        let before = extra[..<index].count { $0 == column } + 1
        return (Float(before) + 0.5) * share[Int(column)]
      }
  }

  package var count: Int { columns + extra.count }

  func withKernel<R>(stride: Int, _ body: (UnsafePointer<CKSlots>) -> R) -> R {
    extra.withUnsafeBufferPointer { extra in
      rounding.withUnsafeBufferPointer { rounding in
        share.withUnsafeBufferPointer { share in
          var slots = CKSlots(
            columns: columns, extra: extra.count, stride: stride, source: extra.baseAddress,
            rounding: rounding.baseAddress, share: share.baseAddress)
          return body(&slots)
        }
      }
    }
  }
}

/// Activations quantised row by row, reused from layer to layer.
///
/// Not for two threads at once.
package final class QuantisedRows {
  /// Tokens kept finer by a second row of remainders; see CKTransformer.h.
  package let fine: Int
  private let values: UnsafeMutablePointer<UInt8>
  private let scale: UnsafeMutablePointer<Float>
  private let zero: UnsafeMutablePointer<Int32>
  private let row: UnsafeMutablePointer<Float>
  private var stride = 0

  /// Room for `tokens` rows of up to `slots` slots.
  package init(tokens: Int, fine: Int, slots: Int) {
    self.fine = fine
    let rows = tokens + fine
    values = .allocate(capacity: rows * Self.stride(slots))
    scale = .allocate(capacity: rows)
    zero = .allocate(capacity: rows)
    row = .allocate(capacity: slots + 16)
  }

  deinit {
    values.deallocate()
    scale.deallocate()
    zero.deallocate()
    row.deallocate()
  }

  /// Rows begin at multiples of 64 bytes, not all of a power of two, which would crowd few sets of the cache.
  private static func stride(_ slots: Int) -> Int { (slots + 63) / 64 * 64 + 64 }

  private var kernel: CKQuantisedRows { CKQuantisedRows(values: values, scale: scale, zero: zero) }

  /// Layer-normalises and quantises [tokens, columns]; `gain` and `bias` hold the columns' shares.
  package func normalise(
    _ x: UnsafePointer<Float>, tokens: Int, gain: [Float], bias: [Float], epsilon: Float, slots: ColumnSlots
  ) {
    stride = Self.stride(slots.count)
    var rows = kernel
    slots.withKernel(stride: stride) {
      ck_layer_norm_quantise(x, tokens, fine, gain, bias, epsilon, $0, &rows, row)
    }
  }

  /// Quantises [tokens, columns], `step` floats apart.
  package func quantise(_ x: UnsafePointer<Float>, step: Int, tokens: Int, slots: ColumnSlots) {
    stride = Self.stride(slots.count)
    var rows = kernel
    slots.withKernel(stride: stride) { ck_quantise_rows(x, step, tokens, fine, $0, &rows, row) }
  }

  /// What a dense layer does after its sums.
  package struct Finish {
    package var bias: UnsafePointer<Float>?
    package var gain: UnsafePointer<Float>?
    /// Rows as far apart as the result's; may be the result.
    package var residual: UnsafePointer<Float>?
    package var activation: GaussianErrorUnit?

    package init(
      bias: UnsafePointer<Float>? = nil, gain: UnsafePointer<Float>? = nil,
      residual: UnsafePointer<Float>? = nil, activation: GaussianErrorUnit? = nil
    ) {
      self.bias = bias
      self.gain = gain
      self.residual = residual
      self.activation = activation
    }
  }

  /// Writes `outputs` of the first `tokens` tokens to y, `step` floats apart.
  package func multiply(
    _ weights: IntegerWeights, tokens: Int, outputs: Range<Int>, _ finish: Finish,
    into y: UnsafeMutablePointer<Float>, step: Int, workspace: UnsafeMutableRawPointer
  ) {
    precondition(weights.inputs <= stride && outputs.upperBound <= weights.outputs)
    var rows = kernel
    var epilogue = CKIntegerEpilogue(
      bias: finish.bias, gain: finish.gain, residual: finish.residual,
      activation: finish.activation?.kernel ?? .none)
    weights.withKernel {
      ck_integer_product(
        $0, &rows, stride, tokens, fine, outputs.lowerBound, outputs.upperBound, &epilogue, y, step, workspace
      )
    }
  }
}

/// Kernels of attention and normalisation on rows in memory.
package enum TokenKernels {
  package static func normalise(
    _ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int, gain: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    ck_layer_norm(x, rows, columns, gain, bias, epsilon, x)
  }

  /// Bytes of workspace for one head; the first `fine` queries are kept finer.
  package static func attentionWorkspace(queries: Int, keys: Int, width: Int, fine: Int) -> Int {
    ck_attention_workspace(queries, keys, width, fine)
  }

  /// One head: q, k, v with rows `stride` floats apart.
  package static func attend(
    q: UnsafePointer<Float>, k: UnsafePointer<Float>, v: UnsafePointer<Float>, stride: Int, queries: Int,
    keys: Int, width: Int, fine: Int, scale: Float, into y: UnsafeMutablePointer<Float>, step: Int,
    workspace: UnsafeMutableRawPointer
  ) {
    ck_attention(q, k, v, stride, queries, keys, width, fine, scale, y, step, workspace)
  }
}

/// A checksum at the speed of memory, the same on every processor of one byte order: it finds accidents, not intent.
package func checksum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
  bytes.withMemoryRebound(to: UInt8.self) { ck_checksum($0.baseAddress, $0.count) }
}
