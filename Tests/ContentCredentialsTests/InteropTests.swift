import ContentCredentials
import Foundation
import TestSupport
import Testing

/// c2pa-rs 0.91.3's verdicts on files of others.
@Suite(.enabled(if: TestPaths.shared != nil, "skipped: no shared data"))
struct InteropTests {
  /// Where Assay differs on purpose: its state and failure codes under the official lists and under the test root. The
  /// reasons stand in `reports/evaluation/credentials-differences.md`. Nothing else may differ, and nothing listed here
  /// may stop to.
  private static let differences: [String: (official: String, testRoot: String)] = [
    "duplicate-caBX.png": ("malformed general.error", "malformed general.error"),
    "ingredient-tampered.png": ("invalid \(untrusted)", "invalid"),
    "malformed-lbox.png": ("malformed general.error \(untrusted)", "malformed general.error"),
    "malformed-truncated.png": (truncated, truncated),
    "malformed-zeros.png": ("malformed general.error", "malformed general.error"),
    "remote-ref.jpg": ("absent manifest.inaccessible", "absent manifest.inaccessible"),
    "valid-es256-c2paeku.png": ("valid \(untrusted)", "trusted"),
    "cloud_manifest.c2pa": ("invalid general.error \(untrusted)", "invalid general.error"),
    "libpng-test_with_url.png": ("absent manifest.inaccessible", "absent manifest.inaccessible"),
    "no_alg.jpg": ("\(noAlgorithm) \(untrusted)", noAlgorithm),
    "corrupt_box_type.jpg": ("malformed general.error", "malformed general.error"),
    "expired_signer.jpg": (expired, expired),
    "tampered_signature.jpg": (tampered, tampered),
    "truncated_jumbf.jpg": (cut, cut),
    "cawg_adobe_connected_identities.jpg": (offline, offline),
    "cawg_ims_multiple_manifests.jpg": (offline, offline),
  ]
  private static let untrusted = "signingCredential.untrusted"
  private static let offline = "valid cawg.ica.did_unavailable \(untrusted)"
  private static let truncated =
    "malformed assertion.dataHash.mismatch claimSignature.mismatch general.error"
  private static let noAlgorithm =
    "invalid algorithm.unsupported assertion.action.malformed assertion.dataHash.mismatch claimSignature.mismatch"
  private static let expired =
    "invalid assertion.action.malformed claim.hardBindings.missing signingCredential.expired \(untrusted)"
  private static let tampered =
    "invalid assertion.action.malformed claim.hardBindings.missing claimSignature.mismatch \(untrusted)"
  private static let cut =
    "malformed assertion.action.malformed claim.hardBindings.missing claimSignature.mismatch general.error"
  /// The states depend on the clock: this is the day of the reference's verdicts.
  private static let day = Date(timeIntervalSince1970: 1_795_521_600)

  private static func list(_ path: String) throws -> TrustList {
    let url = try #require(TestPaths.shared).appending(path: path)
    return try TrustList(pem: String(contentsOf: url, encoding: .utf8), name: path)
  }

  private static func reader(_ signers: String, _ authorities: String) throws -> CredentialsReader {
    CredentialsReader(
      trust: TrustSettings(signers: try list(signers), timeStampers: try list(authorities), now: day))
  }

  private func compare(_ file: URL, _ reader: CredentialsReader, _ expected: [String: Any]) throws {
    func text(_ state: String, _ failures: [String]) -> String {
      ([state] + Set(failures).sorted()).joined(separator: " ")
    }
    // What the reference throws is no verdict, but for a file that it finds nothing in.
    let state = (expected["state"] as? String)?.lowercased()
    let isBare = (expected["error"] as? String ?? "").contains("ManifestNotFound")
    let reference = text(
      state ?? (isBare ? "absent" : "exception"), expected["failure"] as? [String] ?? [])
    let report = reader.report(on: Array(try Data(contentsOf: file)))
    let own = text(report.state.rawValue, report.codes(.failure))
    let isOfficial = reader.trust.signers.name.hasPrefix("trust/C2PA")
    if let difference = Self.differences[file.lastPathComponent] {
      #expect(own == (isOfficial ? difference.official : difference.testRoot), "\(file.lastPathComponent)")
      #expect(own != reference, "\(file.lastPathComponent) differs no longer")
    } else {
      #expect(own == reference, "\(file.lastPathComponent): \(report.reason)")
    }
  }

  @Test(arguments: ["default-trust", "trusting-test-root"])
  func `files made with c2pa-rs get its verdict`(trust: String) throws {
    let folder = try #require(TestPaths.shared).appending(path: "interop/c2pa-made")
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appending(path: "expected.json")))
    let files = try #require((json as? [String: Any])?["files"] as? [String: [String: Any]])
    let reader =
      trust == "default-trust"
      ? try Self.reader("trust/C2PA-TRUST-LIST.pem", "trust/C2PA-TSA-TRUST-LIST.pem")
      : try Self.reader("interop/c2pa-made/trust_anchor.pem", "interop/c2pa-made/trust_anchor.pem")
    #expect(files.count == 45)
    for (name, verdicts) in files {
      try compare(folder.appending(path: name), reader, verdicts[trust] as? [String: Any] ?? [:])
    }
  }

  @Test(arguments: ["official_trust_list_2026_08", "test_roots"])
  func `published files get its verdict`(trust: String) throws {
    let folder = try #require(TestPaths.shared).appending(path: "interop/c2pa-public")
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appending(path: "expected.json")))
    let files = try #require((json as? [String: Any])?["files"] as? [[String: Any]])
    let reader =
      trust == "test_roots"
      ? try Self.reader("trust/c2pa-rs-test-roots.pem", "trust/c2pa-rs-test-roots.pem")
      : try Self.reader("trust/C2PA-TRUST-LIST.pem", "trust/C2PA-TSA-TRUST-LIST.pem")
    #expect(files.count == 30)
    for entry in files {
      let name = try #require(entry["file"] as? String)
      try compare(folder.appending(path: name), reader, entry[trust] as? [String: Any] ?? [:])
    }
  }

  @Test func `the AI origin of published files is the one that their collection states`() throws {
    let folder = try #require(TestPaths.shared).appending(path: "interop/c2pa-public")
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appending(path: "expected.json")))
    let files = try #require((json as? [String: Any])?["files"] as? [[String: Any]])
    var compared = 0
    for entry in files {
      guard let stated = entry["ai_origin"] as? String, let name = entry["file"] as? String else { continue }
      let report = CredentialsReader().report(on: Array(try Data(contentsOf: folder.appending(path: name))))
      #expect((report.origin.kind == .generated) == (stated == "ai_generated"), "\(name)")
      #expect((report.origin.kind == .unknown) == (stated == "none"), "\(name)")
      compared += 1
    }
    #expect(compared == 2)
  }

  /// `valid-composite.jpg` is an AI edit of a picture that its parent's manifest calls wholly generated: nothing in it
  /// was captured. What the edit's type says where the parent is another one stands in `OriginTests`.
  @Test(arguments: [
    ("valid-es256.png", OriginSummary.Kind.generated), ("valid-composite.jpg", .generated),
    ("camera-digitalCapture.jpg", .captured), ("no-digitalSourceType.jpg", .unknown),
    ("tamper-pixel.png", .generated),
  ])
  func `the AI origin of made files is what they were made to say`(
    name: String, kind: OriginSummary.Kind
  ) throws {
    let file = try #require(TestPaths.shared).appending(path: "interop/c2pa-made/\(name)")
    #expect(CredentialsReader().report(on: Array(try Data(contentsOf: file))).origin.kind == kind)
  }

  @Test func `stricter than the reference where that one is lax`() throws {
    let folder = try #require(TestPaths.shared).appending(path: "interop/c2pa-made")
    let reader = try Self.reader("interop/c2pa-made/trust_anchor.pem", "interop/c2pa-made/trust_anchor.pem")
    func state(_ name: String) throws -> CredentialsReport.State {
      reader.report(on: Array(try Data(contentsOf: folder.appending(path: name)))).state
    }
    #expect(try state("malformed-lbox.png") == .malformed)
    #expect(try state("ingredient-tampered.png") == .invalid)
    #expect(try state("duplicate-caBX.png") == .malformed)
  }
}
