import Foundation
import Images
import Testing
import VisibleMarks

struct VisibleMarkReaderTests {
  @Test func `marks have names of their own, a family and something against them`() {
    #expect(Set(VisibleMark.all.map(\.id)).count == VisibleMark.all.count)
    for mark in VisibleMark.all {
      #expect(!mark.name.isEmpty && !mark.family.isEmpty && !mark.caveats.isEmpty)
    }
  }

  @Test(arguments: [
    (1, 1), (1, 5000), (5000, 1), (31, 31), (32, 32), (33, 47), (40, 4000), (4000, 40), (64, 64), (101, 99),
    (9000, 33),
  ])
  func `any size is read without a trap and without a mark`(width: Int, height: Int) {
    for seed in [1, 2] as [UInt64] {
      var random = SplitMix(state: seed)
      let noise = (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(
        VisibleMarkReader().read(Image(width: width, height: height, colorModel: .rgb, pixels: noise)).isEmpty
      )
    }
  }

  @Test(arguments: [UInt8(0), 1, 127, 128, 254, 255])
  func `one colour holds no mark`(value: UInt8) {
    for model in [Image.ColorModel.grey, .greyAlpha, .rgb, .rgba] {
      let pixels = [UInt8](repeating: value, count: 640 * 480 * model.channels)
      #expect(
        VisibleMarkReader().read(Image(width: 640, height: 480, colorModel: model, pixels: pixels)).isEmpty)
    }
  }

  @Test func `snow and a night sky hold no mark`() {
    for seed in 1...6 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      var image = PaintedMarks.ground(
        width: 900, height: 700, seed: seed, brightest: seed.isMultiple(of: 2) ? 30 : 220)
      for _ in 0..<400 {
        let size = 2 + 14 * random.unit() * random.unit()
        image = PaintedMarks.star(
          on: image, width: size, right: random.unit() * 880 + 10, bottom: random.unit() * 680 + 10,
          opacity: 0.3 + 0.7 * random.unit(), shape: { x, y in x * x + y * y <= 0.8 })
      }
      #expect(VisibleMarkReader().read(image).isEmpty, "seed \(seed)")
    }
  }

  @Test func `two marks are both found, the surest first, the same on every run`() {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 3)
    let marked = PaintedMarks.colorBar(on: PaintedMarks.star(on: ground, width: 48, right: 56, bottom: 56))
    let found = VisibleMarkReader().read(marked)
    #expect(Set(found.map(\.mark)) == ["gemini-sparkle", "dall-e-2-color-bar"])
    #expect(found.map(\.pValue) == found.map(\.pValue).sorted())
    #expect(VisibleMarkReader().read(marked) == found)
  }

  @Test func `matches are written and read as JSON`() throws {
    let ground = PaintedMarks.ground(width: 1024, height: 1024, seed: 3)
    let found = VisibleMarkReader().read(PaintedMarks.colorBar(on: ground))
    let data = try JSONEncoder().encode(found)
    #expect(try JSONDecoder().decode([VisibleMarkMatch].self, from: data) == found)
  }
}
