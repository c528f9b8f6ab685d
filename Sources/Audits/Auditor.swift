public import Detectors

/// One file's part in an audit: what the scan found, and what the rules say of it.
///
/// Both are unpacked or judged anew each time, as ten thousand files' worth of them would fill the memory: ask once.
public struct AuditItem: Sendable {
  let packed: PackedScan
  let names: NamePool
  /// What the set and the project say of the file, over what its scan found.
  let added: Facts
  let project: Facts
  let rules: [Rule]

  public var scan: ScanResult { packed.unpacked(names) }

  /// In the order of the packs and their rules.
  public var judgements: [Judgement] {
    let facts = added.merging(Facts(scan)).merging(project)
    return rules.map { $0.judge(facts) }
  }
}

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

  /// The severity of the worst result: of `fail`, or of `warn` capped at `warning`; nil if there is none.
  public var worst: Rule.Severity? {
    var worst = (folder + project).compactMap(\.gravity).max()
    for item in items {
      for case let gravity? in item.judgements.lazy.map(\.gravity) {
        worst = max(worst ?? gravity, gravity)
      }
    }
    return worst
  }
}

/// Judges scans by rule packs.
///
/// Scans are added one by one, in the order of the report; folder and project rules are judged at the end.
public struct Auditor: Sendable {
  /// Examiners that an audit needs beside those of a scan.
  public static let examiners: [any Examiner] = [
    ContainerExaminer(), MarksExaminer(), PersonalDataExaminer(), FingerprintExaminer(),
  ]

  private let packs: [RulePack]
  private let project: ProjectManifest?
  private let report: Facts
  private var set = SetFacts()
  private var hashes: [PerceptualHash?] = []

  /// - Parameters:
  ///   - project: what no file can tell.
  ///   - report: facts of the domain `report`, for rules about the report itself.
  public init(packs: [RulePack], project: ProjectManifest? = nil, report: Facts = Facts()) {
    self.packs = packs
    self.project = project
    self.report = report
  }

  /// - Parameter hash: the picture's fingerprint; that among the evidence unless told.
  public mutating func add(_ scan: ScanResult, hash: PerceptualHash? = nil) {
    set.add(scan)
    hashes.append(hash ?? FingerprintExaminer.hash(in: scan.evidence))
  }

  /// Judges all that was added.
  public func finish() -> Audit {
    var set = set
    set.addStatements(project?.statements ?? [])
    let unpaired = set.addPairs(project?.pairs ?? [])
    let groups = DuplicateGroups.find(hashes)
    let contradictory = set.addDuplicates(groups, hashed: hashes.map { $0 != nil })
    let projectFacts = project?.facts ?? Facts()
    let rules = packs.flatMap(\.rules).filter { $0.scope == .file }
    let items = set.indices.map { index in
      AuditItem(
        packed: set.scans[index], names: set.names, added: set.added[index], project: projectFacts,
        rules: rules)
    }
    let folder = set.folder(
      groups: groups, contradictory: contradictory, hashed: hashes.count { $0 != nil })
    return Audit(
      packs: packs, items: items,
      folder: items.isEmpty ? [] : judge(.folder, folder.merging(projectFacts).merging(report)),
      project: project == nil ? [] : judge(.project, projectFacts), duplicates: groups,
      unpaired: unpaired)
  }

  private func judge(_ scope: Rule.Scope, _ facts: Facts) -> [Judgement] {
    packs.flatMap(\.rules).filter { $0.scope == scope }.map { $0.judge(facts) }
  }
}
