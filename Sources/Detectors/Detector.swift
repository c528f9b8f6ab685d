import Crypto
import Diagnostics
import Foundation
public import Images
internal import NeuralNetworks
import Spectra
package import Tensors

/// The trained detector: a large pretrained encoder's view of the whole picture, and spectral artefacts of its most
/// textured places, joined and calibrated.
///
/// Its answer depends on nothing but the pixels and the quality of their last compression.
public struct Detector: Sendable {
  /// What travels with the weights, as JSON under the metadata key `assay.detector`.
  public struct Card: Sendable, Codable {
    public var version = Self.version
    /// What trained the weights.
    public var trainedBy: String
    public var seed: UInt64
    /// Optimiser steps of each head.
    public var steps: Int
    /// The training pictures, by class, and the owners that published them.
    public var real: Int
    public var generated: Int
    public var owners: Int
    /// Of the encoder's files, in order: its weights and these belong together.
    public var encoder: [UInt64]
    public var calibration: Calibration
    package var spectral: SpectralClassifier
    /// Nil where training was given no screenshots.
    package var interfaces: InterfaceGate?
    /// The training sources that pictures can be likened to, in the order of their centres.
    public var sources: [Source] = []

    /// Pictures that were gathered together.
    public struct Source: Sendable, Hashable, Codable {
      public var name: String
      /// The generator, or the kind of real picture.
      public var kind: String
      public var isGenerated: Bool
      public var count: Int

      package init(name: String, kind: String, isGenerated: Bool, count: Int) {
        (self.name, self.kind, self.isGenerated, self.count) = (name, kind, isGenerated, count)
      }
    }

    static let version = 7

    /// Whether its texts can be shown as they are.
    var isPlain: Bool {
      sources.count <= 10_000
        && ([trainedBy] + sources.flatMap { [$0.name, $0.kind] }).allSatisfy { text in
          text.utf8.count <= 200
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
    }

    package init(
      trainedBy: String, seed: UInt64, steps: Int, real: Int, generated: Int, owners: Int, encoder: [UInt64],
      calibration: Calibration, spectral: SpectralClassifier, interfaces: InterfaceGate? = nil,
      sources: [Source] = []
    ) {
      (self.trainedBy, self.seed, self.steps) = (trainedBy, seed, steps)
      (self.real, self.generated, self.owners, self.encoder) = (real, generated, owners, encoder)
      (self.calibration, self.spectral, self.interfaces) = (calibration, spectral, interfaces)
      self.sources = sources
    }
  }

  /// What the detector says of a picture.
  public struct Opinion: Sendable {
    /// The logit of the heads over the encoder's view of the whole picture.
    public var network: Double
    /// The logit of the spectral classifier over the most textured places; nil where there is none.
    public var spectral: Double?
    /// At even odds, 0...1.
    public var probability: Double
    /// What the spectral features say, in words, the weightiest first; `logit` above 0 speaks for generation.
    public var reasons: [(title: String, logit: Double)]
    /// The training sources whose pictures are most like it, the nearest first, with the cosine between the picture and the
    /// source's centre, −1...1. They explain, and prove nothing.
    public var similar: [(source: Card.Source, similarity: Double)]
  }

  public enum Outcome: Sendable {
    case opinion(Opinion)
    /// Why there is nothing to judge, as a clause.
    case unfit(String)
  }

  public let card: Card
  package let heads: [DetectorHead]
  /// [sources, width], each of length 1.
  package let centres: Tensor
  package let encoder: PictureEncoder
  /// SHA-256 of the weight file in hexadecimal digits; empty for a detector that came from no file.
  public private(set) var digest = ""

  /// Which detector this is: how it was made, for people, and the hash of its weights, which alone is proof.
  public var identity: String { "\(card.trainedBy), \(card.steps) steps, sha256 \(digest)" }

  static let cardKey = "assay.detector"
  private static let centresKey = "sources.centres"

  /// The shorter side of a picture, in pixels, below which it is not judged: training saw hardly any.
  public static let leastSide = 128

  /// - Throws: ``DetectorError`` for bytes that aren't this detector's weights, or for an encoder that is missing or another.
  public init(weights bytes: [UInt8]) throws(DetectorError) {
    let encoder = try PictureEncoder.installed.get()
    let file: Safetensors
    do {
      file = try Safetensors(data: Data(bytes))
    } catch {
      throw .weights(error.message, path: error.location.path)
    }
    guard let text = file.metadata[Self.cardKey],
      let card = try? JSONDecoder().decode(Card.self, from: Data(text.utf8)), card.version == Card.version,
      card.isPlain,
      card.spectral.fits, card.calibration.fits,
      card.interfaces?.fits(encoder.transformer.configuration.width) != false
    else { throw .weights("the file says nothing of spectra and calibration that this version understands") }
    guard card.encoder == encoder.checksums else {
      throw DetectorError(
        code: "detector.encoder", location: FaultLocation(file: encoder.folder),
        message: "the encoder's weights are not those that the detector was trained with",
        remedy: "install Assay again, or use weights that were trained with this version")
    }
    var heads: [DetectorHead] = []
    while file.tensors["heads.\(heads.count).means"] != nil {
      heads.append(
        try DetectorHead(file, prefix: "heads.\(heads.count).", inputs: encoder.inputs))
    }
    guard !heads.isEmpty else { throw .weights("it has no head") }
    let width = encoder.transformer.configuration.width
    let centres = card.sources.isEmpty ? Tensor([0, width]) : file.tensors[Self.centresKey]
    guard let centres, centres.shape == [card.sources.count, width],
      (0..<card.sources.count).allSatisfy({ row in
        let length = centres.values[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }
        return (0.98...1.02).contains(length)
      })
    else { throw .weights("its sources do not fit their centres", path: Self.centresKey) }
    self.init(card: card, heads: heads, encoder: encoder, centres: centres)
    digest = SHA256.hash(data: bytes).hexadecimal
  }

  package init(card: Card, heads: [DetectorHead], encoder: PictureEncoder, centres: Tensor) {
    precondition(centres.count == card.sources.count * encoder.transformer.configuration.width)
    self.card = card
    self.heads = heads
    self.encoder = encoder
    self.centres = centres
  }

  /// The weight file, matrices in half precision.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(card), as: UTF8.self)
    var tensors = card.sources.isEmpty ? [:] : [Self.centresKey: centres]
    for (number, head) in heads.enumerated() {
      tensors.merge(head.tensors("heads.\(number).")) { $1 }
    }
    return [UInt8](Safetensors(tensors: tensors, metadata: [Self.cardKey: text]).encoded(as: .half))
  }

  /// The detector that ships with Assay, or why it can't be used.
  public static let installed: Result<Detector, DetectorError> = {
    let url = Bundle.module.url(
      forResource: "detector", withExtension: "safetensors", subdirectory: "Resources")
    guard let url, let data = try? Data(contentsOf: url) else {
      return .failure(
        DetectorError(
          code: "detector.missing", message: "the trained detector is not installed",
          remedy: "install the package assay-detector, or name a weight file"))
    }
    return Result { () throws(DetectorError) in try Detector(weights: [UInt8](data)) }
  }()

  /// The weights that ship with Assay; nil where they can't be used.
  public static var shipped: Detector? { try? installed.get() }

  /// Judges a picture.
  ///
  /// - Parameters:
  ///   - luminance: the picture's, 0...255.
  ///   - quality: of the JPEG that it was read from, 1...100, where it was one.
  public func judge(_ image: Image, luminance: Plane, quality: Int? = nil) -> Outcome {
    if let reason = Self.unfitness(of: image, luminance: luminance, quality: quality) {
      return .unfit(reason)
    }
    let features = encoder.features(of: image, luminance: luminance)
    return outcome(features, longSide: max(image.width, image.height), quality: quality)
  }

  /// What is said of a picture whose features are known; parameters as of ``opinion(_:longSide:quality:)``.
  package func outcome(_ features: PictureFeatures, longSide: Int, quality: Int?) -> Outcome {
    card.interfaces?.holds(features.tokens) == true
      ? .unfit(InterfaceGate.reason) : .opinion(opinion(features, longSide: longSide, quality: quality))
  }

  /// JPEG qualities below this leave too little of a picture's finest detail.
  package static let leastQuality = 30

  /// What can be told before the encoder looks: why a picture is not judged, as a clause; nil for one that may be.
  package static func unfitness(of image: Image, luminance: Plane, quality: Int?) -> String? {
    if let quality, quality < leastQuality { return "it is too compressed: JPEG quality \(quality)" }
    guard min(image.width, image.height) >= leastSide else {
      return "it is too small: \(image.width)×\(image.height) pixels, \(leastSide) a side are the least"
    }
    guard CropSelection.hasTexture(luminance) else { return "it is too flat: no place has enough texture" }
    let plain = PlainShare.of(image)
    guard plain < PlainShare.most else {
      return "\(Int(100 * plain)) % of it is one plain colour, as in pages of text and line drawings"
    }
    return nil
  }

  /// What is read off a picture, to be judged later.
  package func features(of image: Image, luminance: Plane) -> PictureFeatures {
    encoder.features(of: image, luminance: luminance)
  }

  /// What the detector says of features.
  ///
  /// - Parameters:
  ///   - longSide: of the picture in pixels.
  ///   - quality: of its last JPEG compression, 1...100.
  package func opinion(_ features: PictureFeatures, longSide: Int, quality: Int?) -> Opinion {
    let scores = scores(features, longSide: longSide, quality: quality)
    let reasons = features.spectra.isEmpty ? [] : card.spectral.reasons(features.spectra, quality: quality)
    return Opinion(
      network: scores.network, spectral: scores.spectral, probability: card.calibration.probability(scores),
      reasons: reasons.map { ($0.kind.title, $0.logit) }, similar: similar(features.tokens))
  }

  private func scores(_ features: PictureFeatures, longSide: Int, quality: Int?) -> Calibration.Scores {
    Calibration.Scores(
      features, heads: heads, spectral: card.spectral, quality: quality, longSide: longSide)
  }

  /// How many sources an opinion names.
  private static let mostSimilar = 3

  private func similar(_ tokens: Tensor) -> [(source: Card.Source, similarity: Double)] {
    guard !card.sources.isEmpty else { return [] }
    let cosines = centres.matrixProduct(
      heads[0].direction(tokens, encoder).reshaped(to: [centres.shape[1], 1])
    ).values
    return zip(card.sources, cosines).sorted { $0.1 > $1.1 }.prefix(Self.mostSimilar)
      .map { ($0, Double($1)) }
  }

  /// Where the sources lie that pictures can be likened to.
  ///
  /// - Parameter pictures: of each source, the tokens of its pictures.
  /// - Returns: [sources, width], each of length 1.
  package static func centres(_ pictures: [[Tensor]], head: DetectorHead, encoder: PictureEncoder) -> Tensor {
    let width = encoder.transformer.configuration.width
    var values: [Float] = []
    for group in pictures {
      var sum = [Float](repeating: 0, count: width)
      for tokens in group {
        for (place, value) in head.direction(tokens, encoder).values.enumerated() { sum[place] += value }
      }
      values += sum.unit
    }
    return Tensor(values, shape: [pictures.count, width])
  }

  /// Judges windows of half the shorter side all over a picture; nil where it is too small.
  ///
  /// Costs up to ``HeatMap/most`` times as much as ``judge(_:luminance:quality:)``, whose parameters it shares.
  public func heatMap(of image: Image, luminance: Plane, quality: Int? = nil) -> HeatMap? {
    guard let windows = HeatMap.windows(width: image.width, height: image.height) else { return nil }
    let cells = windows.map { region in
      let cut = image.cropped(x: region.x, y: region.y, width: region.width, height: region.height)
      let light = cut.luminance()
      guard CropSelection.hasTexture(light) else { return HeatMap.Cell(region: region, probability: nil) }
      let features = PictureFeatures(tokens: encoder.tokens(of: cut), spectra: [])
      let scores = scores(features, longSide: region.width, quality: quality)
      return HeatMap.Cell(region: region, probability: card.calibration.probability(scores))
    }
    return HeatMap(cells: cells, width: image.width, height: image.height)
  }
}

extension DetectorHead {
  /// Where a picture lies among others: the standardised class token of the block three quarters up, of length 1, [width].
  fileprivate func direction(_ tokens: Tensor, _ encoder: PictureEncoder) -> Tensor {
    let c = encoder.transformer.configuration
    let start = (c.blocks * 3 / 4 - 1) * c.width
    return Tensor(Array(standardised(tokens).values[start..<start + c.width]).unit, shape: [c.width])
  }
}

extension [Float] {
  /// The vector brought to length 1; one without length as it is.
  fileprivate var unit: [Float] {
    let length = reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? map { $0 / length } : self
  }
}
