import Images
import NeuralNetworks
import Tensors
import Testing

struct AugmentationTests {
  private var image: Image {
    let pixels = (0..<6000).map { (i: Int) -> UInt8 in UInt8(truncatingIfNeeded: i * 7 + i / 150 * 13) }
    return Image(width: 40, height: 50, colorModel: .rgb, pixels: pixels)
  }

  @Test func `the same stream gives the same picture and another stream another`() throws {
    let augmentation = Augmentation(side: 24)
    var pictures: [[UInt8]] = []
    for stream in 0..<24 {
      var a = RandomStream(seed: 1, stream: UInt64(stream))
      var b = a
      let first = try augmentation(image, random: &a)
      #expect(try augmentation(image, random: &b) == first)
      #expect(first.width == 24 && first.height == 24 && first.colorModel == .rgb)
      pictures.append(first.pixels8)
    }
    #expect(Set(pictures).count > 20)
  }

  @Test func `without chances only a crop remains, and small pictures are enlarged`() throws {
    var plain = Augmentation(side: 40)
    plain.flipProbability = 0
    plain.jpegProbability = 0
    plain.webpProbability = 0
    plain.resizeProbability = 0
    plain.blurProbability = 0
    plain.noiseProbability = 0
    plain.gammaProbability = 0
    var random = RandomStream(seed: 2)
    let crop = try plain(image, random: &random)
    #expect((0...10).contains { image.cropped(x: 0, y: $0, width: 40, height: 40) == crop })
    plain.side = 64
    #expect(try plain(image, random: &random).width == 64)
    plain.side = 40
    plain.blurProbability = 1
    let flat = Image(width: 40, height: 40, colorModel: .grey, pixels: [UInt8](repeating: 77, count: 1600))
    #expect(try plain(flat, random: &random).pixels8.allSatisfy { $0 == 77 })
  }
}
