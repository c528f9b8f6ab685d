import ImageFormats
import TestSupport
import Testing

@Suite struct `Metadata` {
  @Test(arguments: Fixtures.withMetadata)
  func `everything that was written is read`(name: String) throws {
    let expected = try #require(Fixtures.expected[name]?.metadata)
    let file = ImageFile(bytes: try Fixtures.bytes(name))
    let metadata = try file.metadata()
    if let texts = expected.texts {
      let found = metadata.texts.map { [$0.keyword, $0.text, $0.chunk] }
      for text in texts { #expect(found.contains(text)) }
    }
    if let properties = expected.xmp {
      #expect(metadata.xmp.flatMap(\.properties).map { [$0.namespace, $0.name, $0.value] } == properties)
    }
    for (tag, text) in expected.exif ?? [:] { #expect(metadata.exif?.text(try #require(Int(tag))) == text) }
    if let comment = expected.userComment {
      let found = try #require(metadata.exif?.userComment)
      #expect([found.encoding.rawValue, found.text] == comment)
    }
    if let maker = expected.makerNote { #expect(metadata.exif?.makerNote?.manufacturer == maker) }
    if let records = expected.iptc {
      #expect(
        metadata.iptc.map { Fixtures.Expected.IPTC(record: $0.record, dataset: $0.dataset, text: $0.text) }
          == records)
    }
    if let comments = expected.comments { #expect(metadata.comments.map(\.text) == comments) }
    if let orientation = expected.orientation { #expect(metadata.orientation == orientation) }
    #expect(metadata.trailing?.count == expected.trailing)
    if let length = expected.profile {
      #expect(metadata.iccProfile?.content(in: file.bytes)?.count == length)
    }
    if expected.noProfile == true {
      let profile = try #require(metadata.iccProfile)
      #expect(profile.content(in: file.bytes) == nil)
    }
    #expect(metadata.warnings.map(\.code) == expected.warnings ?? [])
    // Every place that is told lies in the file.
    for range in metadata.texts.map(\.byteRange) + metadata.xmp.map(\.byteRange)
      + metadata.iptc.map(\.byteRange)
      + metadata.exifBlocks.flatMap(\.entries).map(\.byteRange)
    {
      #expect(range.lowerBound >= 0 && range.upperBound <= file.bytes.count)
    }
  }

  @Test(arguments: Fixtures.names)
  func `the parts of a container follow each other and cover the file`(name: String) throws {
    let file = ImageFile(bytes: try Fixtures.bytes(name))
    let map = try file.container()
    guard map.format != .tiff else { return }
    var end = 0
    for segment in map.segments {
      #expect(segment.offset == end)
      #expect(
        segment.payload.lowerBound >= segment.offset && segment.payload.upperBound <= segment.range.upperBound
      )
      end = segment.range.upperBound
    }
    #expect(map.trailing?.lowerBound ?? file.bytes.count == end)
  }

  @Test func `the pictures of a multi-picture file are found`() throws {
    let bytes = try Fixtures.bytes("pictures.jpg")
    let index = try #require(
      try ImageFile(bytes: bytes).container().segments.first { $0.identifier == "MPF" })
    #expect(index.children.count == 3)
    for picture in index.children {
      #expect(bytes[picture.offset] == 0xFF && bytes[picture.offset + 1] == 0xD8)
    }
  }

  @Test func `an extension that belies the content is told`() throws {
    let bytes = try Fixtures.bytes("rgb8.png")
    #expect(ImageFile(bytes: bytes, name: "a.PNG").extensionMatches == true)
    #expect(ImageFile(bytes: bytes, name: "a.jpg").extensionMatches == false)
    #expect(ImageFile(bytes: bytes, name: "a").extensionMatches == nil)
  }
}
