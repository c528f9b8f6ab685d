import ContentCredentials
import Foundation
import TestSupport
import Testing

/// c2pa-rs 0.91.3's verdicts on files of others.
@Suite(.enabled(if: TestPaths.shared != nil, "skipped: no shared data"))
struct InteropTests {
  /// Where Assay differs on purpose; the reasons stand at ``CredentialsReader``.
  private static let differences: Set<String> = [
    "ingredient-tampered.png", "malformed-lbox.png", "sidecar.png", "valid-es256-c2paeku.png",
  ]
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
    let report = reader.report(on: Array(try Data(contentsOf: file)))
    let state = expected["state"] as? String ?? "EXC"
    guard !Self.differences.contains(file.lastPathComponent) else { return }
    if state.hasPrefix("EXC") {
      #expect(report.state != .trusted && report.state != .valid, "\(file.lastPathComponent)")
    } else {
      #expect(report.state.rawValue == state.lowercased(), "\(file.lastPathComponent): \(report.reason)")
      #expect(
        Set(report.codes(.failure)) == Set(expected["failure"] as? [String] ?? []),
        "\(file.lastPathComponent)")
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
