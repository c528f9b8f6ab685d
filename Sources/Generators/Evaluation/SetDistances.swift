public import Tensors

/// How a generator's pictures compare with those it learned from, beside how two halves of those compare.
public struct SetDistances: Sendable, Hashable, Codable {
  public var samples: Int
  public var training: Int
  /// Between the samples and the training pictures.
  public var frechet: Double
  public var kernel: Double
  /// Between two halves of the training pictures, in an order drawn from the seed.
  public var realFrechet: Double
  public var realKernel: Double
  /// Between as many samples as a half has and one of the halves: what ``realFrechet`` can be set against, for the
  /// Fréchet distance grows as samples get fewer.
  public var halfFrechet: Double

  /// Measures pictures by their features.
  ///
  /// - Parameters:
  ///   - made: of generated pictures, [N, D]; at least as many as half of the training pictures.
  ///   - real: of the training pictures, [M, D]; at least four.
  ///   - seed: of the order in which the training pictures are halved.
  public init(_ made: Tensor, training real: Tensor, seed: UInt64) {
    let (samples, training) = (made.shape[0], real.shape[0])
    var order = Array(0..<training)
    var random = RandomStream(seed: seed, stream: 1 << 44)
    order.shuffle(using: &random)
    func half(_ indices: some Sequence<Int>) -> Tensor {
      Tensor.stacked(indices.map { real.rows($0..<$0 + 1) })
    }
    let middle = order.count / 2
    let (first, second) = (half(order[..<middle]), half(order[middle...]))
    self.samples = samples
    self.training = training
    frechet = FeatureStatistics(made).frechetDistance(to: FeatureStatistics(real))
    kernel = kernelDistance(made, real)
    realFrechet = FeatureStatistics(first).frechetDistance(to: FeatureStatistics(second))
    realKernel = kernelDistance(first, second)
    halfFrechet = FeatureStatistics(made.rows(0..<min(middle, samples)))
      .frechetDistance(to: FeatureStatistics(second))
  }
}
