/// The passes over memory that batch, instance and group normalisation are made of.
///
/// A tensor is seen as [samples, rows, channels]: one sample for batch normalisation, one per image for the others.
package enum ChannelStatistics {
  /// Mean and biased variance of each channel of each sample, both [samples, channels].
  ///
  /// Each chunk of rows gives its mean and squared deviations while it lies in the cache; chunks are merged in
  /// order and in double precision, so nothing cancels and the threads do not matter.
  ///
  /// Source: Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115
  ///
  /// - Parameter channelGroups: parts of the channels that share their statistics; one each where it is C.
  package static func moments(
    _ x: Tensor, samples: Int, channelGroups: Int
  ) -> (mean: Tensor, variance: Tensor) {
    let channels = x.shape.channels
    let rows = x.count / max(1, samples * channels)
    let mean = Tensor([samples, channels])
    let variance = Tensor([samples, channels])
    guard rows > 0 else { return (mean, variance) }
    if !Kernels.usesReference {
      return NativeStatistics.moments(x, samples: samples, channelGroups: channelGroups)
    }
    let chunk = max(1, 8192 / channels)
    let chunks = (rows + chunk - 1) / chunk
    let partial = Tensor([samples * chunks, 2, channels])
    let source = Raw(reading: x.pointer)
    let sums = Raw(partial.freshPointer)
    Parallelism.forEachRange(samples * chunks, grain: 8) { jobs in
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
    for sample in 0..<samples {
      for c in 0..<channels {
        var total = 0.0
        var average = 0.0
        var squares = 0.0
        for k in 0..<chunks {
          let count = Double(min(chunk, rows - k * chunk))
          let at = partial.pointer + (sample * chunks + k) * 2 * channels + c
          let delta = Double(at[0]) - average
          let sum = total + count
          average += delta * count / sum
          squares += Double(at[channels]) + delta * delta * total * count / sum
          total = sum
        }
        mean.freshPointer[sample * channels + c] = Float(average)
        variance.freshPointer[sample * channels + c] = Float(squares / total)
      }
    }
    withExtendedLifetime((x, partial)) {}
    if channelGroups < channels { merge(mean, variance, channelGroups: channelGroups) }
    return (mean, variance)
  }

  /// Replaces each channel's statistics by those of its group.
  private static func merge(_ mean: Tensor, _ variance: Tensor, channelGroups: Int) {
    let size = mean.shape[1] / channelGroups
    for group in 0..<mean.shape[0] * channelGroups {
      let m = mean.freshPointer + group * size
      let v = variance.freshPointer + group * size
      let average = (0..<size).reduce(0.0) { $0 + Double(m[$1]) } / Double(size)
      let spread = (0..<size).reduce(0.0) { sum, i in
        let delta = Double(m[i]) - average
        return sum + Double(v[i]) + delta * delta
      }
      for i in 0..<size {
        m[i] = Float(average)
        v[i] = Float(spread / Double(size))
      }
    }
  }

  /// activation(scale · x + shift + residual), with scale and shift [samples, channels].
  package static func affine(
    _ x: Tensor, scale: Tensor, shift: Tensor, residual: Tensor? = nil, samples: Int, activation: Activation
  ) -> Tensor {
    let result = Tensor(uninitialized: x.shape)
    let isNative = !Kernels.usesReference
    eachBlock(x.shape, samples: samples) {
      [x, scale, shift, residual, result] sample, offset, rows, channels in
      let a = scale.pointer + sample * channels
      let b = shift.pointer + sample * channels
      let source = x.pointer + offset
      let target = result.freshPointer + offset
      let added = residual.map { $0.pointer + offset }
      if isNative {
        NativeStatistics.affine(
          source, target, rows: rows, channels: channels, scale: a, shift: b, residual: added,
          activation: activation)
        return
      }
      func run(_ f: (Float) -> Float) {
        for row in 0..<rows {
          let y = source + row * channels
          let z = target + row * channels
          if let r = added.map({ $0 + row * channels }) {
            for c in 0..<channels { z[c] = f(y[c] * a[c] + b[c] + r[c]) }
          } else {
            for c in 0..<channels { z[c] = f(y[c] * a[c] + b[c]) }
          }
        }
      }
      activation.specialised(run)
    }
    return result
  }

  /// Sums over rows of dz and of dz · (x − mean) · inverse, each [samples, channels], where
  /// dz = dy · activation′(scale · x + shift).
  package static func gradientSums(
    _ dy: Tensor, _ x: Tensor, mean: Tensor, inverse: Tensor, scale: Tensor, shift: Tensor, samples: Int,
    activation: Activation
  ) -> (sum: Tensor, product: Tensor) {
    let channels = x.shape.channels
    let rows = x.count / max(1, samples * channels)
    let chunk = max(1, 8192 / channels)
    let chunks = max(1, (rows + chunk - 1) / chunk)
    let partial = Tensor([samples * chunks, 2 * channels])
    let isNative = !Kernels.usesReference
    Parallelism.forEachRange(samples * chunks, grain: 8) {
      [dy, x, mean, inverse, scale, shift, partial] jobs in
      for job in jobs {
        let sample = job / chunks
        let first = job % chunks * chunk
        let offset = (sample * rows + first) * channels
        let a = scale.pointer + sample * channels
        let b = shift.pointer + sample * channels
        let m = mean.pointer + sample * channels
        let s = partial.freshPointer + job * 2 * channels
        let p = s + channels
        let g = dy.pointer + offset
        let y = x.pointer + offset
        if isNative {
          NativeStatistics.gradientSums(
            g, y, rows: min(chunk, rows - first), channels: channels, mean: m,
            inverse: inverse.pointer + sample * channels, scale: a, shift: b, activation: activation, sum: s,
            product: p)
          continue
        }
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
    let total = partial.reducedMiddle(outer: samples, middle: chunks, inner: 2 * channels)
    let product = total.channels(channels..<2 * channels)
    return (total.channels(0..<channels), isNative ? product : product * inverse)
  }

  /// The q and r of ``affineBackward`` for statistics that depend on x; its p is the scale.
  ///
  /// With A and B the group's means of γ·dz and of γ·dz·x̂,
  /// dx = inverse·(γ·dz − A − x̂·B), and x̂ = (x − mean)·inverse.
  package static func backwardCoefficients(
    sum: Tensor, product: Tensor, mean: Tensor, inverse: Tensor, gain: Tensor, channelGroups: Int, rows: Int
  ) -> (q: Tensor, r: Tensor) {
    let q = Tensor(uninitialized: sum.shape)
    let r = Tensor(uninitialized: sum.shape)
    let (samples, channels) = (sum.shape[0], sum.shape[1])
    let size = channels / channelGroups
    for group in 0..<samples * channelGroups {
      var a = 0.0
      var b = 0.0
      for i in group * size..<(group + 1) * size {
        let gamma = Double(gain.pointer[i % channels])
        a += gamma * Double(sum.pointer[i])
        b += gamma * Double(product.pointer[i])
      }
      let count = Double(rows * size)
      for i in group * size..<(group + 1) * size {
        let inv = Double(inverse.pointer[i])
        let slope = inv * inv * b / count
        q.freshPointer[i] = Float(-slope)
        r.freshPointer[i] = Float(slope * Double(mean.pointer[i]) - inv * a / count)
      }
    }
    withExtendedLifetime((sum, product, mean, inverse, gain, q, r)) {}
    return (q, r)
  }

  /// Replaces dy by p · dz + q · x + r, with dz as in ``gradientSums`` and p, q, r [samples, channels].
  package static func affineBackward(
    _ dy: inout Tensor, _ x: Tensor, scale: Tensor, shift: Tensor, p: Tensor, q: Tensor, r: Tensor,
    samples: Int,
    activation: Activation
  ) {
    let shape = x.shape
    let isNative = !Kernels.usesReference
    dy.withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let gradient = Raw(base)
      eachBlock(shape, samples: samples) { [x, scale, shift, p, q, r] sample, offset, rows, channels in
        let a = scale.pointer + sample * channels
        let b = shift.pointer + sample * channels
        let p = p.pointer + sample * channels
        let q = q.pointer + sample * channels
        let r = r.pointer + sample * channels
        let g = gradient.pointer + offset
        let y = x.pointer + offset
        if isNative {
          NativeStatistics.affineBackward(
            g, y, rows: rows, channels: channels, scale: a, shift: b, activation: activation, p: p, q: q, r: r
          )
          return
        }
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

  /// Calls `body` with (sample, offset of the first element, rows, channels) for blocks that cover the tensor.
  private static func eachBlock(
    _ shape: Shape, samples: Int, _ body: @Sendable (Int, Int, Int, Int) -> Void
  ) {
    let channels = shape.channels
    let rows = shape.count / max(1, samples * channels)
    guard rows > 0 else { return }
    let chunk = max(1, elementGrain / channels)
    let chunks = (rows + chunk - 1) / chunk
    let perSlice = max(1, elementGrain / (min(chunk, rows) * channels))
    Parallelism.forEachRange(samples * chunks, grain: perSlice) { jobs in
      for job in jobs {
        let first = job % chunks * chunk
        let sample = job / chunks
        body(sample, (sample * rows + first) * channels, min(chunk, rows - first), channels)
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
    case .tanh, .sigmoid, .silu, .gaussian: body { self($0) }
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
    case .tanh, .sigmoid, .silu, .gaussian: body { self.derivative(at: $0) }
    }
  }
}
