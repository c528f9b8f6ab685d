import Foundation
import Generators
import Images
import Testing

struct TranslationTests {
  @Test func `the shipped model follows the lines that it is given`() throws {
    let model = try TranslationModel("sketch-landscapes")
    let marker = try OutputMarker(testKeyAt: Date(timeIntervalSince1970: 1_790_000_000))
    // The strongest step from one row to the next lies near the line that was drawn.
    for row in [30, 90] {
      let drawing = Self.drawing(horizon: row)
      let made = try model.translate(drawing, as: .sketch, source: Pictures.source(drawing))
      let luminance = try Pictures.decoded(marker.mark(made)).luminance()
      #expect(luminance.width == 128 && luminance.height == 128)
      let means = (0..<128).map { y in luminance.values[y * 128..<(y + 1) * 128].reduce(0, +) / 128 }
      let strongest = (4..<123).max { abs(means[$0 + 1] - means[$0]) < abs(means[$1 + 1] - means[$1]) }
      #expect(abs((strongest ?? 0) - row) <= 6, "horizon at \(row), step at \(strongest ?? -1)")
    }
  }

  /// What the lines leave open differs from seed to seed and is the same again for one.
  @Test func `a seed chooses colours, and a picture gives its own`() throws {
    let model = try TranslationModel("sketch-landscapes")
    let marker = try OutputMarker(testKeyAt: Date(timeIntervalSince1970: 1_790_000_000))
    let drawing = Self.drawing(horizon: 60)
    func made(_ colours: TranslationModel.Colours) throws -> Image {
      try Pictures.decoded(
        marker.mark(
          try model.translate(drawing, as: .sketch, colours: colours, source: Pictures.source(drawing))))
    }
    let several = try (0..<6).map { try made(.seed($0)) }
    #expect(try made(.seed(3)).pixels8 == several[3].pixels8)
    for first in several.indices {
      for second in 0..<first {
        let apart = zip(Self.bands(several[first]), Self.bands(several[second])).map { abs($0 - $1) }
        #expect(apart.reduce(0, +) / Double(apart.count) > 4, "seeds \(second) and \(first)")
      }
    }
    let likes = [((200, 120, 70), (60, 40, 50)), ((120, 160, 220), (60, 110, 50))].map { sky, ground in
      var pixels: [UInt8] = []
      for y in 0..<96 {
        let (r, g, b) = y < 48 ? sky : ground
        for x in 0..<96 { pixels += [r, g, b].map { UInt8($0 + (x * 7 + y * 13) % 31 - 15) } }
      }
      return Image(width: 96, height: 96, colorModel: .rgb, pixels: pixels)
    }
    func apart(_ first: Image, _ second: Image) -> Double {
      zip(Self.bands(first), Self.bands(second)).reduce(0) { $0 + abs($1.0 - $1.1) } / 9
    }
    for (own, other) in [(likes[0], likes[1]), (likes[1], likes[0])] {
      let result = try made(.picture(own, title: "like.png"))
      #expect(
        apart(result, own) < 0.75 * apart(result, other), "\(apart(result, own)), \(apart(result, other))")
    }
  }

  /// The mean colours of the upper, middle and lower third.
  private static func bands(_ image: Image) -> [Double] {
    let pixels = image.pixels8
    let part = pixels.count / 3 / 3 * 3
    return (0..<3).flatMap { band in
      (0..<3).map { channel in
        let values = stride(from: band * part + channel, to: (band + 1) * part, by: 3).map {
          Double(pixels[$0])
        }
        return values.reduce(0, +) / Double(values.count)
      }
    }
  }

  @Test func `a drawing without lines or of a few pixels is refused`() throws {
    let model = try TranslationModel("sketch-landscapes")
    for (drawing, code) in [
      (Pictures.plain(level: 255), "translate.empty"),
      (Pictures.plain(width: 31, height: 80), "translate.small"),
    ] {
      let error = #expect(throws: GeneratorError.self) {
        try model.translate(drawing, as: .sketch, source: Pictures.source(drawing))
      }
      #expect(error?.code == code)
    }
  }

  /// A line across white paper.
  private static func drawing(horizon: Int) -> Image {
    var pixels = [UInt8](repeating: 255, count: 128 * 128 * 3)
    for y in horizon..<horizon + 2 { for i in 0..<128 * 3 { pixels[y * 128 * 3 + i] = 0 } }
    return Image(width: 128, height: 128, colorModel: .rgb, pixels: pixels)
  }
}
