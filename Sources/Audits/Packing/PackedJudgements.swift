/// One file's results of the rules: five bytes a rule, as most findings are those of other files too.
struct PackedJudgements: Sendable {
  private let results: [RuleResult]
  private let findings: [Int32]
  private let shelf: FindingShelf

  init(_ judgements: [Judgement], shelf: FindingShelf) {
    results = judgements.map(\.result)
    findings = judgements.map { shelf.number(of: $0.finding) }
    self.shelf = shelf
  }

  var unpacked: [Judgement] {
    zip(shelf.rules, zip(results, findings)).map { rule, entry in
      Judgement(rule: rule.id, result: entry.0, severity: rule.severity, finding: shelf.finding(entry.1))
    }
  }
}

/// The findings of an audit, each once.
///
/// Filled by one thread before anybody reads: after ``seal()`` it does not change any more.
final class FindingShelf: @unchecked Sendable {
  // The proof of Sendable: `number(of:)` is called while the audit is being finished, by the one task that finishes
  // it and before any item is handed out; from then on there are readers only.
  let rules: [Rule]
  private var findings: [String] = []
  private var numbers: [String: Int32] = [:]

  init(rules: [Rule]) { self.rules = rules }

  func number(of finding: String) -> Int32 {
    if let known = numbers[finding] { return known }
    let number = Int32(findings.count)
    findings.append(finding)
    numbers[finding] = number
    return number
  }

  /// Frees what only filling needs.
  func seal() { numbers = [:] }

  func finding(_ number: Int32) -> String { findings[Int(number)] }
}
