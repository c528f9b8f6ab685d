import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// BMP and JPEG XL, and pictures that are named and not decoded.
struct OtherFormatTests {
  struct Expected: Decodable {
    var width: Int
    var height: Int
    var channels: Int
    var fnv1a64: String
  }

  private static let folder = TestPaths.fixtures.appending(path: "other-formats")

  static let expected: [(name: String, picture: Expected)] = {
    let data = try! Data(contentsOf: folder.appending(path: "expected.json"))
    return try! JSONDecoder().decode([String: Expected].self, from: data).map { ($0, $1) }.sorted {
      $0.0 < $1.0
    }
  }()

  private static func file(_ name: String) throws -> ImageFile {
    try ImageFile(path: folder.appending(path: name).path)
  }

  @Test(arguments: expected.map(\.name))
  func `each file's samples are its peer's`(name: String) throws {
    let picture = try #require(Self.expected.first { $0.name == name }).picture
    let file = try Self.file(name)
    #expect(file.format?.rawValue == (name as NSString).pathExtension)
    #expect(file.extensionMatches == true)
    let header = try file.header()
    #expect(header.width == picture.width && header.height == picture.height)
    let image = try file.decode().image
    #expect(image.channels == picture.channels)
    #expect(Fixtures.hash(image) == picture.fnv1a64)
    #expect(try file.container().warnings.isEmpty)
  }

  @Test(arguments: ["metadata.jxl", "compressed-metadata.jxl"])
  func `metadata of JPEG XL are read, compressed or not`(name: String) throws {
    let metadata = try Self.file(name).metadata()
    #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
    #expect(metadata.xmp.first?.properties.contains { $0.value == FileBuilder.term } == true)
  }

  @Test(arguments: expected.map(\.name))
  func `a file that is cut anywhere is told from a whole one and traps nothing`(name: String) throws {
    let bytes = try Self.file(name).bytes
    for end in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
      let cut = ImageFile(bytes: Array(bytes[..<end]), name: name)
      _ = try? cut.header()
      _ = try? cut.decode(allowingDamage: true)
      _ = try? cut.metadata()
    }
    let cut = ImageFile(bytes: Array(bytes[..<(bytes.count / 2)]), name: name)
    if name.hasSuffix(".bmp") { #expect(throws: ImageFormatError.self) { try cut.decode() } }
  }

  @Test func `a BMP header of hostile numbers is refused before memory is asked for`() throws {
    var bytes = try Self.file("rgb24.bmp").bytes
    bytes.replaceSubrange(18..<26, with: [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F])
    let error = #expect(throws: ImageFormatError.self) { try ImageFile(bytes: bytes).decode() }
    #expect(error?.code == "limit.pixels")
  }

  // MARK: Kinds that are not read

  @Test(
    arguments: [
      ("JPEG 2000", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]),
      ("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]), ("Photoshop document", Array("8BPS\0\u{1}".utf8)),
      ("icon", [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0x68, 4, 0, 0, 22, 0, 0, 0]),
      ("SVG", Array("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)),
      ("SVG", Array("\n  <svg width=\"3\">".utf8)), ("PNM", Array("P6\n2 2\n255\n".utf8)),
      ("camera raw", [0, 0, 0, 24] + Array("ftypcrx \0\0\0\u{1}crx isom".utf8)),
      ("camera raw", Array("FUJIFILMCCD-RAW 0201".utf8)), ("camera raw", Array("IIRO\u{8}\0\0\0".utf8)),
      ("HEIF in its low-overhead form", [0, 0, 0, 16] + Array("ftypmif3avif".utf8)),
      ("QOI", Array("qoif".utf8)),
      ("OpenEXR", [0x76, 0x2F, 0x31, 0x01]), ("DDS", Array("DDS |".utf8)),
      ("GIMP", Array("gimp xcf v011".utf8)),
    ] as [(String, [UInt8])])
  func `a picture of another kind is named`(name: String, bytes: [UInt8]) throws {
    let file = ImageFile(bytes: bytes, name: "picture")
    #expect(file.format == nil)
    #expect(file.unreadKind?.name == name)
    let error = #expect(throws: ImageFormatError.self) { try file.header() }
    #expect(error?.code == "format.unread")
    #expect(error?.message.contains(name) == true)
  }

  @Test func `a TGA is known by its name and header`() {
    let header: [UInt8] = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 48, 0, 24, 0]
    #expect(ImageFile(bytes: header, name: "a.tga").unreadKind == .tga)
    #expect(ImageFile(bytes: header, name: "a.dat").unreadKind == nil)
  }

  @Test(arguments: [
    "plain text", "<!DOCTYPE html><html><body><svg/></body></html>", "{\"a\": 1}", "%PDF-1.7", "#!/bin/sh\n",
    "BM is no picture", "P6 is no picture either", "<?xml version='1.0'?><feed/>",
  ])
  func `what is no picture is none`(text: String) {
    let file = ImageFile(bytes: Array(text.utf8), name: "file")
    #expect(file.format == nil && file.unreadKind == (text.hasPrefix("P6") ? .pnm : nil))
  }

  // MARK: Pictures that no codec takes

  @Test(arguments: [
    ("vvc1", "VVC (vvc1)"), ("j2k1", "JPEG 2000 (j2k1)"), ("unci", "uncompressed samples (unci)"),
    ("jpeg", "JPEG (jpeg)"), ("evc1", "EVC (evc1)"),
  ])
  func `HEIF of another coding has its size and metadata, and is not called damaged`(
    type: String, words: String
  ) throws {
    let item = [0, 0, 0, 0] + FileBuilder.exif(software: "Midjourney")
    let file = ImageFile(bytes: FileBuilder.heif(brand: "mif1", coding: type, items: [("Exif", item)]))
    let header = try file.header()
    #expect(header.width == 64 && header.height == 48)
    #expect(try file.metadata().exif?.text(EXIF.Tag.software) == "Midjourney")
    let error = #expect(throws: ImageFormatError.self) { try file.decode() }
    #expect(error?.code == "heic.unsupported")
    #expect(error?.message.contains("coded as \(words), which the installed libheif") == true)
    #expect(error?.location.byteRange == nil)
    #expect(error?.remedy.contains("fetch") == false)
  }

  @Test(
    arguments: [
      (0xC1, 12, "JPEG with 12 bits a sample"), (0xC3, 8, "lossless JPEG"), (0xC5, 8, "hierarchical JPEG"),
      (0xF7, 8, "JPEG-LS"),
    ] as [(UInt8, UInt8, String)])
  func `JPEG of another process is not called damaged`(marker: UInt8, bits: UInt8, words: String) throws {
    let frame: [UInt8] = [bits, 0, 48, 0, 64, 1, 1, 0x11, 0]
    let scan: [UInt8] = [1, 1, 0, 1, 0, 0]
    let file = ImageFile(
      bytes: FileBuilder.jpeg([(0xDB, [0] + [UInt8](repeating: 1, count: 64)), (marker, frame), (0xDA, scan)])
    )
    let header = try file.header()
    #expect(header.width == 64 && header.height == 48)
    let error = #expect(throws: ImageFormatError.self) { try file.decode() }
    #expect(error?.code == "jpeg.unsupported")
    #expect(error?.message.contains(words) == true)
  }

  @Test func `TIFF of a coding that libtiff leaves out is not called damaged`() throws {
    func short(_ value: Int) -> [UInt8] { FileBuilder.bigEndian(value, 2) }
    let tiff = FileBuilder.tiff([
      (256, 3, short(64)), (257, 3, short(48)), (258, 3, short(8)), (259, 3, short(50002)),
      (262, 3, short(1)),
      (273, 4, FileBuilder.bigEndian(8)), (277, 3, short(1)), (278, 3, short(48)),
      (279, 4, FileBuilder.bigEndian(4)),
    ])
    let file = ImageFile(bytes: tiff)
    #expect(try file.header().width == 64)
    let error = #expect(throws: ImageFormatError.self) { try file.decode() }
    #expect(error?.code == "tiff.unsupported")
    #expect(error?.message.contains("JPEG XL, which the installed libtiff") == true)
  }

  @Test func `a file without a whole box structure is still called damaged`() throws {
    let bytes = FileBuilder.heif(coding: "hvc1").dropLast(40)
    let error = #expect(throws: ImageFormatError.self) { try ImageFile(bytes: Array(bytes)).decode() }
    #expect(error?.code.hasSuffix(".unsupported") == false)
  }

  // MARK: Copies that older libraries read

  @Test(
    arguments: ["lossy-alpha.heic", "metadata.heic", "lossy-alpha.avif", "metadata.avif"], [false, true])
  func `pictures whose references have two targets are decoded as with one`(name: String, isReversed: Bool)
    throws
  {
    let plain = try ImageFile(path: Fixtures.folder.appending(path: name).path)
    let doubled = ImageFile(bytes: try Self.doublingReferences(of: plain, reversed: isReversed))
    #expect(try doubled.header() == plain.header())
    #expect(try doubled.decode().image == plain.decode().image)
    #expect(try doubled.metadata().exifBlocks.count == plain.metadata().exifBlocks.count)
  }

  /// A copy whose references name an item more, as iPhones write them since iOS 18; the new `meta` box stands at
  /// the end, so that nothing else moves.
  private static func doublingReferences(of file: ImageFile, reversed: Bool) throws -> [UInt8] {
    let bytes = file.bytes
    let meta = try #require(try file.container().first(named: "meta"))
    var content = Array(bytes[meta.payload.lowerBound..<(meta.payload.lowerBound + 4)])
    for child in meta.children {
      guard child.name == "iref" else {
        content += bytes[child.range]
        continue
      }
      var references = Array(bytes[child.payload.prefix(4)])
      for reference in child.children {
        let ids = Array(bytes[reference.payload])
        let from = Array(ids[0..<2])
        let targets = [Array(ids[4..<6]), from]
        references += FileBuilder.box(
          reference.name, from + [0, 2] + (reversed ? targets.reversed() : targets).flatMap { $0 })
      }
      content += FileBuilder.box("iref", references)
    }
    var copy = bytes
    copy.replaceSubrange((meta.offset + 4)..<(meta.offset + 8), with: Array("free".utf8))
    return copy + FileBuilder.box("meta", content)
  }

  @Test(arguments: ["lossless.webp", "lossy.webp", "lossy-alpha.webp"])
  func `chunks of other kinds in a WebP are skipped`(name: String) throws {
    let plain = try ImageFile(path: Fixtures.folder.appending(path: name).path)
    var bytes = plain.bytes
    let chunk = FileBuilder.join(Array("DISC".utf8), FileBuilder.littleEndian(5), Array("hello".utf8), [0])
    let place = String(decoding: bytes[12..<16], as: UTF8.self) == "VP8X" ? 30 : 12
    bytes.insert(contentsOf: chunk, at: place)
    bytes.replaceSubrange(4..<8, with: FileBuilder.littleEndian(bytes.count - 8))
    #expect(try ImageFile(bytes: bytes).decode().image == plain.decode().image)
  }
}
