public import Audits
public import Detectors

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
  public struct Item: Sendable {
    private let audited: AuditItem

    init(_ item: AuditItem) { audited = item }

    public var scan: ScanResult { audited.scan }
    public var judgements: [Judgement] { audited.judgements }
    /// Size of the file, where the scan recorded it.
    public var bytes: Int? {
      for evidence in scan.evidence {
        if case .integer(let bytes)? = evidence.detail["bytes"], evidence.method == "container.extension" {
          return bytes
        }
      }
      return nil
    }
    /// Failures and warnings.
    public var open: [Judgement] { judgements.filter { $0.result == .fail || $0.result == .warn } }

    /// Whether a reader should look at this file: it was not read, its signs conflict, or a rule of more than
    /// a note's weight complains.
    public var needsAttention: Bool {
      scan.error != nil || scan.outcome == .conflicting
        || judgements.contains { ($0.gravity ?? .note) > .note }
    }
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
  /// Pictures of files that need attention, by file name; in the page only.
  public var pictures: [String: [ReportPicture]] = [:]
  /// What could not be done as it was asked.
  public let notes: [String]
  /// Files of each outcome, in the outcomes' order, without empty ones.
  public let outcomeCounts: [(outcome: Outcome, count: Int)]
  /// How often each rule gave each result, over files, folder and project.
  public let ruleCounts: [String: [RuleResult: Int]]
  /// Positions of the files that need attention, the gravest first, then in the audit's order.
  public let attention: [Int]

  public init(_ audit: Audit, header: ReportHeader, baseline: ReportBaseline? = nil) {
    self.header = header
    packs = audit.packs.map { pack in
      Pack(id: pack.id, title: pack.title, version: pack.version, rules: pack.rules.map(RuleText.init))
    }
    let items = audit.items.map(Item.init)
    self.items = items
    folder = audit.folder
    project = audit.project
    comparison = baseline.map { ReportComparison(items, audit.folder + audit.project, against: $0) }
    duplicates = audit.duplicates.map { $0.map { audit.items[$0].scan.file } }
    notes = audit.notes
    var counts: [String: [RuleResult: Int]] = [:]
    var outcomes: [Outcome: Int] = [:]
    var attention: [(place: Int, gravity: Int)] = []
    for (index, item) in items.enumerated() {
      outcomes[item.scan.outcome, default: 0] += 1
      let judgements = item.judgements
      for judgement in judgements { counts[judgement.rule, default: [:]][judgement.result, default: 0] += 1 }
      if item.needsAttention {
        let failures = judgements.count { $0.result == .fail }
        attention.append(
          (index, item.scan.error != nil || item.scan.outcome == .conflicting ? 1_000 : failures))
      }
    }
    for judgement in folder + project {
      counts[judgement.rule, default: [:]][judgement.result, default: 0] += 1
    }
    ruleCounts = counts
    outcomeCounts = Outcome.allCases.compactMap { outcome in outcomes[outcome].map { (outcome, $0) } }
    self.attention = attention.sorted { ($1.gravity, $0.place) < ($0.gravity, $1.place) }.map(\.place)
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

/// A picture in the page: a thumbnail, a spectrum, a heat map.
public struct ReportPicture: Sendable, Hashable {
  public var caption: String
  public var width: Int
  public var height: Int
  /// A whole PNG or JPEG file.
  public var bytes: [UInt8]

  public init(caption: String, width: Int, height: Int, bytes: [UInt8]) {
    self.caption = caption
    self.width = width
    self.height = height
    self.bytes = bytes
  }
}
