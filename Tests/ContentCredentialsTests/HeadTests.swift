import ContentCredentials
import Foundation
import TestSupport
import Testing

/// One byte in front of a store, in every container: what carries a store lies outside every hash, and none of its
/// bytes may turn what a trusted signer says into "nothing there".
struct HeadTests {
  /// A trusted file and the bytes of the heads that carry its store.
  struct Carrier: CustomTestStringConvertible, Sendable {
    var name: String
    var file: [UInt8]
    var reader: CredentialsReader
    var heads: [Range<Int>]
    var testDescription: String { name }
  }

  private static let fixtures = TestPaths.fixtures.appending(path: "credentials")

  private static func fixture(_ path: String, _ heads: ([UInt8]) -> [Range<Int>]) throws -> Carrier {
    let url = fixtures.appending(path: path)
    let file = Array(try Data(contentsOf: url))
    let pem = try String(
      contentsOf: url.deletingLastPathComponent().appending(path: "root.pem"), encoding: .utf8)
    let reader = CredentialsReader(
      trust: TrustSettings(
        signers: try TrustList(pem: pem, name: "root"), now: Date(timeIntervalSince1970: 1_796_026_000)))
    return Carrier(name: path, file: file, reader: reader, heads: heads(file))
  }

  private static func signed(_ name: String, _ picture: [UInt8], _ heads: ([UInt8]) -> [Range<Int>]) throws
    -> Carrier
  {
    let (signer, reader) = try SigningTests.signer(.es256)
    let content = ClaimContent(softwareAgent: "Gen", digitalSourceType: DigitalSource.generated)
    let file = try signer.sign(picture, content)
    return Carrier(name: name, file: file, reader: reader, heads: heads(file))
  }

  /// Marker, length, scheme, instance, number and repeated box header of each APP11 segment.
  private static func segments(_ file: [UInt8]) -> [Range<Int>] {
    JPEGLayout.segments(of: file, headOnly: true).segments.filter { $0.marker == 0xEB }
      .map { $0.range.lowerBound..<$0.range.lowerBound + 20 }
  }

  /// Size, type, UUID, version and flags, purpose and offset of each C2PA box.
  private static func boxes(_ file: [UInt8]) -> [Range<Int>] {
    (BMFFLayout.boxes(of: file) ?? []).filter {
      $0.type == "uuid" && file[$0.payload].starts(with: BMFFLayout.storeUUID)
    }.map { $0.range.lowerBound..<$0.range.lowerBound + 45 }
  }

  static let carriers: [Carrier] = {
    var carriers: [Carrier] = []
    func add(_ make: () throws -> Carrier) {
      // A carrier that cannot be made fails the count below.
      if let carrier = try? make() { carriers.append(carrier) }
    }
    add { try signed("APP11 of a JPEG", ManifestForge.jpeg, segments) }
    add {
      var forge = try ManifestForge()
      forge.assertions = [("c2pa.actions.v2", ManifestForge.created(ManifestForge.generated))]
      let file = try forge.jpeg(size: 600)
      return Carrier(
        name: "APP11 in several segments", file: file, reader: forge.reader, heads: segments(file))
    }
    add {
      try signed("caBX of a PNG", SigningTests.png) { file in
        PNGLayout.chunks(of: file).chunks.filter { $0.type == PNGLayout.storeChunk }
          .flatMap { [$0.range.lowerBound..<$0.data.lowerBound, $0.data.upperBound..<$0.range.upperBound] }
      }
    }
    add {
      try signed("RIFF and C2PA of a WebP", ManifestForge.webp) { file in
        [0..<12]
          + RIFFLayout.chunks(of: file).chunks.filter { $0.type == RIFFLayout.storeChunk }
          .map { $0.range.lowerBound..<$0.data.lowerBound }
      }
    }
    add {
      // Every chunk before the store moves it.
      try fixture("containers/signed.webp") { file in
        [0..<12] + RIFFLayout.chunks(of: file).chunks.map { $0.range.lowerBound..<$0.data.lowerBound }
      }
    }
    add { try fixture("kinds/signed.avif", boxes) }
    add { try fixture("containers/signed.heic", boxes) }
    add {
      try fixture("containers/signed.jxl") { file in
        // Here the store's own box stands among the file's: its head, and that of its description with the label.
        (BMFFLayout.boxes(of: file) ?? []).filter { $0.type == "jumb" }
          .map { $0.range.lowerBound..<$0.range.lowerBound + 38 }
      }
    }
    add { try fixture("updates/update.avif", boxes) }
    add {
      try fixture("kinds/signed.gif") { file in
        GIFLayout.blocks(of: file).blocks.filter {
          $0.application?.starts(with: GIFLayout.identifier) == true
        }
        .map { $0.range.lowerBound..<$0.range.lowerBound + 15 }
      }
    }
    add {
      try fixture("kinds/signed.tif") { file in
        AssetLayout(of: file).stores.flatMap(\.references).map { $0.lowerBound - 4..<$0.upperBound + 4 }
      }
    }
    return carriers
  }()

  private static func statement(_ report: CredentialsReport) -> String {
    "\(report.state) \(report.origin.kind) \(report.origin.signer ?? "") \(report.manifests.map(\.actions))"
  }

  @Test(arguments: HeadTests.carriers)
  func `no value of a byte in a store's head hides the store`(carrier: Carrier) throws {
    let original = carrier.reader.report(on: carrier.file)
    #expect(original.state == .trusted && original.origin.kind == .generated, "\(original.reason)")
    try #require(!carrier.heads.isEmpty)
    var counts: [String: Int] = [:]
    for index in carrier.heads.joined() {
      for value in UInt8.min...UInt8.max where value != carrier.file[index] {
        var changed = carrier.file
        changed[index] = value
        let report = carrier.reader.report(on: changed)
        let isSame = Self.statement(report) == Self.statement(original)
        let isTold = report.state == .malformed || report.state == .invalid
        #expect(isSame || isTold, "byte \(index) set to \(value): \(report.state), \(report.reason)")
        counts[isSame ? "same" : "\(report.state)", default: 0] += 1
        if report.origin.kind == .generated { counts["told", default: 0] += 1 }
      }
    }
    let bytes = carrier.heads.map(\.count).reduce(0, +)
    let row = ["same", "invalid", "malformed", "told"].map { "\(counts[$0] ?? 0)" }.joined(separator: " | ")
    // The rows of reports/evaluation/credentials-heads.md.
    print("| \(carrier.name) | \(bytes) | \(bytes * 255) | \(row) |")
  }

  @Test func `all containers are tried`() { #expect(HeadTests.carriers.count == 11) }
}
