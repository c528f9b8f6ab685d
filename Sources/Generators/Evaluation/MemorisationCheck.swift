public import Images
import NeuralNetworks
import Tensors

/// How near generated pictures come to the pictures that a model was trained on.
///
/// Each picture is described by a frozen network's map, averaged over a grid of 4 × 4 so that the layout counts, less
/// the training set's mean and scaled to length 1. The distance is 1 − the product: 0 for one picture twice, about 1
/// for strangers. Generated pictures are compared as they are and mirrored, as training may have shown both.
///
/// A copied picture is as near to its original as two versions of one picture are; so the yardstick is how near the
/// training pictures lie to one another, each left out in turn.
public struct MemorisationCheck: Sendable {
  /// What was found.
  public struct Result: Sendable, Hashable, Codable {
    public struct Neighbour: Sendable, Hashable, Codable {
      /// Indices into the lists that were given.
      public var generated: Int
      public var training: Int
      public var featureDistance: Float
      /// Bits of 64 in which the perceptual hashes differ; of the picture nearest by features.
      public var hashDistance: Int
    }

    /// One for each generated picture, the nearest first.
    public var neighbours: [Neighbour]
    /// Of the generated pictures to their nearest training picture.
    public var generatedMedian: Float
    /// Of each training picture to the nearest other.
    public var trainingMedian: Float
    /// 99 of 100 training pictures are farther from the nearest other than this.
    public var trainingFirstPercentile: Float
    /// Generated pictures nearer than ``trainingFirstPercentile``.
    public var suspicious: Int
    /// Generated pictures whose hash differs from that of any training picture in at most ``hashLimit`` bits.
    public var hashMatches: Int
    /// The least hash distance of any pair.
    public var leastHashDistance: Int
  }

  /// Hashes that differ in no more bits are taken for one picture's.
  public static let hashLimit = 6

  private let encoder: EfficientNetTrunk
  private static let side = 128

  /// - Parameter model: its encoder describes pictures.
  /// - Throws: ``GeneratorError`` where the model cannot be read.
  public init(model: String = "style") throws(GeneratorError) {
    let file = try ModelFile(model, kind: .style)
    var random = RandomStream(seed: 0)
    var network = StyleNetwork(random: &random)
    try file.load(into: &network)
    network.encoder.freeze()
    encoder = network.encoder
  }

  /// - Parameters:
  ///   - hash: a perceptual hash of 64 bits.
  /// - Throws: ``GeneratorError`` `memorisation.few` for no generated or fewer than three training pictures.
  /// - Complexity: about 10 ms a picture, and a matrix product of both lists.
  public func callAsFunction(
    generated: [Image], training: [Image], hash: (Image) -> UInt64
  ) throws(GeneratorError) -> Result {
    guard !generated.isEmpty, training.count >= 3 else {
      throw GeneratorError(
        code: "memorisation.few",
        message: "\(generated.count) generated and \(training.count) training pictures were found",
        remedy: "name folders with at least one generated and three training pictures")
    }
    var known = described(training)
    let mean = known.sum(to: [known.shape[1]]) * (1 / Float(training.count))
    known = Self.scaled(known - mean)
    let plain = Self.scaled(described(generated) - mean)
    let mirrored = Self.scaled(described(generated.map { $0.flippedHorizontally() }) - mean)
    let hashes = training.map(hash)

    var neighbours: [Result.Neighbour] = []
    var (matches, least) = (0, 64)
    let (across, mirroredAcross) = (
      plain.matrixProduct(known, otherTransposed: true),
      mirrored.matrixProduct(known, otherTransposed: true)
    )
    for index in generated.indices {
      let own = [hash(generated[index]), hash(generated[index].flippedHorizontally())]
      let (place, product) = Self.nearest([across, mirroredAcross], row: index, leavingOut: nil)
      let distances = hashes.map { other in own.map { ($0 ^ other).nonzeroBitCount }.min() ?? 64 }
      let nearest = distances.min() ?? 64
      least = min(least, nearest)
      if nearest <= Self.hashLimit { matches += 1 }
      neighbours.append(
        .init(
          generated: index, training: place, featureDistance: 1 - product, hashDistance: distances[place]))
    }
    let within = known.matrixProduct(known, otherTransposed: true)
    let apart = training.indices.map { 1 - Self.nearest([within], row: $0, leavingOut: $0).product }.sorted()
    let percentile = apart[apart.count / 100]
    neighbours.sort { ($0.featureDistance, $0.generated) < ($1.featureDistance, $1.generated) }
    return Result(
      neighbours: neighbours, generatedMedian: neighbours[neighbours.count / 2].featureDistance,
      trainingMedian: apart[apart.count / 2], trainingFirstPercentile: percentile,
      suspicious: neighbours.count { $0.featureDistance < percentile }, hashMatches: matches,
      leastHashDistance: least)
  }

  /// The largest product in a row of any of the matrices, and its column.
  private static func nearest(
    _ products: [Tensor], row: Int, leavingOut: Int?
  ) -> (place: Int, product: Float) {
    var best: (place: Int, product: Float) = (0, -.infinity)
    for matrix in products {
      let width = matrix.shape[1]
      matrix.withSpan { span in
        for column in 0..<width where column != leavingOut {
          let product = span[row * width + column]
          if product > best.product { best = (column, product) }
        }
      }
    }
    return best
  }

  /// [N, 16 · channels].
  private func described(_ images: [Image]) -> Tensor {
    Tensor.stacked(
      stride(from: 0, to: images.count, by: 16).map { first in
        let part = images[first..<min(first + 16, images.count)].map {
          PictureSet.squared($0, side: Self.side)
        }
        let levels = Tensor(part).map { $0 / 127.5 - 1 }
        let map = encoder.features(Tape.inference().constant(levels))[3]
        return map.averagePooled(kernel: 4, stride: 4).flattened().tensor
      })
  }

  /// Rows of length 1.
  private static func scaled(_ rows: Tensor) -> Tensor {
    let lengths = (rows.squared().sum(to: [rows.shape[0], 1]) + 1e-12).squareRoot()
    return rows / lengths
  }
}
