import ImageFormats
import Images
import Services
import Testing

struct PictureAttackTests {
  private static let xmp = """
    <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/png"/></rdf:RDF></x:xmpmeta>
    """

  /// A slope, with a packet beside it.
  private func source(_ format: ImageFormat = .png) throws -> ImageFile {
    var pixels: [UInt8] = []
    for y in 0..<120 {
      for x in 0..<160 { pixels += [UInt8(x), UInt8(2 * y), 90] }
    }
    let image = Image(width: 160, height: 120, colorModel: .rgb, pixels: pixels)
    var writer = try MetadataWriter(
      format == .jpeg ? try ImageEncoder.jpeg(image, quality: 95) : try ImageEncoder.png(image))
    try writer.setXMP(Self.xmp)
    return ImageFile(bytes: writer.bytes)
  }

  private func result(
    _ format: ImageFormat = .png, _ change: (inout PictureAttack) -> Void
  ) throws -> (format: ImageFormat?, width: Int, height: Int, hasXMP: Bool) {
    var attack = PictureAttack()
    change(&attack)
    let file = ImageFile(bytes: try attack.file(of: source(format)))
    let image = try file.decode().image
    return (file.format, image.width, image.height, try !file.metadata().xmp.isEmpty)
  }

  @Test func `nothing changes no byte`() throws {
    let source = try source()
    #expect(try PictureAttack().file(of: source) == source.bytes)
  }

  @Test func `sizes, formats and metadata are what was asked for`() throws {
    #expect(try result { $0.scale = 0.5 } == (.png, 80, 60, true))
    #expect(try result { $0.crop = 0.5 } == (.png, 80, 60, true))
    #expect(try result { $0.turn = 30 } == (.png, 160, 120, true))
    #expect(try result { $0.jpegQuality = 40 } == (.jpeg, 160, 120, true))
    #expect(try result { $0.stripsMetadata = true } == (.png, 160, 120, false))
    #expect(try result { $0.isScreenshot = true } == (.png, 128, 96, false))
    #expect(try result(.jpeg) { $0.scale = 2 } == (.jpeg, 320, 240, true))
    #expect(
      try result {
        $0.crop = 0.01
        $0.scale = 0.05
      } == (.png, 1, 1, true))
  }
}
