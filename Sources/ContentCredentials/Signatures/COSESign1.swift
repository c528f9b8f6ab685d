/// A detached COSE_Sign1 signature over a claim.
///
/// Source: RFC 9052 §4.2; C2PA 2.2 §13.2.
package struct COSESign1: Sendable {
  var protectedBytes: ArraySlice<UInt8>
  package var protected: CBORMap
  var unprotected: CBORMap
  package var signature: ArraySlice<UInt8>
  /// Leaf first.
  package var certificates: [Certificate]

  package init(_ bytes: ArraySlice<UInt8>) throws(MalformedStructure) {
    // Neither the tag nor the place of the payload is signed: what stands there is held to the standard.
    guard case .tagged(18, let value) = try CBORDecoder.decode(bytes), let parts = value.array,
      parts.count == 4, let protectedBytes = parts[0].bytes, let unprotected = parts[1].map,
      parts[2] == .null, let signature = parts[3].bytes
    else { throw MalformedStructure("signature is no detached, tagged COSE_Sign1", at: bytes.startIndex) }
    let header = protectedBytes.isEmpty ? CBORMap() : try CBORDecoder.decode(protectedBytes).map
    guard let header else {
      throw MalformedStructure("protected header is no map", at: protectedBytes.startIndex)
    }
    self.protectedBytes = protectedBytes
    protected = header
    self.unprotected = unprotected
    self.signature = signature
    certificates = []

    let chain: CBOR?
    switch (Self.chain(in: header), Self.chain(in: unprotected)) {
    case (.some, .some): throw MalformedStructure("certificates stand in both headers", at: bytes.startIndex)
    case (let found?, nil), (nil, let found?): chain = found
    case (nil, nil): chain = nil
    }
    for item in chain?.array ?? chain.map({ [$0] }) ?? [] {
      guard let der = item.bytes, certificates.count < 16 else {
        throw MalformedStructure("certificate chain is not a list of certificates", at: bytes.startIndex)
      }
      certificates.append(try Certificate(der: der))
    }
  }

  /// Label 33, or the text label that is deprecated since 2.5.
  private static func chain(in header: CBORMap) -> CBOR? { header[33] ?? header["x5chain"] }

  /// The scheme of the protected algorithm; nil where C2PA does not allow it.
  package var scheme: SignatureScheme? {
    switch protected[1]?.int {
    case -7, -9: .ecdsaRaw(.sha256)
    case -35, -51: .ecdsaRaw(.sha384)
    case -36, -52: .ecdsaRaw(.sha512)
    case -37: .rsaPSS(.sha256)
    case -38: .rsaPSS(.sha384)
    case -39: .rsaPSS(.sha512)
    case -8: .ed25519
    default: nil
    }
  }

  /// Whether the leaf's key signed the claim; ES256 needs a P-256 key, and so on.
  func isValid(for claim: ArraySlice<UInt8>) -> Bool {
    guard let scheme, let key = certificates.first?.publicKey else { return false }
    switch (scheme, key) {
    case (.ecdsaRaw(.sha256), .p256), (.ecdsaRaw(.sha384), .p384), (.ecdsaRaw(.sha512), .p521),
      (.rsaPSS, .rsa), (.ed25519, .ed25519):
      return key.verify(signature, of: Self.structure("Signature1", protectedBytes, claim)[...], scheme)
    default: return false
    }
  }

  /// Sig_structure, the bytes that are signed.
  package static func structure(
    _ context: String, _ protected: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>
  ) -> [UInt8] {
    CBOREncoder.encode([.text(context), .bytes(protected), .bytes([]), .bytes(payload)])
  }

  /// The time-stamp token and the message it must cover.
  ///
  /// `sigTst` covers the claim, `sigTst2` the encoded signature (C2PA 2.2 §10.3.2.5).
  package func timeStamp(claim: ArraySlice<UInt8>) -> (token: ArraySlice<UInt8>, message: [UInt8])? {
    Self.timeStamp(
      unprotected: unprotected, protected: protected, protectedBytes: protectedBytes, signature: signature,
      payload: claim)
  }

  /// The same for any COSE_Sign1 over a payload.
  static func timeStamp(
    unprotected: CBORMap, protected: CBORMap, protectedBytes: ArraySlice<UInt8>,
    signature: ArraySlice<UInt8>, payload: ArraySlice<UInt8>
  ) -> (token: ArraySlice<UInt8>, message: [UInt8])? {
    func token(_ label: String) -> ArraySlice<UInt8>? {
      (unprotected[label] ?? protected[label])?["tstTokens"]?.array?.first?["val"]?.bytes
    }
    if let token = token("sigTst2") {
      let payload = CBOREncoder.encode(.bytes(signature))
      return (token, structure("CounterSignature", protectedBytes, payload[...]))
    }
    return token("sigTst").map { ($0, structure("CounterSignature", protectedBytes, payload)) }
  }

  var algorithmName: String {
    switch protected[1]?.int {
    case -7, -9: "ES256"
    case -35, -51: "ES384"
    case -36, -52: "ES512"
    case -37: "PS256"
    case -38: "PS384"
    case -39: "PS512"
    case -8: "Ed25519"
    case let other?: "COSE \(other)"
    case nil: "none"
    }
  }
}
