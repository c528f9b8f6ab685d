import ContentCredentials
import Foundation
import Testing

/// Answers about revocation, made by `Tests/Peers/make_ocsp_vectors.py`.
struct RevocationTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures/credentials/ocsp")
  /// 2026-12-01; the certificate was revoked on 2026-11-03 by the answer that says so.
  private static let time = 1_796_083_200

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }
  private static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }
  private static func verdict(_ name: String, at time: Int = time) throws -> OCSPResponse.Verdict {
    let leaf = try #require(try Certificate.pem(text("signer.pem")).first)
    return try OCSPResponse(bytes(name)[...]).verdict(
      on: leaf, issuers: Certificate.pem(text("root.pem")), at: time)
  }

  @Test(arguments: [
    ("good.der", OCSPResponse.Verdict.notRevoked), ("good-by-issuer-sha256.der", .notRevoked),
    ("revoked.der", .revoked), ("unknown.der", .unknown("the responder does not know the certificate")),
    ("other.der", .unknown("the answer is about another certificate")),
    ("unauthorised.der", .unknown("the answer is not signed by whom it must be")),
    ("forged.der", .unknown("the answer is not signed by whom it must be")),
  ])
  func `an answer counts when its responder may give it`(name: String, expected: OCSPResponse.Verdict) throws
  {
    #expect(try Self.verdict(name) == expected)
  }

  @Test func `what counts is the time of judgement`() throws {
    let before = 1_793_577_600  // 2026-11-02, a day before the revocation.
    #expect(try Self.verdict("revoked.der", at: before) == .notRevoked)
    let late = Self.time + 11 * 365 * 86_400
    #expect(try Self.verdict("revoked.der", at: late) == .revoked)
    #expect(try Self.verdict("good.der", at: late) == .unknown("the answer is for another time"))
  }

  private static func sign(stapling name: String) throws -> [UInt8] {
    let credential = try SigningCredential(
      key: SigningKey(pem: text("signer.key")), certificatesPEM: text("signer.pem"))
    var signer = ManifestSigner(credential)
    signer.ocspResponses = [try bytes(name)]
    return try signer.sign(
      SigningTests.png, ClaimContent(softwareAgent: "Gen", digitalSourceType: DigitalSource.generated))
  }

  private static func trust() throws -> TrustSettings {
    TrustSettings(
      signers: try TrustList(pem: text("root.pem"), name: "root"),
      now: Date(timeIntervalSince1970: TimeInterval(time)))
  }

  @Test func `a stapled answer is reported`() throws {
    let report = CredentialsReader(trust: try Self.trust()).report(on: try Self.sign(stapling: "good.der"))
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.codes(.success).contains("signingCredential.ocsp.notRevoked"))
    let forged = CredentialsReader(trust: try Self.trust()).report(on: try Self.sign(stapling: "forged.der"))
    #expect(forged.state == .trusted)
    #expect(forged.codes(.informational).contains("signingCredential.ocsp.unknown"))
  }

  @Test func `a revoked signer is invalid`() throws {
    let report = CredentialsReader(trust: try Self.trust()).report(on: try Self.sign(stapling: "revoked.der"))
    #expect(report.state == .invalid)
    #expect(report.codes(.failure) == ["signingCredential.ocsp.revoked"])
    #expect(report.reason.contains("revoked"))
  }

  @Test func `a damaged answer says nothing`() throws {
    for name in ["good.der", "revoked.der"] {
      let bytes = try Self.bytes(name)
      let leaf = try #require(try Certificate.pem(Self.text("signer.pem")).first)
      let issuers = try Certificate.pem(Self.text("root.pem"))
      for index in bytes.indices {
        var changed = bytes
        changed[index] ^= 0x21
        for input in [changed[...], bytes[..<index]] {
          guard let response = try? OCSPResponse(input) else { continue }
          let verdict = response.verdict(on: leaf, issuers: issuers, at: Self.time)
          // A change in what only carries the answer is harmless; its meaning must not turn.
          #expect(verdict != (name == "good.der" ? .revoked : .notRevoked), "byte \(index)")
        }
      }
    }
  }
}
