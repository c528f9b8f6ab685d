import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// Everything that reads untrusted bytes, at once; the result does not matter, only that there is one.
private func readAll(_ bytes: [UInt8], limits: ReadLimits) -> ImageFormatError? {
  let file = ImageFile(bytes: bytes, limits: limits)
  do throws(ImageFormatError) {
    let container = try file.container()
    for segment in container.segments {
      precondition(segment.range.lowerBound >= 0 && segment.range.upperBound <= bytes.count)
      precondition(segment.payload.lowerBound >= 0 && segment.payload.upperBound <= bytes.count)
    }
    let metadata = file.metadata(in: container)
    _ = metadata.iccProfile?.content(in: bytes)
    _ = try? file.header()
    if container.format == .jpeg { _ = try? JPEGCoefficients.read(bytes, limits: limits) }
    _ = try? file.decode(allowingDamage: true, metadata: metadata)
    _ = try file.decode(metadata: metadata)
    return nil
  } catch { return error }
}

@Suite struct `Hostile input` {
  /// Small limits keep each of the many files cheap; the large ones have their own tests below.
  static let limits: ReadLimits = {
    var limits = ReadLimits.standard
    limits.maxPixels = 1 << 20
    limits.maxTextBytes = 1 << 20
    limits.maxTotalTextBytes = 2 << 20
    return limits
  }()

  /// Libraries' video decoders are slow and are not ours: fewer rounds go to their files.
  static func isSlow(_ name: String) -> Bool { name.hasSuffix(".avif") || name.hasSuffix(".heic") }

  @Test(arguments: Fixtures.names)
  func `a file cut at any byte is read or refused with a reason`(name: String) throws {
    let bytes = try Fixtures.bytes(name)
    let step = Self.isSlow(name) ? max(1, bytes.count / 60) : max(1, bytes.count / 1200)
    for length in Swift.stride(from: 0, to: bytes.count, by: step) {
      let error = readAll(Array(bytes[..<length]), limits: Self.limits)
      if let error {
        #expect(!error.code.isEmpty && !error.message.isEmpty && !error.remedy.isEmpty)
        if let range = error.location.byteRange { #expect(range.upperBound <= length) }
      }
    }
    // Headers and metadata are ours and quick: each byte is a cut, in the few large files every fifth.
    for length in Swift.stride(from: 0, to: bytes.count, by: bytes.count > 40_000 ? 5 : 1) {
      let file = ImageFile(bytes: Array(bytes[..<length]), limits: Self.limits)
      guard let metadata = try? file.metadata() else { continue }
      for range in metadata.texts.map(\.byteRange) + metadata.xmp.map(\.byteRange) {
        #expect(range.upperBound <= length)
      }
    }
  }

  @Test func `twenty thousand mutations are survived`() async throws {
    let seed =
      ProcessInfo.processInfo.environment["ASSAY_SEED"].flatMap(UInt64.init)
      ?? UInt64.random(in: 0...UInt64.max)
    print("mutation seed: \(seed) (repeat with ASSAY_SEED=\(seed))")
    let names = Fixtures.names
    let files = try names.map { (name: $0, bytes: try Fixtures.bytes($0)) }
    let quick = files.filter { !Self.isSlow($0.name) }
    let slow = files.filter { Self.isSlow($0.name) }
    try #require(!quick.isEmpty && !slow.isEmpty)
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          var random = SplitMix(state: seed &+ UInt64(worker))
          for _ in 0..<4900 {
            _ = readAll(mutated(quick.randomElement(using: &random)!.bytes, &random), limits: Self.limits)
          }
          for _ in 0..<120 {
            _ = readAll(mutated(slow.randomElement(using: &random)!.bytes, &random), limits: Self.limits)
          }
        }
      }
    }
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  @Test(arguments: [
    "rgb8.png", "420.jpg", "lossless.webp", "plain.gif", "rgb8.tif", "lossy.avif", "lossy.heic",
  ])
  func `60000 by 60000 declared pixels are refused before any is allocated`(name: String) throws {
    var bytes = try Fixtures.bytes(name)
    switch name {
    case "rgb8.png":
      // The header's checksum is not kept, which libpng would refuse first, so the chunk is made anew.
      var chunk = Array("IHDR".utf8) + Self.bigEndian(60000) + Self.bigEndian(60000) + [8, 2, 0, 0, 0]
      chunk += Self.bigEndian(Int(crc(chunk)))
      bytes.replaceSubrange(12..<33, with: chunk)
    case "420.jpg":
      let frame = try #require(try ImageFile(bytes: bytes).container().segments(named: "SOF0").first)
      bytes.replaceSubrange(
        (frame.payload.lowerBound + 1)..<(frame.payload.lowerBound + 5), with: [0xEA, 0x60, 0xEA, 0x60])
    case "lossless.webp":
      // WebP itself ends at 16383 pixels a side in VP8L; VP8X can declare more.
      let sides: [UInt8] = [0x5F, 0xEA, 0, 0x5F, 0xEA, 0]
      let chunk = Array("VP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0] + sides
      bytes.insert(contentsOf: chunk, at: 12)
      let size = bytes.count - 8
      bytes.replaceSubrange(4..<8, with: Self.bigEndian(size).reversed())
    case "plain.gif": bytes.replaceSubrange(6..<10, with: [0x60, 0xEA, 0x60, 0xEA])
    case "rgb8.tif":
      // Entries 256 and 257 are shorts of the first directory.
      let count = Int(bytes[8]) | Int(bytes[9]) << 8
      for entry in 0..<count
      where [0x00, 0x01].contains(bytes[10 + entry * 12]) && bytes[11 + entry * 12] == 1 {
        bytes.replaceSubrange(
          (12 + entry * 12)..<(22 + entry * 12), with: [4, 0, 1, 0, 0, 0, 0x60, 0xEA, 0, 0])
      }
    default:
      let size = try #require(try ImageFile(bytes: bytes).container().first(named: "ispe"))
      bytes.replaceSubrange(
        (size.payload.lowerBound + 4)..<(size.payload.lowerBound + 12),
        with: Self.bigEndian(60000) + Self.bigEndian(60000))
    }
    let file = ImageFile(bytes: bytes, name: name)
    let error = #expect(throws: ImageFormatError.self) { try file.decode() }
    // libwebp and libheif refuse such sizes by themselves in some headers.
    #expect(["limit.pixels", "webp.header", "avif.header", "heic.header"].contains(error?.code ?? ""))
    #expect(try file.metadata().format == file.format)
  }

  @Test(arguments: ["bomb-ztxt.png", "bomb-iccp.png"])
  func `a bomb ends in a warning or without a profile, and the picture is still read`(name: String) throws {
    let decoded = try ImageFile(bytes: Fixtures.bytes(name)).decode()
    #expect(decoded.image.width == 61)
    #expect(decoded.iccProfile == nil)
  }

  @Test func `many bombs share one bound`() throws {
    let one = try Fixtures.bytes("bomb-ztxt.png")
    let bomb = try #require(try ImageFile(bytes: one).container().segments(named: "zTXt").first)
    let bytes = one[..<33] + (0..<200).flatMap { _ in one[bomb.range] } + one[33...]
    let metadata = try ImageFile(bytes: Array(bytes)).metadata()
    #expect(metadata.texts.count == 202)
    #expect(metadata.texts.map(\.text.utf8.count).reduce(0, +) < 32 << 20)
    #expect(metadata.texts.last?.text == "after the bomb")
  }

  @Test func `ten thousand nested boxes end in a warning`() throws {
    let depth = 10_000
    var bytes = Self.bigEndian(16) + Array("ftypavif".utf8) + [0, 0, 0, 0]
    for level in 0..<depth { bytes += Self.bigEndian((depth - level) * 8) + Array("moov".utf8) }
    let map = try ImageFile(bytes: bytes).container()
    #expect(map.warnings.map(\.code) == ["limit.nesting"])
    #expect(readAll(bytes, limits: .standard) != nil)
  }

  @Test func `deeply nested XMP ends in a warning`() throws {
    let deep = String(repeating: "<a:b xmlns:a=\"n\">", count: 20_000)
    var writer = try MetadataWriter(Fixtures.bytes("rgb8.png"))
    try writer.setXMP("<rdf:RDF>" + deep)
    #expect(try ImageFile(bytes: writer.bytes).metadata().warnings.map(\.code) == ["limit.xmp"])
  }

  @Test func `a wrong length names its byte`() throws {
    var png = try Fixtures.bytes("rgb8.png")
    png[33] = 0x7F
    let chunk = try #require(try ImageFile(bytes: png).container().warnings.first)
    #expect(chunk.code == "png.chunk.length" && chunk.location.byteRange == 33..<37)
    var jpeg = try Fixtures.bytes("420.jpg")
    jpeg[22...23] = [0, 1]
    let segment = try #require(try ImageFile(bytes: jpeg).container().warnings.first)
    #expect(segment.code == "jpeg.segment.length" && segment.location.byteRange == 22..<24)
    var webp = try Fixtures.bytes("lossy.webp")
    webp[17] = 0xFF
    let riff = try #require(try ImageFile(bytes: webp).container().warnings.first)
    #expect(riff.code == "webp.chunk.length" && riff.location.byteRange == 16..<20)
    var avif = try Fixtures.bytes("lossy.avif")
    let meta = try #require(try ImageFile(bytes: avif).container().segments.first { $0.name == "meta" })
    avif[meta.offset] = 0x7F
    let box = try #require(try ImageFile(bytes: avif).container().warnings.first)
    #expect(box.code == "bmff.box.length" && box.location.byteRange?.lowerBound == meta.offset)
    var gif = try Fixtures.bytes("plain.gif")
    gif.removeLast(2)
    #expect(try ImageFile(bytes: gif).container().warnings.first?.code == "gif.truncated")
    var tiff = try Fixtures.bytes("rgb8.tif")
    tiff[7] = 0x7F
    #expect(try ImageFile(bytes: tiff).container().warnings.first?.code == "tiff.ifd.offset")
  }

  @Test func `a progressive picture of too many scans is refused`() throws {
    let bytes = try Fixtures.bytes("progressive.jpg")
    let file = ImageFile(bytes: bytes)
    let first = try #require(try file.container().segments(named: "SOS").first)
    let rest = first.range.upperBound
    let many = bytes[..<rest] + (0..<600).flatMap { _ in bytes[first.range] } + bytes[rest...]
    let error = #expect(throws: ImageFormatError.self) { try ImageFile(bytes: Array(many)).decode() }
    #expect(error?.code == "limit.scans")
    let coefficients = #expect(throws: ImageFormatError.self) { try JPEGCoefficients.read(Array(many)) }
    #expect(coefficients?.code == "limit.scans")
  }

  private func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF as UInt32) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { c, _ in c & 1 == 1 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1 }
    }
  }
}

/// A file with a few bytes changed, doubled, dropped or filled with extreme numbers.
private func mutated(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
    // Headers matter more than pixel data.
    let place =
      Bool.random(using: &random)
      ? Int.random(in: 0..<bytes.count, using: &random)
      : Int.random(in: 0..<min(400, bytes.count), using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2:
      let value: UInt8 = [0, 0xFF, 0x7F, 0x80].randomElement(using: &random)!
      for index in place..<min(place + 4, bytes.count) { bytes[index] = value }
    case 3: bytes.removeSubrange(place..<min(place + Int.random(in: 1...40, using: &random), bytes.count))
    case 4: bytes.insert(contentsOf: bytes[place..<min(place + 60, bytes.count)], at: place)
    default: bytes.removeLast(min(bytes.count, Int.random(in: 1...200, using: &random)))
    }
  }
  return bytes
}
