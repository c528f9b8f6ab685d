public import ContentCredentials
import Foundation
import ImageFormats
public import Scanning

/// What validated Content Credentials prove or declare.
///
/// `verified` needs all three: bytes bound without gaps, signatures that hold, and a trusted signer of both the
/// active manifest and the statement itself. Anything less declares.
public struct CredentialsExaminer: Examiner {
  private let reader: CredentialsReader

  public init(trust: TrustSettings = TrustSettings()) { reader = CredentialsReader(trust: trust) }

  public var kind: ExaminerKind { .provenance }

  public func examine(_ examination: Examination) throws -> Findings {
    Self.findings(of: Self.report(on: examination, reader))
  }

  /// The whole report of a file under examination: validated once, whoever asks first.
  ///
  /// - Parameter trust: that of the examiner, where one is asked about the same file.
  public static func report(on examination: Examination, trust: TrustSettings) -> CredentialsReport {
    report(on: examination, CredentialsReader(trust: trust))
  }

  private static func report(on examination: Examination, _ reader: CredentialsReader) -> CredentialsReport {
    examination.shared(CredentialsReport.self) {
      reader.report(on: examination.file)
    }
  }

  /// The evidence in a report.
  static func findings(of report: CredentialsReport) -> Findings {
    let method = "credentials.c2pa"
    if report.state == .undetermined, report.origin.kind == .unknown {
      return Findings(evidence: [
        Evidence(
          method: method, class: .verified, result: .notEvaluated,
          summary: "whether the file carries Content Credentials that hold is not known",
          reason: report.reason)
      ])
    }
    guard report.state != .absent else {
      return Findings(evidence: [
        Evidence(
          method: method, class: .verified, result: .absent,
          summary: report.source == .none
            ? "no Content Credentials; most software strips them" : report.reason)
      ])
    }
    let origin = report.origin
    var evidence = Evidence(
      method: method, class: .context, result: .found, strength: .weak,
      summary: "Content Credentials are \(report.state.rawValue): \(report.reason)",
      detail: .credentials(detail(of: report)),
      location: EvidenceLocation(path: report.active.map { "/c2pa/\($0.label)" }))

    let claimed: (origin: Evidence.Origin, words: String)? =
      switch origin.kind {
      case .generated: (.generated, "a generative model made the picture")
      case .editedWithAI: (.edited, "a generative model made or changed a part of the picture")
      case .captured: (.captured, "a camera captured the picture")
      case .unknown: nil
      }
    if let claimed {
      let isVerified =
        report.state == .trusted && report.isBound == true && report.unbound.allSatisfy(\.holdsMetadataOnly)
        && origin.isSignerTrusted && origin.isExplicit
      evidence.origin = claimed.origin
      evidence.generator = origin.tool
      evidence.class = isVerified ? .verified : .declared
      // What a broken file declares about itself was true of another file at best.
      let isBroken = [.invalid, .malformed, .undetermined].contains(report.state)
      evidence.strength = isVerified ? .strong : isBroken ? .weak : .medium
      if isBroken && claimed.origin != .captured { evidence.strength = .medium }
      let speaker = origin.signer ?? "an unnamed signer"
      let assertion = origin.assertion.map { " in \($0)" } ?? ""
      evidence.summary =
        isVerified
        ? "\(speaker), a signer trusted by \(report.trustList), says\(place(report))\(assertion) that \(claimed.words)"
        : "Content Credentials\(place(report)) declare\(assertion) that \(claimed.words)"
      evidence.reason = reservation(report, isVerified: isVerified)
    } else if let name = namedGenerator(in: report) {
      evidence.origin = name.isPart ? .edited : .generated
      evidence.generator = name.generator
      evidence.class = .declared
      evidence.strength = .medium
      evidence.summary =
        "Content Credentials\(place(report)) name \(name.generator) as \(name.role)"
      evidence.reason = "a name says with what, not that a model made the picture"
    }
    evidence.alteration = report.fault.flatMap(alteration)
    return Findings(
      evidence: [evidence],
      warnings: [report.fault.map(faultWarning), report.active?.timeStampFault].compactMap(\.self))
  }

  private static func alteration(_ fault: CredentialsReport.Fault) -> Evidence.Alteration? {
    switch fault {
    case .changed: .changed
    case .cut: .cut
    case .foreign: .foreign
    case .statement: .statement
    case .damaged: .damaged
    case .binding, .certificate, .ingredient, .other: nil
    }
  }

  /// What is wrong with credentials that do not hold; the container may be in order.
  static func faultWarning(_ fault: CredentialsReport.Fault) -> String {
    switch fault {
    case .changed:
      "Content Credentials do not match the file: its bytes were changed after signing; whether the picture itself changed "
        + "can't be told from this"
    case .cut:
      "Content Credentials do not match the file: it ends early, and whether what is there was changed can't be told"
    case .foreign: "Content Credentials do not match the file: they came with another one"
    case .statement:
      "Content Credentials do not hold: what was signed was changed, so the signature is broken"
    case .damaged: "Content Credentials are damaged and cannot be checked"
    case .binding:
      "Content Credentials are not bound to the file as the standard asks; nothing says that it was changed"
    case .certificate: "Content Credentials are signed with a certificate that may not sign them"
    case .ingredient: "Content Credentials hold for this file, but not for a file that it was made from"
    case .other: "Content Credentials are not as the standard asks; nothing says that the file was changed"
    }
  }

  /// Every warning of credentials that do not hold, to tell them from faults of the container.
  public static let faultWarnings = Set(CredentialsReport.Fault.allCases.map(faultWarning))

  /// The report's answers for programs, each on its own; the rules of an audit rest on them.
  private static func detail(of report: CredentialsReport) -> Evidence.Detail.Credentials {
    var detail = Evidence.Detail.Credentials()
    detail.state = report.state.rawValue
    detail.trustList = report.trustList
    detail.success = report.codes(.success)
    detail.failure = report.codes(.failure)
    detail.informational = report.codes(.informational)
    detail.ingredientFailure = report.ingredients.flatMap(\.statuses).filter { $0.code.kind == .failure }
      .map(\.code.text)
    detail.ingredients = report.active?.ingredientCount ?? 0
    let types = report.manifests.flatMap(\.actions).compactMap(\.digitalSourceType).compactMap(lastPart)
    detail.digitalSourceTypes = Array(Set(types)).sorted()
    detail.place = report.place
    if !report.unbound.isEmpty { detail.unbound = report.unbound.map(\.text) }
    detail.fault = report.fault?.rawValue
    if report.source == .sidecar { detail.source = report.source.rawValue }
    detail.signer = report.origin.signer ?? report.active?.signer.flatMap { $0.organization ?? $0.commonName }
    detail.digitalSourceType = report.origin.digitalSourceType
    detail.manifestDepth = report.origin.depth
    guard let active = report.active else { return detail }
    detail.identifier = active.label
    detail.claimVersion = active.claimVersion
    detail.isUpdate = active.isUpdate
    detail.actions = active.actions.map(\.action)
    detail.createdSourceType =
      active.actions.first { $0.action == "c2pa.created" }?.digitalSourceType.flatMap(lastPart)
    detail.allActionsIncluded = active.allActionsIncluded
    detail.aiDisclosure = active.assertions.contains { $0.hasPrefix("c2pa.ai-disclosure") }
    detail.deprecated = active.deprecated
    detail.isTimestamped = active.timeStamp != nil
    detail.isTimestampTrusted = active.isTimeStampTrusted
    detail.softBindings = active.softBindingValues
    detail.softBindingAlgorithms = active.softBindings
    detail.trainingMining = active.trainingMining.map { "\($0.key)=\($0.value)" }.sorted()
    // The manifest that says how the picture came about speaks first, then the active one, then the others.
    let speakers = report.manifests.sorted { left, right in
      rank(left, report) < rank(right, report)
    }
    let acts = speakers.flatMap(\.actions)
    detail.softwareAgent = acts.lazy.compactMap(\.softwareAgent).first ?? active.generator
    detail.softwareAgentVersion = acts.lazy.compactMap(\.softwareAgentVersion).first
    let stamp = speakers.lazy.compactMap(\.timeStamp).first.map {
      Date(timeIntervalSince1970: Double($0)).formatted(.iso8601)
    }
    detail.when = stamp ?? acts.lazy.compactMap(\.when).first
    return detail
  }

  private static func rank(_ manifest: ManifestReport, _ report: CredentialsReport) -> Int {
    manifest.label == report.origin.manifest ? 0 : 1 + manifest.depth
  }

  private static func lastPart(_ type: String) -> String? { type.split(separator: "/").last.map(String.init) }
}
