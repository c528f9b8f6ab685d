import ImageFormats

/// What the credentials say about AI, gathered over the active manifest and its ingredients.
///
/// The statement often stands below the active manifest: in Gemini's files two manifests down.
public struct OriginSummary: Sendable, Codable {
  public enum Kind: String, Sendable, Codable {
    /// A generative model made the whole.
    case generated
    /// A generative model made or changed a part.
    case editedWithAI
    /// A camera or scanner captured it.
    case captured
    case unknown

    /// What a source type says; nil for one that speaks neither of AI nor of capture.
    ///
    /// - Parameter uri: the last path part decides, whole: `compositeWithTrained…` contains `trained…`.
    init?(sourceType uri: String) {
      let last = uri.split(separator: "/").last.map { $0.filter { !$0.isWhitespace } }
      switch DigitalSourceType(rawValue: last ?? "")?.origin {
      case .generated: self = .generated
      case .edited: self = .editedWithAI
      case .captured: self = .captured
      case .humanMade, nil: return nil
      }
    }
  }

  public var kind: Kind = .unknown
  /// The digital source type that decided.
  public var digitalSourceType: String?
  /// The tool that the deciding action names, or the claim generator.
  public var tool: String?
  /// Who signed the deciding statement.
  public var signer: String?
  /// The deciding manifest's label and its distance from the active one.
  public var manifest: String?
  public var depth = 0
  /// Whether the signer of the deciding statement chains to a trusted anchor.
  public var isSignerTrusted = false
  /// The assertion that decided, when it was none of actions.
  public var assertion: String?
  /// Whether the statement says what a model did; false where a model is only named.
  public var isExplicit = true

  package init() {}

  /// Walks manifests and their parents; inputs and components count as AI's part in a whole.
  ///
  /// Of statements that say the same the first one decides; one that only names a model decides where no other does.
  ///
  /// - Parameter manifests: with the relationship that led to each: `parentOf`, `componentOf`, `inputTo`.
  package init(_ manifests: [(report: ManifestReport, isParent: Bool)]) {
    var best: (rank: Int, summary: OriginSummary)?
    var sawCapture = false
    func consider(_ summary: OriginSummary) {
      let rank: Int =
        switch (summary.kind, summary.isExplicit) {
        case (.generated, true): 5
        case (.editedWithAI, true): 4
        case (.generated, false): 3
        case (.editedWithAI, false): 2
        default: 1
        }
      if best.map({ rank > $0.rank }) ?? true { best = (rank, summary) }
    }
    for (report, isParent) in manifests {
      for action in report.actions {
        guard let type = action.digitalSourceType.flatMap({ Kind(sourceType: $0) }) else { continue }
        let isInception = action.action == "c2pa.created" || action.action == "c2pa.opened"
        var kind = type
        if kind == .captured {
          guard isInception else { continue }
          if isParent { sawCapture = true }
        }
        // AI as a step of an edit, or in a part that was placed, is an edit of the whole.
        if kind == .generated && (!isInception || !isParent) { kind = .editedWithAI }
        if kind == .captured && !isParent { continue }
        var summary = OriginSummary(kind, in: report)
        summary.digitalSourceType = action.digitalSourceType
        summary.tool = action.softwareAgent ?? report.generator
        consider(summary)
      }
      for statement in report.aiStatements {
        let isPart = statement.kind == .generated && !isParent
        var summary = OriginSummary(isPart ? .editedWithAI : statement.kind, in: report)
        summary.digitalSourceType = statement.digitalSourceType
        summary.tool = statement.tool ?? report.generator
        summary.assertion = statement.assertion
        summary.isExplicit = statement.isExplicit
        consider(summary)
      }
    }
    if let best { self = best.summary }
    // A captured parent cannot have been generated as a whole.
    if kind == .generated && sawCapture { kind = .editedWithAI }
  }

  private init(_ kind: Kind, in report: ManifestReport) {
    self.kind = kind
    signer = report.signer.flatMap { $0.organization ?? $0.commonName }
    manifest = report.label
    depth = report.depth
    isSignerTrusted = report.isSignerTrusted && report.isSignatureValid
  }
}
