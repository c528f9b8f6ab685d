import Audits
import Foundation
import TestSupport
import Testing

struct RuleTests {
  static let pack = """
    schema: assay.rules/1
    id: house
    title: House rules
    version: "1"
    rules:
      - id: H-1
        scope: file
        title: Signed
        text: AI pictures are signed and time-stamped.
        citation: Handbook 3.2
        checked: 2026-11-24
        verified: VERIFIED
        severity: error
        applies: { fact: origin.ai, is: true }
        satisfied:
          all:
            - { fact: credentials.state, is: [trusted, valid] }
            - { fact: credentials.timestamped, is: true }
        partly: { fact: credentials.state, is: [trusted, valid] }
        remedy: Sign it.
    """

  static func rule(verified: Bool = true) throws -> Rule {
    let yaml = pack.replacing("VERIFIED", with: verified ? "true" : "false")
    return try #require(try RulePackReader(source: "house.yaml").read(yaml).rules.first)
  }

  @Test func `the README's pack of rules is one`() throws {
    let readme = try String(contentsOf: TestPaths.root.appending(path: "README.md"), encoding: .utf8)
    let start = try #require(readme.range(of: "```yaml\n")).upperBound
    let yaml = String(
      readme[start...].prefix(upTo: try #require(readme[start...].range(of: "```")).lowerBound))
    let pack = try RulePackReader(source: "README.md").read(yaml)
    #expect(pack.id == "house" && pack.rules.map(\.id) == ["HOUSE-1"])
  }

  @Test(arguments: RulePackLibrary.shippedIDs)
  func `every shipped pack reads, with unique rule ids and sources`(id: String) throws {
    let pack = try RulePackLibrary.pack(named: id)
    #expect(pack.id == id)
    #expect(!pack.rules.isEmpty)
    for rule in pack.rules {
      #expect(!rule.citation.isEmpty && !rule.remedy.isEmpty)
      #expect(!rule.text.localizedCaseInsensitiveContains("compliant"))
    }
  }

  @Test
  func `evidence decides: pass, warn for a part of it, fail for none, undetermined where nobody looked`()
    throws
  {
    var facts = Facts()
    let rule = try Self.rule()
    #expect(rule.judge(facts).result == .undetermined)
    facts["origin.ai"] = .flag(false)
    #expect(rule.judge(facts).result == .notApplicable)
    facts["origin.ai"] = .flag(true)
    #expect(rule.judge(facts).result == .undetermined)
    facts.markExamined("credentials")
    facts["credentials.state"] = .text("absent")
    #expect(rule.judge(facts).result == .fail)
    facts["credentials.state"] = .text("valid")
    #expect(rule.judge(facts).result == .warn)
    facts["credentials.timestamped"] = .flag(true)
    #expect(rule.judge(facts).result == .pass)
  }

  @Test func `a rule that was not verified against its text never fails anybody`() throws {
    var facts = Facts(examined: ["credentials"])
    facts["origin.ai"] = .flag(true)
    facts["credentials.state"] = .text("absent")
    #expect(try Self.rule(verified: false).judge(facts).result == .warn)
  }

  @Test func `a finding says what was found, never that anything is compliant`() throws {
    var facts = Facts(examined: ["credentials"])
    facts["origin.ai"] = .flag(true)
    facts["credentials.state"] = .text("absent")
    #expect(
      try Self.rule().judge(facts).finding
        == "Evidence not found. [Facts: credentials.state = absent; credentials.timestamped absent]")
  }

  @Test(arguments: [
    ("severity: error", "severity: fatal", "yaml.choice", "line 13"),
    ("fact: origin.ai", "fact: origin.ia", "rules.fact", "line 14"),
    ("checked: 2026-11-24", "checked: yesterday", "rules.date", "line 11"),
    ("remedy: Sign it.", "remdy: Sign it.", "yaml.key", "line 20"),
    ("is: true }\n    satisfied", "is: true, exists: true }\n    satisfied", "rules.condition", "line 14"),
  ])
  func `a wrong pack is refused with its line and a remedy`(
    old: String, new: String, code: String, place: String
  ) throws {
    let yaml = Self.pack.replacing("VERIFIED", with: "true").replacing(old, with: new)
    let error = try #require(throws: AuditError.self) { try RulePackReader(source: "p.yaml").read(yaml) }
    #expect(error.code == code)
    #expect(error.location.path?.hasPrefix(place) == true, "\(error)")
    #expect(!error.remedy.isEmpty)
  }

  @Test func `three-valued logic follows Kleene's tables`() {
    var facts = Facts(examined: ["file"])
    facts["project.role"] = .text("provider")
    let yes = Condition.fact(name: "project.role", test: .oneOf(["provider"]))
    let no = Condition.fact(name: "file.warnings", test: .exists(true))
    let unknown = Condition.fact(name: "label.present", test: .exists(true))
    #expect(Condition.all([yes, unknown]).evaluate(facts) == .unknown)
    #expect(Condition.all([no, unknown]).evaluate(facts) == .no)
    #expect(Condition.any([yes, unknown]).evaluate(facts) == .yes)
    #expect(Condition.any([no, unknown]).evaluate(facts) == .unknown)
    #expect(Condition.not(unknown).evaluate(facts) == .unknown)
  }
}
