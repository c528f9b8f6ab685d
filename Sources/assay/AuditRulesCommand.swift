import ArgumentParser
import Audits
import Console
import Diagnostics

struct AuditRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List and explain the rules, or the facts that rules may ask for.")

  @Argument(help: "Pack ids or .yaml files; all shipped packs if none is named.")
  var packs: [String] = []

  @Flag(help: "List the facts instead.")
  var facts = false

  @Flag(help: "Print one JSON object a line: a rule, or a fact.")
  var json = false

  func run() throws {
    if facts {
      for entry in FactCatalogue.entries {
        Terminal.out(
          json
            ? try JSONLine.of(["fact": entry.name, "meaning": entry.meaning], as: "assay.fact/1")
            : "\(entry.name)\n    \(entry.meaning)\n")
      }
      return
    }
    for name in packs.isEmpty ? RulePackLibrary.shippedIDs : packs {
      let pack = try RulePackLibrary.pack(named: name)
      guard !json else {
        for rule in pack.rules { Terminal.out(try JSONLine.of(Line(rule, of: pack), as: "assay.rule/1")) }
        continue
      }
      Terminal.out("\(pack.id)  \(pack.title), version \(pack.version)\n")
      for rule in pack.rules {
        let standing = rule.verified ? rule.severity.rawValue : "\(rule.severity.rawValue), can only warn"
        Terminal.out(
          "  \(rule.id)  \(rule.title) [\(rule.scope.rawValue), \(standing)]\n"
            + "      \(rule.text)\n      \(rule.citation), read \(rule.checked)\n")
      }
    }
  }

  /// A rule as `--json` prints it.
  private struct Line: Encodable {
    let pack: String
    let packVersion: String
    let rule: String
    let title: String
    let text: String
    let scope: String
    let severity: String
    /// False where the rule can only warn, as its text was not compared with the law's.
    let verified: Bool
    let citation: String
    let checked: String

    init(_ rule: Rule, of pack: RulePack) {
      self.pack = pack.id
      packVersion = pack.version
      self.rule = rule.id
      title = rule.title
      text = rule.text
      scope = rule.scope.rawValue
      severity = rule.severity.rawValue
      verified = rule.verified
      citation = rule.citation
      checked = rule.checked
    }
  }
}
