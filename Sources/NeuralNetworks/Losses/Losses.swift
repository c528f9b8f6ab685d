public import Tensors

/// Losses for training classifiers and detectors; each gives one number, the mean over the batch.
extension Variable {
  /// Binary cross entropy of logits of any shape.
  ///
  /// - Parameter targets: probabilities 0...1 of the logits' shape; soft labels are welcome.
  public func binaryCrossEntropy(_ targets: Tensor) -> Variable {
    precondition(targets.count == tensor.count, "\(targets.shape) are no targets for logits \(shape)")
    let y = targets.reshaped(to: shape)
    // softplus(x) − y·x = −y·log σ(x) − (1 − y)·log(1 − σ(x))
    return (softplus() - self * tape.constant(y)).mean()
  }

  /// Cross entropy of logits [N, classes].
  ///
  /// - Parameters:
  ///   - labels: N class numbers.
  ///   - smoothing: share of the target spread evenly over all classes, 0..<1.
  public func crossEntropy(_ labels: [Int], smoothing: Float = 0) -> Variable {
    precondition(shape.rank == 2 && labels.count == shape[0], "\(labels.count) labels for logits \(shape)")
    let (count, classes) = (shape[0], shape[1])
    var target = Tensor(shape, repeating: smoothing / Float(classes))
    target.withMutableSpan { span in
      for (row, label) in labels.enumerated() {
        precondition(label >= 0 && label < classes, "label \(label) of \(classes) classes")
        span[row * classes + label] += 1 - smoothing
      }
    }
    let logProbabilities = tensor.logSoftmax()
    let value = -(target.dot(logProbabilities)) / Float(count)
    return tape.record("cross entropy", Tensor(scalar: value), inputs: [self]) { dy in
      [(logProbabilities.exponential() - target) * (dy.item / Float(count))]
    }
  }

  /// Mean of |a − b|.
  public func absoluteError(_ target: Variable) -> Variable { (self - target).absolute().mean() }

  /// Mean absolute difference of neighbouring pixels of [N, H, W, C], down and across: penalises noise.
  public func totalVariation() -> Variable {
    let (n, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    let flat = reshaped(to: [n, h, w * c])
    let across = flat.channels(c..<w * c) - flat.channels(0..<(w - 1) * c)
    let tall = reshaped(to: [n, h * w * c])
    let down = tall.channels(w * c..<h * w * c) - tall.channels(0..<(h - 1) * w * c)
    return across.absolute().mean() + down.absolute().mean()
  }

  /// The products of channels of [N, H, W, C], summed over pixels and divided by H·W·C: [N, C, C].
  ///
  /// Source: Gatys, Ecker and Bethge 2016, doi:10.1109/CVPR.2016.265
  public func gramMatrices() -> Variable {
    let (n, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    let scale = 1 / Float(h * w * c)
    let matrices = (0..<n).map { image in
      let features = (n == 1 ? self : rows(image..<image + 1)).reshaped(to: [h * w, c])
      return (features.matrixProduct(features, transposed: true) * scale).reshaped(to: [1, c, c])
    }
    return n == 1 ? matrices[0] : Variable.stacked(matrices)
  }
}

/// How a discriminator and a generator judge logits of real and generated images.
///
/// Sources: Goodfellow et al. 2014, arXiv:1406.2661 (non-saturating); Lim and Ye 2017, arXiv:1705.02894 (hinge);
/// Mao et al. 2017, arXiv:1611.04076 (least squares); Arjovsky et al. 2017, arXiv:1701.07875 (Wasserstein).
public enum AdversarialLoss: String, Sendable, Hashable, Codable, CaseIterable {
  case nonSaturating, hinge, leastSquares, wasserstein

  /// The discriminator's loss.
  public func discriminator(real: Variable, generated: Variable) -> Variable {
    switch self {
    case .nonSaturating: (-real).softplus().mean() + generated.softplus().mean()
    case .hinge: (real * -1 + 1).activated(.relu).mean() + (generated + 1).activated(.relu).mean()
    case .leastSquares: ((real - 1).squared().mean() + generated.squared().mean()) * 0.5
    case .wasserstein: generated.mean() - real.mean()
    }
  }

  /// The discriminator's losses over its several logits, added up.
  ///
  /// - Precondition: `real` and `generated` are equally many, at least one.
  public func discriminator(real: [Variable], generated: [Variable]) -> Variable {
    precondition(real.count == generated.count && !real.isEmpty)
    let losses = zip(real, generated).map { discriminator(real: $0, generated: $1) }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 }
  }

  /// The generator's losses over the discriminator's several logits, added up.
  ///
  /// - Precondition: there is at least one.
  public func generator(generated: [Variable]) -> Variable {
    precondition(!generated.isEmpty)
    let losses = generated.map { generator(generated: $0) }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 }
  }

  /// The generator's loss.
  public func generator(generated: Variable) -> Variable {
    switch self {
    case .nonSaturating: (-generated).softplus().mean()
    case .hinge, .wasserstein: -generated.mean()
    case .leastSquares: (generated - 1).squared().mean() * 0.5
    }
  }
}
