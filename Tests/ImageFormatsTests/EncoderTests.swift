import ImageFormats
import Images
import TestSupport
import Testing

/// A picture with gradients and noise, so that no row or channel equals another.
func testImage(width: Int, height: Int, model: Image.ColorModel, seed: UInt64 = 1) -> Image {
  var state = seed
  var pixels: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for c in 0..<model.channels {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        pixels.append(UInt8((x * 3 + y * 5 + c * 70 + Int(state >> 60)) & 255))
      }
    }
  }
  return Image(width: width, height: height, colorModel: model, pixels: pixels)
}

@Suite struct `Encoders` {
  @Test(arguments: [Image.ColorModel.grey, .greyAlpha, .rgb, .rgba], [0, 1, 6, 9])
  func `a PNG gives back every sample`(model: Image.ColorModel, level: Int) throws {
    let image = testImage(width: 37, height: 23, model: model)
    let bytes = try ImageEncoder.png(image, compression: level)
    let decoded = try ImageFile(bytes: bytes).decode()
    #expect(decoded.image == image)
    #expect(decoded.isComplete)
  }

  @Test(arguments: [Image.ColorModel.grey, .greyAlpha, .rgb, .rgba])
  func `a 16-bit PNG gives back every sample`(model: Image.ColorModel) throws {
    let wide = testImage(width: 21, height: 9, model: model).pixels8.enumerated().map {
      UInt16($0.element) &* 257 &+ UInt16($0.offset)
    }
    let image = Image(width: 21, height: 9, colorModel: model, pixels16: wide)
    let file = ImageFile(bytes: try ImageEncoder.png(image))
    #expect(try file.decode().image == image)
    #expect(try file.header().bitDepth == 16)
  }

  @Test(arguments: [Image.ColorModel.rgb, .rgba])
  func `a lossless WebP gives back every sample`(model: Image.ColorModel) throws {
    let image = testImage(width: 50, height: 31, model: model)
    #expect(try ImageFile(bytes: ImageEncoder.webpLossless(image)).decode().image == image)
  }
}
