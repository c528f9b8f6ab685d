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
