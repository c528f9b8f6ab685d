import Foundation

/// An identity of the kind `cawg.identity_claims_aggregation`: a W3C Verifiable Credential in COSE_Sign1, by an
/// issuer that is named by a decentralised identifier.
///
/// A `did:jwk` identifier is its own document: it holds the key. A `did:web` document lies on the network, which is not
/// asked. Codes are those of c2pa-rs 0.91.3.
///
/// Sources: CAWG Identity Assertion 1.2, §8.1; W3C Securing Verifiable Credentials using JOSE and COSE, §3.3; did:jwk
/// method specification; RFC 8037 (Ed25519 keys in JWK), RFC 7518 §6.2 (elliptic curves)
struct IdentityClaimsAggregation {
  /// What the identity's signer signed: references to assertions.
  let payload: CBOR
  /// Seconds since 1970.
  let now: Int
  private(set) var statuses: [CAWGIdentityValidator.Status] = []
  private(set) var names: [String] = []

  init(payload: CBOR, now: Int) {
    self.payload = payload
    self.now = now
  }

  private mutating func fail(_ code: String, _ text: String) {
    statuses.append((.failure("cawg.ica.\(code)"), text))
  }

  mutating func check(_ bytes: ArraySlice<UInt8>) {
    guard case .tagged(18, let value)? = try? CBORDecoder.decode(bytes), let parts = value.array,
      parts.count == 4, let protectedBytes = parts[0].bytes, let unprotected = parts[1].map,
      let signature = parts[3].bytes
    else { return fail("invalid_cose_sign1", "the identity's credential is no COSE_Sign1") }
    let header = protectedBytes.isEmpty ? CBORMap() : (try? CBORDecoder.decode(protectedBytes))?.map
    guard let scheme = Self.scheme(header?[1]?.int) else {
      return fail("invalid_alg", "the identity's credential is signed with no allowed algorithm")
    }
    if header?[3]?.text != "application/vc" {
      fail("invalid_content_type", "the identity's credential is not marked as one")
    }
    guard let content = parts[2].bytes, let credential = CBOR(json: content),
      let issuer = credential["issuer"]?.text ?? credential["issuer"]?["id"]?.text,
      let subject = credential["credentialSubject"], let asset = subject["c2paAsset"]
    else { return fail("invalid_verifiable_credential", "the identity's credential cannot be read") }
    names = (subject["verifiedIdentities"]?.array ?? []).prefix(16).compactMap(Self.name)

    checkIssuer(issuer, signature, of: COSESign1.structure("Signature1", protectedBytes, content), scheme)
    let time = checkTimeStamp(unprotected, header ?? CBORMap(), protectedBytes, signature, content)
    checkValidity(credential, stamped: time)
    if !isPayload(asset) {
      fail("signer_payload.mismatch", "the identity's credential was made for other assertions")
    }
  }

  private static func scheme(_ algorithm: Int?) -> SignatureScheme? {
    switch algorithm {
    case -8: .ed25519
    case -7, -9: .ecdsaRaw(.sha256)
    case -35, -51: .ecdsaRaw(.sha384)
    case -36, -52: .ecdsaRaw(.sha512)
    default: nil
    }
  }

  private static func name(_ identity: CBOR) -> String? {
    guard let name = identity["name"]?.text ?? identity["username"]?.text else { return nil }
    let provider = identity["provider"]?["name"]?.text
    return provider.map { "\(name) (\($0))" } ?? name
  }

  // MARK: Issuer

  private mutating func checkIssuer(
    _ issuer: String, _ signature: ArraySlice<UInt8>, of message: [UInt8], _ scheme: SignatureScheme
  ) {
    // A fragment names a key within the document.
    let identifier = issuer.prefix { $0 != "#" }
    if identifier.hasPrefix("did:web:") {
      statuses.append(
        (
          .identityUnavailable,
          "the identity could not be checked: its issuer's document lies on the network, which is not asked"
        ))
      return
    }
    guard identifier.hasPrefix("did:jwk:") else {
      return fail("invalid_issuer", "the identity's issuer is named in no way that is known")
    }
    guard let json = Self.base64(String(identifier.dropFirst("did:jwk:".count))),
      let key = CBOR(json: json[...]).flatMap(Self.key)
    else { return fail("invalid_did_document", "the identity's issuer has no key of an allowed kind") }
    guard key.verify(signature, of: message[...], scheme) else {
      return fail("signature_mismatch", "the signature of the identity's credential does not hold")
    }
    statuses.append(
      (
        .informational("cawg.ica.untrusted_issuer"),
        "the identity's signature holds; no list of trusted issuers is given, so none is trusted"
      ))
  }

  /// The key of a JSON Web Key.
  private static func key(_ jwk: CBOR) -> PublicKey? {
    guard let x = jwk["x"]?.text.flatMap(base64) else { return nil }
    let y = jwk["y"]?.text.flatMap(base64) ?? []
    switch (jwk["kty"]?.text, jwk["crv"]?.text) {
    case ("OKP", "Ed25519") where x.count == 32: return .ed25519(x)
    case ("EC", "P-256") where x.count == 32 && y.count == 32: return .p256([4] + x + y)
    case ("EC", "P-384") where x.count == 48 && y.count == 48: return .p384([4] + x + y)
    case ("EC", "P-521") where x.count == 66 && y.count == 66: return .p521([4] + x + y)
    default: return nil
    }
  }

  /// Base64 in either alphabet, padded or not.
  private static func base64(_ text: String) -> [UInt8]? {
    var text = text.replacing("-", with: "+").replacing("_", with: "/")
    text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: text).map(Array.init)
  }

  // MARK: Time

  /// The time of a time stamp that holds.
  private mutating func checkTimeStamp(
    _ unprotected: CBORMap, _ header: CBORMap, _ protectedBytes: ArraySlice<UInt8>,
    _ signature: ArraySlice<UInt8>, _ content: ArraySlice<UInt8>
  ) -> Int? {
    let stamped = COSESign1.timeStamp(
      unprotected: unprotected, protected: header, protectedBytes: protectedBytes, signature: signature,
      payload: content)
    guard let (bytes, message) = stamped else { return nil }
    guard let token = try? TimeStampToken(bytes), token.covers(message), token.isSignatureValid else {
      fail("time_stamp.invalid", "the time stamp of the identity's credential does not hold")
      return nil
    }
    statuses.append((.success("cawg.ica.time_stamp.validated"), "the identity's time stamp holds"))
    return token.time
  }

  private mutating func checkValidity(_ credential: CBOR, stamped time: Int?) {
    func seconds(_ key: String) -> Int? { credential[key]?.text.flatMap(Self.seconds) }
    if let from = seconds("validFrom") {
      if now < from || time.map({ $0 < from }) ?? false {
        fail("valid_from.invalid", "the identity's credential was not valid yet")
      }
    } else {
      fail("valid_from.missing", "the identity's credential does not say from when it is valid")
    }
    if let until = seconds("validUntil"), now > until || time.map({ $0 > until }) ?? false {
      fail("valid_until.invalid", "the identity's credential is no longer valid")
    }
  }

  /// Seconds since 1970 of an RFC 3339 time, fractions of a second cut.
  private static func seconds(_ text: String) -> Int? {
    var whole = Substring(text)
    if let dot = text.firstIndex(of: ".") {
      whole = text[..<dot] + text[text.index(after: dot)...].drop(while: \.isNumber)
    }
    return (try? Date(String(whole), strategy: .iso8601)).map { Int($0.timeIntervalSince1970) }
  }

  // MARK: Payload

  /// Whether the credential was made for the references that the assertion holds.
  private func isPayload(_ asset: CBOR) -> Bool {
    guard asset["sig_type"]?.text == payload["sig_type"]?.text, asset["role"] == payload["role"],
      let own = payload["referenced_assertions"]?.array, let signed = asset["referenced_assertions"]?.array,
      own.count == signed.count
    else { return false }
    return zip(own, signed).allSatisfy { left, right in
      guard left["url"]?.text == right["url"]?.text, let hash = left["hash"]?.bytes else { return false }
      return Self.hashes(right["hash"]).contains { $0.elementsEqual(hash) }
    }
  }

  /// A hash in JSON: base64, as text or as the list of its characters' codes.
  private static func hashes(_ value: CBOR?) -> [[UInt8]] {
    if let text = value?.text { return base64(text).map { [$0] } ?? [] }
    let codes = (value?.array ?? []).prefix(200).compactMap { $0.int.flatMap(UInt8.init(exactly:)) }
    return base64(String(decoding: codes, as: UTF8.self)).map { [$0] } ?? []
  }
}
