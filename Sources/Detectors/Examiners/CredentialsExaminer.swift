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
      detail: detail(of: report), location: EvidenceLocation(path: report.active.map { "/c2pa/\($0.label)" }))
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

  /// The report's answers for programs, each on its own; the rules of an audit rest on them.
  private static func detail(of report: CredentialsReport) -> [String: DetailValue] {
    var detail: [String: DetailValue] = [
      "state": .string(report.state.rawValue), "trustList": .string(report.trustList),
      "success": texts(report.codes(.success)), "failure": texts(report.codes(.failure)),
      "informational": texts(report.codes(.informational)),
      "ingredientFailure": texts(
        report.ingredients.flatMap(\.statuses).filter { $0.code.kind == .failure }.map(\.code.text)),
      "ingredients": .integer(report.active?.ingredientTitles.count ?? 0),
    ]
    let types = report.manifests.flatMap(\.actions).compactMap(\.digitalSourceType).compactMap {
      $0.split(separator: "/").last.map(String.init)
    }
    detail["digitalSourceTypes"] = texts(Array(Set(types)).sorted())
    guard let active = report.active else { return detail }
    detail["identifier"] = .string(active.label)
    detail["actions"] = texts(active.actions.map(\.action))
    detail["allActionsIncluded"] = .boolean(active.allActionsIncluded)
    detail["aiDisclosure"] = .boolean(active.assertions.contains { $0.hasPrefix("c2pa.ai-disclosure") })
    detail["timestamped"] = .boolean(active.timeStamp != nil)
    detail["timestampTrusted"] = .boolean(active.isTimeStampTrusted)
    detail["softBindings"] = texts(active.softBindingValues)
    detail["trainingMining"] = texts(active.trainingMining.map { "\($0.key)=\($0.value)" }.sorted())
    if let agent = active.actions.lazy.compactMap(\.softwareAgent).first ?? active.generator {
      detail["softwareAgent"] = .string(agent)
    }
    if let version = active.actions.lazy.compactMap(\.softwareAgentVersion).first {
      detail["softwareAgentVersion"] = .string(version)
    }
    if let when = active.actions.lazy.compactMap(\.when).first { detail["when"] = .string(when) }
    return detail
  }

  private static func texts(_ items: [String]) -> DetailValue { .array(items.map { .string($0) }) }
}
