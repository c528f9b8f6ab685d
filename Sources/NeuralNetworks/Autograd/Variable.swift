public import Tensors

/// A tensor on a tape: what layers take and give.
public struct Variable {
  public let tensor: Tensor
  let node: Int?
  public let tape: Tape

  struct Handle {
    var tensor: Tensor
    var node: Int?
  }

  public var shape: Shape { tensor.shape }

  /// Whether a gradient flows back to this variable.
  public var needsGradient: Bool { node != nil }

  /// The same numbers as a constant: no gradient passes.
  public var detached: Variable { tape.constant(tensor) }

  /// The gradients of this loss; can be asked once, for the tape gives up what it kept.
  ///
  /// - Precondition: a single number.
  public func gradients() -> Gradients {
    precondition(tensor.count == 1, "a loss is one number, not \(shape)")
    return tape.gradients(of: self, seed: Tensor(shape, repeating: 1))
  }

  /// The gradients of the sum of products with `seed`.
  public func gradients(seed: Tensor) -> Gradients {
    precondition(seed.shape == shape)
    return tape.gradients(of: self, seed: seed)
  }
}

// MARK: - Arithmetic, with broadcasting

extension Variable {
  public static func + (a: Variable, b: Variable) -> Variable {
    let (p, q) = (a.shape, b.shape)
    let (needsA, needsB) = (a.needsGradient, b.needsGradient)
    return a.tape.record("addition", a.tensor + b.tensor, inputs: [a, b]) { dy in
      [needsA ? dy.sum(to: p) : nil, needsB ? dy.sum(to: q) : nil]
    }
  }

  public static func - (a: Variable, b: Variable) -> Variable {
    let (p, q) = (a.shape, b.shape)
    let (needsA, needsB) = (a.needsGradient, b.needsGradient)
    return a.tape.record("subtraction", a.tensor - b.tensor, inputs: [a, b]) { dy in
      [needsA ? dy.sum(to: p) : nil, needsB ? -dy.sum(to: q) : nil]
    }
  }

  public static func * (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.tensor, b.tensor)
    let (needsX, needsY) = (a.needsGradient, b.needsGradient)
    return a.tape.record("multiplication", x * y, inputs: [a, b]) { dz in
      [needsX ? (dz * y).sum(to: x.shape) : nil, needsY ? (dz * x).sum(to: y.shape) : nil]
    }
  }

  public static func / (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.tensor, b.tensor)
    let (needsX, needsY) = (a.needsGradient, b.needsGradient)
    return a.tape.record("division", x / y, inputs: [a, b]) { dz in
      let dx = dz / y
      return [needsX ? dx.sum(to: x.shape) : nil, needsY ? -(dx * x / y).sum(to: y.shape) : nil]
    }
  }

  public static func + (a: Variable, b: Float) -> Variable {
    a.tape.record("addition", a.tensor + b, inputs: [a]) { [$0] }
  }
  public static func - (a: Variable, b: Float) -> Variable { a + -b }
  public static func * (a: Variable, b: Float) -> Variable {
    a.tape.record("multiplication", a.tensor * b, inputs: [a]) { [$0 * b] }
  }
  public static func * (a: Float, b: Variable) -> Variable { b * a }
  public static func / (a: Variable, b: Float) -> Variable { a * (1 / b) }
  public static prefix func - (a: Variable) -> Variable { a * -1 }

  public func squared() -> Variable {
    let x = tensor
    return tape.record("square", x.squared(), inputs: [self]) { [$0 * x * 2] }
  }

  public func squareRoot() -> Variable {
    let y = tensor.squareRoot()
    return tape.record("square root", y, inputs: [self]) { [$0 / y * 0.5] }
  }

  /// |x|; the derivative at 0 is 0.
  public func absolute() -> Variable {
    let x = tensor
    return tape.record("absolute value", x.absolute(), inputs: [self]) { dy in
      [dy.combined(with: x) { $1 > 0 ? $0 : $1 < 0 ? -$0 : 0 }]
    }
  }

  public func exponential() -> Variable {
    let y = tensor.exponential()
    return tape.record("exponential", y, inputs: [self]) { [$0 * y] }
  }

  public func logarithm() -> Variable {
    let x = tensor
    return tape.record("logarithm", x.logarithm(), inputs: [self]) { [$0 / x] }
  }

  /// Held within a range; the derivative is 0 outside it.
  public func clamped(to range: ClosedRange<Float>) -> Variable {
    let x = tensor
    return tape.record("clamp", x.clamped(to: range), inputs: [self]) { dy in
      [dy.combined(with: x) { $1 >= range.lowerBound && $1 <= range.upperBound ? $0 : 0 }]
    }
  }

  /// log(1 + eˣ), without overflow.
  public func softplus() -> Variable {
    let x = tensor
    return tape.record("softplus", Kernels.softplus(x), inputs: [self]) { dy in
      [dy * Kernels.activate(x, .sigmoid)]
    }
  }

  /// A function of each element.
  public func activated(_ activation: Activation) -> Variable {
    if activation == .identity { return self }
    let y = Kernels.activate(tensor, activation)
    let saved = activation.derivesFromOutput ? y : tensor
    return tape.record("\(activation)", y, inputs: [self]) { dy in
      Kernels.activateBackward(&dy, saved: saved, activation)
      return [dy]
    }
  }
}

// MARK: - Shapes and sums

extension Variable {
  public func reshaped(to shape: Shape) -> Variable {
    let old = self.shape
    return tape.record("reshape", tensor.reshaped(to: shape), inputs: [self]) { [$0.reshaped(to: old)] }
  }

  /// [N, H, W, C] as [N, H·W·C].
  public func flattened() -> Variable { reshaped(to: [shape[0], tensor.count / max(1, shape[0])]) }

  /// The sum of all elements.
  public func sum() -> Variable {
    let shape = self.shape
    return tape.record("sum", tensor.sum(), inputs: [self]) { [Tensor(shape, repeating: $0.item)] }
  }

  /// The mean of all elements.
  public func mean() -> Variable { sum() / Float(max(1, tensor.count)) }

  /// The sum over what must be summed to reach `shape`: [N, 1, 1, C] from [N, H, W, C] sums over pixels.
  public func sum(to shape: Shape) -> Variable {
    let zeros = self.shape
    return tape.record("sum", tensor.sum(to: shape), inputs: [self]) { dy in [Tensor(zeros) + dy] }
  }

  /// The mean over what must be summed to reach `shape`.
  public func mean(to shape: Shape) -> Variable {
    sum(to: shape) / (Float(tensor.count) / Float(max(1, shape.count)))
  }

  /// The samples `range` of the first dimension.
  public func rows(_ range: Range<Int>) -> Variable {
    let shape = self.shape
    return tape.record("rows", tensor.rows(range), inputs: [self]) { dy in
      let tail = Array(shape.extents.dropFirst())
      let before = Tensor(Shape([range.lowerBound] + tail))
      let after = Tensor(Shape([shape[0] - range.upperBound] + tail))
      return [Tensor.stacked([before, dy, after])]
    }
  }

  /// Some channels of the last dimension.
  public func channels(_ range: Range<Int>) -> Variable {
    let shape = self.shape
    return tape.record("channels", tensor.channels(range), inputs: [self]) { dy in
      let head = shape.extents.dropLast()
      let before = Tensor(Shape(head + [range.lowerBound]))
      let after = Tensor(Shape(head + [shape.channels - range.upperBound]))
      return [Tensor.joinedChannels([before, dy, after])]
    }
  }

  /// The pixels of [N, H, W, C] within a rectangle.
  public func cropped(top: Int, left: Int, height: Int, width: Int) -> Variable {
    let (n, w, c) = (shape[0], shape[2], shape[3])
    let rows = reshaped(to: [n, shape[1] * w * c]).channels(top * w * c..<(top + height) * w * c)
    return rows.reshaped(to: [n, height, w * c]).channels(left * c..<(left + width) * c)
      .reshaped(to: [n, height, width, c])
  }

  /// Variables one after the other along the first dimension.
  public static func stacked(_ parts: [Variable]) -> Variable {
    let counts = parts.map { $0.shape[0] }
    return parts[0].tape.record("stack", Tensor.stacked(parts.map(\.tensor)), inputs: parts) { dy in
      var start = 0
      return counts.map { count in
        defer { start += count }
        return dy.rows(start..<start + count)
      }
    }
  }

  /// Variables side by side along the last dimension.
  public static func joinedChannels(_ parts: [Variable]) -> Variable {
    let counts = parts.map { $0.shape.channels }
    return parts[0].tape.record("join", Tensor.joinedChannels(parts.map(\.tensor)), inputs: parts) { dy in
      var start = 0
      return counts.map { count in
        defer { start += count }
        return dy.channels(start..<start + count)
      }
    }
  }
}

// MARK: - Matrices

extension Variable {
  /// The product with a matrix, either factor transposed.
  public func matrixProduct(
    _ other: Variable, transposed: Bool = false, otherTransposed: Bool = false
  ) -> Variable {
    let (a, b) = (tensor, other.tensor)
    let (needsA, needsB) = (needsGradient, other.needsGradient)
    let product = a.matrixProduct(b, transposed: transposed, otherTransposed: otherTransposed)
    return tape.record("matrix product", product, inputs: [self, other]) { dc in
      let da: Tensor? =
        !needsA
        ? nil
        : transposed
          ? b.matrixProduct(dc, transposed: otherTransposed, otherTransposed: true)
          : dc.matrixProduct(b, otherTransposed: !otherTransposed)
      let db: Tensor? =
        !needsB
        ? nil
        : otherTransposed
          ? dc.matrixProduct(a, transposed: true, otherTransposed: transposed)
          : a.matrixProduct(dc, transposed: !transposed)
      return [da, db]
    }
  }
}
