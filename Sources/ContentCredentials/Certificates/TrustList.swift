import Diagnostics
import SwiftASN1

/// Anchors that somebody trusts for one purpose.
///
/// Signers and time-stamp authorities have lists of their own: trust in one says nothing of the other
/// (C2PA 2.2 §14.4).
public struct TrustList: Sendable {
  /// What the report calls the list: a file's name.
  public var name: String
  package var anchors: [Certificate]
  /// Purposes a signer may have; one is enough. C2PA 2.2 §14.4.1 with the list of the conformance programme.
  var purposes: Set<ASN1ObjectIdentifier> = [
    OID.claimSigning, OID.emailProtection, OID.documentSigning, OID.microsoftSigning,
  ]

  public static let empty = TrustList(name: "none", anchors: [])

  package init(name: String, anchors: [Certificate]) {
    self.name = name
    self.anchors = anchors
  }

  /// - Throws: ``CredentialError`` when a certificate of the text does not parse, or there is none: a list that
  ///   silently trusts nobody would pass for an answer about the signer.
  public init(pem: String, name: String) throws(CredentialError) {
    let anchors = try Certificate.pem(pem)
    guard !anchors.isEmpty else {
      throw CredentialError(
        "trust.empty", "there are no certificates in it", remedy: "give PEM text of X.509 certificates")
    }
    self.init(name: name, anchors: anchors)
  }

  /// How reports speak of the list.
  var title: String { anchors.isEmpty ? "an empty trust list" : "the list \(name)" }

  public var count: Int { anchors.count }

  /// An anchor as people know it.
  public struct Member: Sendable, Hashable {
    public let organization: String?
    public let commonName: String?
    /// Seconds since 1970 between which it can vouch.
    public let from: Int
    public let to: Int
    /// Of the certificate's DER, in hexadecimal digits.
    public let sha256: String
  }

  /// Whom the list trusts, by organisation and name.
  public var members: [Member] {
    anchors.map {
      Member(
        organization: $0.organization, commonName: $0.commonName, from: $0.validity.lowerBound,
        to: $0.validity.upperBound, sha256: HashAlgorithm.sha256.hash($0.der).hexadecimal)
    }.sorted {
      ($0.organization ?? "", $0.commonName ?? "", $0.from) < (
        $1.organization ?? "", $1.commonName ?? "", $1.from
      )
    }
  }

  /// SHA-256 over the anchors' DER in order: what a report names the list's content by; 64 hexadecimal digits.
  public var digest: String {
    HashAlgorithm.sha256.hash(anchors.flatMap(\.der)).hexadecimal
  }

  public mutating func add(_ other: TrustList) {
    guard !other.anchors.isEmpty else { return }
    name = anchors.isEmpty ? other.name : "\(name), \(other.name)"
    anchors += other.anchors
  }

  /// The anchor a certificate chains to at a time.
  ///
  /// Names must match byte for byte; issuers need the CA flag, the right to sign certificates and room in
  /// their path length. At most 48 signatures are checked, so that a crafted bundle cannot stall a scan.
  ///
  /// Source: RFC 5280 §6.1, without name constraints and policies.
  package func anchor(
    for leaf: Certificate, intermediates: [Certificate], at time: Int
  ) -> Certificate? {
    var budget = 48
    return anchor(for: leaf, intermediates, at: time, depth: 0, &budget)
  }

  private func anchor(
    for certificate: Certificate, _ intermediates: [Certificate], at time: Int, depth: Int,
    _ budget: inout Int
  ) -> Certificate? {
    guard depth < 8, certificate.validity.contains(time) else { return nil }
    if anchors.contains(certificate) { return certificate }
    func issues(_ issuer: Certificate) -> Bool {
      guard issuer.subject == certificate.issuer, issuer != certificate, issuer.validity.contains(time),
        budget > 0
      else { return false }
      let authority = issuer.authority
      guard authority.isCA, !issuer.hasKeyUsage || issuer.maySignCertificates,
        authority.pathLength.map({ $0 >= depth }) ?? true
      else { return false }
      budget -= 1
      return certificate.isSigned(by: issuer)
    }
    if let anchor = anchors.first(where: issues) { return anchor }
    for issuer in intermediates where issues(issuer) {
      if let found = anchor(for: issuer, intermediates, at: time, depth: depth + 1, &budget) { return found }
    }
    return nil
  }
}

/// C2PA's rules for a signer's certificate.
///
/// Source: C2PA 2.2 §14.5.1.
enum CertificateProfile {
  enum Role {
    case signer(Set<ASN1ObjectIdentifier>)
    case timeStamp
  }

  /// What breaks the profile; nil when nothing does. Validity in time is judged apart.
  static func fault(in certificate: Certificate, _ role: Role) -> String? {
    guard certificate.version == 3 else { return "certificate is not version 3" }
    guard !certificate.hasUniqueIdentifiers else { return "certificate has unique identifiers" }
    guard certificate.publicKey.isAllowed else {
      return "certificate has a key of a kind that is not allowed"
        + (certificate.keyCurve.map { ": its curve is \($0)" } ?? "")
    }
    guard SignatureScheme(certificate: certificate.signatureAlgorithm) != nil else {
      return "certificate is signed with an algorithm that is not allowed"
    }
    guard certificate.mayDigitallySign else { return "key usage lacks digitalSignature" }
    guard !certificate.authority.isCA, !certificate.maySignCertificates else {
      return "certificate is that of an authority"
    }
    guard certificate.isSelfIssued || certificate.value(of: OID.authorityKeyIdentifier) != nil else {
      return "authority key identifier is missing"
    }
    guard let purposes = certificate.purposes, !purposes.isEmpty else {
      return "extended key usage is missing"
    }
    guard !purposes.contains(OID.anyPurpose) else { return "extended key usage allows any purpose" }
    switch role {
    case .signer(let allowed):
      guard !purposes.contains(OID.timeStamping), !purposes.contains(OID.ocspSigning) else {
        return "certificate is for time stamps or OCSP"
      }
      guard !allowed.isDisjoint(with: purposes) else { return "extended key usage allows no claim signing" }
    case .timeStamp:
      guard purposes == [OID.timeStamping] else { return "certificate is not for time stamps alone" }
    }
    let known: Set<ASN1ObjectIdentifier> = [
      OID.basicConstraints, OID.keyUsage, OID.extendedKeyUsage, OID.authorityKeyIdentifier,
      OID.subjectKeyIdentifier, [2, 5, 29, 17], [2, 5, 29, 31], [2, 5, 29, 32], [1, 3, 6, 1, 5, 5, 7, 1, 1],
    ]
    guard certificate.extensions.allSatisfy({ !$0.isCritical || known.contains($0.oid) }) else {
      return "certificate has an unknown critical extension"
    }
    return nil
  }
}
