import Diagnostics
import Foundation
public import Images
import NeuralNetworks
import Tensors

/// Style transfer by a trained model: any content, any styles, any size.
public struct StyleModel: Sendable {
  /// A style picture and its part of the result.
  public struct Style: Sendable {
    public var image: Image
    /// Any positive weight; the weights of all styles are scaled to sum to 1.
    public var weight: Float
    public var title: String

    public init(image: Image, weight: Float = 1, title: String) {
      self.image = image
      self.weight = weight
      self.title = title
    }
  }

  public struct Request: Sendable {
    public var styles: [Style]
    /// 0 repeats the content, 1 restyles it wholly.
    public var strength: Float = 1
    /// Whether the content's colours stay: only lightness is restyled.
    public var keepsColour = false
    /// The long side that styles are scaled to before they are read: the size of brush strokes follows.
    public var styleSide = 512
    /// Steps of optimisation that follow the pass; a hundred take about a minute at 512 × 512.
    public var optimisationSteps = 0

    public init(styles: [Style]) { self.styles = styles }
  }

  private let network: StyleNetwork
  public let identity: ModelIdentity

  /// Contents and styles must be this wide and high: the smallest that all marks fit on.
  public static let leastSide = 128
  /// The longest side that is optimised: memory grows with it, for tiles would not share their textures.
  static let greatestOptimisedSide = 1024
  /// The side of the tiles in which a large content is painted.
  public static let tileSide = 768
  /// Mirrored pixels around the content, so that the picture's border is not the network's.
  static let border = 16

  /// - Throws: ``GeneratorError``: `model.unknown`, `model.unreadable`, `model.kind`, `model.architecture`.
  public init(_ name: String = "style") throws(GeneratorError) {
    let file = try ModelFile(name, kind: .style)
    var random = RandomStream(seed: 0)
    var network = StyleNetwork(random: &random)
    try file.load(into: &network)
    network.encoder.freeze()
    self.network = network
    identity = file.header.identity
  }

  /// The content in the styles' manner, of the content's size; alpha stays as it is.
  ///
  /// Large contents are painted in tiles of `tile` pixels. All tiles share the moments of the whole content, and each
  /// sees as far beyond its edges as the network looks, so there are no seams; memory does not grow with the content
  /// beyond its own pixels.
  ///
  /// - Parameter source: the content's file, which becomes the parent in the credentials.
  /// - Throws: ``GeneratorError``: `stylize.small`, `stylize.styles` for no styles or weights that are not positive,
  ///   `stylize.flat` for a style of one colour, `stylize.large` for a content that is too large to be optimised.
  public func stylize(
    _ content: Image, source: GeneratedImage.Source, request: Request, tile: Int = StyleModel.tileSide
  ) throws(GeneratorError) -> GeneratedImage {
    let result = try painted(content, title: source.title, request: request, tile: tile)
    let strength = min(max(request.strength, 0), 1)
    let names = request.styles.map { "\($0.title) (\($0.weight))" }.joined(separator: ", ")
    return GeneratedImage(
      result, model: identity, source: source,
      request: "style of \(names), strength \(strength)"
        + (request.keepsColour ? ", colours kept" : "")
        + (request.optimisationSteps > 0 ? ", \(request.optimisationSteps) steps of optimisation" : ""))
  }

  /// The pixels that ``stylize(_:source:request:tile:)`` marks; for tests, which compare them.
  package func painted(
    _ content: Image, title: String, request: Request, tile: Int
  ) throws(GeneratorError) -> Image {
    guard min(content.width, content.height) >= Self.leastSide else {
      throw GeneratorError(
        code: "stylize.small", location: .init(file: title),
        message:
          "the content is \(content.width) × \(content.height) pixels, less than \(Self.leastSide) one way",
        remedy: "give a larger picture")
    }
    let isOptimised = request.optimisationSteps > 0
    guard !isOptimised || max(content.width, content.height) <= Self.greatestOptimisedSide else {
      throw GeneratorError(
        code: "stylize.large", location: .init(file: title),
        message:
          "the content is \(content.width) × \(content.height) pixels; up to \(Self.greatestOptimisedSide) are optimised",
        remedy: "scale the picture down, or leave the optimisation out")
    }
    let strength = min(max(request.strength, 0), 1)
    let styles = try pictures(of: request)
    let style = moments(of: styles)
    let optimisation =
      isOptimised
      ? StyleOptimisation(
        encoder: network.encoder, styles: styles, steps: request.optimisationSteps, strength: strength) : nil
    let canvas = Canvas(content, border: Self.border, stride: StyleNetwork.stride, reach: StyleNetwork.reach)
    // A little more than a tile is painted at once: halos would cost more.
    let isWhole = isOptimised || max(canvas.width, canvas.height) <= tile + tile / 2
    let tiles = canvas.tiles(isWhole ? nil : tile)
    let own = contentMoments(canvas, tiles)
    var pixels = [UInt8](repeating: 0, count: content.width * content.height * 3)
    for (index, area) in tiles.enumerated() {
      // A whole picture that is led on counts its steps.
      if !isOptimised { WorkProgress.tell("painting", index, of: tiles.count) }
      let tape = Tape.inference()
      let maps = own.maps ?? network.maps(tape.constant(canvas.tensor(area.outer))).map(\.tensor)
      let restyled = zip(maps.indices, maps).map { level, map in
        network.restyled(
          tape.constant(map), own: own.moments[level], style: style[level], strength: strength)
      }
      var painted = network.decoder(eighth: restyled[1], quarter: restyled[0]).tensor
      if let optimisation {
        painted = optimisation.refined(painted, content: canvas.tensor(area.outer))
      }
      canvas.copy(painted, of: area, into: &pixels)
    }
    var result = Image(width: content.width, height: content.height, colorModel: .rgb, pixels: pixels)
    if request.keepsColour { result = result.withColour(of: content) }
    if content.colorModel.hasAlpha { result = result.withAlpha(of: content) }
    return result
  }

  /// The styles as [1, H, W, 3] in −1...1, with weights that sum to 1.
  private func pictures(
    of request: Request
  ) throws(GeneratorError) -> [(picture: Tensor, weight: Float)] {
    let total = request.styles.reduce(0) { $0 + $1.weight }
    guard !request.styles.isEmpty, total > 0, total.isFinite, request.styles.allSatisfy({ $0.weight >= 0 })
    else {
      throw GeneratorError(
        code: "stylize.styles", message: "there is no style with a positive weight",
        remedy: "name a style, and give weights that are not negative")
    }
    var pictures: [(picture: Tensor, weight: Float)] = []
    for style in request.styles {
      let image = style.image
      guard min(image.width, image.height) >= StyleNetwork.reach else {
        throw GeneratorError(
          code: "stylize.small", location: .init(file: style.title),
          message:
            "the style is \(image.width) × \(image.height) pixels, less than \(StyleNetwork.reach) one way",
          remedy: "give a larger picture")
      }
      let long = max(image.width, image.height)
      let scale = min(1, Double(max(request.styleSide, 64)) / Double(long))
      let small = image.resized(
        width: max(StyleNetwork.reach, Int(Double(image.width) * scale)),
        height: max(StyleNetwork.reach, Int(Double(image.height) * scale)), filter: .lanczos3)
      let canvas = Canvas(small, border: 0, stride: StyleNetwork.stride, reach: StyleNetwork.reach)
      let whole = canvas.tensor(canvas.tiles(nil)[0].outer)
      guard !Self.isFlat(whole) else {
        throw GeneratorError(
          code: "stylize.flat", location: .init(file: style.title), message: "the style is of one colour",
          remedy: "give a picture with some texture")
      }
      pictures.append((whole, style.weight / total))
    }
    return pictures
  }

  /// The styles' moments at both strides, blended.
  private func moments(of styles: [(picture: Tensor, weight: Float)]) -> [ChannelMoments] {
    let parts = styles.map { style in
      network.maps(Tape.inference().constant(style.picture)).map { ChannelMoments($0.tensor) }
    }
    return (0..<2).map { level in
      ChannelMoments.blended(
        zip(parts, styles).map { (moments: $0[level], weight: $1.weight) })
    }
  }

  /// Whether a picture varies by less than about a level of 255.
  private static func isFlat(_ picture: Tensor) -> Bool {
    let channels = ChannelMoments(picture)
    return channels.deviation.maximum < ChannelMoments.epsilon.squareRoot() + 1 / 127.5
  }

  /// The moments over the whole content, and the maps where one tile is all of it.
  private func contentMoments(
    _ canvas: Canvas, _ tiles: [Canvas.Area]
  ) -> (moments: [ChannelMoments], maps: [Tensor]?) {
    let strides = [4, 8]
    let levels = network.encoder.levels.suffix(2)
    var sums = levels.map { MomentSums(channels: $0.channels) }
    var kept: [Tensor]?
    for area in tiles {
      let maps = network.maps(Tape.inference().constant(canvas.tensor(area.outer))).map(\.tensor)
      for level in 0..<2 {
        let step = strides[level]
        let (top, left) = ((area.inner.y - area.outer.y) / step, (area.inner.x - area.outer.x) / step)
        sums[level].add(
          maps[level], rows: top..<top + area.inner.height / step,
          columns: left..<left + area.inner.width / step)
      }
      if tiles.count == 1 { kept = maps }
    }
    return (sums.map(\.moments), kept)
  }

  /// The bytes of a model's file from trained weights.
  static func file(_ network: StyleNetwork, identity: ModelIdentity) -> Data {
    ModelFile.encoded(.init(kind: .style, identity: identity), network.weights)
  }
}

extension Image {
  /// The lightness of this picture with the colours of another of its size, after BT.601.
  func withColour(of other: Image) -> Image {
    let (light, colour) = (withoutAlpha().inColor().pixels8, other.withoutAlpha().inColor().pixels8)
    var pixels = [UInt8](repeating: 0, count: light.count)
    func luma(_ p: [UInt8], _ i: Int) -> Float {
      0.299 * Float(p[i]) + 0.587 * Float(p[i + 1]) + 0.114 * Float(p[i + 2])
    }
    for i in stride(from: 0, to: light.count, by: 3) {
      let shift = luma(light, i) - luma(colour, i)
      for c in 0..<3 { pixels[i + c] = UInt8(min(max((Float(colour[i + c]) + shift).rounded(), 0), 255)) }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  /// This picture with the alpha of another of its size.
  func withAlpha(of other: Image) -> Image {
    let (source, alpha) = (withoutAlpha().inColor().pixels8, other.pixels8)
    let step = other.channels
    var pixels: [UInt8] = []
    pixels.reserveCapacity(pixelCount * 4)
    for i in 0..<pixelCount {
      pixels += source[i * 3..<i * 3 + 3]
      pixels.append(alpha[i * step + step - 1])
    }
    return Image(width: width, height: height, colorModel: .rgba, pixels: pixels)
  }
}
