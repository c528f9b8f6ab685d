import Foundation
import ImageFormats
import Testing

/// Metadata in places and forms that their formats do not give them, as programs write them every day.
struct DisplacedMetadataTests {
  private static func metadata(_ bytes: [UInt8]) throws -> ImageMetadata {
    try ImageFile(bytes: bytes).metadata()
  }

  private static func declaresAI(_ metadata: ImageMetadata) -> Bool {
    metadata.xmp.contains { $0.properties.contains { $0.value == FileBuilder.term } }
  }

  private static let packet = Array(FileBuilder.packet.utf8)
  private static let xmpName = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

  // MARK: EXIF

  @Test(arguments: [2, 3])
  func `EXIF over several segments is one block`(parts: Int) throws {
    let comment =
      Array("ASCII\0\0\0".utf8) + [UInt8](repeating: 0x79, count: 60_000 * (parts - 1)) + Array("end".utf8)
    let block = FileBuilder.tiff([(0x0131, 2, Array("Midjourney\0".utf8)), (0x9286, 7, comment)])
    let segments = stride(from: 0, to: block.count, by: 60_000).map { start in
      (marker: UInt8(0xE1), content: Array("Exif\0\0".utf8) + block[start..<min(start + 60_000, block.count)])
    }
    let metadata = try Self.metadata(FileBuilder.jpeg(segments))
    #expect(metadata.exifBlocks.count == 1)
    #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
    #expect(metadata.exif?.userComment?.text.hasSuffix("end") == true)
    #expect(metadata.warnings.isEmpty)
  }

  @Test func `two whole blocks stay two`() throws {
    let blocks = ["first", "second"].map { name in
      (marker: UInt8(0xE1), content: Array("Exif\0\0".utf8) + FileBuilder.exif(software: name))
    }
    let metadata = try Self.metadata(FileBuilder.jpeg(blocks))
    #expect(metadata.exifBlocks.map { $0.text(EXIF.Tag.software) } == ["first", "second"])
  }

  @Test(arguments: ["", "Exif\0\0Exif\0\0", "\0\0\0\0", "Exif\0\0\0\0"])
  func `an EXIF segment without its name, or with more than it, is read`(head: String) throws {
    let block = FileBuilder.exif(software: "Midjourney")
    let metadata = try Self.metadata(FileBuilder.jpeg([(0xE1, Array(head.utf8) + block)]))
    #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
    #expect(metadata.warnings.isEmpty == (head == "Exif\0\0Exif\0\0"))
  }

  @Test(arguments: ["", "Exif\0\0", "\u{1}\u{1}\u{1}\u{1}"])
  func `an Exif item that does not begin with an offset is read, with a warning`(head: String) throws {
    let item = Array(head.utf8) + FileBuilder.exif(software: "Midjourney")
    for brand in ["heic", "avif"] {
      let metadata = try Self.metadata(FileBuilder.heif(brand: brand, items: [("Exif", item)]))
      #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
      #expect(metadata.warnings.contains { $0.code == "exif.item" })
    }
  }

  @Test func `an Exif item with its offset is read without a warning`() throws {
    let block = FileBuilder.exif(software: "Midjourney")
    let named = FileBuilder.join([0, 0, 0, 6], Array("Exif\0\0".utf8), block)
    for item in [[0, 0, 0, 0] + block, named] {
      let metadata = try Self.metadata(FileBuilder.heif(items: [("Exif", item)]))
      #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
      #expect(metadata.warnings.isEmpty)
    }
  }

  @Test func `a zxIf chunk is inflated`() throws {
    let block = FileBuilder.exif(software: "Midjourney")
    let chunk = [0] + FileBuilder.bigEndian(block.count) + FileBuilder.stored(block)
    let metadata = try Self.metadata(FileBuilder.png([("zxIf", chunk)]))
    #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
  }

  @Test func `XMP, IPTC and a store within an EXIF block are read in every format`() throws {
    var credit = FileBuilder.credit("Made with Google AI")
    while credit.count % 4 != 0 { credit.append(0) }
    let block = FileBuilder.tiff([
      (700, 1, Self.packet), (33723, 4, credit), (0xCD41, 7, FileBuilder.store),
    ])
    let files = [
      FileBuilder.png([("eXIf", block)]), FileBuilder.webp([("EXIF", block)]),
      FileBuilder.jpeg([(0xE1, Array("Exif\0\0".utf8) + block)]),
      FileBuilder.heif(items: [("Exif", [0, 0, 0, 0] + block)]),
      FileBuilder.png([FileBuilder.rawProfile("exif", Array("Exif\0\0".utf8) + block)]),
    ]
    for file in files {
      let metadata = try Self.metadata(file)
      #expect(Self.declaresAI(metadata))
      #expect(metadata.iptc.map(\.text) == ["Made with Google AI"])
      #expect(metadata.carriedStores.map(\.content) == [FileBuilder.store])
    }
  }

  // MARK: XMP

  @Test(arguments: [String.Encoding.utf16BigEndian, .utf16LittleEndian, .utf32BigEndian, .utf32LittleEndian])
  func `XMP in UTF-16 and UTF-32 is read, with and without a mark`(encoding: String.Encoding) throws {
    for text in [FileBuilder.packet, "\u{FEFF}" + FileBuilder.packet] {
      let content = try #require(text.data(using: encoding))
      let metadata = try Self.metadata(FileBuilder.jpeg([(0xE1, Self.xmpName + content)]))
      #expect(Self.declaresAI(metadata))
    }
  }

  @Test(arguments: ["EXIF", "XMP "])
  func `chunks behind the end that RIFF gives are read, with a warning`(name: String) throws {
    let content = name == "EXIF" ? FileBuilder.exif(software: "Midjourney") : Self.packet
    let metadata = try Self.metadata(
      FileBuilder.webp([("VP8 ", [0, 0, 0, 0])], uncounted: [(name, content)]))
    #expect(
      name == "EXIF" ? metadata.exif?.text(EXIF.Tag.software) == "Midjourney" : Self.declaresAI(metadata))
    #expect(metadata.warnings.map(\.code) == ["webp.riff.size"])
    #expect(metadata.trailing == nil)
  }

  @Test func `a packet that is cut within its padding is read`() throws {
    let padded = Self.packet + [UInt8](repeating: 0x20, count: 2000)
    let files = [
      FileBuilder.webp([("XMP ", padded)]), FileBuilder.jpeg([(0xE1, Self.xmpName + padded)]),
      FileBuilder.png([("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + padded)]),
    ]
    for file in files {
      let metadata = try Self.metadata(Array(file.dropLast(500)))
      #expect(Self.declaresAI(metadata))
      #expect(metadata.warnings.contains { $0.code.hasSuffix(".length") })
    }
  }

  @Test(arguments: [0, 1, 2])
  func `extended XMP is read though a part is missing`(missing: Int) throws {
    let filler = Array("<!-- \(String(repeating: "x", count: 900)) -->".utf8)
    let content = [filler + Self.packet, filler, filler].flatMap { $0 }
    let size = (content.count + 2) / 3
    let digest = Array(String(repeating: "A", count: 32).utf8)
    // The declaration lies in the second part here, in the first one otherwise.
    let whole = missing == 0 ? [UInt8](repeating: 0x20, count: size) + content.dropLast(size) : content
    let parts = (0..<3).filter { $0 != missing }.map { part in
      let start = part * size
      let slice = whole[start..<min(start + size, whole.count)]
      return (
        marker: UInt8(0xE1),
        content: FileBuilder.join(
          Array("http://ns.adobe.com/xmp/extension/\0".utf8), digest, FileBuilder.bigEndian(whole.count),
          FileBuilder.bigEndian(start), Array(slice))
      )
    }
    let metadata = try Self.metadata(FileBuilder.jpeg(parts))
    #expect(metadata.warnings.contains { $0.code == "xmp.extended" })
    if missing == 2 { #expect(Self.declaresAI(metadata)) }
  }

  // MARK: What converters leave

  @Test(arguments: ["", "Photoshop 3.0\0"])
  func `IPTC datasets without Photoshop's resource around them are read`(head: String) throws {
    let content = Array(head.utf8) + FileBuilder.credit("Made with Google AI")
    let metadata = try Self.metadata(FileBuilder.jpeg([(0xED, content)]))
    #expect(metadata.iptc.map(\.text) == ["Made with Google AI"])
    #expect(metadata.warnings.map(\.code) == ["iptc.resource"])
  }

  @Test(arguments: ["mime", "xmp", "app1", "generic", "gif:xmp dataxmp", "of my own"])
  func `a raw profile is told by its content, not by its name`(kind: String) throws {
    let metadata = try Self.metadata(
      FileBuilder.png([FileBuilder.rawProfile(kind, title: "generic profile", Self.packet)]))
    #expect(Self.declaresAI(metadata))
  }

  @Test func `a store in APP11's packets within a raw profile is put together`() throws {
    let filler = FileBuilder.box("free", [UInt8](repeating: 7, count: 5000))
    let store = FileBuilder.box("jumb", Array(FileBuilder.store.dropFirst(8)) + filler)
    let head = Array(store.prefix(8))
    let rest = store.dropFirst(8)
    let packets = [rest.prefix(2000), rest.dropFirst(2000).prefix(2000), rest.dropFirst(4000)]
    let profile = packets.enumerated().flatMap { index, packet -> [UInt8] in
      FileBuilder.join(Array("JP".utf8), [2, 0x11], FileBuilder.bigEndian(index + 1), head, Array(packet))
    }
    let metadata = try Self.metadata(FileBuilder.png([FileBuilder.rawProfile("app11", profile)]))
    #expect(metadata.carriedStores.map(\.content) == [store])
    #expect(metadata.carriedStores.first?.source == "Raw profile type app11")
  }

  @Test func `application extensions of a GIF are told by their content`() throws {
    let metadata = try Self.metadata(
      FileBuilder.gif([
        ("MGKIPTC0000", FileBuilder.credit("Made with Google AI")), ("xmp dataxmp", Self.packet),
        ("c2pa_gif\u{1}\0\0", FileBuilder.store), ("MGKEXIF0000", FileBuilder.exif(software: "Midjourney")),
      ]))
    #expect(metadata.iptc.map(\.text) == ["Made with Google AI"])
    #expect(Self.declaresAI(metadata))
    #expect(metadata.carriedStores.map(\.content) == [FileBuilder.store])
    #expect(metadata.exif?.text(EXIF.Tag.software) == "Midjourney")
  }

  @Test(arguments: 0..<40)
  func `a GIF's packet that ImageMagick took for blocks is read, whichever letters it lost`(shift: Int) throws
  {
    // ImageMagick takes the packet's bytes for the lengths of blocks and loses them.
    let packet = Array("<?xpacket begin='\(String(repeating: "x", count: shift))'?>".utf8) + Self.packet
    let trailer = [0x01] + (0...255).reversed().map { UInt8($0) } + [0]
    let stored = packet + trailer
    var kept: [UInt8] = []
    var place = 0
    while place < stored.count, stored[place] > 0 {
      let end = min(place + 1 + Int(stored[place]), stored.count)
      kept += stored[(place + 1)..<end]
      place = end
    }
    let metadata = try Self.metadata(FileBuilder.png([FileBuilder.rawProfile("gif:xmp dataxmp", kept)]))
    let types = metadata.xmp.flatMap(\.properties).filter { $0.name == "DigitalSourceType" }
    #expect(types.contains { $0.value.hasSuffix("/trainedAlgorithmicMedia") })
  }

  @Test func `blocks within blocks end somewhere, however they point to each other`() throws {
    var block = FileBuilder.exif(software: "innermost")
    for _ in 0..<200 {
      let resource = FileBuilder.join(
        Array("8BIM".utf8), [0x04, 0x22, 0, 0], FileBuilder.bigEndian(block.count), block)
      block = FileBuilder.tiff([(34377, 7, resource), (700, 1, Self.packet)])
    }
    let metadata = try Self.metadata(FileBuilder.png([("eXIf", block)]))
    #expect(metadata.warnings.contains { $0.code == "limit.nesting" })
    #expect(metadata.exifBlocks.count < 10)
  }

  @Test func `no bytes of such files trap the reader`() throws {
    let file = FileBuilder.png([
      FileBuilder.rawProfile("app11", Array("JP".utf8) + [2, 0x11, 0, 0, 0, 1] + FileBuilder.store),
      ("eXIf", FileBuilder.tiff([(700, 1, Self.packet), (0xCD41, 7, FileBuilder.store)])),
    ])
    for index in stride(from: 8, to: file.count, by: 3) {
      for value: UInt8 in [0, 0xFF, file[index] ^ 1] {
        var changed = file
        changed[index] = value
        _ = try Self.metadata(changed)
      }
      _ = try Self.metadata(Array(file[..<index]))
    }
  }
}
