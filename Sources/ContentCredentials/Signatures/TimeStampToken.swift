import SwiftASN1

/// An RFC 3161 time stamp: CMS signed data over a TSTInfo.
package struct TimeStampToken: Sendable {
  /// Seconds since 1970.
  package var time: Int
  /// The request's number, where it had one.
  package private(set) var nonce: ArraySlice<UInt8>?
  package var authority: Certificate
  package var certificates: [Certificate]
  private var hash: HashAlgorithm
  private var imprint: ArraySlice<UInt8>
  private var info: ArraySlice<UInt8>
  private var digest: HashAlgorithm
  private var attributes: [UInt8]
  private var messageDigest: ArraySlice<UInt8>
  private var scheme: SignatureScheme
  private var signature: ArraySlice<UInt8>

  /// - Parameter bytes: a token, or the whole response of an authority that carries one.
  package init(_ bytes: ArraySlice<UInt8>) throws(MalformedStructure) {
    var outer = try DERReader(DERReader.parse(bytes))
    // A response opens with its status, a token with the type of its content.
    if outer.peek?.identifier == .sequence {
      _ = try outer.next()
      outer = try outer.children()
    }
    guard try outer.oid() == [1, 2, 840, 113549, 1, 7, 2], let content = outer.tagged(0) else {
      throw MalformedStructure("time stamp is no signed data", at: bytes.startIndex)
    }
    var wrapper = try DERReader(content)
    var signedData = try wrapper.children()
    _ = try signedData.small()
    _ = try signedData.next()
    var encapsulated = try signedData.children()
    guard try encapsulated.oid() == [1, 2, 840, 113549, 1, 9, 16, 1, 4], let explicit = encapsulated.tagged(0)
    else { throw MalformedStructure("time stamp holds no TSTInfo", at: bytes.startIndex) }
    var octets = try DERReader(explicit)
    info = try octets.bytes(.octetString)

    var found: [Certificate] = []
    if let node = signedData.tagged(0) {
      for item in try DERReader(node).rest.prefix(16) {
        found.append(try Certificate(der: item.encodedBytes))
      }
    }
    _ = signedData.tagged(1)
    var signers = try signedData.children()
    var signer = try signers.children()
    guard signers.isAtEnd else {
      throw MalformedStructure("time stamp has several signers", at: bytes.startIndex)
    }
    _ = try signer.small()
    let identifier = try signer.next()
    guard let digest = HashAlgorithm(oid: try signer.algorithm().oid), let signedAttributes = signer.tagged(0)
    else { throw MalformedStructure("time stamp uses a digest that is not allowed", at: bytes.startIndex) }
    guard let scheme = SignatureScheme(certificate: try signer.algorithm(), digest: digest) else {
      throw MalformedStructure("time stamp uses a signature that is not allowed", at: bytes.startIndex)
    }
    signature = try signer.bytes(.octetString)
    self.digest = digest
    self.scheme = scheme
    certificates = found

    // The signature covers the attributes as a SET, not under their context tag.
    attributes = [0x31] + signedAttributes.encodedBytes.dropFirst()
    var messageDigest: ArraySlice<UInt8>?
    for attribute in try DERReader(signedAttributes).rest {
      var reader = try DERReader(attribute)
      guard try reader.oid() == [1, 2, 840, 113549, 1, 9, 4] else { continue }
      var values = try reader.children()
      messageDigest = try values.bytes(.octetString)
    }
    guard let messageDigest else {
      throw MalformedStructure("time stamp has no digest", at: bytes.startIndex)
    }
    self.messageDigest = messageDigest
    guard let authority = found.first(where: { Self.matches(identifier, $0) }) else {
      throw MalformedStructure("time stamp lacks its signer's certificate", at: bytes.startIndex)
    }
    self.authority = authority

    var fields = try DERReader(DERReader.parse(info))
    _ = try fields.small()
    _ = try fields.oid()
    var message = try fields.children()
    guard let hash = HashAlgorithm(oid: try message.algorithm().oid) else {
      throw MalformedStructure("time stamp covers a hash that is not allowed", at: bytes.startIndex)
    }
    self.hash = hash
    imprint = try message.bytes(.octetString)
    _ = try fields.next()
    time = try fields.time()
    nonce = fields.rest.first { $0.identifier == .integer }?.primitive
  }

  private static func matches(_ identifier: ASN1Node, _ certificate: Certificate) -> Bool {
    if identifier.identifier.tagClass == .contextSpecific {
      guard let keyID = certificate.value(of: OID.subjectKeyIdentifier).flatMap({ try? DERReader.parse($0) })
      else { return false }
      return identifier.primitive == keyID.primitive
    }
    guard var reader = try? DERReader(identifier), let issuer = try? reader.next().encodedBytes,
      let serial = try? reader.bytes(.integer)
    else { return false }
    return issuer == certificate.issuer && certificate.serialNumber.elementsEqual(serial)
  }

  package func covers(_ message: [UInt8]) -> Bool { hash.hash(message).elementsEqual(imprint) }

  package var isSignatureValid: Bool {
    digest.hash(info).elementsEqual(messageDigest)
      && authority.publicKey.verify(signature, of: attributes[...], scheme)
  }
}
