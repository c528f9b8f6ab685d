public import Detectors

/// One file's part in an audit: what the scan found, and what the rules say of it.
public struct AuditItem: Sendable {
  public let scan: ScanResult
  /// In the order of the packs and their rules.
  public let judgements: [Judgement]
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

  /// The severity of the worst result: of `fail`, or of `warn` capped at `warning`; nil if there is none.
  public var worst: Rule.Severity? {
    (items.flatMap(\.judgements) + folder + project).compactMap { judgement in
      switch judgement.result {
      case .fail: judgement.severity
      case .warn: min(judgement.severity, .warning)
      case .pass, .notApplicable, .undetermined: nil
      }
    }.max()
  }
}

/// Judges scans by rule packs.
///
/// Scans are added one by one, in the order of the report; folder and project rules are judged at the end.
public struct Auditor: Sendable {
  private let packs: [RulePack]
  private let project: ProjectManifest?
  private var scans: [ScanResult] = []
  private var facts: [Facts] = []
  private var hashes: [PerceptualHash?] = []

  public init(packs: [RulePack], project: ProjectManifest? = nil) {
    self.packs = packs
    self.project = project
  }

  /// - Parameter hash: the picture's fingerprint, nil if it was not decoded.
  public mutating func add(_ scan: ScanResult, hash: PerceptualHash? = nil) {
    scans.append(scan)
    facts.append(Facts(scan))
    hashes.append(hash)
  }

  /// Judges all that was added.
  public func finish() -> Audit {
    var facts = facts
    addPairs(to: &facts)
    let projectFacts = project?.facts ?? Facts()
    let items = scans.indices.map { index in
      let known = facts[index].merging(projectFacts)
      return AuditItem(scan: scans[index], judgements: judge(.file, known))
    }
    let groups = DuplicateGroups.find(hashes)
    let folder = folderFacts(facts, groups).merging(projectFacts)
    return Audit(
      packs: packs, items: items, folder: scans.isEmpty ? [] : judge(.folder, folder),
      project: project == nil ? [] : judge(.project, projectFacts), duplicates: groups)
  }

  private func judge(_ scope: Rule.Scope, _ facts: Facts) -> [Judgement] {
    packs.flatMap(\.rules).filter { $0.scope == scope }.map { $0.judge(facts) }
  }

  /// Compares each output with its input, mark by mark.
  private func addPairs(to facts: inout [Facts]) {
    guard let pairs = project?.pairs, !pairs.isEmpty else { return }
    let index = Dictionary(
      scans.indices.map { (scans[$0].file, $0) }, uniquingKeysWith: { first, _ in first })
    for pair in pairs {
      guard let input = index[pair.input], let output = index[pair.output] else { continue }
      let before = facts[input].marks
      let after = Set(facts[output].marks)
      facts[output].markExamined("pair")
      facts[output]["pair.marksKept"] = .list(before.filter(after.contains))
      let lost = before.filter { !after.contains($0) }
      if !lost.isEmpty { facts[output]["pair.marksLost"] = .list(lost) }
      if case .number(let count)? = facts[output]["credentials.ingredients"], count >= 1 {
        facts[output]["pair.inputIsIngredient"] = .flag(true)
      }
    }
  }

  private func folderFacts(_ facts: [Facts], _ groups: [[Int]]) -> Facts {
    var folder = Facts(examined: ["folder"])
    let ai = facts.filter { $0["origin.ai"] == .flag(true) }
    folder["folder.files"] = .number(Double(facts.count))
    folder["folder.unreadable"] = .number(Double(scans.count { $0.outcome == .unreadable }))
    folder["folder.aiFiles"] = .number(Double(ai.count))
    if !ai.isEmpty {
      let marked = ai.count { known in
        let state = known["credentials.state"]
        return (state == .text("trusted") || state == .text("valid")) && known["watermark.schemes"] != nil
      }
      folder["folder.markedShare"] = .number(Double(marked) / Double(ai.count))
    }
    folder["folder.nearDuplicates"] = .number(Double(groups.reduce(0) { $0 + $1.count }))
    let contradictory = groups.count { group in Set(group.map { facts[$0].marks.isEmpty }).count > 1 }
    folder["folder.contradictoryDuplicates"] = .number(Double(contradictory))
    return folder
  }
}

extension Facts {
  /// The marks that a transformed copy should keep, by stable names.
  var marks: [String] {
    var marks: [String] = []
    if let state = self["credentials.state"], state != .text("absent") { marks.append("credentials") }
    if case .text(let type)? = self["metadata.digitalSourceType"] { marks.append("xmp:\(type)") }
    if self["metadata.aigc"] == .flag(true) { marks.append("aigc") }
    if case .list(let schemes)? = self["watermark.schemes"] { marks += schemes.map { "watermark:\($0)" } }
    return marks
  }
}
