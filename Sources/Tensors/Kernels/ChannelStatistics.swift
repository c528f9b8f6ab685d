/// The passes over memory that batch, instance and group normalisation are made of.
///
/// A tensor is seen as [groups, rows, channels]: one group for batch normalisation, one per image for the others.
package enum ChannelStatistics {
  /// Mean and biased variance of each channel of each group, both [groups, channels].
  ///
  /// Each chunk of rows gives its mean and squared deviations while it lies in the cache; chunks are merged in
  /// order and in double precision, so nothing cancels and the threads do not matter.
  ///
  /// Source: Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115
  package static func moments(_ x: Tensor, groups: Int) -> (mean: Tensor, variance: Tensor) {
    let channels = x.shape.channels
    let rows = x.count / max(1, groups * channels)
    let mean = Tensor([groups, channels])
    let variance = Tensor([groups, channels])
    guard rows > 0 else { return (mean, variance) }
    let chunk = max(1, 8192 / channels)
    let chunks = (rows + chunk - 1) / chunk
    let partial = Tensor([groups * chunks, 2, channels])
    let source = Raw(reading: x.pointer)
    let sums = Raw(partial.freshPointer)
    Parallelism.forEachRange(groups * chunks, grain: 8) { jobs in
      for job in jobs {
        let first = job % chunks * chunk
        let count = min(chunk, rows - first)
        let block = source.pointer + (job / chunks * rows + first) * channels
        let m = sums.pointer + job * 2 * channels
        let s = m + channels
        for row in 0..<count {
          let y = block + row * channels
          for c in 0..<channels { m[c] += y[c] }
        }
        let scale = 1 / Float(count)
        for c in 0..<channels { m[c] *= scale }
        for row in 0..<count {
          let y = block + row * channels
          for c in 0..<channels {
            let d = y[c] - m[c]
            s[c] += d * d
          }
        }
      }
    }
    for group in 0..<groups {
      for c in 0..<channels {
        var total = 0.0
        var average = 0.0
        var squares = 0.0
        for k in 0..<chunks {
          let count = Double(min(chunk, rows - k * chunk))
          let at = partial.pointer + (group * chunks + k) * 2 * channels + c
          let delta = Double(at[0]) - average
          let sum = total + count
          average += delta * count / sum
          squares += Double(at[channels]) + delta * delta * total * count / sum
          total = sum
        }
        mean.freshPointer[group * channels + c] = Float(average)
        variance.freshPointer[group * channels + c] = Float(squares / total)
      }
    }
    withExtendedLifetime((x, partial)) {}
    return (mean, variance)
  }

  /// activation(scale · x + shift), with scale and shift [groups, channels].
  package static func affine(
    _ x: Tensor, scale: Tensor, shift: Tensor, groups: Int, activation: Activation
  ) -> Tensor {
    let result = Tensor(uninitialized: x.shape)
    eachBlock(x.shape, groups: groups) { [x, scale, shift, result] group, offset, rows, channels in
      let a = scale.pointer + group * channels
      let b = shift.pointer + group * channels
      let source = x.pointer + offset
      let target = result.freshPointer + offset
      func run(_ f: (Float) -> Float) {
        for row in 0..<rows {
          let y = source + row * channels
          let z = target + row * channels
          for c in 0..<channels { z[c] = f(y[c] * a[c] + b[c]) }
        }
      }
      activation.specialised(run)
    }
    return result
  }

  /// Sums over rows of dz and of dz · (x − mean), each [groups, channels], where
  /// dz = dy · activation′(scale · x + shift).
  package static func gradientSums(
    _ dy: Tensor, _ x: Tensor, mean: Tensor, scale: Tensor, shift: Tensor, groups: Int, activation: Activation
  ) -> (sum: Tensor, product: Tensor) {
    let channels = x.shape.channels
    let rows = x.count / max(1, groups * channels)
    let chunk = max(1, 8192 / channels)
    let chunks = max(1, (rows + chunk - 1) / chunk)
    let partial = Tensor([groups * chunks, 2 * channels])
    Parallelism.forEachRange(groups * chunks, grain: 8) { [dy, x, mean, scale, shift, partial] jobs in
      for job in jobs {
        let group = job / chunks
        let first = job % chunks * chunk
        let offset = (group * rows + first) * channels
        let a = scale.pointer + group * channels
        let b = shift.pointer + group * channels
        let m = mean.pointer + group * channels
        let s = partial.freshPointer + job * 2 * channels
        let p = s + channels
        let g = dy.pointer + offset
        let y = x.pointer + offset
        func run(_ derivative: (Float) -> Float) {
          for row in 0..<min(chunk, rows - first) {
            let start = row * channels
            for c in 0..<channels {
              let v = y[start + c]
              let dz = g[start + c] * derivative(v * a[c] + b[c])
              s[c] += dz
              p[c] += dz * (v - m[c])
            }
          }
        }
        activation.specialisedDerivative(run)
      }
    }
    let total = partial.reducedMiddle(outer: groups, middle: chunks, inner: 2 * channels)
    return (total.channels(0..<channels), total.channels(channels..<2 * channels))
  }

  /// Replaces dy by p · dz + q · x + r, with dz as in ``gradientSums`` and p, q, r [groups, channels].
  package static func affineBackward(
    _ dy: inout Tensor, _ x: Tensor, scale: Tensor, shift: Tensor, p: Tensor, q: Tensor, r: Tensor,
    groups: Int,
    activation: Activation
  ) {
    let shape = x.shape
    dy.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let gradient = Raw(base)
      eachBlock(shape, groups: groups) { [x, scale, shift, p, q, r] group, offset, rows, channels in
        let a = scale.pointer + group * channels
        let b = shift.pointer + group * channels
        let p = p.pointer + group * channels
        let q = q.pointer + group * channels
        let r = r.pointer + group * channels
        let g = gradient.pointer + offset
        let y = x.pointer + offset
        func run(_ derivative: (Float) -> Float) {
          for row in 0..<rows {
            let start = row * channels
            for c in 0..<channels {
              let v = y[start + c]
              let dz = g[start + c] * derivative(v * a[c] + b[c])
              g[start + c] = p[c] * dz + q[c] * v + r[c]
            }
          }
        }
        activation.specialisedDerivative(run)
      }
    }
  }

  /// Calls `body` with (group, offset of the first element, rows, channels) for blocks that cover the tensor.
  private static func eachBlock(
    _ shape: Shape, groups: Int, _ body: @Sendable (Int, Int, Int, Int) -> Void
  ) {
    let channels = shape.channels
    let rows = shape.count / max(1, groups * channels)
    guard rows > 0 else { return }
    let chunk = max(1, elementGrain / channels)
    let chunks = (rows + chunk - 1) / chunk
    let perSlice = max(1, elementGrain / (min(chunk, rows) * channels))
    Parallelism.forEachRange(groups * chunks, grain: perSlice) { jobs in
      for job in jobs {
        let first = job % chunks * chunk
        let group = job / chunks
        body(group, (group * rows + first) * channels, min(chunk, rows - first), channels)
      }
    }
  }
}

extension Activation {
  /// Calls `body` with this function in a form that the compiler can inline and vectorise.
  @inline(__always)
  func specialised(_ body: ((Float) -> Float) -> Void) {
    switch self {
    case .identity: body { $0 }
    case .relu: body { $0 > 0 ? $0 : 0 }
    case .relu6: body { min($0 > 0 ? $0 : 0, 6) }
    case .leakyReLU(let slope): body { $0 > 0 ? $0 : slope * $0 }
    case .tanh, .sigmoid, .silu: body { self($0) }
    }
  }

  /// Calls `body` with the derivative in a form that the compiler can inline and vectorise.
  @inline(__always)
  func specialisedDerivative(_ body: ((Float) -> Float) -> Void) {
    switch self {
    case .identity: body { _ in 1 }
    case .relu: body { $0 > 0 ? 1 : 0 }
    case .relu6: body { $0 > 0 && $0 < 6 ? 1 : 0 }
    case .leakyReLU(let slope): body { $0 > 0 ? 1 : slope }
    case .tanh, .sigmoid, .silu: body { self.derivative(at: $0) }
    }
  }
}
