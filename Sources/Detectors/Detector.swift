import Crypto
import Diagnostics
import Foundation
public import Images
package import NeuralNetworks
import Spectra
internal import Tensors

/// The trained detector: a network and a classifier of spectral artefacts, joined and calibrated.
///
/// It looks at no more than nine crops at native resolution, so its cost stops growing with the picture, and its
/// answer depends on nothing but the pixels and the quality of their last compression.
public struct Detector: Sendable {
  /// What travels with the weights, as JSON under the metadata key `assay.detector`.
  public struct Card: Sendable, Codable {
    public var version = 5
    /// What trained the weights.
    public var trainedBy: String
    public var seed: UInt64
    public var steps: Int
    /// The fifths of the training sources that calibrated, each judged by a network that never saw it.
    public var heldOut: [Int]
    public var calibration: Calibration
    package var spectral: SpectralClassifier

    package init(
      trainedBy: String, seed: UInt64, steps: Int, heldOut: [Int], calibration: Calibration,
      spectral: SpectralClassifier
    ) {
      (self.trainedBy, self.seed, self.steps, self.heldOut) = (trainedBy, seed, steps, heldOut)
      (self.calibration, self.spectral) = (calibration, spectral)
    }
  }

  /// One crop and what the two classifiers say of it.
  public struct CropScore: Sendable, Hashable {
    public var region: PixelRegion
    public var network: Double
    public var spectral: Double
  }

  /// What the detector says of a picture.
  public struct Opinion: Sendable {
    public var crops: [CropScore]
    /// The crops' middle logit of the network.
    public var network: Double
    /// The crops' middle logit of the spectral classifier.
    public var spectral: Double
    /// At even odds, 0...1.
    public var probability: Double
    /// What the spectral features say, in words, the weightiest first; `logit` above 0 speaks for generation.
    public var reasons: [(title: String, logit: Double)]
  }

  public enum Outcome: Sendable {
    case opinion(Opinion)
    /// Why there is nothing to judge, as a clause.
    case unfit(String)
  }

  /// The side of crops in pixels, where the picture is large enough.
  public static let cropSide = 128

  /// The most crops that are looked at.
  package static let mostCrops = 9

  public let card: Card
  private let discriminator: Discriminator
  /// SHA-256 of the weight file in hexadecimal digits; empty for a detector that came from no file.
  public private(set) var digest = ""

  /// Which detector this is: how it was made, for people, and the hash of its weights, which alone is proof.
  public var identity: String { "\(card.trainedBy), \(card.steps) steps, sha256 \(digest)" }

  package var network: EfficientNetLite0 { discriminator.network }

  static let cardKey = "assay.detector"

  /// - Throws: ``DetectorError`` for bytes that aren't this detector's weights.
  public init(weights bytes: [UInt8]) throws(DetectorError) {
    var network = Discriminator.network(seed: 0)
    let file: Safetensors
    do {
      file = try Safetensors(data: Data(bytes))
      try network.load(file)
    } catch {
      throw .weights(error.message, path: error.location.path)
    }
    guard let text = file.metadata[Self.cardKey],
      let card = try? JSONDecoder().decode(Card.self, from: Data(text.utf8)), card.version == 5,
      card.spectral.fits, card.calibration.fits
    else { throw .weights("the file says nothing of spectra and calibration") }
    self.init(card: card, network: network)
    digest = SHA256.hash(data: bytes).hexadecimal
  }

  package init(card: Card, network: EfficientNetLite0) {
    self.card = card
    discriminator = Discriminator(network: network)
  }

  /// The weight file, matrices in half precision.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(card), as: UTF8.self)
    return [UInt8](
      Safetensors(tensors: discriminator.network.weights, metadata: [Self.cardKey: text]).encoded(as: .half))
  }

  /// The weights that ship with Assay; nil where the program was installed without them.
  public static let shipped: Detector? = {
    let url = Bundle.module.url(
      forResource: "detector", withExtension: "safetensors", subdirectory: "Resources")
    guard let url, let data = try? Data(contentsOf: url) else { return nil }
    return try? Detector(weights: [UInt8](data))
  }()

  /// Judges a picture.
  ///
  /// - Parameters:
  ///   - luminance: the picture's, 0...255.
  ///   - quality: of the JPEG that it was read from, 1...100, where it was one.
  public func judge(_ image: Image, luminance: Plane, quality: Int? = nil) -> Outcome {
    switch CropSelection.of(luminance) {
    case .unfit(let reason): return .unfit(reason)
    case .crops(let crops):
      guard let judged = judged(image, crops, quality: quality) else {
        return .unfit("its spectrum can't be measured")
      }
      let (network, spectral) = (
        Self.middle(judged.scores.map(\.network)), Self.middle(judged.scores.map(\.spectral))
      )
      // The reasons are those of the crop nearest to the spectral scores' middle.
      let typical = judged.scores.indices.min {
        abs(judged.scores[$0].spectral - spectral) < abs(judged.scores[$1].spectral - spectral)
      }
      let reasons = typical.map { card.spectral.reasons(judged.features[$0], quality: quality) } ?? []
      return .opinion(
        Opinion(
          crops: judged.scores, network: network, spectral: spectral,
          probability: card.calibration.probability(
            Calibration.Scores(
              network: network, spectral: spectral, quality: quality, side: crops[0].side, crops: crops.count)
          ),
          reasons: reasons.map { ($0.kind.title, $0.logit) }))
    }
  }

  /// Judges crops all over a picture; nil where it is too small.
  ///
  /// Costs up to sixteen times as much as ``judge(_:luminance:quality:)``, whose parameters it shares.
  public func heatMap(of image: Image, luminance: Plane, quality: Int? = nil) -> HeatMap? {
    guard let side = CropSelection.side(width: image.width, height: image.height) else { return nil }
    // The grid of half as large tiles, each standing for the corner of a crop.
    guard
      let grid = Tiling(
        width: image.width - side / 2, height: image.height - side / 2, side: side / 2, maximum: HeatMap.most,
        step: CropSelection.blockSide)
    else { return nil }
    let crops = grid.origins.map { CropSelection.Crop(x: $0.x, y: $0.y, side: side) }
    let judgeable = crops.filter { CropSelection.isTextured(luminance, $0) }
    var probabilities: [CropSelection.Crop: Double] = [:]
    // A few at a time: the network's activations of all at once would be large.
    for start in stride(from: 0, to: judgeable.count, by: 12) {
      let part = Array(judgeable[start..<min(start + 12, judgeable.count)])
      guard let scores = judged(image, part, quality: quality)?.scores else { return nil }
      for (crop, score) in zip(part, scores) {
        probabilities[crop] = card.calibration.probability(
          .init(network: score.network, spectral: score.spectral, quality: quality, side: side))
      }
    }
    return HeatMap(
      cells: crops.map { HeatMap.Cell(region: $0.region, probability: probabilities[$0]) },
      width: image.width, height: image.height)
  }

  private func judged(_ image: Image, _ crops: [CropSelection.Crop], quality: Int?) -> (
    scores: [CropScore], features: [SpectralFeatures]
  )? {
    let cuts = crops.map { image.cropped(x: $0.x, y: $0.y, width: $0.side, height: $0.side) }
    let features = cuts.compactMap { try? SpectralFeatures(of: $0) }
    guard features.count == crops.count else { return nil }
    // Files are examined side by side; one picture's few crops are not worth a second thread each.
    let network = Parallelism.withThreads(1) { discriminator.logits(cuts) }
    let scores = crops.indices.map { index in
      let crop = crops[index]
      return CropScore(
        region: crop.region, network: network[index],
        spectral: card.spectral.logit(features[index], quality: quality))
    }
    return (scores, features)
  }

  /// The mean without the outermost fifth at either end: one odd crop decides nothing.
  package static func middle(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let cut = sorted.count / 5
    let kept = sorted[cut..<(sorted.count - cut)]
    return kept.reduce(0, +) / Double(max(kept.count, 1))
  }
}
