import Foundation
public import Images
import NeuralNetworks
import Tensors

/// A trained translation from line drawings to pictures.
public struct TranslationModel: Sendable {
  private let network: TranslationNetwork
  public let identity: ModelIdentity

  /// The side of the pictures it makes.
  public static let side = TranslationNetwork.side

  /// - Parameter name: a shipped model's name, or a path that ends in `.safetensors`.
  /// - Throws: ``GeneratorError``: `model.unknown`, `model.unreadable`, `model.kind`, `model.architecture`.
  public init(_ name: String) throws(GeneratorError) {
    let file = try ModelFile(name, kind: .translation)
    var random = RandomStream(seed: 0)
    var network = TranslationNetwork(random: &random)
    try file.load(into: &network)
    self.network = network
    identity = file.header.identity
  }

  /// From here on, of 255, a pixel is ground: what is darker gives some ink.
  private static let ground: Float = 160

  /// What a given picture is.
  public enum Input: String, Sendable, CaseIterable {
    /// Dark lines on a light ground; taken as they are.
    case sketch
    /// A picture whose lines are to be found.
    case photo
  }

  /// The picture of a drawing: its central square, 128 × 128.
  ///
  /// - Parameter source: the drawing's file, which becomes the parent in the credentials.
  /// - Throws: ``GeneratorError``: `translate.small` for a side of less than 32 pixels, `translate.empty` where there
  ///   are no lines, `translate.drawing` for a sketch that is none.
  public func translate(
    _ drawing: Image, as input: Input, source: GeneratedImage.Source
  ) throws(GeneratorError) -> GeneratedImage {
    guard min(drawing.width, drawing.height) >= 32 else {
      throw GeneratorError(
        code: "translate.small", location: .init(file: source.title),
        message: "the drawing is \(drawing.width) × \(drawing.height) pixels, less than 32 one way",
        remedy: "give a larger drawing")
    }
    let square = PictureSet.squared(drawing, side: Self.side)
    let lines: [Float]
    switch input {
    case .photo: lines = LineDrawing()(square)
    case .sketch:
      let light = square.luminance().values
      // Paper that was photographed is grey, and pencil is: but most of a drawing is ground, lighter than its lines.
      let ground = light.count { $0 >= Self.ground }
      guard ground * 2 >= light.count else {
        throw GeneratorError(
          code: "translate.drawing", location: .init(file: source.title),
          message:
            "this is no drawing of dark lines on a light ground: \(100 * ground / light.count) % of it is light, of a drawing at least half",
          remedy: "draw dark on light, or give a photo as such")
      }
      lines = light.map { min(max((0.75 - $0 / 255) * 2, 0), 1) }
    }
    guard lines.reduce(0, +) >= 32 else {
      throw GeneratorError(
        code: "translate.empty", location: .init(file: source.title), message: "there are no lines",
        remedy: "draw dark lines on a light ground, or give a photo as such")
    }
    let made = network.infer(Tensor(lines, shape: [1, Self.side, Self.side, 1]))
    return GeneratedImage(
      Image.images(made)[0], model: identity, source: source,
      request: "a picture from a \(input.rawValue)")
  }

  static func file(_ network: TranslationNetwork, identity: ModelIdentity) -> Data {
    ModelFile.encoded(.init(kind: .translation, identity: identity, input: "lines"), network.weights)
  }
}
