/// A COSE_Sign1 signature in a file of its own, over the bytes of a document such as an audit report.
///
/// Keys, certificates, trust lists and time stamps are those of Content Credentials. The protected header names
/// the content type, so that no such signature can pass for that of a claim.
///
/// Source: RFC 9052 §4.2 with detached payload; RFC 9360 for the certificates; C2PA 2.2 §10.3.2.5 for the stamp.
public enum DetachedSignature {
  /// What a check of a signature found, each answer on its own.
  public struct Report: Sendable, Codable {
    /// `trusted`, `valid` (nobody on the list vouches for the signer) or `invalid`.
    public var state: CredentialsReport.State
    public var reason: String
    public var signer: ManifestReport.Signer?
    public var contentType: String?
    /// Seconds since 1970 of a time stamp that holds.
    public var timeStamp: Int?
    public var isTimeStampTrusted = false

    public init(state: CredentialsReport.State, reason: String) {
      self.state = state
      self.reason = reason
    }
  }

  /// - Parameters:
  ///   - contentType: the media type of what is signed.
  ///   - timeStamps: asked for a time stamp; nil asks nobody.
  /// - Returns: the encoded signature, with the certificates.
  /// - Throws: ``CredentialError`` where the key cannot sign or the time stamp cannot be had.
  public static func make(
    over document: [UInt8], contentType: String, credential: SigningCredential,
    timeStamps: TimeStampAuthority? = nil
  ) throws(CredentialError) -> [UInt8] {
    var header = UnprotectedHeader()
    header.room = timeStamps.map { .filled(by: $0) }
    return try COSESign1.make(
      key: credential.key, certificates: credential.certificates, claim: document[...], header,
      contentType: contentType)
  }

  /// Checks a signature; damage is part of the answer.
  ///
  /// - Parameter signature: at most 1 MiB.
  public static func check(_ signature: [UInt8], over document: [UInt8], trust: TrustSettings) -> Report {
    var report = Report(state: .invalid, reason: "")
    func invalid(_ reason: String) -> Report {
      report.reason = reason
      return report
    }
    guard signature.count <= 1 << 20 else { return invalid("the signature has more than 1 MiB") }
    let cose: COSESign1
    do { cose = try COSESign1(signature[...]) } catch {
      return invalid("the signature cannot be read: \(error.message)")
    }
    guard let leaf = cose.certificates.first else { return invalid("the signature carries no certificate") }
    report.signer = .init(
      commonName: leaf.commonName, organization: leaf.organization, algorithm: cose.algorithmName)
    report.contentType = cose.protected[3]?.text
    guard report.contentType != nil else { return invalid("the signature is none over a document") }
    guard cose.isValid(for: document[...]) else {
      return invalid("the document is not the one that was signed, or the signature was altered")
    }
    let time = stampedTime(cose, document, trust, &report) ?? trust.now
    guard leaf.validity.contains(time) else {
      return invalid("the signer's certificate was not valid at the time of judgement")
    }
    if let fault = CertificateProfile.fault(in: leaf, .signer(trust.signers.purposes)) {
      return invalid(fault)
    }
    let anchor = trust.signers.anchor(
      for: leaf, intermediates: Array(cose.certificates.dropFirst()), at: time)
    report.state = anchor == nil ? .valid : .trusted
    report.reason =
      anchor == nil
      ? "the document is as it was signed; the signer is on no trust list"
      : "the document is as it was signed, by a trusted signer"
    return report
  }

  /// The time of a time stamp that holds and whose authority is trusted.
  private static func stampedTime(
    _ cose: COSESign1, _ document: [UInt8], _ trust: TrustSettings, _ report: inout Report
  ) -> Int? {
    guard let (bytes, message) = cose.timeStamp(claim: document[...]), let token = try? TimeStampToken(bytes),
      token.covers(message), token.isSignatureValid,
      CertificateProfile.fault(in: token.authority, .timeStamp) == nil,
      token.authority.validity.contains(token.time)
    else { return nil }
    report.timeStamp = token.time
    report.isTimeStampTrusted =
      trust.timeStampers.anchor(for: token.authority, intermediates: token.certificates, at: token.time)
      != nil
    return report.isTimeStampTrusted ? token.time : nil
  }
}
