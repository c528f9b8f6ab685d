public import Audits
public import Detectors

/// The source of every report: versioned (`assay.report/1`), and rendered as JSON, HTML, Markdown, SARIF, JUnit or CSV.
///
/// Same audit, same header, same bytes: nothing in it reads a clock, a host name or an environment.
public struct Report: Sendable, Encodable {
  public static let schema = "assay.report/1"

  /// Who asked what, with which tools; all of it given by the caller.
  public struct Header: Sendable, Hashable, Encodable {
    public var title: String
    /// The question that the report answers.
    public var question: String
    /// ISO 8601, UTC.
    public var time: String
    public var operatorName: String
    /// Assay's version.
    public var toolVersion: String
    /// The command that makes this report again.
    public var command: String
    /// Trust lists with dates, models with versions; each named for people.
    public var references: [String]

    public init(
      title: String, question: String, time: String, operatorName: String, toolVersion: String,
      command: String,
      references: [String] = []
    ) {
      self.title = title
      self.question = question
      self.time = time
      self.operatorName = operatorName
      self.toolVersion = toolVersion
      self.command = command
      self.references = references
    }
  }

  /// A rule pack as the report names it.
  public struct Pack: Sendable, Hashable, Encodable {
    public let id: String
    public let title: String
    public let version: String
    public let rules: [RuleText]
  }

  /// A rule's wording, so that the report can be read without the pack.
  public struct RuleText: Sendable, Hashable, Encodable {
    public let id: String
    public let title: String
    public let text: String
    public let citation: String
    public let checked: String
    public let verified: Bool
    public let severity: Rule.Severity
    public let scope: Rule.Scope
    public let remedy: String
  }

  /// One file.
  public struct Item: Sendable, Encodable {
    public let scan: ScanResult
    public let judgements: [Judgement]
  }

  public let schema = Self.schema
  public let header: Header
  public let packs: [Pack]
  public let items: [Item]
  public let folder: [Judgement]
  public let project: [Judgement]
  /// Near-duplicates, as file names.
  public let duplicates: [[String]]
  /// What a reader must know before leaning on the findings.
  public let limits: [String]

  public init(_ audit: Audit, header: Header) {
    self.header = header
    packs = audit.packs.map { pack in
      Pack(id: pack.id, title: pack.title, version: pack.version, rules: pack.rules.map(RuleText.init))
    }
    items = audit.items.map { Item(scan: $0.scan, judgements: $0.judgements) }
    folder = audit.folder
    project = audit.project
    duplicates = audit.duplicates.map { $0.map { audit.items[$0].scan.file } }
    limits = ReportText.limits
  }

  /// Files of each outcome, in the outcomes' order, without empty ones.
  public var outcomeCounts: [(outcome: Outcome, count: Int)] {
    let counts = Dictionary(grouping: items, by: \.scan.outcome).mapValues(\.count)
    return Outcome.allCases.compactMap { outcome in counts[outcome].map { (outcome, $0) } }
  }

  /// How often each rule gave each result, over files, folder and project.
  public var ruleCounts: [String: [RuleResult: Int]] {
    var counts: [String: [RuleResult: Int]] = [:]
    for judgement in items.flatMap(\.judgements) + folder + project {
      counts[judgement.rule, default: [:]][judgement.result, default: 0] += 1
    }
    return counts
  }

  /// Every rule by id.
  public var rules: [RuleText] { packs.flatMap(\.rules) }
}

extension Report.RuleText {
  fileprivate init(_ rule: Rule) {
    self.init(
      id: rule.id, title: rule.title, text: rule.text, citation: rule.citation, checked: rule.checked,
      verified: rule.verified, severity: rule.severity, scope: rule.scope, remedy: rule.remedy)
  }
}

/// The sentences of every report, in one place so that they can be translated.
public enum ReportText {
  public static let limits = [
    "The rules say whether evidence was found. They do not say that anything complies with a law.",
    "Absence of a mark proves nothing: marks are lost in editing, uploads and screenshots.",
    "Unsigned metadata can be written by anybody; a declaration is a statement, not a proof.",
    "Watermarks of closed schemes (SynthID, Amazon, Meta, Digimarc and others) cannot be read offline.",
    "Statistical scores hold with the error rates printed beside them, on data like those they were measured on.",
    "Not for use by law enforcement to judge evidence without the conformity assessment that EU AI Act Annex III 6(c) asks for.",
  ]

  /// What a result is called in tables.
  public static func name(_ result: RuleResult) -> String {
    switch result {
    case .pass: "found"
    case .fail: "not found"
    case .warn: "partly / warning"
    case .notApplicable: "not applicable"
    case .undetermined: "undetermined"
    }
  }

  /// A symbol beside the colour, so that colour is never the only cue.
  public static func symbol(_ result: RuleResult) -> String {
    switch result {
    case .pass: "✓"
    case .fail: "✗"
    case .warn: "!"
    case .notApplicable: "–"
    case .undetermined: "?"
    }
  }
}
