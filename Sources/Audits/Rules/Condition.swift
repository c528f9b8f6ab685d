/// A three-valued answer: a rule may not guess where nothing was examined (Kleene's strong logic).
public enum Ternary: Sendable, Hashable {
  case yes, no, unknown

  static func all(_ parts: some Sequence<Ternary>) -> Ternary {
    var result = Ternary.yes
    for part in parts {
      if part == .no { return .no }
      if part == .unknown { result = .unknown }
    }
    return result
  }

  static func any(_ parts: some Sequence<Ternary>) -> Ternary {
    var result = Ternary.no
    for part in parts {
      if part == .yes { return .yes }
      if part == .unknown { result = .unknown }
    }
    return result
  }

  var negated: Ternary {
    switch self {
    case .yes: .no
    case .no: .yes
    case .unknown: .unknown
    }
  }
}

/// What a rule asks of the facts.
public indirect enum Condition: Sendable, Hashable {
  case all([Condition])
  case any([Condition])
  case not(Condition)
  case fact(name: String, test: Test)

  /// A test of one fact. Text compares exactly, dates as ISO 8601 (`2026-08-02` or longer).
  public enum Test: Sendable, Hashable {
    case exists(Bool)
    /// Whether anything is known of it at all: never `unknown` itself, so that a rule can say what holds
    /// where nobody stated the fact.
    case known(Bool)
    /// The value, or for a list every item, is one of these.
    case oneOf([String])
    /// The text or list holds at least one of these (for a text: as a substring).
    case containsAny([String])
    /// The list holds each of these.
    case containsAll([String])
    case atLeast(Double)
    case atMost(Double)
    case before(String)
    case onOrAfter(String)
    /// The value, or every item of the list, stands in another fact's value.
    case sameAs(String)
  }

  public func evaluate(_ facts: Facts) -> Ternary {
    switch self {
    case .all(let parts): Ternary.all(parts.lazy.map { $0.evaluate(facts) })
    case .any(let parts): Ternary.any(parts.lazy.map { $0.evaluate(facts) })
    case .not(let part): part.evaluate(facts).negated
    case .fact(let name, let test): test.evaluate(name, facts)
    }
  }

  /// Every fact that the condition mentions, in order, once each.
  public var factNames: [String] {
    var names: [String] = []
    func visit(_ condition: Condition) {
      switch condition {
      case .all(let parts), .any(let parts): parts.forEach(visit)
      case .not(let part): visit(part)
      case .fact(let name, let test):
        if !names.contains(name) { names.append(name) }
        if case .sameAs(let other) = test, !names.contains(other) { names.append(other) }
      }
    }
    visit(self)
    return names
  }
}

extension Condition.Test {
  fileprivate func evaluate(_ name: String, _ facts: Facts) -> Ternary {
    if case .known(let wanted) = self { return Ternary(facts.isKnown(name) == wanted) }
    guard let value = facts[name] else {
      guard facts.isKnown(name) else { return .unknown }
      if case .exists(let wanted) = self { return wanted ? .no : .yes }
      return .no
    }
    switch self {
    case .exists(let wanted), .known(let wanted): return wanted ? .yes : .no
    case .oneOf(let accepted):
      return Ternary(!value.items.isEmpty && value.items.allSatisfy(accepted.contains))
    case .containsAny(let wanted):
      if case .text(let text) = value { return Ternary(wanted.contains { text.contains($0) }) }
      return Ternary(wanted.contains(where: value.items.contains))
    case .containsAll(let wanted): return Ternary(wanted.allSatisfy(value.items.contains))
    case .atLeast(let bound): return value.number.map { Ternary($0 >= bound) } ?? .unknown
    case .atMost(let bound): return value.number.map { Ternary($0 <= bound) } ?? .unknown
    case .before(let date): return value.date.map { Ternary($0 < date) } ?? .unknown
    case .onOrAfter(let date): return value.date.map { Ternary($0 >= date) } ?? .unknown
    case .sameAs(let other):
      guard let second = facts[other] else { return facts.isKnown(other) ? .no : .unknown }
      return Ternary(!value.items.isEmpty && value.items.allSatisfy(second.items.contains))
    }
  }
}

extension Ternary {
  fileprivate init(_ answer: Bool) { self = answer ? .yes : .no }
}

extension FactValue {
  /// The value as texts to compare: a flag is `true` or `false`.
  fileprivate var items: [String] {
    switch self {
    case .flag(let flag): [flag ? "true" : "false"]
    case .list(let items): items
    case .text(let text): [text]
    case .number: [description]
    }
  }

  fileprivate var number: Double? {
    switch self {
    case .number(let number): number
    case .list(let items): Double(items.count)
    case .flag, .text: nil
    }
  }

  /// An ISO date or time; both sort as text.
  fileprivate var date: String? {
    guard case .text(let text) = self, text.count >= 10,
      text.prefix(10).allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "-") })
    else { return nil }
    return text
  }
}
