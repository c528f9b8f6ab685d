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
    /// 0 or more; the weights of all styles are scaled to sum to 1.
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
    public var styleSide = Self.usualStyleSide
    /// Steps of optimisation that follow the pass; a hundred take about a minute at 512 × 512.
    public var optimisationSteps = 0

    static let usualStyleSide = 512

    public init(styles: [Style]) { self.styles = styles }
  }

  private let network: StyleNetwork
  public let identity: ModelIdentity

  /// Contents and styles must be this wide and high: the smallest that all marks fit on.
  public static let leastSide = 128
  /// The longest side that is optimised: memory grows with it, for tiles would not share their textures.
  static let greatestOptimisedSide = 1024
  /// The side of the tiles in which a large content is painted, about: up to half as much again is painted at once.
  public static let tileSide = 512
  /// Styles must be this wide and high.
  static let leastStyleSide = 64
  /// Mirrored pixels around the content, so that the picture's border is not the network's.
  static let border = 16

  /// - Throws: ``GeneratorError``: `model.unknown`, `model.unreadable`, `model.kind`, `model.architecture`.
  public init(_ name: String = "style") throws(GeneratorError) {
    let file = try ModelFile(name, kind: .style)
    var random = RandomStream(seed: 0)
    var network = StyleNetwork(random: &random)
    try file.load(into: &network)
    network.encoder.freeze()
    network.painter.prepare()
    self.network = network
    identity = file.header.identity
  }

  /// What the first network alone says, to be held against other runs of it.
  ///
  /// - Parameter window: of a style, [1, 256, 256, 3] in 0...1.
  /// - Returns: the manner, [1, 100].
  package func vector(of window: Tensor) -> Tensor { network.vector(window) }

  /// A picture [1, H, W, 3] in 0...1 in the manner of a vector, painted once at its own size; for tests.
  package func painted(_ picture: Tensor, in vector: Tensor) -> Tensor {
    network.painter.painted(picture, in: network.painter.manner(vector)).picture
  }

  /// The content in the styles' manner, of the content's size; alpha stays as it is.
  ///
  /// The content is painted coarse to fine: first small, then twice as large from itself with the smaller painting laid over,
  /// up to its own size; then its colours are moved to those of the styles. Large ones are painted in tiles of about `tile`
  /// pixels, at most half as many again each way, so that memory does not grow with the content beyond its own pixels.
  ///
  /// - Parameter source: the content's file, which becomes the parent in the credentials.
  /// - Throws: ``GeneratorError``: `stylize.small`, `stylize.styles` for no styles, a negative weight or none above 0,
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
    var vector = Tensor([1, StylePainter.vectorSize])
    if strength < 1 {
      vector = network.vector(Self.windows(of: content, short: StyleNetwork.window)) * (1 - strength)
    }
    for style in styles { vector.add(style.vector, scale: style.weight * strength) }
    let manner = network.painter.manner(vector)
    let optimisation =
      isOptimised
      ? StyleOptimisation(
        encoder: network.encoder, styles: styles.map { ($0.picture, $0.weight) },
        steps: request.optimisationSteps, strength: strength) : nil

    let plain = content.withoutAlpha().inColor()
    let levels = Self.levels(width: plain.width, height: plain.height)
    var painted: [UInt8] = []
    var before: Level?
    for level in levels {
      let isLast = level == levels[levels.count - 1]
      // The optimisation sees all of the picture at once.
      let side = isOptimised ? Int.max / 2 : tile
      let small = isLast ? plain : plain.resized(width: level.width, height: level.height, filter: .bilinear)
      let start = before.map { Self.mixed(small, with: painted, of: $0) } ?? small
      let finish =
        isLast ? (content: small, strength: strength, styles: styles, optimisation: optimisation) : nil
      painted = paint(start, in: manner, tile: side, finish: finish)
      before = level
    }
    var result = Image(width: content.width, height: content.height, colorModel: .rgb, pixels: painted)
    if request.keepsColour { result = result.withColour(of: content) }
    if content.colorModel.hasAlpha { result = result.withAlpha(of: content) }
    return result
  }

  /// A size at which a picture is painted on the way to its own.
  private struct Level: Hashable {
    var width: Int
    var height: Int
  }

  /// Twice the long side of the first level of a picture that is no smaller, and the longest that is painted at once for its
  /// moments.
  static let studySide = 512
  /// The part of a level's painting in what the next is painted from: strokes of every size stay to be seen.
  private static let share: Float = 0.35
  /// How many windows each way, of which side, stand for a picture that is too large to be painted at once.
  private static let probes = (count: 3, side: 176)

  /// From half the study's sides, each twice as large as the one before, to the picture's own; none that is more than two thirds
  /// of it.
  private static func levels(width: Int, height: Int) -> [Level] {
    let long = Double(max(width, height))
    func level(_ side: Double) -> Level {
      Level(
        width: max(leastSide / 2, Int((Double(width) * side / long).rounded())),
        height: max(leastSide / 2, Int((Double(height) * side / long).rounded())))
    }
    let study = min(long, Double(studySide))
    var sides = [study / 2]
    // None just below the last.
    while sides[sides.count - 1] * 3 <= long { sides.append(sides[sides.count - 1] * 2) }
    return sides.map(level) + [Level(width: width, height: height)]
  }

  /// A picture with a smaller painting of it laid over in part.
  private static func mixed(_ picture: Image, with painting: [UInt8], of level: Level) -> Image {
    var pixels = picture.pixels8
    PixelBlend.blend(
      &pixels, width: picture.width, height: picture.height, with: painting, width: level.width,
      height: level.height, share: share)
    return Image(width: picture.width, height: picture.height, colorModel: .rgb, pixels: pixels)
  }

  /// What the last level needs beyond painting.
  private typealias Finish = (
    content: Image, strength: Float, styles: [ReadStyle], optimisation: StyleOptimisation?
  )

  /// A picture painted, in 8 bits; under `finish` with the styles' colours.
  ///
  /// All tiles share the moments of the whole picture, and each sees as far beyond its edges as the network looks, so there
  /// are no seams.
  private func paint(
    _ picture: Image, in manner: StylePainter.Manner, tile: Int, finish: Finish?
  ) -> [UInt8] {
    let painter = network.painter
    let canvas = Canvas(
      picture, border: Self.border, stride: StyleNetwork.stride, reach: StyleNetwork.reach)
    let isStudy = max(picture.width, picture.height) <= Self.studySide
    func unsigned(_ area: Canvas.Rectangle) -> Tensor { canvas.tensor(area).map { ($0 + 1) * 0.5 } }
    // What a picture that is small enough looks like painted is known before its palette is.
    let whole = canvas.tiles(nil)[0]
    let study =
      isStudy
      ? painter.painted(unsigned(whole.outer), in: manner)
      : painter.painted(Tensor.stacked(Self.windows(over: canvas).map(unsigned)), in: manner)
    let palette = finish.map { finish in
      Palette(
        from: Palette.colours(of: study.picture), to: finish.styles.map { ($0.colours, $0.weight) })
    }
    // A little more than a tile is painted at once: halos would cost more.
    let isWhole = isStudy || max(canvas.width, canvas.height) <= tile + tile / 2
    let tiles = canvas.tiles(isWhole ? nil : tile)
    var pixels = [UInt8](repeating: 0, count: picture.width * picture.height * 3)
    for (index, area) in tiles.enumerated() {
      // A whole picture that is led on counts its steps.
      if let finish, finish.optimisation == nil { WorkProgress.tell("painting", index, of: tiles.count) }
      var result =
        isStudy
        ? study.picture
        : painter.painted(unsigned(area.outer), in: manner, moments: study.moments).picture
      if let palette { palette.apply(to: &result) } else { result = result.map { $0 * 2 - 1 } }
      if let optimisation = finish?.optimisation, let content = finish?.content {
        let own = Canvas(
          content, border: Self.border, stride: StyleNetwork.stride, reach: StyleNetwork.reach)
        result = optimisation.refined(result, content: own.tensor(area.outer))
      }
      canvas.copy(result, of: area, into: &pixels)
    }
    // Halfway to the content's own manner lies no content: its pixels come in below half the strength.
    if let finish, finish.strength < 0.5 {
      let part = 2 * finish.strength
      let own = finish.content.pixels8
      for i in pixels.indices {
        pixels[i] = UInt8(Float(own[i]) + (Float(pixels[i]) - Float(own[i])) * part + 0.5)
      }
    }
    return pixels
  }

  /// Windows evenly over a canvas.
  private static func windows(over canvas: Canvas) -> [Canvas.Rectangle] {
    let (width, height) = (min(probes.side, canvas.width), min(probes.side, canvas.height))
    func starts(_ length: Int, _ window: Int) -> [Int] {
      (0..<probes.count).map { $0 * (length - window) / (probes.count - 1) }
    }
    return starts(canvas.height, height).flatMap { y in
      starts(canvas.width, width).map { Canvas.Rectangle(x: $0, y: y, width: width, height: height) }
    }
  }

  /// A style as it is read.
  private struct ReadStyle {
    /// [1, H, W, 3] in −1...1.
    var picture: Tensor
    /// [1, 100].
    var vector: Tensor
    var colours: [SIMD4<Float>]
    var weight: Float
  }

  /// The styles, with weights that sum to 1.
  private func pictures(of request: Request) throws(GeneratorError) -> [ReadStyle] {
    let total = request.styles.reduce(0) { $0 + $1.weight }
    guard !request.styles.isEmpty, total > 0, total.isFinite, request.styles.allSatisfy({ $0.weight >= 0 })
    else {
      throw GeneratorError(
        code: "stylize.styles", message: "there is no style with a positive weight",
        remedy: "name a style, and give weights that are not negative")
    }
    var read: [ReadStyle] = []
    for style in request.styles {
      let image = style.image
      guard min(image.width, image.height) >= Self.leastStyleSide else {
        throw GeneratorError(
          code: "stylize.small", location: .init(file: style.title),
          message:
            "the style is \(image.width) × \(image.height) pixels, less than \(Self.leastStyleSide) one way",
          remedy: "give a larger picture")
      }
      let long = max(image.width, image.height)
      let side = max(request.styleSide, 64)
      let scale = min(1, Double(side) / Double(long))
      let small = image.resized(
        width: max(Self.leastStyleSide, Int(Double(image.width) * scale)),
        height: max(Self.leastStyleSide, Int(Double(image.height) * scale)), filter: .lanczos3)
      let canvas = Canvas(small, border: 0, stride: StyleNetwork.stride, reach: StyleNetwork.reach)
      let whole = canvas.tensor(canvas.tiles(nil)[0].outer)
      guard !Self.isFlat(whole) else {
        throw GeneratorError(
          code: "stylize.flat", location: .init(file: style.title), message: "the style is of one colour",
          remedy: "give a picture with some texture")
      }
      // Under the usual side the window is as wide as the style is high or wide.
      let short = StyleNetwork.window * side / Request.usualStyleSide
      read.append(
        ReadStyle(
          picture: whole, vector: network.vector(Self.windows(of: image, short: short)),
          colours: Palette.colours(of: whole.map { ($0 + 1) * 0.5 }), weight: style.weight / total))
    }
    return read
  }

  /// The size that a picture is scaled to before windows of it are read: its short side becomes `short`, unless the long one
  /// would then be more than three windows.
  package static func windowedSize(width: Int, height: Int, short: Int) -> (width: Int, height: Int) {
    let (least, most) = (min(width, height), max(width, height))
    let greatest = 3 * StyleNetwork.window
    let (goal, side) = short * most <= greatest * least ? (short, least) : (greatest, most)
    func scaled(_ length: Int) -> Int {
      max(1, Int((Double(length) * Double(goal) / Double(side)).rounded()))
    }
    return (scaled(width), scaled(height))
  }

  /// Windows of a picture whose short side is scaled to about `short`, evenly over it: [N, 256, 256, 3] in 0...1; mirrored
  /// where the picture is smaller.
  private static func windows(of image: Image, short: Int) -> Tensor {
    let (width, height) = windowedSize(width: image.width, height: image.height, short: short)
    let plain = image.withoutAlpha().inColor().resized(width: width, height: height, filter: .lanczos3)
    let pixels = plain.pixels8
    let side = StyleNetwork.window
    func starts(_ length: Int) -> [Int] {
      // A picture that is hardly longer than a window is seen in its middle.
      let count = max(1, (length * 4 / side + 2) / 4)
      return count == 1 ? [max(0, length - side) / 2] : (0..<count).map { $0 * (length - side) / (count - 1) }
    }
    func mirrored(_ place: Int, _ count: Int) -> Int {
      let at = place % (2 * count)
      return at < count ? at : 2 * count - 1 - at
    }
    return Tensor.stacked(
      starts(height).flatMap { top in
        starts(width).map { left in
          var values: [Float] = []
          values.reserveCapacity(side * side * 3)
          for y in 0..<side {
            let row = mirrored(top + y, height) * width
            for x in 0..<side {
              let at = (row + mirrored(left + x, width)) * 3
              for c in 0..<3 { values.append(Float(pixels[at + c]) / 255) }
            }
          }
          return Tensor(values, shape: [1, side, side, 3])
        }
      })
  }

  /// Whether a picture varies by less than about a level of 255.
  private static func isFlat(_ picture: Tensor) -> Bool {
    let count = Double(picture.count / 3)
    var (sums, squares) = (SIMD3<Double>(), SIMD3<Double>())
    picture.withSpan { span in
      for i in stride(from: 0, to: span.count, by: 3) {
        let colour = SIMD3<Double>(Double(span[i]), Double(span[i + 1]), Double(span[i + 2]))
        sums += colour
        squares += colour * colour
      }
    }
    let variance = squares / count - (sums / count) * (sums / count)
    return variance.max() < 1 / (127.5 * 127.5)
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
      for c in 0..<3 { pixels[i + c] = UInt8(level: Float(colour[i + c]) + shift) }
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
