public import Tensors

/// A penalty on a discriminator's gradient with respect to its input.
///
/// The penalty's own gradient needs second derivatives: ∂θ‖∇x D‖² = 2 ∂θ (v · ∇x D) with v = ∇x D held fixed, and
/// v · ∇x D is the derivative of D along v. That is found by a central difference: D is run at x ± εv, and
/// [D(x + εv) − D(x − εv)] / 2ε has the wanted gradient up to O(ε²). It costs three passes instead of the two of
/// double back-propagation, serves every layer as it is, and keeps the tape first-order. For the piecewise linear
/// discriminators in use the difference is exact but for the few units that change sides within ε.
///
/// Sources: Mescheder et al. 2018, arXiv:1801.04406 (R1); Gulrajani et al. 2017, arXiv:1704.00028 (target 1).
public struct GradientPenalty: Sendable, Hashable {
  /// The norm that the gradient of each image is drawn to: 0 for R1, 1 for the Wasserstein penalty.
  public var target: Float
  /// Root mean square change of an input element between x and x + εv, for inputs in about −1...1.
  public var step: Float

  public init(target: Float = 0, step: Float = 0.02) {
    self.target = target
    self.step = step
  }

  /// The mean over images of (‖∇x D‖ − target)², and a variable on `tape` whose gradient is that mean's.
  ///
  /// Add `surrogate · weight` to the discriminator's loss; its own number means nothing.
  ///
  /// - Parameters:
  ///   - images: [N, H, W, C], no gradient passes to them.
  ///   - discriminator: gives logits [N] or [N, ...], summed for each image.
  public func callAsFunction(
    on images: Tensor, tape: Tape, discriminator: (Variable) -> Variable
  ) -> (value: Float, surrogate: Variable) {
    let inner = Tape(tape.mode, random: tape.random)
    let x = inner.input(images)
    let logits = inner.withConstantParameters { discriminator(x) }
    let gradients = logits.gradients(seed: Tensor(logits.shape, repeating: 1))
    guard var direction = gradients[x] else { return (target * target, tape.constant(Tensor(scalar: 0))) }
    let count = images.shape[0]
    let size = images.count / count
    var value = 0.0
    var weights = [Float](repeating: 0, count: count)
    direction.withMutableSpan { span in
      for image in 0..<count {
        var squares = 0.0
        for i in image * size..<(image + 1) * size { squares += Double(span[i]) * Double(span[i]) }
        let norm = Float(squares.squareRoot())
        value += Double((norm - target) * (norm - target))
        guard norm > 0 else { continue }
        // Move by `step` in root mean square: ε = step·√size / ‖v‖.
        let epsilon = step * Float(size).squareRoot() / norm
        for i in image * size..<(image + 1) * size { span[i] *= epsilon }
        // ∂(‖v‖ − t)² = 2(‖v‖ − t)/‖v‖ · v·∂∇x D, and the difference quotient divides by 2ε.
        weights[image] = (norm - target) / norm / epsilon / Float(count)
      }
    }
    let random = tape.random
    let ahead = discriminator(tape.constant(images + direction))
    tape.random = random
    let behind = discriminator(tape.constant(images - direction))
    let perImage = Tensor(weights, shape: Shape([count] + [Int](repeating: 1, count: ahead.shape.rank - 1)))
    return (Float(value / Double(count)), ((ahead - behind) * tape.constant(perImage)).sum())
  }
}
