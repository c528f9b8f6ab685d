import Foundation
import ImageFormats
import TestSupport
import Testing

@Suite struct `Metadata writer` {
  static let packet =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
    + "<rdf:Description xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:source=\"new ü\"/></rdf:RDF></x:xmpmeta>"
  static let exif: [UInt8] =
    Array("II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x31, 1, 2, 0, 4, 0, 0, 0] + Array("abc\0".utf8) + [0, 0, 0, 0]
  static let names = [
    "rgb8.png", "texts.png", "xmp-zTXt.png", "raw-profiles.png", "trailing.png", "420.jpg", "progressive.jpg",
    "xmp-attribute.jpg", "xmp-extended.jpg", "makernote-canon.jpg", "trailing.jpg", "pictures.jpg",
    "lossy.webp",
    "lossless-alpha.webp", "lossy-alpha.webp", "animated.webp", "metadata.webp", "trailing.webp",
  ]

  @Test(arguments: names)
  func `what is set is read back, and the pixels stay`(name: String) throws {
    let before = try Fixtures.bytes(name)
    var writer = try MetadataWriter(before)
    try writer.setXMP(Self.packet)
    try writer.setEXIF(Self.exif)
    let (old, file) = (ImageFile(bytes: before), ImageFile(bytes: writer.bytes))
    let metadata = try file.metadata()
    #expect(try metadata.warnings.map(\.code) == old.metadata().warnings.map(\.code))
    #expect(metadata.xmpValues(namespace: XMPNamespace.dc, name: "source") == ["new ü"])
    let isRaw = name == "raw-profiles.png"
    #expect(metadata.xmp.count == (isRaw ? 2 : 1))
    #expect(metadata.exifBlocks.contains { $0.text(EXIF.Tag.software) == "abc" })
    #expect(metadata.exifBlocks.count == (isRaw ? 2 : 1))
    #expect(try file.decode().image == old.decode().image)
    #expect(try file.container().trailing?.count == old.container().trailing?.count)
  }

  /// What a search for damaged inputs found: metadata have their place behind the header, which need not be there.
  @Test func `a file without its header is refused`() throws {
    let png = try Fixtures.bytes("rgb8.png")
    let webp = try Fixtures.bytes("lossy-alpha.webp")
    // The signature and the last chunk alone; the header's chunk behind another; an extended header of four bytes.
    let end = Array(png.suffix(12))
    let cut = Array(webp[..<16]) + [4, 0, 0, 0] + Array(webp[20..<24])
    for bytes in [Array(png[..<8]) + end, Array(png[..<8]) + end + Array(png[8...]), cut, Array(webp[..<20])]
    {
      for set in [{ try $0.setXMP(Self.packet) }, { try $0.setEXIF(Self.exif) }]
        as [(inout MetadataWriter) throws -> Void]
      {
        do {
          var writer = try MetadataWriter(bytes)
          try set(&writer)
          // Where there is a way to write, what is written can be read.
          _ = try ImageFile(bytes: writer.bytes).container()
        } catch let error as ImageFormatError {
          #expect(!error.message.isEmpty)
        }
      }
    }
    var writer = try MetadataWriter(Array(png[..<8]) + end)
    #expect {
      try writer.setXMP(Self.packet)
    } throws: {
      ($0 as? ImageFormatError)?.code == "write.header"
    }
  }

  @Test(arguments: names)
  func `every other byte is kept`(name: String) throws {
    let before = try Fixtures.bytes(name)
    var writer = try MetadataWriter(before)
    try writer.setXMP(Self.packet)
    func rest(_ bytes: [UInt8]) throws -> [[UInt8]] {
      try ImageFile(bytes: bytes).container().segments.filter {
        !["RIFF", "VP8X", "XMP "].contains($0.name)
          && $0.identifier.map { $0 != "XML:com.adobe.xmp" && !$0.hasPrefix("http://ns.adobe.com/x") } ?? true
      }.map { Array(bytes[$0.range]) }
    }
    #expect(try rest(writer.bytes) == rest(before))
  }

  @Test(arguments: ["420.jpg", "progressive.jpg", "xmp-attribute.jpg", "makernote-canon.jpg", "pictures.jpg"])
  func `a credit line in a JPEG is read back, and the pixels stay`(name: String) throws {
    let before = try Fixtures.bytes(name)
    var writer = try MetadataWriter(before)
    // Of even and odd length: the resource is padded.
    for credit in ["Made by hand", "Drawn by hand"] {
      try writer.setCredit(credit)
      let (old, file) = (ImageFile(bytes: before), ImageFile(bytes: writer.bytes))
      let metadata = try file.metadata()
      #expect(metadata.iptc.filter { $0.record == 2 && $0.dataset == 110 }.map(\.text) == [credit])
      #expect(try metadata.warnings.map(\.code) == old.metadata().warnings.map(\.code))
      #expect(try file.decode().image == old.decode().image)
    }
    let long = #expect(throws: ImageFormatError.self) {
      try writer.setCredit(String(repeating: "x", count: 33))
    }
    #expect(long?.code == "write.credit")
    var png = try MetadataWriter(Fixtures.bytes("rgb8.png"))
    let other = #expect(throws: ImageFormatError.self) { try png.setCredit("x") }
    #expect(other?.code == "write.format")
  }

  @Test func `setting twice gives the same as once`() throws {
    for name in Self.names {
      var writer = try MetadataWriter(Fixtures.bytes(name))
      try writer.setXMP("first")
      try writer.setXMP(Self.packet)
      let twice = writer.bytes
      try writer.setXMP(Self.packet)
      #expect(writer.bytes == twice)
    }
  }

  @Test func `a PNG text is set by its keyword`() throws {
    var writer = try MetadataWriter(Fixtures.bytes("texts.png"))
    try writer.setText("一", keyword: "parameters")
    let texts = try ImageFile(bytes: writer.bytes).metadata().texts
    #expect(texts.filter { $0.keyword == "parameters" }.map(\.text) == ["一"])
    #expect(texts.count == 4)
  }

  @Test func `what a format cannot hold is refused`() throws {
    var jpeg = try MetadataWriter(Fixtures.bytes("420.jpg"))
    let size = #expect(throws: ImageFormatError.self) {
      try jpeg.setXMP(String(repeating: "x", count: 65_505))
    }
    #expect(size?.code == "write.size")
    #expect(throws: ImageFormatError.self) { try jpeg.setText("a", keyword: "b") }
    #expect(throws: ImageFormatError.self) { try jpeg.setEXIF([1, 2, 3]) }
    #expect(throws: ImageFormatError.self) { try MetadataWriter(Fixtures.bytes("plain.gif")) }
    #expect(throws: ImageFormatError.self) {
      try MetadataWriter(Array(Fixtures.bytes("rgb8.png").dropLast(20)))
    }
  }

  private static let exiftool = [
    "/usr/bin/exiftool", "/opt/homebrew/bin/exiftool", "/usr/local/bin/exiftool",
  ].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    .enabled(if: exiftool != nil, "skipped: no exiftool"), arguments: ["rgb8.png", "420.jpg", "lossy.webp"])
  func `exiftool reads what was written`(name: String) throws {
    var writer = try MetadataWriter(Fixtures.bytes(name))
    try writer.setXMP(Self.packet)
    try writer.setEXIF(Self.exif)
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: name).path
    try writeAtomically(writer.bytes, to: path, overwrite: false)
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.exiftool))
    process.arguments = ["-s3", "-XMP-dc:Source", "-IFD0:Software", "-Warning", "-Error", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == "new ü\nabc\n")
  }
}
