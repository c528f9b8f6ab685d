import ContentCredentials
import Foundation
import Testing

/// Identities by aggregation: what can be checked offline is, and the manifest's state stays apart from theirs.
struct IdentityTests {
  private static let kind = "cawg.identity_claims_aggregation"

  /// A manifest whose identity's credential is as told.
  private struct Maker {
    var algorithm = SigningAlgorithm.ed25519
    var issuer: String?
    var contentType = "application/vc"
    var validFrom: String? = "2026-01-01T00:00:00.25Z"
    var validUntil: String?
    var hashShift: UInt8 = 0
    /// Changes the encoded credential after it was signed.
    var damage: (inout [UInt8]) -> Void = { _ in }

    func report() throws -> CredentialsReport {
      let key = try SigningKey(algorithm)
      var forge = try ManifestForge()
      let actions = forge.assertions[0]
      let actionBox = JUMBFWriter.superbox(
        .cbor, label: actions.label, content: JUMBFWriter.box("cbor", CBOREncoder.encode(actions.value)))
      let hash = HashAlgorithm.sha256.hash(actionBox.dropFirst(8))
      let url = "self#jumbf=c2pa.assertions/\(actions.label)"
      let reference = HashedURI(url: url, hash: hash)
      let signedHash = Data(hash.map { $0 &+ hashShift }).base64EncodedString()
      var credential: [String: Any] = [
        "issuer": try issuer ?? Self.issuer(key),
        "credentialSubject": [
          "verifiedIdentities": [["type": "cawg.social_media", "name": "Ada", "provider": ["name": "Net"]]],
          "c2paAsset": ["referenced_assertions": [["url": url, "hash": signedHash]], "sig_type": kind],
        ],
      ]
      credential["validFrom"] = validFrom
      credential["validUntil"] = validUntil
      let json = Array(try JSONSerialization.data(withJSONObject: credential))
      var header = CBORMap()
      header[1] = algorithm == .ed25519 ? -8 : -7
      header[3] = .text(contentType)
      var cose = try ManifestForge.cose(header, key, over: json, isDetached: false)
      damage(&cose)
      forge.assertions.append(
        (
          "cawg.identity",
          .map([
            "signer_payload": .map([
              "referenced_assertions": .array([reference.cbor]), "sig_type": .text(kind),
            ]),
            "signature": .bytes(cose[...]), "pad1": .bytes([0, 0]),
          ])
        ))
      return forge.reader.report(on: try forge.jpeg())
    }

    private static func issuer(_ key: SigningKey) throws -> String {
      func text(_ bytes: some Collection<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
          .replacing("=", with: "")
      }
      let point = key.publicKeyInfo.suffix(64)
      let jwk =
        key.algorithm == .ed25519
        ? #"{"kty":"OKP","crv":"Ed25519","x":"\#(text(key.publicKeyInfo.suffix(32)))"}"#
        : #"{"kty":"EC","crv":"P-256","x":"\#(text(point.prefix(32)))","y":"\#(text(point.suffix(32)))"}"#
      return "did:jwk:\(text(Array(jwk.utf8)))#0"
    }
  }

  private static func codes(_ report: CredentialsReport) -> Set<String> {
    Set(report.codes(.failure).filter { $0.hasPrefix("cawg.") })
  }

  // The made assertion names no hard binding; each report says that beside what is tried.
  private static let unbound = "cawg.identity.hard_binding_missing"

  @Test(arguments: [SigningAlgorithm.ed25519, .es256])
  func `an issuer that is its own key is checked, and trusted by nobody`(algorithm: SigningAlgorithm) throws {
    let report = try Maker(algorithm: algorithm).report()
    #expect(Self.codes(report) == [Self.unbound])
    #expect(report.codes(.informational).contains("cawg.ica.untrusted_issuer"))
    #expect(report.active?.identities.first?.names == ["Ada (Net)"])
  }

  @Test func `an identity that fails leaves the manifest valid`() throws {
    let report = try Maker(damage: { $0[$0.count - 1] ^= 1 }).report()
    #expect(Self.codes(report) == [Self.unbound, "cawg.ica.signature_mismatch"])
    #expect(report.state == .valid, "\(report.reason)")
    #expect(report.active?.identities.first?.state == .failed)
  }

  @Test func `an issuer on the network could not be checked`() throws {
    let report = try Maker(issuer: "did:web:example.org").report()
    #expect(Self.codes(report).contains("cawg.ica.did_unavailable"))
    let explanation = report.statuses.first { $0.code.text == "cawg.ica.did_unavailable" }?.explanation
    #expect(explanation?.hasPrefix("the identity could not be checked") == true)
  }

  @Test func `each fault of a credential has its code`() throws {
    let cases: [(Maker, String)] = [
      (Maker(issuer: "did:example:x"), "invalid_issuer"),
      (Maker(issuer: "did:jwk:e30"), "invalid_did_document"),
      (Maker(contentType: "text/plain"), "invalid_content_type"),
      (Maker(validFrom: nil), "valid_from.missing"),
      (Maker(validFrom: "2199-01-01T00:00:00Z"), "valid_from.invalid"),
      (Maker(validUntil: "2026-02-01T00:00:00Z"), "valid_until.invalid"),
      (Maker(hashShift: 1), "signer_payload.mismatch"),
      (Maker(damage: { $0[0] = 0xD1 }), "invalid_cose_sign1"),
    ]
    for (maker, code) in cases {
      let report = try maker.report()
      #expect(Self.codes(report) == [Self.unbound, "cawg.ica.\(code)"])
      #expect(report.state == .valid, "\(code): \(report.reason)")
    }
  }

  @Test func `a credential cut or changed anywhere gives a report`() throws {
    for place in stride(from: 1, to: 600, by: 13) {
      let changed = try Maker(damage: { $0[min(place, $0.count - 1)] ^= 0x55 }).report()
      #expect(
        changed.state == .valid && !Self.codes(changed).subtracting([Self.unbound]).isEmpty || place > 590)
      _ = try Maker(damage: { $0.removeLast(min(place, $0.count)) }).report()
    }
  }
}
