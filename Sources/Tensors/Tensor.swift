/// An array of 32-bit floats of up to four dimensions, row by row, the last dimension contiguous.
///
/// A value type: copies share memory until one of them is written. Images are [N, H, W, C].
public struct Tensor: Sendable {
  public let shape: Shape
  private var storage: Storage

  private init(shape: Shape, storage: Storage) {
    self.shape = shape
    self.storage = storage
  }

  /// A tensor whose elements have still to be written.
  package init(uninitialized shape: Shape) {
    self.init(shape: shape, storage: Storage(count: shape.count))
  }

  /// A tensor filled with one value.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.init(uninitialized: shape)
    storage.base.update(repeating: value, count: shape.count)
  }

  /// Takes the elements in row-major order.
  ///
  /// - Precondition: `values.count == shape.count`.
  public init(_ values: [Float], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values cannot fill \(shape)")
    self.init(uninitialized: shape)
    values.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { storage.base.update(from: base, count: buffer.count) }
    }
  }

  /// A tensor of no dimensions.
  public init(scalar value: Float) { self.init(.scalar, repeating: value) }

  /// Uniform deviates in `range`.
  public init(uniform shape: Shape, in range: ClosedRange<Float>, using random: inout RandomStream) {
    self.init(uninitialized: shape)
    for i in 0..<shape.count { storage.base[i] = random.uniform(in: range) }
  }

  /// Normal deviates of mean 0.
  public init(normal shape: Shape, deviation: Float = 1, using random: inout RandomStream) {
    self.init(uninitialized: shape)
    let count = shape.count
    for i in stride(from: 0, to: count, by: 2) {
      let (a, b) = random.normalPair()
      storage.base[i] = a * deviation
      if i + 1 < count { storage.base[i + 1] = b * deviation }
    }
  }

  public var count: Int { shape.count }

  /// A copy of the elements in row-major order.
  public var values: [Float] { withBuffer { Array($0) } }

  /// The only element.
  ///
  /// - Precondition: there is one.
  public var item: Float {
    precondition(count == 1, "\(shape) holds more than one element")
    return storage.base.pointee
  }

  /// Lends the elements for reading.
  public func withSpan<R>(_ body: (Span<Float>) throws -> R) rethrows -> R {
    try withBuffer { try body($0.span) }
  }

  /// Lends the elements for writing; copies them first if another tensor shares them.
  public mutating func withMutableSpan<R>(_ body: (inout MutableSpan<Float>) throws -> R) rethrows -> R {
    try withMutableBuffer { buffer in
      var span = buffer.mutableSpan
      return try body(&span)
    }
  }

  package func withBuffer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.base, count: shape.count))
    }
  }

  package mutating func withMutableBuffer<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Storage(count: shape.count)
      copy.base.update(from: storage.base, count: shape.count)
      storage = copy
    } else {
      storage.forgetPackings()
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.base, count: shape.count))
    }
  }

  /// The address of the elements; valid while the tensor lives.
  ///
  /// Kernel wrappers hold the tensor with `withExtendedLifetime` around the call.
  package var pointer: UnsafePointer<Float> { UnsafePointer(storage.base) }

  /// The address for writing; only for tensors made by `init(uninitialized:)` and not yet shared.
  var freshPointer: UnsafeMutablePointer<Float> { storage.base }

  func packed(_ key: PackingKey, _ make: () -> Storage) -> Storage { storage.packed(key, make) }

  /// Whether the two tensors are views of the same memory.
  package func sharesStorage(with other: Tensor) -> Bool { storage === other.storage }

  /// The same elements under another shape.
  ///
  /// - Precondition: the counts agree.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == count, "\(self.shape) cannot be seen as \(shape)")
    return Tensor(shape: shape, storage: storage)
  }
}

extension Tensor: Equatable {
  /// Same shape and equal elements; a NaN equals nothing.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    if a.sharesStorage(with: b) && a.isFinite { return true }
    return a.withBuffer { x in b.withBuffer { y in x.elementsEqual(y) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first eight elements.
  public var description: String {
    let shown = withBuffer { $0.prefix(8).map { "\($0)" }.joined(separator: ", ") }
    return "Tensor\(shape)(\(shown)\(count > 8 ? ", …" : ""))"
  }
}
