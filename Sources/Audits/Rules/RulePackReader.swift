import Yams

/// Reads a rule pack from YAML text.
///
/// The schema `assay.rules/1`:
///
/// ```yaml
/// schema: assay.rules/1
/// id: house                      # what --rules takes
/// title: House rules
/// version: "2026-11-24"
/// rules:
///   - id: HOUSE-1
///     scope: file                # file | folder | project
///     title: Credentials stay
///     text: Every AI picture carries signed credentials.
///     citation: Picture desk handbook, 3.2
///     checked: 2026-11-24
///     verified: true             # false: the rule can warn, never fail
///     severity: error            # error | warning | note
///     applies: { fact: origin.ai, is: true }
///     satisfied:
///       all:
///         - { fact: credentials.state, is: [trusted, valid] }
///         - { fact: credentials.timestamped, is: true }
///     partly: { fact: credentials.state, is: [trusted, valid] }
///     missing: An AI picture without credentials that hold.        # may be left out, like 'partial'
///     partial: Signed, but without a trusted time stamp.
///     remedy: Sign it with `assay credentials sign`.
/// ```
///
/// A condition is `all: […]`, `any: […]`, `not: …`, or `fact:` with one test: `is`, `exists`, `known`,
/// `contains`, `containsAll`, `atLeast`, `atMost`, `before`, `onOrAfter`, `sameAs`.
public struct RulePackReader {
  private let source: YAMLSource
  private let factNames: Set<String>

  /// - Parameters:
  ///   - source: what to call the text in errors, usually its path.
  ///   - factNames: names that conditions may use; ``FactCatalogue/names`` unless told.
  public init(source: String, factNames: Set<String> = FactCatalogue.names) {
    self.source = YAMLSource(name: source)
    self.factNames = factNames
  }

  /// - Throws: ``AuditError`` with line and column, what is wrong and how to mend it.
  public func read(_ yaml: String) throws(AuditError) -> RulePack {
    let fields = try source.root(yaml, what: "rule pack")
    try fields.allow(["schema", "id", "title", "version", "jurisdiction", "rules"])
    let schema = try fields.text("schema")
    guard schema == "assay.rules/1" else {
      throw source.fault(
        fields.node, "rules.schema", "the schema is '\(schema)'", "write 'schema: assay.rules/1'")
    }
    let id = try fields.text("id")
    let rules = try fields.list("rules").map { node throws(AuditError) in try rule(node) }
    var seen = Set<String>()
    for (rule, node) in zip(rules, try fields.list("rules")) where !seen.insert(rule.id).inserted {
      throw source.fault(
        node, "rules.duplicate", "rule id '\(rule.id)' stands twice", "give each rule its own id")
    }
    return RulePack(
      id: id, title: try fields.text("title"), version: try fields.text("version"),
      jurisdiction: try fields.optionalText("jurisdiction"), rules: rules)
  }

  private func rule(_ node: Node) throws(AuditError) -> Rule {
    let fields = try YAMLFields(node, what: "rule", source)
    try fields.allow([
      "id", "scope", "title", "text", "citation", "checked", "verified", "severity", "applies", "satisfied",
      "partly", "missing", "partial", "remedy",
    ])
    let checked = try fields.text("checked")
    guard checked.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil else {
      throw source.fault(
        try fields.required("checked"), "rules.date", "'checked: \(checked)' is no date",
        "write it as YYYY-MM-DD, such as 2026-11-24")
    }
    return Rule(
      id: try fields.text("id"), scope: try fields.choice("scope", Rule.Scope.self),
      title: try fields.text("title"), text: try fields.text("text"),
      citation: try fields.text("citation"), checked: checked, verified: try fields.flag("verified"),
      severity: try fields.choice("severity", Rule.Severity.self),
      applies: try optionalCondition(fields["applies"]),
      satisfied: try condition(fields.required("satisfied")),
      partly: try optionalCondition(fields["partly"]), missing: try fields.optionalText("missing"),
      partial: try fields.optionalText("partial"), remedy: try fields.text("remedy"))
  }

  private func optionalCondition(_ node: Node?) throws(AuditError) -> Condition? {
    guard let node else { return nil }
    return try condition(node)
  }

  private func condition(_ node: Node, depth: Int = 0) throws(AuditError) -> Condition {
    guard depth < 16 else {
      throw source.fault(node, "rules.depth", "conditions nest deeper than 16", "split the rule in two")
    }
    let fields = try YAMLFields(node, what: "condition", source)
    if let parts = fields["all"] ?? fields["any"] ?? fields["not"] {
      try fields.allow(["all", "any", "not"])
      guard fields.count == 1 else {
        throw source.fault(
          node, "rules.condition", "'all', 'any' and 'not' stand together", "nest one in the other")
      }
      if fields["not"] != nil { return .not(try condition(parts, depth: depth + 1)) }
      let items = try fields.list(fields["all"] != nil ? "all" : "any")
        .map { item throws(AuditError) in try condition(item, depth: depth + 1) }
      return fields["all"] != nil ? .all(items) : .any(items)
    }
    return try factTest(fields)
  }

  private static let tests = [
    "is", "exists", "known", "contains", "containsAll", "atLeast", "atMost", "before", "onOrAfter", "sameAs",
  ]

  private func factTest(_ fields: YAMLFields) throws(AuditError) -> Condition {
    try fields.allow(["fact"] + Self.tests)
    let name = try factName(fields.required("fact"))
    let present = Self.tests.filter { fields[$0] != nil }
    guard let test = present.first, present.count == 1 else {
      throw source.fault(
        fields.node, "rules.condition", "the condition on '\(name)' has \(present.count) tests",
        "give it exactly one of \(Self.tests.joined(separator: ", "))")
    }
    switch test {
    case "exists": return .fact(name: name, test: .exists(try fields.flag(test)))
    case "known": return .fact(name: name, test: .known(try fields.flag(test)))
    case "contains": return .fact(name: name, test: .containsAny(try fields.texts(test)))
    case "containsAll": return .fact(name: name, test: .containsAll(try fields.texts(test)))
    case "atLeast": return .fact(name: name, test: .atLeast(try fields.number(test)))
    case "atMost": return .fact(name: name, test: .atMost(try fields.number(test)))
    case "before": return .fact(name: name, test: .before(try fields.text(test)))
    case "onOrAfter": return .fact(name: name, test: .onOrAfter(try fields.text(test)))
    case "sameAs": return .fact(name: name, test: .sameAs(try factName(fields.required(test))))
    default: return .fact(name: name, test: .oneOf(try fields.texts(test)))
    }
  }

  private func factName(_ node: Node) throws(AuditError) -> String {
    let name = node.string ?? ""
    guard factNames.contains(name) else {
      let near = factNames.sorted().filter { Facts.domain(of: $0) == Facts.domain(of: name) }
      throw source.fault(
        node, "rules.fact", "there is no fact '\(name)'",
        near.isEmpty
          ? "see the catalogue of facts for all of them" : "use one of \(near.joined(separator: ", "))")
    }
    return name
  }
}
