extension COSESign1 {
  /// A signature over a claim, certificates in the protected header.
  ///
  /// - Parameter contentType: what is signed, where it is no claim (RFC 9052 §3.1, label 3).
  static func make(
    key: SigningKey, certificates: [Certificate], claim: ArraySlice<UInt8>,
    _ unprotected: UnprotectedHeader = UnprotectedHeader(), contentType: String? = nil
  ) throws(CredentialError) -> [UInt8] {
    let chain = certificates.map { CBOR.bytes($0.der[...]) }
    var entries: [CBORMap.Entry] = [.init(key: 1, value: .integer(key.algorithm.coseLabel))]
    if let contentType { entries.append(.init(key: 3, value: .text(contentType))) }
    entries.append(.init(key: 33, value: chain.count == 1 ? chain[0] : .array(chain)))
    let header = CBORMap(entries)
    let protected = CBOREncoder.encode(.map(header))
    let signature = try key.sign(structure("Signature1", protected[...], claim))
    let added = try unprotected.map(protected: protected[...], signature: signature[...])
    return CBOREncoder.encode(
      .tagged(18, [.bytes(protected[...]), .map(added), .null, .bytes(signature[...])]))
  }
}

/// What stands beside a signature without being signed: a time stamp and answers about revocation.
struct UnprotectedHeader: Sendable {
  var ocspResponses: [[UInt8]] = []
  /// Nil leaves no room for a time stamp.
  var room: Room?

  enum Room: Sendable {
    /// Zeros in the size of what will stand there, so that the store keeps its size.
    case empty
    case filled(by: TimeStampAuthority)
  }

  /// Bytes that a time stamp and its padding take: tokens with long chains have 8 to 10 KB.
  private static let roomSize = 16_384

  /// `sigTst2` covers the encoded signature (C2PA 2.2 §10.3.2.5); padding is `pad`, of zeros (§13.2).
  func map(protected: ArraySlice<UInt8>, signature: ArraySlice<UInt8>) throws(CredentialError) -> CBORMap {
    var map = CBORMap()
    if !ocspResponses.isEmpty {
      map["rVals"] = .map(["ocspVals": .array(ocspResponses.map { .bytes($0[...]) })])
    }
    guard let room else { return map }
    var stamp = CBORMap()
    if case .filled(let authority) = room {
      let payload = CBOREncoder.encode(.bytes(signature))
      let token = try authority.token(
        over: COSESign1.structure("CounterSignature", protected, payload[...]))
      stamp["sigTst2"] = .map(["tstTokens": .array([.map(["val": .bytes(token[...])])])])
    }
    let count = Self.roomSize - CBOREncoder.encode(.map(stamp)).count
    guard count >= 256 else {
      throw CredentialError(
        "timestamp.size", "the time stamp has more than \(Self.roomSize - 256) bytes",
        remedy: "name another time-stamp authority")
    }
    if let token = stamp["sigTst2"] { map["sigTst2"] = token }
    map["pad"] = .bytes([UInt8](repeating: 0, count: count)[...])
    return map
  }
}
