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
  /// 'Evidence found' or 'evidence not found', and which; never a verdict on compliance.
  public let finding: String
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
    let result = result(for: facts)
    return Judgement(rule: id, result: result, severity: severity, finding: finding(result, facts))
  }

  private func result(for facts: Facts) -> RuleResult {
    switch applies?.evaluate(facts) ?? .yes {
    case .no: return .notApplicable
    case .unknown: return .undetermined
    case .yes: break
    }
    switch satisfied.evaluate(facts) {
    case .yes: return .pass
    case .unknown: return .undetermined
    case .no: break
    }
    if partly?.evaluate(facts) == .yes { return .warn }
    return verified && severity == .error ? .fail : .warn
  }

  private func finding(_ result: RuleResult, _ facts: Facts) -> String {
    switch result {
    case .pass:
      return "evidence found: \(Self.list(satisfied.factNames, facts))"
    case .fail, .warn:
      return "evidence not found: \(Self.list(satisfied.factNames, facts))"
    case .notApplicable:
      return "does not apply: \(Self.list(applies?.factNames ?? [], facts))"
    case .undetermined:
      let gaps = factNames.filter { !facts.isKnown($0) }
      return "not examined: \(gaps.joined(separator: ", "))"
    }
  }

  private static func list(_ names: [String], _ facts: Facts) -> String {
    names.map { name in
      if let value = facts[name] { return "\(name) = \(value)" }
      return facts.isKnown(name) ? "\(name) absent" : "\(name) not examined"
    }.joined(separator: "; ")
  }
}
