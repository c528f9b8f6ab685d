import CKernels

/// ``ChannelStatistics`` on the vector kernels, which say how many rows fit the cache.
enum NativeStatistics {
  static func moments(
    _ x: Tensor, samples: Int, channelGroups: Int
  ) -> (mean: Tensor, variance: Tensor) {
    let channels = x.shape.channels
    let rows = x.count / (samples * channels)
    let block = max(1, Int(ck_moment_rows(channels)))
    let blocks = (rows + block - 1) / block
    let means = Tensor(uninitialized: [samples * blocks, channels])
    let squares = Tensor(uninitialized: [samples * blocks, channels])
    Parallelism.forEachRange(samples * blocks, grain: 8) { jobs in
      for job in jobs {
        let first = job % blocks * block
        ck_moments(
          x.pointer + (job / blocks * rows + first) * channels, min(block, rows - first), channels,
          means.freshPointer + job * channels, squares.freshPointer + job * channels)
      }
    }
    let mean = Tensor(uninitialized: [samples, channels])
    let variance = Tensor(uninitialized: [samples, channels])
    for sample in 0..<samples {
      let offset = sample * blocks * channels
      ck_moments_merge(
        means.pointer + offset, squares.pointer + offset, rows, block, channels, channelGroups,
        mean.freshPointer + sample * channels, variance.freshPointer + sample * channels)
    }
    withExtendedLifetime((x, means, squares, mean, variance)) {}
    return (mean, variance)
  }

  static func affine(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, rows: Int, channels: Int,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, residual: UnsafePointer<Float>?,
    activation: Activation
  ) {
    let (kind, slope) = activation.kernel
    var epilogue = CKEpilogue(scale: scale, shift: shift, residual: residual, activation: kind, slope: slope)
    ck_channel_affine(source, rows, channels, &epilogue, target)
  }

  /// Sums of dz and of dz · (x − mean) · inverse for one block of rows.
  static func gradientSums(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, channels: Int,
    mean: UnsafePointer<Float>,
    inverse: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    activation: Activation, sum: UnsafeMutablePointer<Float>, product: UnsafeMutablePointer<Float>
  ) {
    let (kind, slope) = activation.kernel
    ck_norm_backward_sums(
      x, dy, nil, rows, channels, mean, inverse, scale, shift, kind, slope, nil, sum, product)
  }

  static func affineBackward(
    _ dy: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, channels: Int,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, activation: Activation, p: UnsafePointer<Float>,
    q: UnsafePointer<Float>, r: UnsafePointer<Float>
  ) {
    let (kind, slope) = activation.kernel
    ck_norm_backward_apply(x, dy, nil, rows, channels, scale, shift, kind, slope, p, q, r, dy)
  }
}
