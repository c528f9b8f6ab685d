import CKernels

// What training a transformer takes: everything in 32-bit floats, with gradients.

extension TokenKernels {
  /// Rows normalised to mean 0 and variance 1, times gain, plus bias.
  ///
  /// - Parameters:
  ///   - x: rows of the last extent.
  ///   - gain: [columns].
  ///   - bias: [columns].
  package static func normalised(_ x: Tensor, gain: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    let columns = x.shape.channels
    let result = Tensor(uninitialized: x.shape)
    Parallelism.forEachRange(x.count / max(1, columns), grain: rowGrain(columns)) {
      [x, gain, bias, result] range in
      let first = range.lowerBound * columns
      ck_layer_norm(
        x.pointer + first, range.count, columns, gain.pointer, bias.pointer, epsilon,
        result.freshPointer + first)
    }
    return result
  }

  /// The gradients of ``normalised(_:gain:bias:epsilon:)``; statistics are computed anew, so that none are kept.
  ///
  /// - Returns: of the rows, of the gain and of the bias.
  package static func normalisedBackward(_ dy: Tensor, _ x: Tensor, gain: Tensor, epsilon: Float) -> (
    x: Tensor, gain: Tensor, bias: Tensor
  ) {
    let columns = x.shape.channels
    let rows = x.count / max(1, columns)
    let grain = rowGrain(columns)
    let slices = (rows + grain - 1) / grain
    let result = Tensor(uninitialized: x.shape)
    // Each slice's sums over its rows, added in the order of slices.
    var sums = Tensor([slices, 2 * columns])
    sums.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      Parallelism.forEachSlice(slices, scratch: 2 * columns) { [dy, x, gain, result] slice, scratch in
        let (standard, scaled) = (scratch, scratch + columns)
        let (gainSum, biasSum) = (
          target.pointer + slice * 2 * columns, target.pointer + slice * 2 * columns + columns
        )
        let gain = gain.pointer
        let number = Double(columns)
        for row in slice * grain..<min(rows, (slice + 1) * grain) {
          let source = x.pointer + row * columns
          let g = dy.pointer + row * columns
          let mean = Float(ck_sum(source, columns) / number)
          for i in 0..<columns { standard[i] = source[i] - mean }
          let inverse = 1 / Float(ck_sum_squares(standard, columns) / number + Double(epsilon)).squareRoot()
          for i in 0..<columns {
            standard[i] *= inverse
            scaled[i] = g[i] * gain[i]
            gainSum[i] += g[i] * standard[i]
            biasSum[i] += g[i]
          }
          let offset = Float(ck_sum(scaled, columns) / number)
          let slope = Float(ck_dot(scaled, standard, columns) / number)
          let dx = result.freshPointer + row * columns
          for i in 0..<columns { dx[i] = inverse * (scaled[i] - offset - standard[i] * slope) }
        }
      }
    }
    let total = sums.sum(to: [1, 2 * columns])
    return (
      result, total.channels(0..<columns).reshaped(to: [columns]),
      total.channels(columns..<2 * columns).reshaped(to: [columns])
    )
  }

  private static func rowGrain(_ columns: Int) -> Int { max(1, elementGrain / max(1, columns)) }

  /// softmax(q kᵀ / √width) v of each head of each sample.
  ///
  /// A head's weights exist only while it is computed.
  ///
  /// - Parameters:
  ///   - q: [N, queries, heads · width].
  ///   - k: [N, tokens, heads · width].
  ///   - v: of k's shape.
  /// - Returns: [N, queries, heads · width].
  package static func attended(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int) -> Tensor {
    let result = Tensor(uninitialized: q.shape)
    let form = AttentionForm(q, k, heads: heads)
    Parallelism.forEachSlice(form.slices, scratch: form.weights) { [q, k, v, result] slice, weights in
      let (near, far) = form.offsets(slice)
      form.weigh(q.pointer + near, k.pointer + far, into: weights)
      form.product(
        weights, v.pointer + far, m: form.queries, n: form.width, k: form.tokens, lda: form.tokens,
        into: result.freshPointer + near, ldc: form.step)
    }
    return result
  }

  /// The gradients of ``attended(_:_:_:heads:)``; a head's weights are computed anew, so that none are kept.
  package static func attendedBackward(_ dy: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int) -> (
    q: Tensor, k: Tensor, v: Tensor
  ) {
    let (dq, dk, dv) = (
      Tensor(uninitialized: q.shape), Tensor(uninitialized: k.shape), Tensor(uninitialized: v.shape)
    )
    let form = AttentionForm(q, k, heads: heads)
    Parallelism.forEachSlice(form.slices, scratch: 2 * form.weights) {
      [dy, q, k, v, dq, dk, dv] slice, weights in
      let (near, far) = form.offsets(slice)
      let slopes = weights + form.weights
      let g = dy.pointer + near
      form.weigh(q.pointer + near, k.pointer + far, into: weights)
      form.product(
        weights, g, transposeA: true, m: form.tokens, n: form.width, k: form.queries, lda: form.tokens,
        into: dv.freshPointer + far, ldc: form.step)
      form.product(
        g, v.pointer + far, transposeB: true, m: form.queries, n: form.tokens, k: form.width, lda: form.step,
        into: slopes, ldc: form.tokens)
      for row in 0..<form.queries {
        let (weight, slope) = (weights + row * form.tokens, slopes + row * form.tokens)
        let mean = Float(ck_dot(weight, slope, form.tokens))
        for i in 0..<form.tokens { slope[i] = weight[i] * (slope[i] - mean) }
      }
      form.product(
        slopes, k.pointer + far, m: form.queries, n: form.width, k: form.tokens, alpha: form.scale,
        lda: form.tokens, into: dq.freshPointer + near, ldc: form.step)
      form.product(
        slopes, q.pointer + near, transposeA: true, m: form.tokens, n: form.width, k: form.queries,
        alpha: form.scale, lda: form.tokens, into: dk.freshPointer + far, ldc: form.step)
    }
    return (dq, dk, dv)
  }

  /// Where the heads of a batch lie: a slice is one head of one sample.
  private struct AttentionForm {
    let samples: Int
    let queries: Int
    let tokens: Int
    let heads: Int
    /// Channels of all heads, and of one.
    let step: Int
    let width: Int
    let scale: Float

    init(_ q: Tensor, _ k: Tensor, heads: Int) {
      (samples, queries, tokens, step) = (q.shape[0], q.shape[1], k.shape[1], q.shape[2])
      self.heads = heads
      width = step / heads
      scale = 1 / Float(width).squareRoot()
    }

    var slices: Int { samples * heads }
    /// Weights of a head.
    var weights: Int { queries * tokens }

    /// Of a slice's first number in what is as long as the queries, and as the tokens.
    func offsets(_ slice: Int) -> (near: Int, far: Int) {
      let (sample, head) = slice.quotientAndRemainder(dividingBy: heads)
      return (sample * queries * step + head * width, sample * tokens * step + head * width)
    }

    /// α a b, the right factor with the channels of all heads from row to row.
    func product(
      _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeA: Bool = false,
      transposeB: Bool = false,
      m: Int, n: Int, k: Int, alpha: Float = 1, lda: Int, into c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
      BLAS.multiply(
        transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b,
        ldb: step, beta: 0, c: c, ldc: ldc)
    }

    /// The softmax over the tokens of each query's scaled products.
    func weigh(
      _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, into weights: UnsafeMutablePointer<Float>
    ) {
      product(
        q, k, transposeB: true, m: queries, n: tokens, k: width, alpha: scale, lda: step, into: weights,
        ldc: tokens)
      for row in 0..<queries {
        let row = weights + row * tokens
        var highest = row[0]
        for i in 1..<max(1, tokens) { highest = max(highest, row[i]) }
        for i in 0..<tokens { row[i] -= highest }
        ck_exp(row, row, tokens)
        let share = Float(1 / ck_sum(row, tokens))
        for i in 0..<tokens { row[i] *= share }
      }
    }
  }
}
