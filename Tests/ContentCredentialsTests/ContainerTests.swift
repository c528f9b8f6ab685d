import ContentCredentials
import Foundation
import TestSupport
import Testing

/// Stores in containers that are not as the standard wants them.
struct ContainerTests {
  private static func forge() throws -> ManifestForge {
    var forge = try ManifestForge()
    forge.assertions = [("c2pa.actions.v2", ManifestForge.created(ManifestForge.generated))]
    return forge
  }

  // MARK: APP11

  /// As Bing Image Creator and other programs of Microsoft number them.
  @Test(arguments: [64_000, 500], [0, 1, 7])
  func `numbers of APP11 segments may begin anywhere as long as they count`(size: Int, first: Int) throws {
    let forge = try Self.forge()
    let file = try forge.jpeg(size: size) { ManifestForge.header($0 + first, instance: 0) }
    let report = forge.reader.report(on: file)
    #expect(report.state == .trusted && report.origin.kind == .generated, "\(report.reason)")
  }

  @Test(arguments: [64_000, 500])
  func `numbers in the other byte order count too`(size: Int) throws {
    let forge = try Self.forge()
    let file = try forge.jpeg(size: size) { index in
      Array(ManifestForge.header(0).prefix(4)) + [UInt8(index + 1), 0, 0, 0]
    }
    #expect(forge.reader.report(on: file).state == .trusted)
  }

  /// c2pa-rs 0.91.3 calls both trusted.
  @Test func `a segment that is not marked as JUMBF, and numbers that do not count, are malformed`() throws {
    let forge = try Self.forge()
    let unmarked = try forge.jpeg { index in Array("JQ".utf8) + ManifestForge.header(index + 1).dropFirst(2) }
    let skipping = try forge.jpeg(size: 500) { ManifestForge.header($0 * 2 + 1) }
    for file in [unmarked, skipping] {
      let report = forge.reader.report(on: file)
      #expect(report.state == .malformed && report.origin.kind == .generated, "\(report.reason)")
    }
  }

  @Test func `segments of another box of the same instance are no part of the store`() throws {
    let forge = try Self.forge()
    let file = try forge.jpeg()
    let other = JUMBFWriter.superbox(
      .json, label: "jpeg360", content: JUMBFWriter.box("json", Array("{}".utf8)))
    let segment = ManifestForge.segments(other, size: 100) { ManifestForge.header($0 + 1) }
    let store = try #require(AssetLayout(of: file).stores.first)
    let changed = file[..<store.container.upperBound] + segment + file[store.container.upperBound...]
    let found = AssetLayout(of: Array(changed))
    #expect(found.stores.count == 1 && found.stores.first?.bytes == store.bytes && found.faults.isEmpty)
  }

  @Test(arguments: [[0x00], [0xFF, 0x01], [0xFF, 0x00], [0x0A, 0x0D, 0x20]] as [[UInt8]])
  func `stray bytes in front of a store leave it invalid with its statement`(bytes: [UInt8]) throws {
    let forge = try Self.forge()
    var file = try forge.jpeg()
    file.insert(contentsOf: bytes, at: 2)
    let report = forge.reader.report(on: file)
    #expect(report.state == .invalid && report.isBound == false, "\(report.reason)")
    #expect(report.origin.kind == .generated && report.place == nil)
  }

  // MARK: BMFF

  private static func update(_ change: (inout [UInt8], [BMFFLayout.Box]) -> Void) throws -> CredentialsReport
  {
    let folder = TestPaths.fixtures.appending(path: "credentials/updates")
    var file = Array(try Data(contentsOf: folder.appending(path: "update.avif")))
    let boxes = try #require(BMFFLayout.boxes(of: file)).filter { $0.type == "uuid" }
    change(&file, boxes)
    let root = try String(contentsOf: folder.appending(path: "root.pem"), encoding: .utf8)
    return CredentialsReader(
      trust: TrustSettings(
        signers: try TrustList(pem: root, name: "root"), now: Date(timeIntervalSince1970: 1_796_026_000))
    ).report(on: file)
  }

  @Test func `an original and its update make one store`() throws {
    let report = try Self.update { _, _ in }
    #expect(report.state == .trusted && report.manifests.count == 2, "\(report.reason)")
    #expect(report.manifests.first?.isUpdate == true && report.origin.kind == .generated)
  }

  @Test(arguments: [0, 1])
  func `an original or an update alone is malformed`(dropped: Int) throws {
    let report = try Self.update { file, boxes in
      // The size of the file stays: the box's place becomes free space.
      file.replaceSubrange(
        boxes[dropped].range.lowerBound + 4..<boxes[dropped].range.lowerBound + 8, with: "free".utf8)
    }
    #expect(report.state == .malformed, "\(report.reason)")
  }

  @Test(arguments: ["manifesX", "MANIFEST", "original", "........"])
  func `a C2PA box of another purpose is malformed, not absent`(purpose: String) throws {
    let folder = TestPaths.fixtures.appending(path: "credentials/kinds")
    var file = Array(try Data(contentsOf: folder.appending(path: "signed.avif")))
    let box = try #require(BMFFLayout.boxes(of: file)?.first { $0.type == "uuid" })
    file.replaceSubrange(box.payload.lowerBound + 20..<box.payload.lowerBound + 28, with: purpose.utf8)
    let report = CredentialsReader().report(on: file)
    #expect(report.state == .malformed && report.origin.kind == .generated, "\(report.reason)")
  }

  // MARK: Other places

  private static let png: [UInt8] = SigningTests.png

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    var chunk: [UInt8] = []
    chunk.appendBigEndian(UInt32(data.count))
    // Nobody checks the sum of a chunk that holds no pixels.
    return chunk + Array(type.utf8) + data + [0, 0, 0, 0]
  }

  /// As ImageMagick writes what it has no chunk for.
  private static func profile(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let digits = bytes.hexadecimal
    let lines = stride(from: 0, to: digits.count, by: 72).map { start in
      String(digits.dropFirst(start).prefix(72))
    }
    let text = "\n\(name)\n    \(bytes.count)\n" + lines.joined(separator: "\n") + "\n"
    return chunk("tEXt", Array("Raw profile type \(name)".utf8) + [0] + Array(text.utf8))
  }

  private static func insert(_ chunk: [UInt8]) -> [UInt8] {
    let end = PNGLayout.chunks(of: png).chunks[0].range.upperBound
    return Array(png[..<end] + chunk + png[end...])
  }

  @Test(arguments: [64_000, 500])
  func `a store in a PNG text of an APP11 profile is found, and is not of this file`(size: Int) throws {
    let forge = try Self.forge()
    let jpeg = try forge.jpeg(size: size)
    let payloads = JPEGLayout.segments(of: jpeg, headOnly: true).segments.filter { $0.marker == 0xEB }
      .flatMap { jpeg[$0.payload] }
    let report = forge.reader.report(on: Self.insert(Self.profile("app11", payloads)))
    #expect(report.state == .invalid && report.isBound == false, "\(report.reason)")
    #expect(report.origin.kind == .generated && report.origin.isSignerTrusted)
    #expect(report.place == "the text Raw profile type app11 at byte 33")
  }

  @Test func `a displaced store of any length is read as far as the file goes`() throws {
    let forge = try Self.forge()
    let store = try forge.store(for: [1, 2, 3], leavingOut: [])
    for length in [0, 1, UInt64(store.count), UInt64(Int64.max), UInt64.max] {
      var head: [UInt8] = [0, 0, 0, 1] + Array("jumb".utf8)
      head.appendBigEndian(length)
      let file = Self.insert(Self.chunk("eXIf", head + store.dropFirst(8)))
      #expect(forge.reader.report(on: file).state != .absent)
      #expect(forge.reader.report(on: Array("II".utf8) + head + store.dropFirst(8)).state != .absent)
    }
  }

  @Test func `a store in an EXIF block is found with its place`() throws {
    let forge = try Self.forge()
    let store = try forge.store(for: [1, 2, 3], leavingOut: [])
    let report = forge.reader.report(on: Self.insert(Self.chunk("eXIf", Array("II*\0".utf8) + store)))
    #expect(report.state == .invalid && report.origin.kind == .generated, "\(report.reason)")
    #expect(report.place == "eXIf at byte 45")
  }

  @Test func `a store in a renamed GIF extension is found`() throws {
    let url = TestPaths.fixtures.appending(path: "credentials/kinds/signed.gif")
    var file = Array(try Data(contentsOf: url))
    let place = try #require(Data(file).range(of: Data("C2PA_GIF".utf8))).lowerBound
    file.replaceSubrange(place..<place + 8, with: "c2pa_gif".utf8)
    let report = CredentialsReader().report(on: file)
    #expect(report.state == .invalid && report.origin.kind == .generated, "\(report.reason)")
    #expect(report.place?.hasPrefix("c2pa_gif") == true)
  }

  @Test func `a new store leaves one that lies elsewhere where it is`() throws {
    let forge = try Self.forge()
    let carried = Self.insert(
      Self.chunk("eXIf", Array("II*\0".utf8) + (try forge.store(for: [1], leavingOut: []))))
    let (signer, reader) = try SigningTests.signer(.es256)
    let signed = try signer.sign(
      carried, ClaimContent(softwareAgent: "Gen", digitalSourceType: DigitalSource.generated))
    #expect(reader.report(on: signed).state == .trusted)
    #expect(signed.count > carried.count)
  }

  @Test func `letters that happen to spell a store's words are none`() throws {
    let text = "jumb jumd c2pa urn:c2pa:00000000 c2pa.claim jumdc2pa\u{0}c2pa"
    for file in [
      Self.insert(Self.chunk("tEXt", Array("Comment\0\(text)".utf8))), Self.png + Array(text.utf8),
      Self.insert(Self.profile("app11", Array(text.utf8))), Array(text.utf8),
    ] {
      #expect(CredentialsReader().report(on: file).state == .absent)
    }
    let box = JUMBFWriter.superbox(.json, label: "c2pa", content: JUMBFWriter.box("json", Array("{}".utf8)))
    #expect(CredentialsReader().report(on: Self.insert(Self.chunk("juMB", box))).state == .absent)
  }

  // MARK: JPEG XL

  @Test func `a JPEG XL's store lies in a box of its own`() throws {
    let forge = try Self.forge()
    let head = JXLLayout.signature + JUMBFWriter.box("ftyp", Array("jxl \0\0\0\0jxl ".utf8))
    let stream = JUMBFWriter.box("jxlc", [0xFF, 0x0A, 1, 2, 3, 4])
    func entry(_ name: String, _ bytes: [UInt8]) -> CBOR {
      .map([
        "names": .array([.text(name)]), "hash": .bytes(HashAlgorithm.sha256.hash(bytes)[...]),
        "pad": .bytes([]),
      ])
    }
    let boxes: [CBOR] = [
      entry("JXL ", JXLLayout.signature), entry("ftyp", Array(head.dropFirst(12))),
      .map(["names": .array([.text("C2PA")]), "hash": .bytes([0]), "pad": .bytes([])]), entry("jxlc", stream),
    ]
    let store = try forge.store(
      binding: ("c2pa.hash.boxes", .map(["alg": "sha256", "boxes": .array(boxes)])))
    let report = forge.reader.report(on: head + store + stream)
    #expect(report.state == .trusted && report.isBound == true, "\(report.reason)")
    var changed = head + store + stream
    changed[changed.count - 1] ^= 1
    #expect(forge.reader.report(on: changed).state == .invalid)
  }
}
