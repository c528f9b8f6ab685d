import Foundation

/// What no file can tell: who runs the system, since when, for how many, under which terms (`assay.project/1`).
///
/// ```yaml
/// schema: assay.project/1
/// name: Picture desk
/// role: provider                 # provider | deployer | platform | merchant | newsroom
/// marketDate: 2026-09-01
/// monthlyUsers: 20000
/// detector: { free: true, namesBasis: true, channels: [upload, api], keepsContent: false, errorRates: true }
/// terms: { forbidMarkRemoval: true }
/// safety: { filter: true }
/// modelCards: [reports/model-cards/flowers.md]
/// content: { deepfakes: false, disclosure: "caption", artistic: false, visibleLabel: true }
/// pairs:
///   - { input: in/a.png, output: out/a.png }
/// ```
///
/// Every field but `schema` may be left out; a rule that needs it is then `undetermined`.
public struct ProjectManifest: Sendable {
  /// An input and the output that was made of it.
  public struct Pair: Sendable, Hashable {
    public let input: String
    public let output: String
  }

  public let name: String?
  public let facts: Facts
  public let pairs: [Pair]

  /// - Parameter auditDate: the day of the audit, YYYY-MM-DD; it decides which dates have passed.
  /// - Throws: ``AuditError`` with line and remedy where the manifest is wrong.
  public init(yaml: String, source: String, auditDate: String) throws(AuditError) {
    let yamlSource = YAMLSource(name: source)
    let root = try yamlSource.root(yaml, what: "project manifest")
    try root.allow([
      "schema", "name", "role", "marketDate", "monthlyUsers", "detector", "terms", "safety", "modelCards",
      "content", "pairs",
    ])
    guard try root.text("schema") == "assay.project/1" else {
      throw yamlSource.fault(
        root.node, "yaml.schema", "the manifest's schema is not known", "write 'schema: assay.project/1'")
    }
    name = try root.optionalText("name")
    var facts = Facts()
    func text(_ fact: String, _ value: String?) { if let value { facts[fact] = .text(value) } }
    func flag(_ fact: String, _ value: Bool?) { if let value { facts[fact] = .flag(value) } }
    text("project.role", try root.optionalText("role"))
    text("project.marketDate", try root.optionalText("marketDate"))
    if let users = try root.optionalNumber("monthlyUsers") { facts["project.monthlyUsers"] = .number(users) }
    let detector = try root.optionalFields(
      "detector", allowing: ["free", "namesBasis", "channels", "keepsContent", "errorRates"])
    flag("project.freeDetector", try detector?.optionalFlag("free"))
    flag("project.detectorNamesBasis", try detector?.optionalFlag("namesBasis"))
    flag("project.detectorKeepsContent", try detector?.optionalFlag("keepsContent"))
    flag("project.errorRatesDocumented", try detector?.optionalFlag("errorRates"))
    if let detector, detector["channels"] != nil {
      facts["project.detectorChannels"] = .list(try detector.texts("channels"))
    }
    let terms = try root.optionalFields("terms", allowing: ["forbidMarkRemoval"])
    flag("project.termsForbidMarkRemoval", try terms?.optionalFlag("forbidMarkRemoval"))
    let safety = try root.optionalFields("safety", allowing: ["filter"])
    flag("project.safetyFilter", try safety?.optionalFlag("filter"))
    if root["modelCards"] != nil { facts["project.modelCards"] = .list(try root.texts("modelCards")) }
    let content = try root.optionalFields(
      "content", allowing: ["deepfakes", "disclosure", "artistic", "visibleLabel"])
    flag("project.deepfakes", try content?.optionalFlag("deepfakes"))
    text("project.deepfakeDisclosure", try content?.optionalText("disclosure"))
    flag("project.artistic", try content?.optionalFlag("artistic"))
    flag("project.visibleLabel", try content?.optionalFlag("visibleLabel"))
    facts["project.auditDate"] = .text(auditDate)
    self.facts = facts
    pairs = try Self.pairs(root, yamlSource)
  }

  /// - Throws: ``AuditError`` where the file cannot be read or is wrong.
  public init(path: String, auditDate: String) throws(AuditError) {
    let text = try RulePackLibrary.text(of: URL(filePath: path), path)
    try self.init(yaml: text, source: path, auditDate: auditDate)
  }

  private static func pairs(_ root: YAMLFields, _ source: YAMLSource) throws(AuditError) -> [Pair] {
    guard root["pairs"] != nil else { return [] }
    var pairs: [Pair] = []
    for node in try root.list("pairs") {
      let fields = try YAMLFields(node, what: "pair", source)
      try fields.allow(["input", "output"])
      pairs.append(Pair(input: try fields.text("input"), output: try fields.text("output")))
    }
    return pairs
  }
}
