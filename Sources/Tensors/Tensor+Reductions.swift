extension Tensor {
  /// The sum of all elements, as a scalar tensor.
  public func sum() -> Tensor { Tensor(scalar: reducedMiddle(outer: 1, middle: count, inner: 1).item) }

  /// The mean of all elements, as a scalar tensor.
  public func mean() -> Tensor { Tensor(scalar: sum().item / Float(max(1, count))) }

  /// The sum over what must be summed to reach `shape`: the adjoint of broadcasting.
  ///
  /// [N, H, W, C] to [C] gives a sum per channel; to [N, 1, 1, C] a sum per sample and channel.
  ///
  /// - Precondition: `shape` can be broadcast to this tensor's shape.
  public func sum(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    if shape.count == count { return reshaped(to: shape) }
    let own = self.shape.aligned
    let target = shape.aligned
    let from = [own.0, own.1, own.2, own.3]
    let to = [target.0, target.1, target.2, target.3]
    var current = self
    var extents = from
    // Each run of neighbouring dimensions that vanish is summed in one pass, the last run first.
    var end = 4
    while end > 0 {
      guard to[end - 1] == 1 && extents[end - 1] != 1 else {
        precondition(to[end - 1] == extents[end - 1], "\(self.shape) cannot be summed to \(shape)")
        end -= 1
        continue
      }
      var start = end - 1
      while start > 0 && to[start - 1] == 1 { start -= 1 }
      let outer = extents[..<start].reduce(1, *)
      let middle = extents[start..<end].reduce(1, *)
      let inner = extents[end...].reduce(1, *)
      current = current.reducedMiddle(outer: outer, middle: middle, inner: inner)
      for i in start..<end { extents[i] = 1 }
      end = start
    }
    return current.reshaped(to: shape)
  }

  /// Sums [outer, middle, inner] over `middle`, in slices of fixed size whose sums are added in order.
  func reducedMiddle(outer: Int, middle: Int, inner: Int) -> Tensor {
    precondition(outer * middle * inner == count)
    let result = Tensor([outer, inner])
    guard count > 0 else { return result }
    let chunk = max(1, elementGrain / inner)
    let chunks = (middle + chunk - 1) / chunk
    let partial = chunks == 1 ? result : Tensor([outer * chunks, inner])
    let source = Raw(reading: pointer)
    let target = Raw(partial.freshPointer)
    // Many short sums share a slice.
    let perSlice = max(1, elementGrain / (min(chunk, middle) * inner))
    let jobs = outer * chunks
    Parallelism.forEachRange(jobs, grain: perSlice) { range in
      for job in range {
        let first = job % chunks * chunk
        let rows = min(chunk, middle - first)
        let x = source.pointer + (job / chunks * middle + first) * inner
        let z = target.pointer + job * inner
        if inner == 1 {
          z.pointee = Self.sum(x, rows)
        } else {
          for row in 0..<rows {
            let y = x + row * inner
            for i in 0..<inner { z[i] += y[i] }
          }
        }
      }
    }
    if chunks > 1 {
      let z = result.freshPointer
      for o in 0..<outer {
        for k in 0..<chunks {
          let y = partial.pointer + (o * chunks + k) * inner
          for i in 0..<inner { z[o * inner + i] += y[i] }
        }
      }
    }
    withExtendedLifetime((self, partial, result)) {}
    return result
  }

  /// Sixteen interleaved sums, then their sum in double precision.
  private static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var lanes = SIMD16<Float>()
    var i = 0
    while i + 16 <= count {
      lanes += UnsafeRawPointer(x + i).loadUnaligned(as: SIMD16<Float>.self)
      i += 16
    }
    var total = 0.0
    for lane in 0..<16 { total += Double(lanes[lane]) }
    while i < count {
      total += Double(x[i])
      i += 1
    }
    return Float(total)
  }

  /// The sum of products with a tensor of the same shape.
  public func dot(_ other: Tensor) -> Float { (self * other).sum().item }

  /// The Euclidean norm, summed in double precision.
  public var norm: Float {
    withBuffer { buffer in
      var total = 0.0
      for start in stride(from: 0, to: buffer.count, by: 4096) {
        var lanes = SIMD8<Double>()
        let end = Swift.min(buffer.count, start + 4096)
        var i = start
        while i + 8 <= end {
          let x = UnsafeRawPointer(buffer.baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self)
          let y = SIMD8<Double>(x)
          lanes += y * y
          i += 8
        }
        while i < end {
          total += Double(buffer[i]) * Double(buffer[i])
          i += 1
        }
        total += lanes.sum()
      }
      return Float(total.squareRoot())
    }
  }

  /// Whether no element is infinite or NaN.
  public var isFinite: Bool {
    withBuffer { buffer in
      // x − x is 0 for finite x and NaN otherwise; the sum keeps a NaN.
      var lanes = SIMD16<Float>()
      var i = 0
      while i + 16 <= buffer.count {
        let x = UnsafeRawPointer(buffer.baseAddress! + i).loadUnaligned(as: SIMD16<Float>.self)
        lanes += x - x
        i += 16
      }
      var rest = lanes.sum()
      while i < buffer.count {
        rest += buffer[i] - buffer[i]
        i += 1
      }
      return rest == 0
    }
  }

  /// The largest element; −∞ for an empty tensor.
  public var maximum: Float { withBuffer { $0.max() ?? -.infinity } }
  /// The smallest element; ∞ for an empty tensor.
  public var minimum: Float { withBuffer { $0.min() ?? .infinity } }
}
