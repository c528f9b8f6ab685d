/// A versioned set of rules read from YAML (`assay.rules/1`); see `RulePackReader` for the schema.
public struct RulePack: Sendable, Hashable {
  /// The word that `--rules` takes, such as `eu`.
  public let id: String
  public let title: String
  /// The pack's own version, shown in every report.
  public let version: String
  public let jurisdiction: String?
  public let rules: [Rule]
}

/// One requirement and the evidence that satisfies it.
public struct Rule: Sendable, Hashable {
  /// What a rule judges.
  public enum Scope: String, Sendable, Hashable, CaseIterable, Codable {
    case file, folder, project
  }

  /// How much an unmet rule matters.
  public enum Severity: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
    case note, warning, error

    public static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  public let id: String
  public let scope: Scope
  public let title: String
  /// The requirement in a sentence, in Assay's words.
  public let text: String
  /// Where the requirement stands.
  public let citation: String
  /// The day its text was last compared with the source, as YYYY-MM-DD.
  public let checked: String
  /// Whether the text itself was read; a rule known at second hand can only warn.
  public let verified: Bool
  public let severity: Severity
  /// When the rule applies; nil: always.
  public let applies: Condition?
  /// Evidence that satisfies it.
  public let satisfied: Condition
  /// Evidence that satisfies it in part: a warning instead of a failure.
  public let partly: Condition?
  /// What a reader is told where the evidence is not found, in a sentence; nil where the title has to do.
  public let missing: String?
  /// The same where a part of it is found.
  public let partial: String?
  /// What to do where the evidence is not found.
  public let remedy: String

  /// Every fact that the rule asks for, in the order of its text.
  public var factNames: [String] {
    var names: [String] = []
    for condition in [applies, satisfied, partly].compactMap({ $0 }) {
      names += condition.factNames.filter { !names.contains($0) }
    }
    return names
  }
}

/// What a rule says of one subject.
public enum RuleResult: String, Sendable, Hashable, CaseIterable, Codable {
  case pass, fail, warn, notApplicable, undetermined
}

/// A rule's result with the facts it rests on.
public struct Judgement: Sendable, Hashable, Codable {
  public let rule: String
  public let result: RuleResult
  public let severity: Rule.Severity
  /// A sentence for people, and behind it the facts that it rests on; never a verdict on compliance.
  public let finding: String
}

extension Judgement {
  private static let mark = " [Facts: "

  init(rule: Rule, result: RuleResult, sentence: String, facts: String) {
    self.init(
      rule: rule.id, result: result, severity: rule.severity,
      finding: facts.isEmpty ? sentence : sentence + Self.mark + facts + "]")
  }

  /// The finding without its facts.
  public var sentence: String {
    finding.range(of: Self.mark).map { String(finding[..<$0.lowerBound]) } ?? finding
  }

  /// What the sentence rests on, as `name = value` parted by semicolons; empty where the finding names nothing.
  public var facts: String {
    finding.range(of: Self.mark).map { String(finding[$0.upperBound...].dropLast()) } ?? ""
  }
}

extension Judgement {
  /// How much it weighs: the severity of a failure, at most `warning` for a warning; nil for the others.
  public var gravity: Rule.Severity? {
    switch result {
    case .fail: severity
    case .warn: min(severity, .warning)
    case .pass, .notApplicable, .undetermined: nil
    }
  }
}

extension Rule {
  /// Judges one subject.
  ///
  /// `notApplicable` when `applies` is false; `undetermined` when a fact that decides was not examined;
  /// `pass` when `satisfied` holds; else `warn` when `partly` holds, when the rule was not verified against
  /// its text, or when its severity is below `error`; else `fail`.
  public func judge(_ facts: Facts) -> Judgement {
    func judgement(_ result: RuleResult, _ sentence: String, _ names: [String]) -> Judgement {
      Judgement(rule: self, result: result, sentence: sentence, facts: Self.list(names, facts))
    }
    let unknown = { judgement(.undetermined, "Not all that decides was examined.", gaps(in: facts)) }
    switch applies?.evaluate(facts) ?? .yes {
    case .no: return judgement(.notApplicable, "Does not apply.", applies?.factNames ?? [])
    case .unknown: return unknown()
    case .yes: break
    }
    switch satisfied.evaluate(facts) {
    case .yes: return judgement(.pass, "Evidence found.", satisfied.factNames)
    case .unknown: return unknown()
    case .no: break
    }
    if partly?.evaluate(facts) == .yes {
      return judgement(.warn, partial ?? "Evidence found in part.", satisfied.factNames)
    }
    return judgement(
      verified && severity == .error ? .fail : .warn, missing ?? "Evidence not found.", satisfied.factNames)
  }

  private func gaps(in facts: Facts) -> [String] { factNames.filter { !facts.isKnown($0) } }

  private static func list(_ names: [String], _ facts: Facts) -> String {
    names.map { name in
      if let value = facts[name] { return "\(name) = \(value)" }
      return facts.isKnown(name) ? "\(name) absent" : "\(name) not examined"
    }.joined(separator: "; ")
  }
}
