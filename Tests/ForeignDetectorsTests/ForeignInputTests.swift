import ForeignDetectors
import Foundation
import Images
import Testing

struct ForeignInputTests {
  private static func input(_ width: Int, _ height: Int) throws -> ModelDescription.Input {
    try JSONDecoder().decode(
      ModelDescription.Input.self,
      from: Data(
        """
        {"width": \(width), "height": \(height), "fit": "crop", "filter": "bilinear", "layout": "NCHW", "scale": 1,
         "mean": [0, 0, 0], "std": [1, 1, 1]}
        """.utf8))
  }

  /// Black, but for what is white at the middle.
  private static func strip(_ width: Int, _ height: Int) -> Image {
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    for sample in pixels.count / 2 - 300..<pixels.count / 2 + 300 { pixels[sample] = 255 }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }

  /// Enlarged whole, one of them would take 60,000 times its room.
  @Test(arguments: [(1, 60_000), (60_000, 1), (3, 20_000)])
  func `of a long strip the middle is taken, and never the whole enlarged`(width: Int, height: Int) throws {
    for (wide, high) in [(224, 224), (8, 4096), (4096, 8)] {
      let fitted = try Self.input(wide, high).fitted(Self.strip(width, height))
      #expect(fitted.width == wide && fitted.height == high)
      let middle = 3 * (high / 2 * wide + wide / 2)
      #expect(fitted.pixels8[middle] == 255)
    }
  }

  @Test func `an output with more numbers than can be counted is refused`() {
    #expect(ForeignDetector.numbers([1, 2, 3]) == 6)
    #expect(ForeignDetector.numbers([-1, 2]) == 2)
    #expect(ForeignDetector.numbers([1, -1, 3]) == -1)
    #expect(ForeignDetector.numbers([1, 1 << 40, 1 << 40]) == nil)
  }
}
