import Diagnostics
import Foundation
public import Images
import NeuralNetworks
import Tensors

/// A trained enlargement of pictures, to twice or four times their sides.
public struct UpsamplerModel: Sendable {
  /// How many times wider and higher the result is.
  public enum Scale: Int, Sendable, CaseIterable {
    case two = 2
    /// Doubled twice: one set of weights, and a second pass that sees a sharp picture as the first one did.
    case four = 4

    var passes: Int { self == .two ? 1 : 2 }
  }

  private let network: UpsamplerNetwork
  /// Where the file says how great its maps get.
  private let bytes: ByteUpsampler?
  public let identity: ModelIdentity

  /// The shortest side of a result: the smallest that all marks fit on.
  public static let leastSide = 128
  /// The longest side of a result.
  public static let greatestSide = 4096
  /// The side of the tiles that a large result is made of.
  package static let tileSide = 512
  /// Mirrored pixels around the picture, so that the picture's border is not the network's.
  static let border = 8

  /// - Parameter name: a shipped model's name, or a path that ends in `.safetensors`.
  /// - Throws: ``GeneratorError``: `model.unknown`, `model.unreadable`, `model.kind`, `model.architecture`.
  public init(_ name: String = "upsampler") throws(GeneratorError) {
    let file = try ModelFile(name, kind: .upsampler)
    var random = RandomStream(seed: 0)
    var network = UpsamplerNetwork(random: &random)
    try file.load(into: &network)
    self.network = network
    bytes = Self.bounds(file.header).map { ByteUpsampler(network, bounds: $0) }
    identity = file.header.identity
  }

  private static func bounds(_ header: ModelFile.Header) -> ByteUpsampler.Bounds? {
    guard let numbers = header.bounds, numbers.count == 2 * UpsamplerNetwork.mapCount,
      numbers.allSatisfy(ModelFile.isUsual)
    else { return nil }
    return (0..<UpsamplerNetwork.mapCount).map {
      min(numbers[2 * $0], 0)...max(numbers[2 * $0 + 1], 0)
    }
  }

  /// How the arithmetic is done: in bytes where the processor multiplies those fast, else in floats.
  package enum Arithmetic: Sendable {
    case automatic, floats, bytes
  }

  private func usesBytes(_ arithmetic: Arithmetic) -> Bool {
    bytes != nil && (arithmetic == .bytes || (arithmetic == .automatic && ByteConvolution.pays))
  }

  private func doubled(_ picture: Tensor, _ arithmetic: Arithmetic) -> Tensor {
    guard usesBytes(arithmetic), let bytes else { return network.infer(picture) }
    return bytes(picture)
  }

  /// A person's picture, enlarged.
  ///
  /// The colours are 8-bit in the result; alpha is enlarged by bicubic interpolation.
  ///
  /// - Parameter source: the picture's file, which becomes the parent in the credentials.
  /// - Throws: ``GeneratorError`` `upscale.small` or `upscale.large` for a result that is too small to be marked or
  ///   larger than ``greatestSide``.
  public func upscale(
    _ picture: Image, by scale: Scale, source: GeneratedImage.Source
  ) throws(GeneratorError) -> GeneratedImage {
    GeneratedImage(
      try enlarged(picture, by: scale, title: source.title, tile: Self.tileSide), model: identity,
      source: source, request: request(scale))
  }

  /// A generated picture, enlarged; its credentials name both models.
  ///
  /// - Throws: ``GeneratorError`` as ``upscale(_:by:source:)`` does.
  public func upscale(_ generated: GeneratedImage, by scale: Scale) throws(GeneratorError) -> GeneratedImage {
    generated.refined(
      try enlarged(generated.image, by: scale, title: generated.source?.title, tile: Self.tileSide),
      by: identity, request: request(scale))
  }

  private func request(_ scale: Scale) -> String { "enlarged \(scale.rawValue) times" }

  /// The pixels that ``upscale(_:by:source:)`` marks; for tests and measurements.
  ///
  /// - Parameter tile: the side of tiles in the result.
  package func enlarged(
    _ picture: Image, by scale: Scale, title: String? = nil, tile: Int, arithmetic: Arithmetic = .automatic
  ) throws(GeneratorError) -> Image {
    // A second pass would sharpen what the first one rounds.
    let arithmetic = scale == .four ? Arithmetic.floats : arithmetic
    let (width, height) = (picture.width * scale.rawValue, picture.height * scale.rawValue)
    let isSmall = min(width, height) < Self.leastSide
    guard Self.fits(picture, scale) else {
      let other = UpsamplerModel.Scale.allCases.first { Self.fits(picture, $0) }
      throw GeneratorError(
        code: isSmall ? "upscale.small" : "upscale.large", location: .init(file: title),
        message: "\(picture.width) × \(picture.height) pixels would become \(width) × \(height), "
          + (isSmall ? "less than \(Self.leastSide) one way" : "more than \(Self.greatestSide) one way"),
        remedy: other.map { "enlarge it \($0.rawValue) times" }
          ?? "give a \(isSmall ? "larger" : "smaller") picture")
    }
    // The second pass looks half as far in the picture's own pixels.
    let reach = UpsamplerNetwork.reach + (scale == .four ? UpsamplerNetwork.reach / 2 : 0)
    let canvas = Canvas(picture, border: Self.border, stride: 1, reach: reach)
    // Bytes take less memory: their tiles may be larger.
    let side = tile / scale.rawValue * (usesBytes(arithmetic) ? 3 : 2) / 2
    // Up to half as much again as a tile is enlarged at once: halos would cost more.
    let isWhole = max(canvas.width, canvas.height) <= side + side / 2
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    let areas = canvas.tiles(isWhole ? nil : side)
    for (index, area) in areas.enumerated() {
      WorkProgress.tell("enlarging", index, of: areas.count)
      // Both passes tile by tile: rounded between them, a last bit would grow in the second.
      var enlarged = canvas.tensor(area.outer)
      for _ in 0..<scale.passes { enlarged = doubled(enlarged, arithmetic).clamped(to: -1...1) }
      canvas.copy(enlarged, of: area, into: &pixels, scale: scale.rawValue)
    }
    let result = Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
    guard picture.colorModel.hasAlpha else { return result }
    return result.withAlpha(of: picture.resized(width: width, height: height, filter: .bicubic))
  }

  private static func fits(_ picture: Image, _ scale: Scale) -> Bool {
    min(picture.width, picture.height) * scale.rawValue >= leastSide
      && max(picture.width, picture.height) * scale.rawValue <= greatestSide
  }

  /// The bytes of a model's file from trained weights.
  ///
  /// - Parameter bounds: of its maps.
  static func file(_ network: UpsamplerNetwork, identity: ModelIdentity, bounds: ByteUpsampler.Bounds) -> Data
  {
    ModelFile.encoded(
      .init(
        kind: .upsampler, identity: identity, bounds: bounds.flatMap { [$0.lowerBound, $0.upperBound] }),
      network.weights)
  }

  /// The bytes of this model's file with the bounds of its maps over some pictures.
  public func measured(over pictures: PictureSet) -> Data {
    Self.file(network, identity: identity, bounds: Self.bounds(network, over: pictures))
  }

  /// Over some hundreds of pictures reduced to half their sides. Drawings go beyond; their edges are then a little softer.
  static func bounds(_ network: UpsamplerNetwork, over pictures: PictureSet) -> ByteUpsampler.Bounds {
    let step = max(1, pictures.count / 512)
    return network.bounds(
      over: stride(from: 0, to: pictures.count, by: step).lazy.map { index in
        let picture = pictures.image(index)
        return Tensor(signed: [
          picture.resized(
            width: picture.width / UpsamplerNetwork.factor, height: picture.height / UpsamplerNetwork.factor,
            filter: .bicubic)
        ])
      })
  }
}
