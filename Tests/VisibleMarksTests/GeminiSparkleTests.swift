import Images
import Testing
import VisibleMarks

struct GeminiSparkleTests {
  let reader = VisibleMarkReader(marks: [.geminiSparkle])

  /// What Google's app has given out: width, height, the star's width and its middle from the corner.
  static let sizes: [(Int, Int, Double, Double)] = [
    (1024, 1024, 48, 56), (1344, 768, 48, 56), (768, 1344, 48, 56), (2048, 2048, 96, 112),
    (2752, 1536, 96, 112), (1024, 1024, 22, 35), (832, 1248, 22, 35),
  ]

  @Test(arguments: sizes)
  func `the star is found at every size that its maker gives out`(
    width: Int, height: Int, star: Double, distance: Double
  ) throws {
    let ground = PaintedMarks.ground(width: width, height: height, seed: 7)
    let marked = PaintedMarks.star(on: ground, width: star, right: distance, bottom: distance)
    let found = try #require(reader.read(marked).first)
    #expect(found.mark == "gemini-sparkle")
    #expect(found.family == "Google Gemini")
    #expect(found.placement == .expected)
    #expect(abs(found.opacity - 0.5) < 0.06)
    #expect(found.pValue <= VisibleMarkReader.significance)
    let (x, y) = (Double(width) - distance - star / 2, Double(height) - distance - star / 2)
    #expect(abs(Double(found.region.x) - x) <= 2)
    #expect(abs(Double(found.region.y) - y) <= 2)
    #expect(abs(Double(found.region.width) - star) <= 3)
    #expect(!found.caveats.isEmpty)
    #expect(reader.read(ground).isEmpty)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6])
  func `it survives a social network`(seed: UInt64) throws {
    let ground = PaintedMarks.ground(width: 1344, height: 768, seed: seed, noise: 12)
    let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56)
    let sent = try PaintedMarks.jpeg(PaintedMarks.reduced(marked, longest: 720), quality: 70)
    let found = try #require(reader.read(sent).first)
    #expect(found.placement == .expected)
  }

  @Test func `a crop from the left and the top leaves the mark where its maker puts it`() throws {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 11)
    let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56)
    let found = try #require(reader.read(marked.cropped(x: 300, y: 250, width: 724, height: 774)).first)
    #expect(found.placement == .expected)
  }

  @Test func `in a frame or after a crop from the right the mark has moved`() throws {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 12)
    let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56)
    let found = try #require(reader.read(marked.cropped(x: 0, y: 0, width: 1000, height: 1024)).first)
    #expect(found.placement == .moved)
    #expect(abs(found.region.x - 944) <= 2)

    var frame = [UInt8](repeating: 12, count: 1200 * 1300 * 3)
    let pixels = marked.pixels8
    for y in 0..<1024 {
      frame.replaceSubrange(
        (y * 1200 + 60) * 3..<(y * 1200 + 60 + 1024) * 3, with: pixels[y * 1024 * 3..<(y + 1) * 1024 * 3])
    }
    let shown = Image(width: 1200, height: 1300, colorModel: .rgb, pixels: frame)
    #expect(try #require(reader.read(shown).first).placement == .moved)
  }

  @Test(arguments: [0.1, 0.2, 0.98])
  func `a star of another opacity is not this one`(opacity: Double) {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 13)
    let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56, opacity: opacity)
    #expect(reader.read(marked).isEmpty)
  }

  @Test func `a golden star is not this one`() {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 14, brightest: 60)
    let marked = PaintedMarks.star(
      on: ground, width: 48, right: 56, bottom: 56, opacity: 0.6, color: SIMD3(255, 190, 40))
    #expect(reader.read(marked).isEmpty)
  }

  @Test func `other shapes at the same place and opacity are not this one`() {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 15)
    let shapes: [(Double, Double) -> Bool] = [
      { x, y in x * x + y * y <= 0.6 }, { x, y in abs(x) <= 0.6 && abs(y) <= 0.6 },
      { x, y in abs(x) <= 0.2 || abs(y) <= 0.2 },
      { x, y in y <= 0.8 && abs(x) <= (y + 1) / 2 },
    ]
    for shape in shapes {
      let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56, shape: shape)
      #expect(reader.read(marked).isEmpty)
    }
  }

  @Test func `the answer is the same for grey and deep samples and with alpha`() throws {
    let ground = PaintedMarks.ground(width: 1024, height: 768, seed: 16)
    let marked = PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56)
    let region = try #require(reader.read(marked).first).region
    let grey = Image(planes: [marked.luminance()], colorModel: .grey)
    let deep = Image(
      width: 1024, height: 768, colorModel: .rgb, pixels16: marked.pixels8.map { UInt16($0) * 257 })
    let opaque = Image(
      planes: marked.planes() + [Plane(width: 1024, height: 768, repeating: 255)], colorModel: .rgba)
    for image in [grey, deep, opaque] {
      let found = try #require(reader.read(image).first)
      #expect(found.placement == .expected)
      #expect(abs(found.region.x - region.x) <= 1 && abs(found.region.y - region.y) <= 1)
    }
  }
}
