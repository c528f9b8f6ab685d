import Crypto
import SwiftASN1

/// A stapled answer to whether a certificate was revoked.
///
/// Source: RFC 6960 §4.2; C2PA 2.2 §15.9.
package struct OCSPResponse: Sendable {
  fileprivate struct Answer: Sendable {
    var hash: ASN1ObjectIdentifier
    var nameHash: ArraySlice<UInt8>
    var keyHash: ArraySlice<UInt8>
    var serialNumber: ArraySlice<UInt8>
    var status: Status
    /// Without a next update the answer is good for its own moment alone.
    var period: ClosedRange<Int>
  }

  fileprivate enum Status: Sendable {
    case good
    case revoked(at: Int, reason: Int?)
    case unknown
  }

  /// What a response says of a certificate at a time.
  package enum Verdict: Sendable, Hashable {
    case notRevoked
    case revoked
    /// Nothing that counts: another certificate, another time, no right to answer.
    case unknown(String)
  }

  private var producedAt: Int
  private var answers: [Answer] = []
  private var certificates: [Certificate] = []
  private var scheme: SignatureScheme
  private var signed: ArraySlice<UInt8>
  private var signature: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) throws(MalformedStructure) {
    var outer = try DERReader(DERReader.parse(bytes))
    guard try outer.next().primitive?.elementsEqual([0]) == true, let wrapped = outer.tagged(0) else {
      throw MalformedStructure("OCSP response is not successful", at: bytes.startIndex)
    }
    var content = try DERReader(wrapped)
    var typed = try content.children()
    guard try typed.oid() == [1, 3, 6, 1, 5, 5, 7, 48, 1, 1] else {
      throw MalformedStructure("OCSP response is not of the basic type", at: bytes.startIndex)
    }
    var basic = try DERReader(DERReader.parse(typed.bytes(.octetString)))
    let data = try basic.next()
    signed = data.encodedBytes
    guard let scheme = SignatureScheme(certificate: try basic.algorithm()) else {
      throw MalformedStructure("OCSP response uses a signature that is not allowed", at: bytes.startIndex)
    }
    self.scheme = scheme
    signature = try basic.bitString()
    if let node = basic.tagged(0) {
      var list = try DERReader(node)
      for item in try list.children().rest.prefix(8) {
        certificates.append(try Certificate(der: item.encodedBytes))
      }
    }

    var fields = try DERReader(data)
    _ = fields.tagged(0)
    _ = try fields.next()
    producedAt = try fields.time()
    for item in try fields.children().rest.prefix(64) { answers.append(try Self.answer(item)) }
  }

  private static func answer(_ node: ASN1Node) throws(MalformedStructure) -> Answer {
    var reader = try DERReader(node)
    var identifier = try reader.children()
    let hash = try identifier.algorithm().oid
    let nameHash = try identifier.bytes(.octetString)
    let keyHash = try identifier.bytes(.octetString)
    let serialNumber = try identifier.bytes(.integer)
    let status: Status
    if reader.tagged(0) != nil {
      status = .good
    } else if let node = reader.tagged(1) {
      var revoked = try DERReader(node)
      let time = try revoked.time()
      var reason: Int?
      if let node = revoked.tagged(0) {
        reason = try DERReader(node).peek?.primitive?.first.map(Int.init)
      }
      status = .revoked(at: time, reason: reason)
    } else {
      _ = try reader.next()
      status = .unknown
    }
    let from = try reader.time()
    var to = from
    if let node = reader.tagged(0) {
      var wrapper = try DERReader(node)
      to = try wrapper.time()
    }
    guard from <= to else { throw MalformedStructure("OCSP answer ends before it begins", at: 0) }
    return Answer(
      hash: hash, nameHash: nameHash, keyHash: keyHash, serialNumber: serialNumber, status: status,
      period: from...to)
  }

  /// - Parameters:
  ///   - issuers: certificates that may have issued it; the one whose key signed it counts.
  ///   - time: seconds since 1970, of the time stamp or now.
  package func verdict(on leaf: Certificate, issuers: [Certificate], at time: Int) -> Verdict {
    guard let issuer = issuers.first(where: { $0.subject == leaf.issuer && leaf.isSigned(by: $0) }) else {
      return .unknown("the issuer's certificate is not at hand")
    }
    guard isSigned(for: issuer) else { return .unknown("the answer is not signed by whom it must be") }
    let own = answers.filter { $0.isAbout(leaf, issuer) }
    // Revocation is for good, whatever the age of the answer; reason 8 takes a certificate off the list.
    let isRevoked = own.contains {
      if case .revoked(let since, let reason) = $0.status { since <= time && reason != 8 } else { false }
    }
    if isRevoked { return .revoked }
    guard let current = own.first(where: { $0.period.contains(time) }) else {
      return .unknown(
        own.isEmpty ? "the answer is about another certificate" : "the answer is for another time")
    }
    if case .unknown = current.status { return .unknown("the responder does not know the certificate") }
    // A revocation after the time of judgement leaves it as it was then.
    return .notRevoked
  }

  /// Signed by the issuer itself, or by a certificate that it issued for this purpose.
  private func isSigned(for issuer: Certificate) -> Bool {
    if issuer.publicKey.verify(signature, of: signed, scheme) { return true }
    return certificates.contains {
      $0.issuer == issuer.subject && ($0.purposes ?? []).contains(OID.ocspSigning)
        && $0.validity.contains(producedAt) && $0.isSigned(by: issuer)
        && $0.publicKey.verify(signature, of: signed, scheme)
    }
  }
}

extension OCSPResponse.Answer {
  fileprivate func isAbout(_ leaf: Certificate, _ issuer: Certificate) -> Bool {
    guard serialNumber.elementsEqual(leaf.serialNumber) else { return false }
    func matches(_ name: some Sequence<UInt8>, _ key: some Sequence<UInt8>) -> Bool {
      nameHash.elementsEqual(name) && keyHash.elementsEqual(key)
    }
    // SHA-1 only names the issuer here; the signature is what is trusted.
    if hash == [1, 3, 14, 3, 2, 26] {
      return matches(
        Insecure.SHA1.hash(data: leaf.issuer), Insecure.SHA1.hash(data: issuer.subjectKeyBits))
    }
    guard let algorithm = HashAlgorithm(oid: hash) else { return false }
    return matches(algorithm.hash(leaf.issuer), algorithm.hash(issuer.subjectKeyBits))
  }
}
