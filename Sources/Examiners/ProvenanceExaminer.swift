import Provenance
public import Scanning

/// What the file says of itself.
public struct ProvenanceExaminer: Examiner {
  /// Whether to report what Content Credentials declare, unvalidated; for scanners without an examiner that
  /// validates them.
  public let hintsAtCredentials: Bool

  public init(hintsAtCredentials: Bool = false) { self.hintsAtCredentials = hintsAtCredentials }

  public var kind: ExaminerKind { .provenance }

  public func examine(_ examination: Examination) throws -> Findings {
    let metadata = try examination.metadata()
    let container = try examination.container()
    var signs = ProvenanceReader.signs(
      in: examination.file, container: container, metadata: metadata,
      image: { try examination.decoded().image })
    if hintsAtCredentials { signs += CredentialHints.signs(in: examination.file, container: container) }
    var evidence = signs.map(Evidence.init)
    if !evidence.contains(where: { $0.origin == .generated || $0.origin == .edited }) {
      evidence.append(
        Evidence(
          method: "provenance", class: .declared, result: .absent,
          summary: "no metadata declares AI origin; most software strips it"))
    }
    // Faults of the container are the file's; the scanner reports them.
    let faults = metadata.warnings.filter { !container.warnings.contains($0) }
    return Findings(
      evidence: evidence,
      warnings: faults.map { fault in fault.message + (fault.location.place.map { " (\($0))" } ?? "") })
  }
}

extension Evidence {
  /// A sign as evidence; its quotation, and what else it says, stand in the detail.
  init(_ sign: ProvenanceSign) {
    var detail = sign.detail.mapValues(DetailValue.string)
    if let quotation = sign.quotation { detail["quotation"] = .string(quotation) }
    self.init(
      method: "provenance.\(sign.rule)", class: Class(sign.standing), result: .found,
      strength: Strength(sign.strength), summary: sign.summary, origin: sign.origin.map(Origin.init),
      generator: sign.generator, detail: detail,
      location: EvidenceLocation(bytes: sign.place.bytes, path: sign.place.path), reason: sign.reason)
  }
}

extension Evidence.Class {
  fileprivate init(_ standing: ProvenanceSign.Standing) {
    self =
      switch standing {
      case .declared: .declared
      case .verified: .verified
      case .context: .context
      }
  }
}

extension Evidence.Strength {
  fileprivate init(_ strength: ProvenanceSign.Strength) {
    self =
      switch strength {
      case .weak: .weak
      case .medium: .medium
      case .strong: .strong
      }
  }
}

extension Evidence.Origin {
  fileprivate init(_ origin: ProvenanceSign.Origin) {
    self =
      switch origin {
      case .generated: .generated
      case .edited: .edited
      case .captured: .captured
      case .humanMade: .humanMade
      }
  }
}
