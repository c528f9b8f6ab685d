import ContentCredentials
import Foundation
import TestSupport
import Testing

/// What hard bindings leave out besides the store, and what that is.
struct ExclusionTests {
  private static let exif = ManifestForge.app1(Array("Exif\0\0II*\0\u{8}\0\0\0\0\0\0\0\0\0".utf8))

  /// As every picture of a Pixel 10 (c2pa-rs issue 1609).
  @Test func `an EXIF segment left out holds metadata only, and may change`() throws {
    let forge = try ManifestForge()
    var file = try forge.jpeg(segments: Self.exif, leavingOut: [0..<Self.exif.count])
    let report = forge.reader.report(on: file)
    #expect(report.state == .trusted && report.isBound == true, "\(report.reason)")
    #expect(report.unbound.count == 1 && report.unbound.first?.parts == ["APP1"])
    #expect(report.codes(.informational).contains("assertion.dataHash.additionalExclusionsPresent"))
    let place = try #require(report.unbound.first?.bytes)
    file[place.upperBound - 1] ^= 1
    #expect(forge.reader.report(on: file).unbound == report.unbound)
  }

  @Test func `a range that reaches into the picture may hold pixels`() throws {
    let forge = try ManifestForge()
    let file = try forge.jpeg(segments: Self.exif, leavingOut: [0..<Self.exif.count + 30])
    let report = forge.reader.report(on: file)
    #expect(report.isBound == true && report.unbound.first?.holdsMetadataOnly == false)
  }

  @Test func `what is put where metadata was left out is judged as it is now`() throws {
    let forge = try ManifestForge()
    var file = try forge.jpeg(segments: Self.exif, leavingOut: [0..<Self.exif.count])
    let place = try #require(forge.reader.report(on: file).unbound.first?.bytes)
    // A segment of tables in the place of EXIF, of the same length.
    file[place.lowerBound + 1] = 0xDB
    let report = forge.reader.report(on: file)
    #expect(report.isBound == true && report.unbound.first?.holdsMetadataOnly == false)
  }

  @Test func `the count of a TIFF's store is no part of the picture`() throws {
    let folder = TestPaths.fixtures.appending(path: "credentials/kinds")
    let file = Array(try Data(contentsOf: folder.appending(path: "signed.tif")))
    let report = CredentialsReader().report(on: file)
    #expect(report.isBound == true && report.unbound.isEmpty, "\(report.reason)")
  }

  @Test(arguments: [true, false])
  func `a box left out whole or in part is named`(isWhole: Bool) throws {
    let forge = try ManifestForge()
    let rest = Self.exif + ManifestForge.jpeg.dropFirst(2)
    func carrier(_ store: [UInt8]) -> [UInt8] {
      [0xFF, 0xD8] + ManifestForge.segments(store, size: 64_000) { ManifestForge.header($0 + 1) } + rest
    }
    let probe = carrier(try forge.store(binding: ("c2pa.hash.boxes", .map([:]))))
    var exifEntry: CBORMap = ["names": .array(["APP1"]), "pad": .bytes([])]
    if isWhole {
      exifEntry["hash"] = .bytes([0])
      exifEntry["excluded"] = true
    } else {
      // All but the marker and the length.
      exifEntry["hash"] = .bytes(HashAlgorithm.sha256.hash(Array(Self.exif.prefix(4)))[...])
      exifEntry["exclusions"] = .array([
        .map(["start": 4, "length": .integer(Self.exif.count - 4)])
      ])
    }
    let boxes: [CBOR] = (AssetLayout(of: probe).boxes(of: probe) ?? []).map { box in
      if box.name == "APP1" { return .map(exifEntry) }
      let hash = box.name == NamedBox.store ? [0] : HashAlgorithm.sha256.hash(probe[box.range])
      return .map(["names": .array([.text(box.name)]), "hash": .bytes(hash[...]), "pad": .bytes([])])
    }
    let store = try forge.store(
      binding: ("c2pa.hash.boxes", .map(["alg": "sha256", "boxes": .array(boxes)])))
    let report = forge.reader.report(on: carrier(store))
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.unbound.map(\.parts) == [["APP1"]])
  }

  @Test func `a binding that leaves out the media box binds no pixels`() throws {
    let forge = try ManifestForge()
    let ftyp = JUMBFWriter.box("ftyp", Array("avif\0\0\0\0mif1".utf8))
    let media = JUMBFWriter.box("mdat", [1, 2, 3, 4])
    // No top-level box is left but for the store and the two that are left out.
    let hashed: [UInt8] = []
    func rule(_ path: String, _ more: CBORMap = [:]) -> CBOR {
      var rule = more
      rule["xpath"] = .text(path)
      return .map(rule)
    }
    let store = try forge.store(
      binding: (
        "c2pa.hash.bmff.v2",
        .map([
          "alg": "sha256", "hash": .bytes(HashAlgorithm.sha256.hash(hashed)[...]),
          "exclusions": .array([rule("/uuid"), rule("/ftyp"), rule("/mdat")]),
        ])
      ))
    let box = JUMBFWriter.box(
      "uuid",
      BMFFLayout.storeUUID + [0, 0, 0, 0] + Array("manifest\0".utf8) + [UInt8](repeating: 0, count: 8) + store
    )
    let report = forge.reader.report(on: ftyp + box + media)
    #expect(report.state == .trusted && report.isBound == true, "\(report.reason)")
    #expect(report.unbound.map(\.holdsMetadataOnly) == [false])
  }
}
