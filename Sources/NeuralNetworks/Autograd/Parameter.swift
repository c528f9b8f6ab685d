import Synchronization
public import Tensors

/// A tensor that a layer owns: a weight that is learned, or a buffer such as a running mean.
///
/// A value type, so that a network can be copied, kept as an average and used on several threads at once.
public struct Parameter: Sendable {
  /// Tells parameters apart on a tape; copies of a network share their identifiers.
  public struct Identifier: Hashable, Comparable, Sendable {
    fileprivate let number: Int
    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
  }

  /// What a parameter is for.
  public enum Role: Sendable, Hashable {
    /// A matrix or kernel: learned, and decayed.
    case weight
    /// A bias, gain or shift: learned, and left alone by weight decay where the optimiser says so.
    case offset
    /// Learned by no gradient: running statistics.
    case buffer
  }

  /// How the elements lie in a weight file compared with memory.
  public enum FileLayout: Sendable, Hashable {
    case same
    /// [outC, inC, kH, kW] in the file, [kH, kW, inC, outC] in memory; for a transposed convolution, whose file
    /// has the inputs first, [kH, kW, outC, inC].
    case kernel
  }

  public var value: Tensor
  public let identifier: Identifier
  public let role: Role
  public let fileLayout: FileLayout
  /// Whether gradients are found for it; buffers never have any.
  public var isTrainable: Bool

  private static let counter = Atomic<Int>(0)

  public init(_ value: Tensor, role: Role = .weight, fileLayout: FileLayout = .same) {
    self.value = value
    self.role = role
    self.fileLayout = fileLayout
    identifier = Identifier(number: Self.counter.wrappingAdd(1, ordering: .relaxed).newValue)
    isTrainable = role != .buffer
  }

  /// The value in the order of a weight file.
  public var fileValue: Tensor {
    switch fileLayout {
    case .same: value
    case .kernel: value.permuted([3, 2, 0, 1])
    }
  }

  /// The shape in a weight file.
  public var fileShape: Shape {
    let shape = value.shape
    return fileLayout == .same ? shape : [shape[3], shape[2], shape[0], shape[1]]
  }

  /// Takes a value in the order of a weight file.
  ///
  /// - Precondition: its shape is ``fileShape``.
  public mutating func setFileValue(_ tensor: Tensor) {
    precondition(tensor.shape == fileShape)
    value = fileLayout == .same ? tensor : tensor.permuted([2, 3, 1, 0])
  }
}
