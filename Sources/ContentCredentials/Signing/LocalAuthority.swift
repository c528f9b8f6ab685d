import Crypto
import Foundation

/// A key with the certificates that go into a signature, leaf first.
public struct SigningCredential: Sendable {
  public let key: SigningKey
  package let certificates: [Certificate]

  /// - Throws: ``CredentialError`` when the leaf is not for the key or breaks C2PA's profile.
  public init(key: SigningKey, certificatesPEM: String) throws(CredentialError) {
    try self.init(key: key, certificates: Certificate.pem(certificatesPEM))
  }

  package init(key: SigningKey, certificates: [Certificate]) throws(CredentialError) {
    guard let leaf = certificates.first else {
      throw CredentialError(
        "certificate.none", "there is no certificate", remedy: "give the leaf and its intermediates as PEM")
    }
    if let fault = CertificateProfile.fault(in: leaf, .signer(TrustList.empty.purposes)) {
      throw CredentialError("certificate.profile", fault, remedy: "use a certificate for claim signing")
    }
    let probe = Array("Assay".utf8)
    let bytes = try COSESign1.make(key: key, certificates: [leaf], claim: probe[...])
    guard let signature = try? COSESign1(bytes[...]), signature.isValid(for: probe[...])
    else {
      throw CredentialError(
        "certificate.key", "the certificate is not for this key",
        remedy: "give the pair that belongs together")
    }
    self.key = key
    self.certificates = certificates
  }
}

/// A certificate authority of one's own, for signatures that only its owner's trust list knows.
public struct LocalAuthority: Sendable {
  private let key: SigningKey
  private let der: [UInt8]
  private let name: [UInt8]

  public var certificatePEM: String { Self.pem(der) }

  /// - Parameter organization: stands as O in the names; c2pa-rs shows it as the issuer.
  public init(organization: String, now: Date = Date()) throws(CredentialError) {
    key = try SigningKey(.es256)
    name = DERWriter.name(organization: organization, commonName: "\(organization) root")
    der = try Self.certificate(
      key: key, subject: name, publicKey: key.publicKeyInfo, issuer: name, authorityKey: key.publicKeyInfo,
      isCA: true, years: 10, now: now)
  }

  /// A leaf for signing claims and its key.
  public func issue(
    _ algorithm: SigningAlgorithm, organization: String, commonName: String, now: Date = Date()
  ) throws(CredentialError) -> (key: SigningKey, certificatePEM: String) {
    let leaf = try SigningKey(algorithm)
    let certificate = try Self.certificate(
      key: key, subject: DERWriter.name(organization: organization, commonName: commonName),
      publicKey: leaf.publicKeyInfo, issuer: name, authorityKey: key.publicKeyInfo, isCA: false, years: 1,
      now: now)
    return (leaf, Self.pem(certificate))
  }

  private static func certificate(
    key: SigningKey, subject: [UInt8], publicKey: [UInt8], issuer: [UInt8], authorityKey: [UInt8], isCA: Bool,
    years: Int, now: Date
  ) throws(CredentialError) -> [UInt8] {
    typealias W = DERWriter
    let algorithm = W.sequence([W.oid([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02])])
    // A positive serial number of 126 random bits.
    var serial = (0..<16).map { _ in UInt8.random(in: 0...255) }
    serial[0] = serial[0] & 0x3F | 0x40
    let day: TimeInterval = 86_400
    let validity = W.sequence([
      W.time(now.addingTimeInterval(-day)), W.time(now.addingTimeInterval(day * 365 * Double(years))),
    ])
    // id-kp-emailProtection, which c2pa-rs asks for, and the purpose of C2PA's own.
    let purposes = W.sequence([
      W.oid([0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04]),
      W.oid([0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xE8, 0x5E, 0x02, 0x01]),
    ])
    var extensions = [
      W.extended(0x13, critical: true, W.sequence(isCA ? [[0x01, 0x01, 0xFF]] : [])),
      W.extended(0x0F, critical: true, isCA ? [0x03, 0x02, 0x01, 0x06] : [0x03, 0x02, 0x07, 0x80]),
      W.extended(0x0E, critical: false, W.tlv(0x04, keyIdentifier(publicKey))),
      W.extended(0x23, critical: false, W.sequence([W.tlv(0x80, keyIdentifier(authorityKey))])),
    ]
    if !isCA { extensions.append(W.extended(0x25, critical: false, purposes)) }
    let body = W.sequence([
      [0xA0, 0x03, 0x02, 0x01, 0x02], W.tlv(0x02, serial), algorithm, issuer, validity, subject, publicKey,
      W.tlv(0xA3, W.sequence(extensions)),
    ])
    return W.sequence([body, algorithm, W.tlv(0x03, [0] + (try key.signCertificate(body)))])
  }

  private static func keyIdentifier(_ publicKey: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: publicKey).prefix(20))
  }

  private static func pem(_ der: [UInt8]) -> String {
    let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
  }
}

/// Just enough DER to write certificates.
enum DERWriter {
  static func tlv(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    if content.count < 0x80 {
      length = [UInt8(content.count)]
    } else {
      var bytes: [UInt8] = []
      bytes.appendBigEndian(UInt32(content.count))
      bytes = Array(bytes.drop { $0 == 0 })
      length = [0x80 | UInt8(bytes.count)] + bytes
    }
    return [tag] + length + content
  }

  static func sequence(_ parts: [[UInt8]]) -> [UInt8] { tlv(0x30, parts.flatMap(\.self)) }
  static func oid(_ encoded: [UInt8]) -> [UInt8] { tlv(0x06, encoded) }

  static func name(organization: String, commonName: String) -> [UInt8] {
    func part(_ attribute: UInt8, _ text: String) -> [UInt8] {
      tlv(0x31, sequence([oid([0x55, 0x04, attribute]), tlv(0x0C, Array(text.utf8))]))
    }
    return sequence([part(0x0A, organization), part(0x03, commonName)])
  }

  /// An extension of the arc 2.5.29.
  static func extended(_ last: UInt8, critical: Bool, _ value: [UInt8]) -> [UInt8] {
    sequence([oid([0x55, 0x1D, last]), critical ? [0x01, 0x01, 0xFF] : [], tlv(0x04, value)])
  }

  /// GeneralizedTime in UTC from 2050 on, UTCTime before (RFC 5280 §4.1.2.5).
  static func time(_ date: Date) -> [UInt8] {
    let text = date.ISO8601Format().filter { $0.isNumber || $0 == "Z" }
    return text < "2050" ? tlv(0x17, Array(text.dropFirst(2).utf8)) : tlv(0x18, Array(text.utf8))
  }
}
