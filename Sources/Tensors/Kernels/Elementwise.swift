import CKernels

extension Tensor {
  /// A kernel of (source, target, count) over the elements, on several threads.
  func mapped(
    _ kernel: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: shape)
    Parallelism.forEachRange(count, grain: elementGrain) { [x = self, result] range in
      kernel(x.pointer + range.lowerBound, result.freshPointer + range.lowerBound, range.count)
    }
    return result
  }
}

extension Kernels {
  /// The operations on pairs of elements.
  enum Pairing {
    case add, subtract, multiply, divide

    func callAsFunction(
      _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ z: UnsafeMutablePointer<Float>, _ count: Int
    ) {
      switch self {
      case .add: ck_add(a, b, z, count)
      case .subtract: ck_subtract(a, b, z, count)
      case .multiply: ck_multiply(a, b, z, count)
      case .divide: ck_divide(a, b, z, count)
      }
    }
  }

  /// Pairs of elements of tensors of one shape.
  static func pair(_ a: Tensor, _ b: Tensor, _ operation: Pairing) -> Tensor {
    let result = Tensor(uninitialized: a.shape)
    Parallelism.forEachRange(a.count, grain: elementGrain) { [a, b, result] range in
      let i = range.lowerBound
      operation(a.pointer + i, b.pointer + i, result.freshPointer + i, range.count)
    }
    return result
  }
}
