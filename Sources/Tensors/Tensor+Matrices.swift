extension Tensor {
  /// The matrix product.
  ///
  /// - Parameters:
  ///   - transposed: whether this matrix is used as its transpose.
  ///   - otherTransposed: whether `other` is used as its transpose.
  /// - Returns: [rows of the left factor, columns of the right].
  /// - Precondition: both are matrices and the inner extents agree.
  public func matrixProduct(
    _ other: Tensor, transposed: Bool = false, otherTransposed: Bool = false
  ) -> Tensor {
    precondition(shape.rank == 2 && other.shape.rank == 2, "\(shape) · \(other.shape): not matrices")
    let m = shape[transposed ? 1 : 0]
    let k = shape[transposed ? 0 : 1]
    let n = other.shape[otherTransposed ? 0 : 1]
    precondition(k == other.shape[otherTransposed ? 1 : 0], "\(shape) · \(other.shape): extents differ")
    if m == 0 || n == 0 || k == 0 { return Tensor([m, n]) }
    let result = Tensor(uninitialized: [m, n])
    let a = Raw(reading: pointer)
    let b = Raw(reading: other.pointer)
    let c = Raw(result.freshPointer)
    let lda = shape[1]
    let ldb = other.shape[1]
    // Rows for about two million multiplications, in eights; a thirty-second of all where these are many, as each product
    // packs the right factor anew.
    let grain = max(8, (max(2_000_000 / max(1, n * k), m / 32) + 7) / 8 * 8)
    Parallelism.forEachRange(m, grain: grain) { rows in
      BLAS.multiply(
        transposeA: transposed, transposeB: otherTransposed, m: rows.count, n: n, k: k, alpha: 1,
        a: a.pointer + rows.lowerBound * (transposed ? 1 : lda), lda: lda, b: b.pointer, ldb: ldb, beta: 0,
        c: c.pointer + rows.lowerBound * n, ldc: n)
    }
    withExtendedLifetime((self, other, result)) {}
    return result
  }

  /// The matrix with rows and columns exchanged.
  public func transposed() -> Tensor {
    precondition(shape.rank == 2, "\(shape) is no matrix")
    return permuted([1, 0])
  }

  /// The tensor with its dimensions in another order.
  ///
  /// - Parameter order: for each dimension of the result, the dimension of this tensor it comes from.
  public func permuted(_ order: [Int]) -> Tensor {
    precondition(order.sorted() == Array(0..<shape.rank), "\(order) is no order of \(shape.rank) dimensions")
    var strides = [Int](repeating: 1, count: shape.rank)
    for i in (0..<max(0, shape.rank - 1)).reversed() { strides[i] = strides[i + 1] * shape[i + 1] }
    let extents = [Int](repeating: 1, count: 4 - shape.rank) + order.map { shape[$0] }
    let steps = [Int](repeating: 0, count: 4 - shape.rank) + order.map { strides[$0] }
    let result = Tensor(uninitialized: Shape(order.map { shape[$0] }))
    let source = pointer
    var target = result.freshPointer
    for i in 0..<extents[0] {
      for j in 0..<extents[1] {
        for k in 0..<extents[2] {
          let row = source + i * steps[0] + j * steps[1] + k * steps[2]
          for l in 0..<extents[3] { target[l] = row[l * steps[3]] }
          target += extents[3]
        }
      }
    }
    withExtendedLifetime((self, result)) {}
    return result
  }

  /// The samples `range` of the first dimension.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0])
    let size = shape[0] == 0 ? 0 : count / shape[0]
    let result = Tensor(uninitialized: Shape([range.count] + shape.extents.dropFirst()))
    result.freshPointer.update(from: pointer + range.lowerBound * size, count: range.count * size)
    withExtendedLifetime(self) {}
    return result
  }

  /// Tensors one after the other along the first dimension.
  ///
  /// - Precondition: at least one, and all other extents agree.
  public static func stacked(_ parts: [Tensor]) -> Tensor {
    precondition(!parts.isEmpty)
    let tail = Array(parts[0].shape.extents.dropFirst())
    let result = Tensor(uninitialized: Shape([parts.reduce(0) { $0 + $1.shape[0] }] + tail))
    var target = result.freshPointer
    for part in parts {
      precondition(Array(part.shape.extents.dropFirst()) == tail, "\(part.shape) does not fit \(tail)")
      target.update(from: part.pointer, count: part.count)
      target += part.count
    }
    withExtendedLifetime((parts, result)) {}
    return result
  }

  /// Tensors side by side along the last dimension.
  ///
  /// - Precondition: at least one, and all other extents agree.
  public static func joinedChannels(_ parts: [Tensor]) -> Tensor {
    precondition(!parts.isEmpty)
    let head = Array(parts[0].shape.extents.dropLast())
    let channels = parts.reduce(0) { $0 + $1.shape.channels }
    let result = Tensor(uninitialized: Shape(head + [channels]))
    let rows = head.reduce(1, *)
    var offset = 0
    for part in parts {
      precondition(Array(part.shape.extents.dropLast()) == head, "\(part.shape) does not fit \(head)")
      let width = part.shape.channels
      for row in 0..<rows {
        (result.freshPointer + row * channels + offset).update(from: part.pointer + row * width, count: width)
      }
      offset += width
    }
    withExtendedLifetime((parts, result)) {}
    return result
  }

  /// Some channels of the last dimension.
  public func channels(_ range: Range<Int>) -> Tensor {
    let width = shape.channels
    precondition(range.lowerBound >= 0 && range.upperBound <= width)
    let result = Tensor(uninitialized: Shape(shape.extents.dropLast() + [range.count]))
    for row in 0..<(width == 0 ? 0 : count / width) {
      (result.freshPointer + row * range.count)
        .update(from: pointer + row * width + range.lowerBound, count: range.count)
    }
    withExtendedLifetime(self) {}
    return result
  }
}
