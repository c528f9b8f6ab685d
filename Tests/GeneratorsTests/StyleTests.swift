import Foundation
import Generators
import ImageFormats
import Images
import NeuralNetworks
import Tensors
import TestSupport
import Testing

struct StyleTests {
  static let model = Result { try StyleModel() }

  private func painted(
    _ content: Image, _ request: StyleModel.Request, tile: Int = 768
  ) throws -> Image {
    try Self.model.get().painted(content, title: "content.png", request: request, tile: tile)
  }

  private func request(_ image: Image = Pictures.waves(seed: 4)) -> StyleModel.Request {
    .init(styles: [.init(image: image, title: "style")])
  }

  private static let golden = Result {
    try Safetensors(path: TestPaths.fixtures.appending(path: "nn/style.safetensors").path)
  }

  /// The pictures of `Tests/Peers/make_golden_style.py`.
  private func made(_ index: Int, _ side: Int) -> Tensor {
    var values: [Float] = []
    for y in 0..<side {
      for x in 0..<side {
        for c in 0..<3 {
          let value =
            x * (index + 3) + y * (7 - index) + c * 50 + x * y / (16 + index)
            + (x * x + 31 * y * y) % (9 + index)
          values.append(Float(value % 256) / 255)
        }
      }
    }
    return Tensor(values, shape: [1, side, side, 3])
  }

  /// The published graph rounds its maps to eight bits and mirrors all borders; the golden picture is painted without the one, and
  /// with zeros where Assay has them.
  @Test func `a picture is painted as the published network paints it`() throws {
    let golden = try Self.golden.get()
    let expected = try #require(golden.tensors["painted"])
    let painted = try Self.model.get().painted(made(1, 384), in: #require(golden.tensors["vector"]))
    var differences: [Float] = []
    let (pixels, wanted) = (painted.values, expected.values)
    for row in 0..<32 {
      for column in 0..<32 {
        for c in 0..<3 {
          let own = pixels[((64 + 8 * row) * 384 + 64 + 8 * column) * 3 + c]
          differences.append(abs(own - wanted[(row * 32 + column) * 3 + c]))
        }
      }
    }
    let mean = differences.reduce(0, +) / Float(differences.count)
    #expect(mean < 0.001, "in the mean \(mean), at most \(differences.max() ?? 0)")
  }

  /// The weights are int8 in the peer's graphs and half precision here.
  @Test func `a style is told as the published graph tells it`() throws {
    let golden = try Self.golden.get()
    // The peer's graph keeps the numbers of its vector within the range of eight bits that its last layer was given; nothing
    // here does.
    let model = try Self.model.get()
    let vector = try #require(golden.tensors["vector"])
    let (least, largest) = (vector.values.min() ?? 0, vector.values.max() ?? 0)
    let differences = zip(model.vector(of: made(0, 256)).values, vector.values).map {
      abs(min(max($0, least), largest) - $1)
    }
    #expect(differences.max() ?? 1 < 0.02 * (largest - least), "\(differences)")
  }

  @Test func `tiles have no seams`() throws {
    // Longer than what is painted at once for its moments.
    let content = Pictures.waves(width: 700, height: 296)
    let whole = try painted(content, request(), tile: 4096)
    // Rounding may differ in the last bit where kernels cut the work in another way.
    for tile in [128, 200, 320] {
      #expect(Pictures.difference(whole, try painted(content, request(), tile: tile)) <= 1, "tile \(tile)")
    }
  }

  @Test(arguments: [
    // Width, height, the short side, what becomes of them.
    (400, 300, 256, 341, 256), (300, 400, 256, 256, 341), (900, 300, 256, 768, 256), (100, 80, 256, 320, 256),
    (1600, 900, 512, 768, 432), (1200, 100, 256, 768, 64), (700, 700, 1024, 768, 768),
  ])
  func `a style keeps its proportions when it is read`(
    width: Int, height: Int, short: Int, wide: Int, high: Int
  ) {
    let size = StyleModel.windowedSize(width: width, height: height, short: short)
    #expect(size.width == wide && size.height == high)
  }

  @Test func `blending is continuous and ends at the styles`() throws {
    let content = Pictures.waves()
    let (first, second) = (Pictures.waves(seed: 4), Pictures.waves(seed: 9))
    func blended(_ share: Float) throws -> Image {
      var request = request(first)
      request.styles[0].weight = 1 - share
      request.styles.append(.init(image: second, weight: share, title: "second"))
      return try painted(content, request)
    }
    #expect(try blended(0) == painted(content, request(first)))
    #expect(try blended(1) == painted(content, request(second)))
    let ends = Pictures.difference(try blended(0), try blended(1))
    #expect(ends > 8, "the styles differ")
    for share: Float in [0.25, 0.5, 0.75] {
      let step = Pictures.difference(try blended(share), try blended(share + 0.01))
      #expect(step <= max(3, ends / 8), "a hundredth of the way changes a pixel by \(step) of \(ends)")
    }
  }

  @Test func `strength leads from the content to the style`() throws {
    let content = Pictures.waves()
    var request = request(Pictures.waves(seed: 9))
    func distance(_ strength: Float) throws -> Double {
      request.strength = strength
      let image = try painted(content, request)
      return zip(image.pixels8, content.pixels8).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
        / Double(content.pixels8.count)
    }
    let distances = try [0, 0.5, 1].map { try distance($0) }
    #expect(distances[0] < distances[1] && distances[1] < distances[2], "\(distances)")
    #expect(distances[0] < 12, "the decoder gives the content back within a few levels: \(distances[0])")
  }

  @Test func `optimisation brings textures nearer to the style's, on any number of threads`() throws {
    let (content, style) = (Pictures.waves(), Pictures.mosaic())
    var request = request(style)
    /// How far a picture is from the style by numbers that the optimisation itself does not see.
    func distance(_ image: Image) -> Double {
      zip(Pictures.colourCorrelations(image), Pictures.colourCorrelations(style)).reduce(0) {
        $0 + abs($1.0 - $1.1)
      }
    }
    let pass = try painted(content, request)
    request.optimisationSteps = 60
    let one = try Parallelism.withThreads(1) { try painted(content, request) }
    let two = try Parallelism.withThreads(2) { try painted(content, request) }
    #expect(one == two)
    #expect(one.width == content.width && one.height == content.height)
    #expect(distance(one) < 0.75 * distance(pass), "\(distance(one)) of \(distance(pass))")
  }

  @Test func `kept colours are the content's`() throws {
    let content = Pictures.waves()
    var request = request(Pictures.waves(seed: 9))
    request.keepsColour = true
    let (image, source) = (try painted(content, request).pixels8, content.pixels8)
    // Where nothing is clipped, red less green and green less blue are as they were.
    for i in stride(from: 0, to: image.count, by: 3) {
      guard image[i..<i + 3].allSatisfy({ (1...254).contains($0) }) else { continue }
      #expect(abs(Int(image[i]) - Int(image[i + 1]) - Int(source[i]) + Int(source[i + 1])) <= 1)
    }
  }

  @Test func `one thread and two give the same bits`() throws {
    let content = Pictures.waves()
    let one = try Parallelism.withThreads(1) { try painted(content, request()) }
    let two = try Parallelism.withThreads(2) { try painted(content, request()) }
    #expect(one == two)
  }

  @Test(arguments: ["grey8.png", "greyalpha16.png", "rgb16.png", "rgba8.png", "cmyk.jpg", "palette8.png"])
  func `contents of every kind keep their size and alpha`(name: String) throws {
    let file = try ImageFile(path: TestPaths.fixtures.appending(path: "formats/\(name)").path)
    let image = try file.decode().image.resized(width: 150, height: 131, filter: .bicubic)
    let result = try painted(image, request())
    #expect(result.width == 150 && result.height == 131)
    #expect(result.colorModel.hasAlpha == image.colorModel.hasAlpha)
    guard image.colorModel.hasAlpha else { return }
    let (channels, before, after) = (image.channels, image.pixels8, result.pixels8)
    #expect((0..<image.pixelCount).allSatisfy { after[4 * $0 + 3] == before[channels * $0 + channels - 1] })
  }

  @Test func `bad input is named`() throws {
    let model = try Self.model.get()
    func code(_ content: Image, _ request: StyleModel.Request) throws -> String? {
      do {
        _ = try model.stylize(content, source: Pictures.source(content), request: request)
        return nil
      } catch { return (error as? GeneratorError)?.code }
    }
    let content = Pictures.waves()
    #expect(try code(Pictures.waves(width: 127), request()) == "stylize.small")
    #expect(try code(content, request(Pictures.plain())) == "stylize.flat")
    #expect(try code(content, request(Pictures.waves(width: 40))) == "stylize.small")
    #expect(try code(content, .init(styles: [])) == "stylize.styles")
    var optimised = request()
    optimised.optimisationSteps = 1
    #expect(try code(Pictures.waves(width: 1025), optimised) == "stylize.large")
    var negative = request()
    negative.styles[0].weight = -1
    #expect(try code(content, negative) == "stylize.styles")
  }
}
