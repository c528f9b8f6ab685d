public import Examiners
public import Scanning

/// A judged set of files.
public struct Audit: Sendable {
  public let packs: [RulePack]
  /// In the order in which the files were added.
  public let items: [AuditItem]
  /// Judgements of the whole set (rules of scope `folder`).
  public let folder: [Judgement]
  /// Judgements of the project (rules of scope `project`); empty without a manifest.
  public let project: [Judgement]
  /// Groups of near-duplicates, as indices of ``items``.
  public let duplicates: [[Int]]
  /// Names in the manifest's pairs that are no audited file's, or those of more than one.
  public let unpaired: [String]
  /// Methods that came to an answer in at least one file.
  public let methods: Set<String>

  /// Positions of the files that need attention, the most urgent first, then in the audit's order.
  public var attention: [Int] {
    items.indices.compactMap { index in items[index].urgency.map { (index, $0) } }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
  }

  /// The severity of the worst result: of `fail`, or of `warn` capped at `warning`; nil if there is none.
  public var worst: Rule.Severity? {
    ((folder + project).compactMap(\.gravity) + items.compactMap(\.worst)).max()
  }
}

/// Judges scans by rule packs.
///
/// Scans are added one by one, in the order of the report; folder and project rules are judged at the end.
public struct Auditor: Sendable {
  private let packs: [RulePack]
  private let project: ProjectManifest?
  private let report: Facts
  private var set = SetFacts()
  private var hashes: [PerceptualHash?] = []
  private let rules: [Rule]
  /// Which of ``rules`` can be judged by a file alone.
  private let isOfFile: [Bool]
  private var findings = FindingPool()
  /// What was judged before the set was whole.
  private var early: [PackedJudgements?] = []

  /// - Parameters:
  ///   - project: what no file can tell.
  ///   - report: facts of the domain `report`, for rules about the report itself.
  public init(packs: [RulePack], project: ProjectManifest? = nil, report: Facts = Facts()) {
    self.packs = packs
    self.project = project
    self.report = report
    rules = packs.flatMap(\.rules).filter { $0.scope == .file }
    isOfFile = rules.map { SetFacts.domains.isDisjoint(with: $0.factNames.map(Facts.domain)) }
  }

  /// - Parameters:
  ///   - hash: the picture's fingerprint; that among the evidence unless told.
  ///   - early: what ``judge(_:)`` said of this scan, so that nothing is judged twice.
  public mutating func add(_ scan: ScanResult, hash: PerceptualHash? = nil, early: EarlyJudgements? = nil) {
    set.add(scan)
    self.early.append(early.map { PackedJudgements($0.judgements, &findings) })
    hashes.append(hash ?? PerceptualHashExaminer.hash(in: scan.evidence))
  }

  /// What the rules say of a file as far as its own scan tells; what the set says of it comes later.
  ///
  /// May be asked from many tasks.
  public func judge(_ scan: ScanResult) -> EarlyJudgements {
    let facts = (project?.facts(of: scan.file) ?? Facts()).merging(Facts(scan))
      .merging(project?.facts ?? Facts())
    return EarlyJudgements(
      scan, zip(rules, isOfFile).map { rule, isOfFile in isOfFile ? rule.judge(facts) : nil })
  }

  /// Judges what was not judged before: each scan is unpacked once, each rule asked once a file.
  public func finish() -> Audit {
    var set = set
    if let project { set.addStatements(project) }
    let unpaired = set.addPairs(project?.pairs ?? [])
    let groups = DuplicateGroups.find(hashes)
    let contradictory = set.addDuplicates(groups, hashed: hashes.map { $0 != nil })
    let projectFacts = project?.facts ?? Facts()
    var findings = findings
    var count = FolderCount()
    var methods = Set<String>()
    var items = set.indices.map { index in
      let scan = set.scans[index].unpacked(set.names)
      let facts = set.added[index].merging(Facts(scan))
      count.add(facts)
      for evidence in scan.evidence where evidence.result != .notEvaluated { methods.insert(evidence.method) }
      let all = facts.merging(projectFacts)
      let known =
        early[index]?.unpacked(rules, findings.texts) ?? [Judgement?](repeating: nil, count: rules.count)
      JudgementTally.current?.add(known.count { $0 == nil })
      let judgements = zip(rules, known).map { $1 ?? $0.judge(all) }
      return AuditItem(
        scan, packed: set.scans[index], names: set.names, judgements,
        judged: PackedJudgements(judgements, &findings))
    }
    for index in items.indices { (items[index].rules, items[index].findings) = (rules, findings.texts) }
    let folder = count.facts(groups: groups, contradictory: contradictory, hashed: hashes.count { $0 != nil })
    return Audit(
      packs: packs, items: items,
      folder: items.isEmpty ? [] : judge(.folder, folder.merging(projectFacts).merging(report)),
      project: project == nil ? [] : judge(.project, projectFacts), duplicates: groups,
      unpaired: unpaired, methods: methods)
  }

  private func judge(_ scope: Rule.Scope, _ facts: Facts) -> [Judgement] {
    packs.flatMap(\.rules).filter { $0.scope == scope }.map { $0.judge(facts) }
  }
}

/// What rules say of one file before the set is whole.
public struct EarlyJudgements: Sendable {
  /// How urgently a reader should look at the file, as far as its own scan tells; nil where none needs to.
  public let urgency: Int?
  /// One a rule, in their order; nil for those that ask for the set.
  let judgements: [Judgement?]

  init(_ scan: ScanResult, _ judgements: [Judgement?]) {
    self.judgements = judgements
    let known = judgements.compactMap(\.self)
    urgency = AuditItem.urgency(of: scan, known)
    JudgementTally.current?.add(known.count)
  }
}
