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

  @Test(arguments: ImageEncoder.ChromaSubsampling.allCases, [true, false])
  func `a JPEG is made as asked`(subsampling: ImageEncoder.ChromaSubsampling, progressive: Bool) throws {
    let image = try ImageFile(bytes: Fixtures.bytes("rgb8.png")).decode().image
    let file = ImageFile(
      bytes: try ImageEncoder.jpeg(image, quality: 93, subsampling: subsampling, progressive: progressive))
    let decoded = try file.decode()
    let details = try #require(decoded.jpeg)
    #expect(details.estimatedQuality == 93 && details.qualityIsExact)
    #expect(details.subsampling == subsampling.rawValue)
    #expect(details.isProgressive == progressive)
    #expect(details.huffman == (progressive ? .optimised : .standard))
    #expect(Similarity.psnr(decoded.image, image) > (subsampling == .full ? 35 : 24))
  }

  @Test func `optimised Huffman tables change the bytes, never the picture`() throws {
    let image = testImage(width: 80, height: 60, model: .rgb)
    let plain = try ImageEncoder.jpeg(image, quality: 80)
    let optimised = try ImageEncoder.jpeg(image, quality: 80, optimise: true)
    #expect(optimised.count < plain.count)
    #expect(try ImageFile(bytes: optimised).decode().image == ImageFile(bytes: plain).decode().image)
    #expect(try ImageFile(bytes: optimised).decode().jpeg?.huffman == .optimised)
  }

  @Test func `a grey picture makes a grey JPEG, and alpha is left out`() throws {
    let grey = try ImageFile(bytes: ImageEncoder.jpeg(testImage(width: 20, height: 20, model: .greyAlpha)))
      .header()
    #expect(grey.colorModel == .grey)
    let color = try ImageFile(bytes: ImageEncoder.jpeg(testImage(width: 20, height: 20, model: .rgba)))
      .header()
    #expect(color.colorModel == .rgb)
  }

  @Test func `a lossy WebP is near the picture, and its quality is obeyed`() throws {
    let image = try ImageFile(bytes: Fixtures.bytes("rgb8.png")).decode().image
    let (coarse, fine) = (
      try ImageEncoder.webp(image, quality: 20), try ImageEncoder.webp(image, quality: 95)
    )
    #expect(coarse.count < fine.count)
    #expect(Similarity.psnr(try ImageFile(bytes: fine).decode().image, image) > 24)
  }

  @Test func `a picture too large for a format is refused`() throws {
    let wide = Image(
      width: 16_384, height: 1, colorModel: .grey, pixels: [UInt8](repeating: 0, count: 16_384))
    #expect(throws: ImageFormatError.self) { try ImageEncoder.webpLossless(wide) }
    let wider = Image(
      width: 65_501, height: 1, colorModel: .grey, pixels: [UInt8](repeating: 0, count: 65_501))
    let error = #expect(throws: ImageFormatError.self) { try ImageEncoder.jpeg(wider) }
    #expect(error?.code == "jpeg.encode")
  }
}
