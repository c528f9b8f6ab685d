import SwiftASN1

/// An X.509 certificate, read as far as C2PA's profile and chain building ask.
///
/// swift-certificates is not used: it refuses RSA-PSS keys and signatures, which C2PA allows, and its
/// verifier is asynchronous.
package struct Certificate: Hashable, Sendable {
  package let der: [UInt8]
  package private(set) var version = 1
  private(set) var serialNumber: [UInt8] = []
  /// Encoded names, compared byte by byte.
  package private(set) var issuer: ArraySlice<UInt8> = []
  package private(set) var subject: ArraySlice<UInt8> = []
  package private(set) var commonName: String?
  package private(set) var organization: String?
  /// Seconds since 1970.
  private(set) var validity: ClosedRange<Int> = 0...0
  private(set) var hasUniqueIdentifiers = false
  package private(set) var publicKey: PublicKey = .unsupported
  /// The curve of a key that C2PA does not take, for people; nil of other keys.
  private(set) var keyCurve: String?
  /// The key as the certificate holds it, without its algorithm.
  private(set) var subjectKeyBits: ArraySlice<UInt8> = []
  private(set) var extensions: [Extension] = []
  private(set) var signatureAlgorithm: AlgorithmIdentifier
  private(set) var signed: ArraySlice<UInt8> = []
  private(set) var signature: ArraySlice<UInt8> = []

  struct Extension: Hashable, Sendable {
    var oid: ASN1ObjectIdentifier
    var isCritical: Bool
    var value: ArraySlice<UInt8>
  }

  package static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }
  package func hash(into hasher: inout Swift.Hasher) { hasher.combine(der) }

  package init(der bytes: ArraySlice<UInt8>) throws(MalformedStructure) {
    der = Array(bytes)
    var outer = try DERReader(DERReader.parse(der[...]))
    let tbs = try outer.next()
    signatureAlgorithm = try outer.algorithm()
    signature = try outer.bitString()
    signed = tbs.encodedBytes

    var fields = try DERReader(tbs)
    if let node = fields.tagged(0) {
      var reader = try DERReader(node)
      version = try reader.small() + 1
    }
    serialNumber = Array(try fields.bytes(.integer))
    _ = try fields.algorithm()
    issuer = try fields.next().encodedBytes
    var times = DERReader?.none
    times = try fields.children()
    if var reader = times {
      let from = try reader.time()
      let to = try reader.time()
      guard from <= to else { throw MalformedStructure("certificate ends before it begins", at: 0) }
      validity = from...to
    }
    let subjectNode = try fields.next()
    subject = subjectNode.encodedBytes
    commonName = Self.attribute([2, 5, 4, 3], of: subjectNode)
    organization = Self.attribute([2, 5, 4, 10], of: subjectNode)
    var keyInfo = try fields.children()
    let keyAlgorithm = try keyInfo.algorithm()
    subjectKeyBits = try keyInfo.bitString()
    publicKey = PublicKey(algorithm: keyAlgorithm, bits: subjectKeyBits)
    if publicKey == .unsupported { keyCurve = CurveName.words(keyAlgorithm) }
    if fields.tagged(1) != nil { hasUniqueIdentifiers = true }
    if fields.tagged(2) != nil { hasUniqueIdentifiers = true }
    if let node = fields.tagged(3) {
      var wrapper = try DERReader(node)
      for item in try wrapper.children().rest {
        var reader = try DERReader(item)
        let oid = try reader.oid()
        var isCritical = false
        if reader.peek?.identifier == .boolean { isCritical = try reader.next().primitive?.first == 0xFF }
        extensions.append(Extension(oid: oid, isCritical: isCritical, value: try reader.bytes(.octetString)))
      }
    }
  }

  private static func attribute(_ oid: ASN1ObjectIdentifier, of name: ASN1Node) -> String? {
    guard let sets = try? DERReader(name).rest else { return nil }
    for set in sets {
      for pair in (try? DERReader(set).rest) ?? [] {
        guard var reader = try? DERReader(pair), (try? reader.oid()) == oid,
          let value = try? reader.next().primitive
        else { continue }
        return String(decoding: value, as: UTF8.self)
      }
    }
    return nil
  }

  // MARK: Extensions

  func value(of oid: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? { extensions.first { $0.oid == oid }?.value }

  var isSelfIssued: Bool { issuer == subject }

  /// CA flag and path length of basic constraints.
  var authority: (isCA: Bool, pathLength: Int?) {
    guard let value = value(of: OID.basicConstraints), let node = try? DERReader.parse(value),
      var reader = try? DERReader(node)
    else { return (false, nil) }
    var isCA = false
    if reader.peek?.identifier == .boolean { isCA = (try? reader.next())?.primitive?.first == 0xFF }
    return (isCA, try? reader.small())
  }

  /// Bits of key usage, bit 0 (digitalSignature) highest; nil where the extension is absent.
  private var keyUsage: ArraySlice<UInt8>? {
    value(of: OID.keyUsage).flatMap { try? DERReader.parse($0).primitive?.dropFirst() }
  }
  var hasKeyUsage: Bool { keyUsage != nil }
  var mayDigitallySign: Bool { (keyUsage?.first ?? 0) & 0x80 != 0 }
  var maySignCertificates: Bool { (keyUsage?.first ?? 0) & 0x04 != 0 }

  /// Purposes of extended key usage; nil where the extension is absent or unreadable.
  var purposes: [ASN1ObjectIdentifier]? {
    guard let value = value(of: OID.extendedKeyUsage), let node = try? DERReader.parse(value),
      let items = try? DERReader(node).rest
    else { return nil }
    return items.compactMap { try? $0.oid() }
  }

  // MARK: Signature

  /// Whether another certificate's key made this certificate's signature.
  func isSigned(by issuer: Certificate) -> Bool {
    guard let scheme = SignatureScheme(certificate: signatureAlgorithm) else { return false }
    return issuer.publicKey.verify(signature, of: signed, scheme)
  }

  /// The certificates of PEM text, other documents passed over.
  package static func pem(_ text: String) throws(CredentialError) -> [Certificate] {
    do {
      return try PEMDocument.parseMultiple(pemString: text).filter { $0.discriminator == "CERTIFICATE" }
        .map { try Certificate(der: $0.derBytes[...]) }
    } catch {
      throw CredentialError(
        "certificate.pem", "the certificates cannot be read", remedy: "give PEM text of X.509 certificates",
        cause: error)
    }
  }
}

enum OID {
  static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
  static let keyUsage: ASN1ObjectIdentifier = [2, 5, 29, 15]
  static let extendedKeyUsage: ASN1ObjectIdentifier = [2, 5, 29, 37]
  static let authorityKeyIdentifier: ASN1ObjectIdentifier = [2, 5, 29, 35]
  static let subjectKeyIdentifier: ASN1ObjectIdentifier = [2, 5, 29, 14]
  static let anyPurpose: ASN1ObjectIdentifier = [2, 5, 29, 37, 0]
  static let emailProtection: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 4]
  static let timeStamping: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 8]
  static let ocspSigning: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 9]
  static let documentSigning: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 36]
  static let claimSigning: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 62558, 2, 1]
  static let microsoftSigning: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 311, 76, 59, 1, 9]
}
