import ContentCredentials
import Foundation
import TestSupport
import Testing

/// Files of c2pa-rs 0.91.3 in the kinds that Assay reads and does not write (`fixtures/credentials/kinds/make.py`).
struct KindsTests {
  private static let folder = TestPaths.fixtures.appending(path: "credentials/kinds")

  private static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  private static func reader() throws -> CredentialsReader {
    let root = try TrustList(
      pem: String(contentsOf: folder.appending(path: "root.pem"), encoding: .utf8), name: "root")
    // The signers' certificates are valid for a year from this day.
    return CredentialsReader(
      trust: TrustSettings(signers: root, now: Date(timeIntervalSince1970: 1_795_608_000)))
  }

  @Test(arguments: [
    "signed.png", "signed.gif", "signed.tif", "signed.avif", "merkle-leaves.avif", "merkle-root.avif",
  ])
  func `every container's store is found, bound and trusted`(name: String) throws {
    let file = try Self.bytes(name)
    let report = try Self.reader().report(on: file)
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.isBound == true && report.origin.kind == .generated)
    // What follows the store is the picture's and bound, but for the proofs of a tree; a
    // TIFF's store lies at its end.
    var changed = file
    let place = name == "merkle-root.avif" ? file.count - 1_500 : name == "signed.tif" ? 300 : file.count - 1
    changed[place] ^= 1
    #expect(try Self.reader().report(on: changed).isBound == false)
  }

  @Test func `an update manifest leaves the file bound though the store has grown`() throws {
    let file = try Self.bytes("update.png")
    let report = try Self.reader().report(on: file)
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.manifests.count == 2 && report.manifests[0].isUpdate && report.unboundRanges.isEmpty)
    #expect(report.origin.kind == .generated && report.origin.depth == 1)
    var changed = file
    changed[file.count - 20] ^= 1
    #expect(try Self.reader().report(on: changed).isBound == false)
  }

  /// c2pa-rs calls its own updates of a TIFF and a WebP invalid too: they change bytes that were hashed.
  @Test(arguments: [
    ("avif", CredentialsReport.State.trusted), ("gif", .trusted), ("jpg", .trusted), ("tif", .invalid),
    ("webp", .invalid),
  ])
  func `an update in any container keeps what the store said`(
    ending: String, state: CredentialsReport.State
  ) throws {
    let folder = TestPaths.fixtures.appending(path: "credentials/updates")
    let root = try String(contentsOf: folder.appending(path: "root.pem"), encoding: .utf8)
    // A day within the signers' year.
    let trust = TrustSettings(
      signers: try TrustList(pem: root, name: "root"), now: Date(timeIntervalSince1970: 1_796_026_000))
    let file = Array(try Data(contentsOf: folder.appending(path: "update.\(ending)")))
    let report = CredentialsReader(trust: trust).report(on: file)
    #expect(report.state == state, "\(report.reason)")
    #expect(report.manifests.count == 2 && report.origin.kind == .generated)
  }

  @Test func `a redacted assertion is named and breaks nothing`() throws {
    let report = try Self.reader().report(on: Self.bytes("redacted.png"))
    #expect(report.state == .trusted, "\(report.reason)")
    let parent = try #require(report.ingredients.first)
    #expect(parent.statuses.contains { $0.code.text == "assertion.redacted" })
    #expect(report.manifests.count == 2)
  }

  @Test func `a compressed manifest is read in a sidecar, within bounds`() throws {
    let (file, store) = (try Self.bytes("compressed.png"), try Self.bytes("compressed.c2pa"))
    let report = try Self.reader().report(on: file, sidecar: store)
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.source == .sidecar && report.isBound == true && report.origin.kind == .generated)
    #expect(try Self.reader().report(on: file + [0], sidecar: store).state == .invalid)
  }

  @Test(arguments: [0x55, 0x01, 0x80, 0xFF] as [UInt8])
  func `of a store's bytes only the flags of its outer boxes may change unseen`(change: UInt8) throws {
    let (file, store) = (try Self.bytes("compressed.png"), try Self.bytes("compressed.c2pa"))
    let reader = try Self.reader()
    // A hashed URI covers descriptions and contents (C2PA 2.2 §8.4.2.3), and the claim's signature what the claim
    // names. Nobody names the two outermost boxes: of those the type and the label are fixed by §11.1.4 and by the
    // references, and the toggles (ISO/IEC 19566-5 A.3), one byte after each type, say nothing of a picture.
    let toggles: Set = [32, 70]
    for index in store.indices {
      var changed = store
      changed[index] ^= change
      let isTrusted = reader.report(on: file, sidecar: changed).state == .trusted
      #expect(!isTrusted || toggles.contains(index), "byte \(index)")
    }
  }

  @Test(.enabled(if: TestPaths.shared != nil, "skipped: no shared data"))
  func `an X.509 identity is checked, and one of a DID is not called good offline`() throws {
    let shared = try #require(TestPaths.shared).appending(path: "interop/c2pa-public")
    func codes(_ path: String) throws -> Set<String> {
      let file = Array(try Data(contentsOf: shared.appending(path: path)))
      return Set(CredentialsReader().report(on: file).codes(.failure).filter { $0.hasPrefix("cawg") })
    }
    // One signature that holds, and one over other bytes than it names.
    #expect(try codes("c2pa-rs/C_with_CAWG_data.jpg") == ["cawg.x509.credential.untrusted"])
    #expect(
      try codes("encypher-vectors/cawg-x509-es256-png.png")
        == ["cawg.x509.credential.untrusted", "cawg.x509.signature.mismatch"])
    #expect(try codes("c2pa-rs/cawg_ims_multiple_manifests.jpg") == ["cawg.ica.did_unavailable"])
    let ims = Array(try Data(contentsOf: shared.appending(path: "c2pa-rs/cawg_ims_multiple_manifests.jpg")))
    #expect(CredentialsReader().report(on: ims).state == .valid)
  }
}
