import Foundation
public import Images
import NeuralNetworks
import Tensors

/// A trained translation from line drawings to pictures.
public struct TranslationModel: Sendable {
  private let network: TranslationNetwork
  private let spread: BandColours.Spread
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
    guard let spread = BandColours.Spread(file.weights.tensors) else {
      throw GeneratorError(
        code: "model.architecture", location: .init(file: file.path, path: "colour_mean"),
        message: "the file does not say how colours are spread",
        remedy: "use weights of this architecture; train translations of former versions again")
    }
    self.network = network
    self.spread = spread
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

  /// The seed where none is given: the colours of a clear day in summer.
  public static let usualSeed: UInt64 = 7

  /// Where what the lines leave open comes from.
  public enum Colours: Sendable {
    /// Usual colours, others for each seed.
    case seed(UInt64)
    /// Those of a picture, whose name is for people.
    case picture(Image, title: String)
  }

  /// The picture of a drawing: its central square, 128 × 128.
  ///
  /// - Parameters:
  ///   - colours: of sky, middle and ground.
  ///   - source: the drawing's file, which becomes the parent in the credentials.
  /// - Throws: ``GeneratorError``: `translate.small` for a side of less than 32 pixels, `translate.empty` where there
  ///   are no lines, `translate.drawing` for a sketch that is none.
  public func translate(
    _ drawing: Image, as input: Input, colours: Colours = .seed(usualSeed), source: GeneratedImage.Source
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
    let (chosen, name) =
      switch colours {
      case .seed(let seed): (spread.drawn(seed), "seed \(seed)")
      case .picture(let picture, let title):
        (
          BandColours(Tensor(signed: [PictureSet.squared(picture, side: Self.side)])),
          title
        )
      }
    let made = network.infer(
      BandColours.joined(Tensor(lines, shape: [1, Self.side, Self.side, 1]), [chosen]))
    return GeneratedImage(
      Image.images(made)[0], model: identity, source: source,
      request: "a picture from a \(input.rawValue), in colours of \(name)")
  }

  /// The drawing in the colours of many seeds, side by side and numbered by them.
  ///
  /// - Precondition: some seeds, all of which fit an `Int`.
  public func sheet(
    _ drawing: Image, as input: Input, seeds: Range<UInt64>, source: GeneratedImage.Source
  ) throws(GeneratorError) -> GeneratedImage {
    var pictures: [Image] = []
    for seed in seeds {
      pictures.append(try translate(drawing, as: input, colours: .seed(seed), source: source).image)
    }
    let columns = Int(Double(pictures.count).squareRoot().rounded(.up))
    return GeneratedImage(
      Image.sheet(pictures, columns: columns, numberedFrom: Int(seeds.lowerBound)), model: identity,
      source: source, request: "a picture from a \(input.rawValue) in colours of the seeds \(seeds)")
  }

  static func file(
    _ network: TranslationNetwork, colours: BandColours.Spread, identity: ModelIdentity
  ) -> Data {
    ModelFile.encoded(
      .init(kind: .translation, identity: identity, input: "lines"),
      network.weights.merging(colours.tensors) { own, _ in own })
  }
}
