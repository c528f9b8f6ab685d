import Foundation
import ImageFormats
import Testing

/// Whether a file ends before what its structure announces is known, and apart from lengths that are wrong otherwise.
struct FileEndTests {
  private static func map(_ bytes: [UInt8]) throws -> ContainerMap { try ImageFile(bytes: bytes).container() }

  private static func cut(_ bytes: [UInt8]) throws -> Range<Int>? { try map(bytes).cut }

  @Test func `a cut part is named from its first byte to the file's end`() throws {
    let png = FileBuilder.png([("tEXt", Array("a\0b".utf8)), ("teST", [UInt8](repeating: 7, count: 40))])
    #expect(try Self.cut(png) == nil)
    let chunk = 33 + 15
    #expect(try Self.cut(Array(png[..<(chunk + 20)])) == chunk..<(chunk + 20))
    #expect(try Self.cut(Array(png[..<chunk])) == chunk..<chunk)
    #expect(try Self.cut(Array(png[..<(chunk + 3)])) == chunk..<(chunk + 3))
  }

  @Test func `a last box may reach to the end of the file`() throws {
    let file = FileBuilder.heif()
    let mdat = FileBuilder.box("mdat", [UInt8](repeating: 1, count: 50))
    #expect(try Self.cut(file + mdat) == nil)
    #expect(try Self.cut(FileBuilder.heif(metaHasSize: false)) == nil)
    #expect(try Self.cut(file + [0, 0, 0, 0] + mdat.dropFirst(4)) == nil)
    #expect(try Self.cut(file + mdat.dropLast(1)) == file.count..<(file.count + 57))
    // Too few bytes for the header of a box.
    for length in [1, 4, 7] { #expect(try Self.cut(file + mdat.prefix(length)) != nil) }
  }

  @Test func `a box that is longer than the one around it is wrong, and no sign of a cut`() throws {
    var file = FileBuilder.heif()
    let inner = try #require(file.firstRange(of: Array("ipco".utf8))).lowerBound - 4
    file.replaceSubrange(inner..<(inner + 4), with: FileBuilder.bigEndian(file.count))
    let map = try Self.map(file)
    #expect(map.warnings.contains { $0.code == "bmff.box.length" } && !map.endsEarly)
  }

  @Test func `a picture in an open box of data ends where its items end`() throws {
    // One item of 400 bytes from byte 300 on, in a box that reaches to the end of the file.
    let places = FileBuilder.join(
      [0, 1, 0, 0], FileBuilder.bigEndian(1, 2), FileBuilder.bigEndian(300), FileBuilder.bigEndian(400))
    let entry = FileBuilder.box("infe", FileBuilder.join([2, 0, 0, 0, 0, 1, 0, 0], Array("av01".utf8), [0]))
    let meta = FileBuilder.box(
      "meta",
      FileBuilder.join(
        [0, 0, 0, 0], FileBuilder.box("iinf", FileBuilder.join([0, 0, 0, 0, 0, 1], entry)),
        FileBuilder.box("iloc", FileBuilder.join([0, 0, 0, 0, 0x44, 0x00, 0, 1], places))))
    let head = FileBuilder.box("ftyp", Array("avif".utf8) + [0, 0, 0, 0] + Array("avifmif1".utf8)) + meta
    func file(_ count: Int, size: [UInt8]) -> [UInt8] {
      let start = head + size + Array("mdat".utf8)
      return start + [UInt8](repeating: 1, count: count - start.count)
    }
    #expect(try Self.cut(file(700, size: [0, 0, 0, 0])) == nil)
    #expect(try Self.cut(file(699, size: [0, 0, 0, 0])) == 300..<699)
    #expect(try Self.cut(head) == head.count..<head.count)
    // A box with a length of its own is whole; an item outside of it is a writer's error.
    #expect(try Self.cut(file(699, size: FileBuilder.bigEndian(699 - head.count))) == nil)
    #expect(
      try Self.cut(FileBuilder.box("ftyp", Array("avif".utf8) + [0, 0, 0, 0] + Array("avifmif1".utf8))) != nil
    )
  }

  @Test func `a JPEG XL is whole with its last part of the codestream`() throws {
    let head: [UInt8] = [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20, 0x0D, 0x0A, 0x87, 0x0A]
    func part(_ index: UInt8, isLast: Bool) -> [UInt8] {
      FileBuilder.box("jxlp", [isLast ? 0x80 : 0, 0, 0, index, 0xFF, 0x0A])
    }
    #expect(try Self.cut(head + part(0, isLast: false) + part(1, isLast: true)) == nil)
    #expect(try Self.cut(head + part(0, isLast: false)) != nil)
    #expect(try Self.cut(head + FileBuilder.box("jxlc", [0xFF, 0x0A])) == nil)
    #expect(try Self.cut(head + [0, 0, 0, 0] + Array("jxlc".utf8) + [0xFF, 0x0A]) == nil)
    #expect(try Self.cut(head + FileBuilder.box("jxlc", [0xFF, 0x0A]).dropLast()) != nil)
    #expect(try Self.cut(head) != nil)
    #expect(try Self.cut([0xFF, 0x0A, 1, 2, 3]) == nil)
  }

  @Test func `a TIFF ends early where a directory, a value or a strip lies outside`() throws {
    func tiff(strip: Int, of length: Int) -> [UInt8] {
      FileBuilder.tiff([
        (256, 4, FileBuilder.bigEndian(4)), (257, 4, FileBuilder.bigEndian(4)),
        (273, 4, FileBuilder.bigEndian(strip)),
        (279, 4, FileBuilder.bigEndian(length)), (0x0131, 2, Array("Midjourney\0".utf8)),
      ])
    }
    let count = tiff(strip: 8, of: 4).count
    #expect(try Self.cut(tiff(strip: count, of: 16) + [UInt8](repeating: 0, count: 16)) == nil)
    #expect(
      try Self.cut(tiff(strip: count, of: 16) + [UInt8](repeating: 0, count: 15)) == count..<(count + 15))
    #expect(try Self.cut(tiff(strip: 8, of: 4).dropLast(3)) != nil)
    #expect(try Self.cut(Array("MM\0*".utf8) + FileBuilder.bigEndian(400)) == 8..<8)
    #expect(try Self.cut(Array("MM\0*".utf8)) == 0..<4)
  }

  @Test func `a WebP may lack the byte that pads its last chunk`() throws {
    let file = FileBuilder.webp([("VP8 ", [UInt8](repeating: 1, count: 30)), ("XMP ", [1, 2, 3])])
    #expect(try Self.cut(file) == nil)
    #expect(try Self.cut(file.dropLast(1)) == nil)
    #expect(try Self.cut(file.dropLast(2)) != nil)
    // A chunk that reaches beyond the file although RIFF's size is that of the file.
    var long = file
    long[16] = 200
    #expect(try Self.cut(long) == 12..<file.count)
  }

  @Test func `a JPEG whose picture was damaged is no cut one while its end is there`() throws {
    let whole = try Fixtures.bytes("420.jpg")
    let scan = try #require(try Self.map(whole).segments(named: "SOS").first).payload.upperBound
    var damaged = whole
    damaged.replaceSubrange((scan + 20)..<(scan + 24), with: [0xFF, 0xFE, 0xFF, 0xFF])
    #expect(try Self.map(damaged).warnings.contains { $0.code == "jpeg.segment.length" })
    #expect(try Self.cut(damaged) == nil)
    #expect(try Self.cut(Array(damaged.dropLast(1))) != nil)
    let map = try Self.map(Array(whole[..<scan]))
    #expect(map.endsEarly && !map.mayLackMetadata)
    #expect(try Self.map(Array(whole[..<40])).mayLackMetadata)
  }

  // MARK: What other programs leave

  @Test(
    arguments: [[], [0, 0, 0, 0], Array("Exif\0\0".utf8), [0, 0, 0, 0] + Array("Exif\0\0".utf8)] as [[UInt8]])
  func `EXIF is read with the four zeros of JPEG XL in front, which a warning names`(head: [UInt8]) throws {
    let block = head + FileBuilder.exif(software: "Maker")
    let files = [
      FileBuilder.png([("eXIf", block)]), FileBuilder.png([FileBuilder.rawProfile("exif", block)]),
      FileBuilder.webp([("VP8 ", [1, 2]), ("EXIF", block)]),
    ]
    for file in files {
      let metadata = try ImageFile(bytes: file).metadata()
      #expect(metadata.exif?.text(EXIF.Tag.software) == "Maker")
      let words = metadata.warnings.filter { $0.code == "exif.header" }.map(\.message)
      #expect(words.count == (head.first == 0 ? 1 : 0))
      #expect(words.allSatisfy { $0.contains("four zero bytes") })
    }
  }

  @Test func `a store in front of a PNG's EXIF hides nothing`() throws {
    let exif = FileBuilder.exif(software: "Maker")
    for chunks in [
      [("caBX", FileBuilder.store), ("eXIf", exif)], [("eXIf", exif), ("caBX", FileBuilder.store)],
    ] {
      let metadata = try ImageFile(bytes: FileBuilder.png(chunks.map { (name: $0.0, content: $0.1) }))
        .metadata()
      #expect(metadata.exif?.text(EXIF.Tag.software) == "Maker" && metadata.warnings.isEmpty)
    }
  }

  @Test
  func
    `IPTC without a declared character set is UTF-8 where it can be, else Latin-1, and all authors are told`()
    throws
  {
    func line(_ bytes: [UInt8]) -> [UInt8] {
      FileBuilder.join([0x1C, 2, 80], FileBuilder.bigEndian(bytes.count, 2), bytes)
    }
    let content =
      line(Array("Jürgen Müller".utf8)) + line([0x4A, 0xFC, 0x72, 0x67]) + line(Array("Ann".utf8))
    let resource = FileBuilder.join(
      Array("Photoshop 3.0\0".utf8), Array("8BIM".utf8), [4, 4, 0, 0], FileBuilder.bigEndian(content.count),
      content,
      content.count % 2 == 1 ? [0] : [])
    let metadata = try ImageFile(bytes: FileBuilder.jpeg([(0xED, resource)])).metadata()
    #expect(metadata.iptc.filter { $0.dataset == 80 }.map(\.text) == ["Jürgen Müller", "Jürg", "Ann"])
  }
}
