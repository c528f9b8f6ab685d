public import NeuralNetworks
import Tensors

/// Holds the generated pictures' features to the mean and the deviation that real ones have, at each place and channel.
///
/// A discriminator sees one batch and forgives a generator whose pictures share a layout; the deviation over many
/// batches shows it at once.
///
/// Source: dos Santos et al. 2019, arXiv:1904.02762 (matching moments of a fixed network's features by moving
/// averages); here beside a discriminator.
public struct FeatureMoments {
  /// Share of the past in the averages at each step.
  static let decay: Float = 0.9

  private struct Moments {
    var mean: Tensor
    /// Of the square.
    var square: Tensor

    init(of x: Tensor) {
      let row: Shape = [1, x.shape[1], x.shape[2], x.shape[3]]
      let share = 1 / Float(x.shape[0])
      mean = x.sum(to: row) * share
      square = x.map { $0 * $0 }.sum(to: row) * share
    }

    init(mean: Tensor, square: Tensor) { (self.mean, self.square) = (mean, square) }

    mutating func follow(_ other: Moments, step: Int) {
      // The first steps are a plain mean.
      let share = max(1 - FeatureMoments.decay, 1 / Float(step + 1))
      mean.add(other.mean - mean, scale: share)
      square.add(other.square - square, scale: share)
    }

    /// The deviation, no less than `least`.
    func deviation(atLeast least: Float) -> Tensor {
      (square - mean.map { $0 * $0 }).map { max($0, least * least).squareRoot() }
    }
  }

  private var real: [Moments] = []
  private var generated: [Moments] = []

  /// What the generator is to lessen, found with gradients of the moving averages' distances.
  ///
  /// - Parameters:
  ///   - features: of generated pictures, with gradients, [N, H, W, C] each.
  ///   - realFeatures: of as many real ones.
  /// - Returns: the loss, and the generated deviation as a share of the real one, averaged: below 1 where variety
  ///   is missing.
  public mutating func loss(_ features: [Variable], real realFeatures: [Variable], step: Int) -> (
    loss: Variable, variety: Float
  ) {
    var total = features[0].tape.constant(Tensor(scalar: 0))
    var variety: Float = 0
    for (level, x) in features.enumerated() {
      let seen = (real: Moments(of: realFeatures[level].tensor), made: Moments(of: x.tensor))
      if real.count == level {
        real.append(seen.real)
        generated.append(seen.made)
      } else {
        real[level].follow(seen.real, step: step)
        generated[level].follow(seen.made, step: step)
      }
      let overall = real[level].deviation(atLeast: 0)
      let typical = overall.values.reduce(0, +) / Float(overall.count)
      // Features that hardly ever fire are no measure.
      let target = real[level].deviation(atLeast: 0.2 * typical)
      let found = generated[level].deviation(atLeast: 0.02 * typical)
      let inverse = target.map { 1 / ($0 * $0) }
      let tape = x.tape
      let mean = tape.constant(generated[level].mean)
      let row: Shape = [1, x.shape[1], x.shape[2], x.shape[3]]
      // The derivatives of (μ̂ − μ)²/2σ² and (σ̂ − σ)²/2σ², times what they are derivatives by.
      let byMean = tape.constant((generated[level].mean - real[level].mean) * inverse)
      let byDeviation = tape.constant((found - target) * inverse * found.map { 0.5 / $0 })
      total = total + (byMean * x.mean(to: row)).mean()
      total = total + (byDeviation * (x - mean).squared().mean(to: row)).mean()
      let ratios = (found * target.map { 1 / $0 }).values
      variety += ratios.reduce(0, +) / Float(ratios.count * features.count)
    }
    return (total, variety)
  }

  /// What a checkpoint keeps.
  var state: [String: Tensor] {
    var state: [String: Tensor] = [:]
    for (name, moments) in [("real", real), ("generated", generated)] {
      for (level, value) in moments.enumerated() {
        state["\(name).\(level).mean"] = value.mean
        state["\(name).\(level).square"] = value.square
      }
    }
    return state
  }

  public init() {}

  init(state: [String: Tensor]) {
    func moments(_ name: String) -> [Moments] {
      (0..<FeatureDiscriminator.stages.count).compactMap { level in
        guard let mean = state["\(name).\(level).mean"], let square = state["\(name).\(level).square"] else {
          return nil
        }
        return Moments(mean: mean, square: square)
      }
    }
    (real, generated) = (moments("real"), moments("generated"))
  }
}
