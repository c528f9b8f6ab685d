public import ContentCredentials

/// What validated Content Credentials prove or declare.
///
/// `verified` needs all three: bytes bound without gaps, signatures that hold, and a trusted signer of both the
/// active manifest and the statement itself. Anything less declares.
public struct CredentialsExaminer: Examiner {
  private let reader: CredentialsReader

  public init(trust: TrustSettings = TrustSettings()) { reader = CredentialsReader(trust: trust) }

  public var kind: ExaminerKind { .provenance }

  public func examine(_ examination: Examination) throws -> Findings {
    Self.findings(of: reader.report(on: examination.file.bytes))
  }

  /// The evidence in a report.
  static func findings(of report: CredentialsReport) -> Findings {
    let method = "credentials.c2pa"
    guard report.state != .absent else {
      return Findings(evidence: [
        Evidence(
          method: method, class: .verified, result: .absent,
          summary: report.remoteURL == nil
            ? "no Content Credentials; most software strips them" : report.reason)
      ])
    }
    let origin = report.origin
    var evidence = Evidence(
      method: method, class: .context, result: .found, strength: .weak,
      summary: "Content Credentials are \(report.state.rawValue): \(report.reason)",
      detail: [
        "state": .string(report.state.rawValue),
        "failure": .array(report.codes(.failure).map { .string($0) }),
        "trustList": .string(report.trustList),
      ], location: EvidenceLocation(path: report.active.map { "/c2pa/\($0.label)" }))
    if let signer = origin.signer { evidence.detail["signer"] = .string(signer) }
    if let type = origin.digitalSourceType { evidence.detail["digitalSourceType"] = .string(type) }
    evidence.detail["manifestDepth"] = .integer(origin.depth)

    let claimed: (origin: Evidence.Origin, words: String)? =
      switch origin.kind {
      case .generated: (.generated, "a generative model made the picture")
      case .editedWithAI: (.edited, "a generative model made or changed a part of the picture")
      case .captured: (.captured, "a camera captured the picture")
      case .unknown: nil
      }
    if let claimed {
      let isVerified =
        report.state == .trusted && report.isBound == true && report.unboundRanges.isEmpty
        && origin.isSignerTrusted
      evidence.origin = claimed.origin
      evidence.generator = origin.tool
      evidence.class = isVerified ? .verified : .declared
      // What a broken file declares about itself was true of another file at best.
      let isBroken = report.state == .invalid || report.state == .malformed
      evidence.strength = isVerified ? .strong : isBroken ? .weak : .medium
      if isBroken && claimed.origin != .captured { evidence.strength = .medium }
      let speaker = origin.signer ?? "an unnamed signer"
      evidence.summary =
        isVerified
        ? "\(speaker), a trusted signer, says that \(claimed.words)"
        : "Content Credentials declare that \(claimed.words)"
      evidence.reason = isVerified ? nil : report.reason
    }
    let isTampered = report.isBound == false
    return Findings(
      evidence: [evidence],
      warnings: isTampered ? ["Content Credentials do not match the file: it was changed after signing"] : [])
  }
}
