import CKernels
import Foundation

/// Elements that are worth waking another thread for.
let elementGrain = 1 << 16

extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    a.usesKernels(with: b) ? Kernels.pair(a, b, .add) : a.combined(with: b) { $0 + $1 }
  }
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    a.usesKernels(with: b) ? Kernels.pair(a, b, .subtract) : a.combined(with: b) { $0 - $1 }
  }
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    a.usesKernels(with: b) ? Kernels.pair(a, b, .multiply) : a.combined(with: b) { $0 * $1 }
  }
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    a.usesKernels(with: b) ? Kernels.pair(a, b, .divide) : a.combined(with: b) { $0 / $1 }
  }

  public static func + (a: Tensor, b: Float) -> Tensor { a.scaled(by: 1, plus: b) }
  public static func - (a: Tensor, b: Float) -> Tensor { a.scaled(by: 1, plus: -b) }
  public static func * (a: Tensor, b: Float) -> Tensor { a.scaled(by: b, plus: 0) }
  public static func / (a: Tensor, b: Float) -> Tensor { a.map { $0 / b } }
  public static func * (a: Float, b: Tensor) -> Tensor { b.scaled(by: a, plus: 0) }
  public static prefix func - (a: Tensor) -> Tensor { a.scaled(by: -1, plus: 0) }

  public func squared() -> Tensor { self * self }
  public func squareRoot() -> Tensor {
    Kernels.usesReference ? map { $0.squareRoot() } : mapped { ck_square_root($0, $1, $2) }
  }
  public func absolute() -> Tensor {
    Kernels.usesReference ? map { Swift.abs($0) } : mapped { ck_absolute($0, $1, $2) }
  }
  public func exponential() -> Tensor {
    Kernels.usesReference ? map { Foundation.exp($0) } : mapped { ck_exp($0, $1, $2) }
  }
  public func logarithm() -> Tensor {
    Kernels.usesReference ? map { Foundation.log($0) } : mapped { ck_log($0, $1, $2) }
  }
  public func clamped(to range: ClosedRange<Float>) -> Tensor {
    Kernels.usesReference
      ? map { Swift.min(Swift.max($0, range.lowerBound), range.upperBound) }
      : mapped { ck_clamp(range.lowerBound, range.upperBound, $0, $1, $2) }
  }

  /// scale · x + offset of each element.
  private func scaled(by scale: Float, plus offset: Float) -> Tensor {
    Kernels.usesReference ? map { $0 * scale + offset } : mapped { ck_scale(scale, offset, $0, $1, $2) }
  }

  private func usesKernels(with other: Tensor) -> Bool { shape == other.shape && !Kernels.usesReference }

  /// Applies `transform` to each element.
  @inlinable
  public func map(_ transform: (Float) -> Float) -> Tensor {
    // Not parallel: the closure need not be Sendable, and it is inlined and vectorised here.
    var result = self
    result.mapInPlace(transform)
    return result
  }

  /// Replaces each element by its image.
  @inlinable
  mutating func mapInPlace(_ transform: (Float) -> Float) {
    withMutableSpan { span in
      for i in span.indices { span[i] = transform(span[i]) }
    }
  }

  /// Adds `scale · other` to each element.
  ///
  /// - Precondition: the shapes agree.
  public mutating func add(_ other: Tensor, scale: Float = 1) {
    precondition(shape == other.shape, "\(other.shape) cannot be added to \(shape) in place")
    let isNative = !Kernels.usesReference
    withMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Raw(base)
      let source = Raw(reading: other.pointer)
      Parallelism.forEachRange(buffer.count, grain: elementGrain) { range in
        let x = target.pointer
        let y = source.pointer
        if isNative {
          let first = range.lowerBound
          ck_axpy(scale, y + first, x + first, range.count)
        } else {
          for i in range { x[i] += scale * y[i] }
        }
      }
    }
    withExtendedLifetime(other) {}
  }

  /// Applies `combine` to pairs of elements; the shapes agree or one is broadcast to the other.
  ///
  /// Dimensions are aligned at the last one; an extent of 1 is repeated.
  @inline(__always)
  package func combined(with other: Tensor, _ combine: @Sendable (Float, Float) -> Float) -> Tensor {
    if shape == other.shape { return combinedFlat(with: other, combine) }
    let shape = Shape.broadcast(self.shape, other.shape)
    let result = Tensor(uninitialized: shape)
    let (n, h, w, c) = shape.aligned
    let s = self.shape.broadcastStrides
    let t = other.shape.broadcastStrides
    let output = Raw(result.freshPointer)
    let left = Raw(reading: pointer)
    let right = Raw(reading: other.pointer)
    let rows = n * h * w
    Parallelism.forEachRange(rows, grain: max(1, elementGrain / max(1, c))) { range in
      for row in range {
        let i = row / (h * w)
        let j = row / w % h
        let k = row % w
        let z = output.pointer + row * c
        let x = left.pointer + i * s.0 + j * s.1 + k * s.2
        let y = right.pointer + i * t.0 + j * t.1 + k * t.2
        switch (s.3, t.3) {
        case (0, _):
          let a = x.pointee
          if t.3 == 0 {
            z.update(repeating: combine(a, y.pointee), count: c)
          } else {
            for l in 0..<c { z[l] = combine(a, y[l]) }
          }
        case (_, 0):
          let b = y.pointee
          for l in 0..<c { z[l] = combine(x[l], b) }
        default: for l in 0..<c { z[l] = combine(x[l], y[l]) }
        }
      }
    }
    withExtendedLifetime((self, other, result)) {}
    return result
  }

  @inline(__always)
  private func combinedFlat(with other: Tensor, _ combine: @Sendable (Float, Float) -> Float) -> Tensor {
    let result = Tensor(uninitialized: shape)
    let output = Raw(result.freshPointer)
    let left = Raw(reading: pointer)
    let right = Raw(reading: other.pointer)
    Parallelism.forEachRange(count, grain: elementGrain) { range in
      let x = left.pointer
      let y = right.pointer
      let z = output.pointer
      for i in range { z[i] = combine(x[i], y[i]) }
    }
    withExtendedLifetime((self, other, result)) {}
    return result
  }
}

extension Shape {
  /// The shape of an operation on tensors of both shapes.
  ///
  /// - Precondition: aligned extents agree or one of them is 1.
  package static func broadcast(_ a: Shape, _ b: Shape) -> Shape {
    let rank = max(a.rank, b.rank)
    var extents = [Int](repeating: 1, count: rank)
    for i in 0..<rank {
      let p = i < rank - a.rank ? 1 : a[i - (rank - a.rank)]
      let q = i < rank - b.rank ? 1 : b[i - (rank - b.rank)]
      precondition(p == q || p == 1 || q == 1, "\(a) and \(b) cannot be broadcast")
      extents[i] = p == 1 ? q : p
    }
    return Shape(extents)
  }

  /// Steps between elements along the aligned dimensions, 0 where the extent is 1.
  var broadcastStrides: (Int, Int, Int, Int) {
    let (n, h, w, c) = aligned
    return (n == 1 ? 0 : h * w * c, h == 1 ? 0 : w * c, w == 1 ? 0 : c, c == 1 ? 0 : 1)
  }
}
