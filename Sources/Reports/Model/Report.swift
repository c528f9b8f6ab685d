public import Audits
import Crypto
import Diagnostics
public import Scanning

/// The source of every report: versioned (`assay.report/1`), and rendered as JSON, HTML, Markdown, SARIF, JUnit or CSV.
///
/// Same audit, same header, same bytes: nothing in it reads a clock, a host name or an environment. What stands
/// in it follows the checklists of SWGDE 18-Q-002 and ENFSI-BPM-DI-03 for reports on digital images.
public struct Report: Sendable {
  public static let schema = "assay.report/1"

  /// A rule pack as the report names it.
  public struct Pack: Sendable, Hashable, Codable {
    public let id: String
    public let title: String
    public let version: String
    public let rules: [RuleText]
  }

  /// A rule's wording, so that the report can be read without the pack.
  public struct RuleText: Sendable, Hashable, Codable {
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
  ///
  /// The scan is unpacked anew each time, as ten thousand of them would fill the memory: ask once.
  public struct Item: Sendable {
    private enum Source: Sendable {
      case audited(AuditItem)
      case read(ScanResult, [Judgement])
    }

    private let source: Source

    init(_ item: AuditItem) { source = .audited(item) }
    init(_ scan: ScanResult, _ judgements: [Judgement]) { source = .read(scan, judgements) }

    public var scan: ScanResult {
      switch source {
      case .audited(let item): item.scan
      case .read(let scan, _): scan
      }
    }

    public var file: String {
      switch source {
      case .audited(let item): item.file
      case .read(let scan, _): scan.file
      }
    }

    public var outcome: Outcome {
      switch source {
      case .audited(let item): item.outcome
      case .read(let scan, _): scan.outcome
      }
    }

    /// As ``AuditItem/score``.
    var score: (value: Double, quiet: Double?, indicated: Double?)? {
      switch source {
      case .audited(let item): item.score
      case .read(let scan, _): AuditItem.score(of: scan)
      }
    }

    /// Classes of which evidence was found.
    var classes: Set<Evidence.Class> {
      switch source {
      case .audited(let item): item.classes
      case .read(let scan, _): Set(scan.evidence.lazy.filter { $0.result == .found }.map(\.class))
      }
    }

    /// As ``AuditItem/urgency``.
    var urgency: Int? {
      switch source {
      case .audited(let item): item.urgency
      case .read(let scan, let judgements): AuditItem.urgency(of: scan, judgements)
      }
    }

    /// As ``AuditItem/reason``.
    var reason: AuditItem.Reason? {
      switch source {
      case .audited(let item): item.reason
      case .read(let scan, let judgements): AuditItem.Reason(scan, judgements)
      }
    }

    /// What the rules say, kept: asking costs little.
    public var judgements: [Judgement] {
      switch source {
      case .audited(let item): item.judgements
      case .read(_, let judgements): judgements
      }
    }

    /// Failures and warnings.
    public var open: [Judgement] { judgements.filter { $0.result == .fail || $0.result == .warn } }
  }

  public let header: ReportHeader
  public let packs: [Pack]
  public let items: [Item]
  public let folder: [Judgement]
  public let project: [Judgement]
  /// Near-duplicates, as file names.
  public let duplicates: [[String]]
  /// How this audit differs from an earlier one.
  public let comparison: ReportComparison?
  /// Pictures of files that need attention, by file name. The page shows them; the JSON holds their SHA-256, so that
  /// who signs it signs them.
  public var pictures: [String: [ReportPicture]] = [:]
  /// What a command left of the marks of sample pictures; nil for a report about anything else. ``items`` are then
  /// what the command made.
  public var pipeline: PipelineFindings?
  /// What could not be done as it was asked.
  public let notes: [String]
  /// What all its labels and sentences are taken from.
  public let text: ReportText

  // MARK: Counts

  /// Files of each outcome, in the outcomes' order, without empty ones.
  public let outcomeCounts: [(outcome: Outcome, count: Int)]
  /// How often each rule gave each result, over files, folder and project.
  public let ruleCounts: [String: [RuleResult: Int]]
  /// Files in which evidence of a class was found, by class.
  public let findingCounts: [Evidence.Class: Int]
  /// Titles of the rules, by id.
  let ruleTitles: [String: String]
  /// Methods that came to an answer in at least one file.
  let methods: Set<String>
  /// Positions of the files that need attention, the gravest first, then in the audit's order.
  public let attention: [Int]
  /// How many of them there are for each reason, the gravest first, without empty ones.
  public let reasonCounts: [(reason: AuditItem.Reason, count: Int)]

  public init(_ audit: Audit, header: ReportHeader, text: ReportText, baseline: ReportBaseline? = nil) {
    let items = audit.items.map(Item.init)
    self.init(
      header: header, text: text,
      packs: audit.packs.map { pack in
        Pack(id: pack.id, title: pack.title, version: pack.version, rules: pack.rules.map(RuleText.init))
      },
      items: items, folder: audit.folder, project: audit.project,
      duplicates: audit.duplicates.map { $0.map { items[$0].file } },
      comparison: baseline.map { ReportComparison(items, audit.folder + audit.project, against: $0) },
      notes: audit.unpaired.map { text.filled("notes.unpaired", ["file": $0]) }, methods: audit.methods)
  }

  init(
    header: ReportHeader, text: ReportText, packs: [Pack], items: [Item], folder: [Judgement],
    project: [Judgement], duplicates: [[String]], comparison: ReportComparison?, notes: [String],
    methods: Set<String>
  ) {
    self.header = header
    self.text = text
    self.packs = packs
    self.items = items
    self.folder = folder
    self.project = project
    self.duplicates = duplicates
    self.comparison = comparison
    self.notes = notes
    var rules: [String: [RuleResult: Int]] = [:]
    var outcomes: [Outcome: Int] = [:]
    var findings: [Evidence.Class: Int] = [:]
    var attention: [(place: Int, urgency: Int)] = []
    var reasons: [AuditItem.Reason: Int] = [:]
    for (index, item) in items.enumerated() {
      outcomes[item.outcome, default: 0] += 1
      for kind in item.classes { findings[kind, default: 0] += 1 }
      for judgement in item.judgements {
        rules[judgement.rule, default: [:]][judgement.result, default: 0] += 1
      }
      if let urgency = item.urgency { attention.append((index, urgency)) }
      if let reason = item.reason { reasons[reason, default: 0] += 1 }
    }
    for judgement in folder + project {
      rules[judgement.rule, default: [:]][judgement.result, default: 0] += 1
    }
    ruleCounts = rules
    ruleTitles = Dictionary(
      packs.flatMap(\.rules).map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
    outcomeCounts = Outcome.allCases.compactMap { outcome in outcomes[outcome].map { (outcome, $0) } }
    findingCounts = findings
    self.methods = methods
    reasonCounts = AuditItem.Reason.allCases.compactMap { reason in reasons[reason].map { (reason, $0) } }
    self.attention = attention.sorted { ($1.urgency, $0.place) < ($0.urgency, $1.place) }.map(\.place)
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

/// A picture in the page.
public struct ReportPicture: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case thumbnail, spectrum, heatmap, fingerprint
  }

  public let kind: Kind
  public let width: Int
  public let height: Int
  /// A whole PNG or JPEG file.
  public let bytes: [UInt8]

  /// SHA-256 of the file.
  let sha256: String
  /// Bytes of the file.
  let size: Int

  public init(kind: Kind, width: Int, height: Int, bytes: [UInt8]) {
    self.kind = kind
    self.width = width
    self.height = height
    self.bytes = bytes
    sha256 = SHA256.hash(data: bytes).hexadecimal
    size = bytes.count
  }

  /// A picture of which a report's JSON names digest and size.
  ///
  /// - Parameter bytes: the file, or what stands for it.
  init(_ named: JSONPicture, bytes: [UInt8]) {
    kind = named.kind
    width = named.width
    height = named.height
    sha256 = named.sha256
    size = named.bytes
    self.bytes = bytes
  }
}
