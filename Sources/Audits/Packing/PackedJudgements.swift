import Synchronization

/// One file's results of the rules: five bytes a rule, as most findings are those of other files too.
struct PackedJudgements: Sendable {
  private let results: [RuleResult]
  /// Numbers in a ``FindingPool``; −1 for a rule that was left out.
  private let findings: [Int32]

  /// - Parameter judgements: one a rule, in their order; nil for a rule that is judged later.
  init(_ judgements: [Judgement?], _ pool: inout FindingPool) {
    results = judgements.map { $0?.result ?? .undetermined }
    findings = judgements.map { judgement in judgement.map { pool.number(of: $0.finding) } ?? -1 }
  }

  func unpacked(_ rules: [Rule], _ texts: [String]) -> [Judgement?] {
    zip(rules, zip(results, findings)).map { rule, entry in
      guard entry.1 >= 0 else { return nil }
      return Judgement(
        rule: rule.id, result: entry.0, severity: rule.severity, finding: texts[Int(entry.1)])
    }
  }
}

/// The findings of an audit, each once and with a number, while they are gathered.
struct FindingPool: Sendable {
  private(set) var texts: [String] = []
  private var numbers: [String: Int32] = [:]

  mutating func number(of finding: String) -> Int32 {
    if let known = numbers[finding] { return known }
    let number = Int32(texts.count)
    texts.append(finding)
    numbers[finding] = number
    return number
  }
}

/// Counts judgements, for tests that hold an audit to one of each rule a file; nobody counts otherwise.
package final class JudgementTally: Sendable {
  /// Whoever counts in this task and those that it begins.
  @TaskLocal package static var current: JudgementTally?

  private let state = Mutex(0)

  package init() {}

  package var count: Int { state.withLock { $0 } }

  func add(_ judgements: Int) { state.withLock { $0 += judgements } }
}
