import Foundation
public import Images
import NeuralNetworks
import Tensors

/// The trained network with its calibration: a picture in, a score or a reason out.
public struct Discriminator: Sendable {
  /// What travels with the weights, as JSON under the metadata key `assay.detector`.
  public struct Card: Sendable, Codable {
    public var version: Int
    /// What trained the weights, with its version.
    public var trainedBy: String
    public var seed: UInt64
    public var steps: Int
    /// (sample − mean) / scale on 8-bit RGB.
    public var mean: Float
    public var scale: Float
    public var calibration: Calibration

    public init(
      trainedBy: String, seed: UInt64, steps: Int, mean: Float = 127, scale: Float = 128,
      calibration: Calibration
    ) {
      version = 1
      (self.trainedBy, self.seed, self.steps) = (trainedBy, seed, steps)
      (self.mean, self.scale, self.calibration) = (mean, scale, calibration)
    }
  }

  /// One crop and its logit.
  public struct CropScore: Sendable, Hashable {
    public var region: PixelRegion
    public var logit: Double
  }

  public enum Outcome: Sendable {
    case scored(logit: Double, probability: Double, crops: [CropScore])
    case unfit(String)
  }

  public let card: Card
  private let network: DiscriminatorNetwork

  static let cardKey = "assay.detector"

  /// - Throws: ``DetectorError`` for bytes that aren't this detector's weights.
  public init(weights bytes: [UInt8]) throws(DetectorError) {
    let file = try WeightFile(bytes: bytes)
    guard let text = file.metadata[Self.cardKey],
      let card = try? JSONDecoder().decode(Card.self, from: Data(text.utf8)), card.version == 1,
      card.scale > 0
    else { throw .weights("the file says nothing of preprocessing and calibration") }
    var network = DiscriminatorNetwork(seed: 0)
    try network.load(file)
    self.card = card
    self.network = network
  }

  /// The weights that ship with Assay; nil where the program was installed without them.
  public static let shipped: Discriminator? = {
    guard let url = resource, let data = try? Data(contentsOf: url) else { return nil }
    return try? Discriminator(weights: [UInt8](data))
  }()

  private static var resource: URL? {
    Bundle.module.url(forResource: "detector", withExtension: "safetensors", subdirectory: "Resources")
  }

  /// Judges a picture by at most nine crops.
  public func judge(_ image: Image, luminance: Plane) -> Outcome {
    switch CropSelection.of(luminance) {
    case .unfit(let reason): return .unfit(reason)
    case .crops(let crops):
      let scores = zip(crops, logits(image, crops)).map { crop, logit in
        CropScore(
          region: PixelRegion(x: crop.x, y: crop.y, width: crop.side, height: crop.side), logit: logit)
      }
      let logit = Self.middle(scores.map(\.logit))
      return .scored(
        logit: logit, probability: card.calibration.probability(logit: logit), crops: scores)
    }
  }

  /// The mean without the outermost fifth at either end: one odd crop decides nothing.
  static func middle(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let cut = sorted.count / 5
    let kept = sorted[cut..<(sorted.count - cut)]
    return kept.reduce(0, +) / Double(max(kept.count, 1))
  }

  private func logits(_ image: Image, _ crops: [CropSelection.Crop]) -> [Double] {
    guard let side = crops.first?.side else { return [] }
    let batch = DetectorInput.tensor(
      crops.map { image.cropped(x: $0.x, y: $0.y, width: $0.side, height: $0.side) }, side: side,
      mean: card.mean, scale: card.scale)
    return network.infer(batch).values.map(Double.init)
  }
}

/// The one way from pixels to the network's input, for training and use.
enum DetectorInput {
  /// - Precondition: every image is `side` × `side`.
  /// - Returns: [N, side, side, 3].
  static func tensor(_ images: [Image], side: Int, mean: Float, scale: Float) -> Tensor {
    var values: [Float] = []
    values.reserveCapacity(images.count * side * side * 3)
    for image in images {
      let pixels = image.inColor().withoutAlpha().pixels8
      precondition(pixels.count == side * side * 3)
      for pixel in pixels { values.append((Float(pixel) - mean) / scale) }
    }
    return Tensor(values, shape: [images.count, side, side, 3])
  }
}
