import Images
import Testing
import VisibleMarks

struct ColorBarTests {
  let reader = VisibleMarkReader(marks: [.dallE2ColorBar])

  @Test(arguments: [1, 2, 3])
  func `the bar is found as it was given out, and reduced`(seed: UInt64) throws {
    let marked = PaintedMarks.colorBar(on: PaintedMarks.ground(width: 1024, height: 1024, seed: seed))
    let found = try #require(reader.read(marked).first)
    #expect(found.family == "OpenAI DALL·E 2")
    #expect(abs(found.region.width - 80) <= 4 && abs(found.region.height - 16) <= 1)
    #expect(found.region.x + found.region.width == 1024 && found.region.y + found.region.height == 1024)
    #expect(abs(found.opacity - 1) < 0.05)
    let sent = try PaintedMarks.jpeg(PaintedMarks.reduced(marked, longest: 720), quality: 70)
    #expect(reader.read(sent).count == 1)
    let small = try PaintedMarks.jpeg(PaintedMarks.reduced(marked, longest: 480), quality: 80)
    #expect(reader.read(small).count == 1)
  }

  @Test func `a rainbow, a bar in another order and a grey bar are not this one`() {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 5)
    let marked = PaintedMarks.colorBar(on: ground)
    let bar = marked.cropped(x: 944, y: 1008, width: 80, height: 16).flippedHorizontally()
    var pixels = marked.pixels8
    for y in 0..<16 {
      let start = ((1008 + y) * 1024 + 944) * 3
      pixels.replaceSubrange(start..<start + 240, with: bar.pixels8[y * 240..<(y + 1) * 240])
    }
    #expect(reader.read(Image(width: 1024, height: 1024, colorModel: .rgb, pixels: pixels)).isEmpty)
    let grey = Image(planes: [marked.luminance()], colorModel: .grey)
    #expect(reader.read(grey).isEmpty)
    #expect(reader.read(grey.inColor()).isEmpty)
    #expect(reader.read(ground).isEmpty)
  }
}
