/// An authority that is asked, over the network, for time stamps when signing.
///
/// Source: RFC 3161 §2.4, §3.4.
public struct TimeStampAuthority: Sendable {
  private let http: PlainHTTP

  /// - Parameter url: `http://…`; the token is signed, so that plain HTTP costs no trust.
  /// - Throws: ``CredentialError`` `timestamp.url` for other addresses.
  public init(url: String) throws(CredentialError) { http = try PlainHTTP(url: url) }

  /// A token over a message, checked against what was asked; at most 20 s and 64 KiB.
  ///
  /// - Throws: ``CredentialError`` `timestamp.http`, `timestamp.refused`, `timestamp.answer`.
  func token(over message: [UInt8]) throws(CredentialError) -> [UInt8] {
    // Positive: the highest bit is clear, the next is set.
    var nonce = (0..<8).map { _ in UInt8.random(in: 0...255) }
    nonce[0] = nonce[0] & 0x3F | 0x40
    let answer = try http.post(
      Self.request(over: message, nonce: nonce), type: "application/timestamp-query", limit: 65_536,
      seconds: 20)
    return try Self.token(in: answer, over: message, nonce: nonce)
  }

  /// TimeStampReq for SHA-256, with the authority's certificates asked for.
  package static func request(over message: [UInt8], nonce: [UInt8]) -> [UInt8] {
    typealias W = DERWriter
    let sha256 = W.oid([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01])
    let imprint = W.sequence([
      W.sequence([sha256, [0x05, 0x00]]), W.tlv(0x04, HashAlgorithm.sha256.hash(message)),
    ])
    return W.sequence([[0x02, 0x01, 0x01], imprint, W.tlv(0x02, nonce), [0x01, 0x01, 0xFF]])
  }

  /// The token of a TimeStampResp: granted, over the message, for the nonce, with a signature that holds.
  package static func token(
    in answer: [UInt8], over message: [UInt8], nonce: [UInt8]
  ) throws(CredentialError) -> [UInt8] {
    func fault(_ code: String, _ what: String) -> CredentialError {
      CredentialError(
        code, "the time-stamp authority's answer is not usable: \(what)",
        remedy: "try again, name another authority, or sign without a time stamp")
    }
    do {
      var response = try DERReader(DERReader.parse(answer[...]))
      var status = try response.children()
      let code = try status.small()
      guard code == 0 || code == 1 else { throw fault("timestamp.refused", "it refused with status \(code)") }
      let bytes = try response.next().encodedBytes
      let token = try TimeStampToken(bytes)
      guard token.covers(message) else { throw fault("timestamp.answer", "it covers other bytes") }
      guard token.nonce.map({ $0.elementsEqual(nonce) }) ?? false else {
        throw fault("timestamp.answer", "it answers another request")
      }
      guard token.isSignatureValid else { throw fault("timestamp.answer", "its signature does not hold") }
      return Array(bytes)
    } catch let error as CredentialError {
      throw error
    } catch {
      throw fault("timestamp.answer", "\((error as? MalformedStructure)?.message ?? "it does not parse")")
    }
  }
}
