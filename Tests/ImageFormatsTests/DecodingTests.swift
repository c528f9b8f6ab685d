import ImageFormats
import Images
import TestSupport
import Testing

@Suite struct `Decoding` {
  @Test func `the fixtures are there`() { #expect(Fixtures.names.count >= 100) }

  @Test(arguments: Fixtures.withPixels)
  func `the header tells size, depth and colour model without decoding`(name: String) throws {
    let expected = try #require(Fixtures.expected[name])
    let header = try ImageFile(bytes: Fixtures.bytes(name)).header()
    #expect(header.width == expected.width)
    #expect(header.height == expected.height)
    #expect(header.bitDepth == expected.bitDepth)
    #expect(header.colorModel.rawValue == expected.colorModel)
    #expect(header.frames == expected.frames ?? 1)
  }

  @Test(arguments: Fixtures.withPixels)
  func `pixels are the peer's`(name: String) throws {
    let expected = try #require(Fixtures.expected[name])
    let decoded = try ImageFile(bytes: Fixtures.bytes(name)).decode()
    #expect(decoded.isComplete)
    #expect(decoded.image.colorModel.rawValue == expected.colorModel)
    if let hash = expected.fnv1a64 { #expect(Fixtures.hash(decoded.image) == hash) }
    if let reference = expected.decoded {
      let peer = try ImageFile(bytes: Fixtures.bytes(reference)).decode().image
      let (ours, theirs) = (decoded.image.pixels8, peer.pixels8)
      try #require(ours.count == theirs.count)
      let worst = zip(ours, theirs).map { abs(Int($0) - Int($1)) }.max() ?? 0
      #expect(worst <= expected.tolerance ?? 0)
    }
    if let length = expected.icc { #expect(decoded.iccProfile?.count == length) }
  }

  @Test(arguments: Fixtures.names.filter { Fixtures.expected[$0]?.jpeg != nil })
  func `a JPEG's quality, tables and subsampling are read`(name: String) throws {
    let expected = try #require(Fixtures.expected[name]?.jpeg)
    let details = try #require(try ImageFile(bytes: Fixtures.bytes(name)).decode().jpeg)
    #expect(details.estimatedQuality == expected.quality)
    #expect(details.qualityIsExact)
    #expect(details.isProgressive == expected.progressive)
    #expect(details.huffman.rawValue == expected.huffman)
    #expect(details.subsampling == expected.subsampling)
    #expect(expected.progressive ? details.scans > 1 : details.scans == 1)
  }

  @Test func `coefficients give back the picture's mean`() throws {
    // DC is eight times the block's mean less 128, in steps of the table's first entry.
    let bytes = try Fixtures.bytes("grey.jpg")
    let coefficients = try JPEGCoefficients.read(bytes)
    let image = try ImageFile(bytes: bytes).decode().image
    let component = try #require(coefficients.components.first)
    #expect(coefficients.isComplete && coefficients.components.count == 1)
    #expect((component.blocksWide, component.blocksHigh) == (8, 6))
    for (bx, by) in [(0, 0), (3, 2), (6, 4)] {
      let mean =
        (0..<64).map { Double(image.pixels8[(by * 8 + $0 / 8) * image.width + bx * 8 + $0 % 8]) }.reduce(0, +)
        / 64
      let dc = Double(component.values[(by * 8 + bx) * 64]) * Double(component.quantisationTable[0]) / 8 + 128
      #expect(abs(mean - dc) < 2)
    }
  }

  @Test func `coefficients tell sampling and tables of each component`() throws {
    let coefficients = try JPEGCoefficients.read(Fixtures.bytes("420.jpg"))
    #expect(coefficients.components.map(\.horizontal) == [2, 1, 1])
    #expect(coefficients.components.map(\.blocksWide) == [8, 4, 4])
    #expect(coefficients.components[0].quantisationTable.prefix(3) == [8, 6, 5])
  }

  @Test(arguments: [1, 8, 16])
  func `a picture over the pixel limit is refused by its header`(limit: Int) throws {
    var limits = ReadLimits.standard
    limits.maxPixels = 61 * 47 - 1
    for name in ["rgb8.png", "420.jpg", "lossy.webp", "plain.gif", "rgb8.tif", "lossy.avif", "lossy.heic"] {
      let file = ImageFile(bytes: try Fixtures.bytes(name), limits: limits)
      let error = #expect(throws: ImageFormatError.self) { try file.decode() }
      #expect(error?.code == "limit.pixels")
      #expect(throws: ImageFormatError.self) { try file.header() }
    }
  }

  @Test(arguments: [ImageFormat.png, .jpeg, .webp])
  func `a cut file throws, and gives its upper part when asked to`(format: ImageFormat) throws {
    let image = testImage(width: 400, height: 300, model: .rgb)
    let bytes =
      switch format {
      case .png: try ImageEncoder.png(image)
      case .jpeg: try ImageEncoder.jpeg(image)
      default: try ImageEncoder.webpLossless(image)
      }
    let whole = try ImageFile(bytes: bytes).decode().image
    let file = ImageFile(bytes: Array(bytes[..<(bytes.count * 3 / 4)]))
    let error = #expect(throws: ImageFormatError.self) { try file.decode() }
    #expect(error?.code == "\(format.rawValue).truncated")
    if format == .jpeg { #expect(error?.message == "the file ends within its pixels") }
    let part = try file.decode(allowingDamage: true)
    #expect(!part.isComplete && !part.warnings.isEmpty)
    #expect(
      part.image.cropped(x: 0, y: 0, width: 400, height: 120)
        == whole.cropped(x: 0, y: 0, width: 400, height: 120))
    #expect(part.image != whole)
  }
}
