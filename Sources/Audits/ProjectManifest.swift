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
/// watermark: { jpeg90: 1.0, jpeg75: 0.99, halfSize: 0.97, crop10: 0.98, falseAlarms: 0.0001 }
/// files:                         # what the project knows of its own files; the first that matches holds
///   - { match: "out/*.png", origin: ai }
///   - { match: "photos/*", origin: notAI }
/// pairs:
///   - { input: in/a.png, output: out/a.png }
/// ```
///
/// Every field but `schema` may be left out; a rule that needs it is then `undetermined`. Names in `files` and
/// `pairs` are ends of paths: `out/a.png` is `pictures/out/a.png` too.
public struct ProjectManifest: Sendable {
  /// An input and the output that was made of it.
  public struct Pair: Sendable, Hashable {
    public let input: String
    public let output: String
  }

  /// What the project says of some of its files.
  public struct Statement: Sendable, Hashable {
    /// The end of a path, in which `*` stands for any characters but a slash.
    public let match: String
    public let isAI: Bool

    /// Whether a file is meant.
    func covers(_ file: String) -> Bool {
      let pattern = match.split(separator: "/", omittingEmptySubsequences: false)
      let parts = file.split(separator: "/", omittingEmptySubsequences: false)
      guard pattern.count <= parts.count else { return false }
      return zip(pattern, parts.suffix(pattern.count)).allSatisfy { Self.matches($0[...], $1[...]) }
    }

    private static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
      let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
      guard let first = pieces.first, let last = pieces.last else { return text.isEmpty }
      guard pieces.count > 1 else { return pattern == text }
      guard text.count >= first.count + last.count, text.hasPrefix(first), text.hasSuffix(last) else {
        return false
      }
      var rest = text.dropFirst(first.count).dropLast(last.count)
      for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
        guard let found = rest.firstRange(of: piece) else { return false }
        rest = rest[found.upperBound...]
      }
      return true
    }
  }

  public let name: String?
  public let facts: Facts
  public let statements: [Statement]
  public let pairs: [Pair]

  /// - Parameter auditDate: the day of the audit, YYYY-MM-DD; it decides which dates have passed.
  /// - Throws: ``AuditError`` with line and remedy where the manifest is wrong.
  public init(yaml: String, source: String, auditDate: String) throws(AuditError) {
    let yamlSource = YAMLSource(name: source)
    let root = try yamlSource.root(yaml, what: "project manifest")
    try root.allow([
      "schema", "name", "role", "marketDate", "monthlyUsers", "detector", "terms", "safety", "modelCards",
      "content", "watermark", "files", "pairs",
    ])
    guard try root.text("schema") == "assay.project/1" else {
      throw yamlSource.fault(
        root.node, "yaml.schema", "the manifest's schema is not known", "write 'schema: assay.project/1'")
    }
    name = try root.optionalText("name")
    var facts = Facts()
    func text(_ fact: String, _ value: String?) { if let value { facts[fact] = .text(value) } }
    func flag(_ fact: String, _ value: Bool?) { if let value { facts[fact] = .flag(value) } }
    if root["role"] != nil { text("project.role", try root.choice("role", Role.self).rawValue) }
    text("project.marketDate", try Self.date(root, yamlSource))
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
    let marks = ["jpeg90", "jpeg75", "halfSize", "crop10", "falseAlarms"]
    let watermark = try root.optionalFields("watermark", allowing: marks)
    for name in marks {
      if let share = try watermark?.optionalNumber(name) {
        facts["project.watermark.\(name)"] = .number(share)
      }
    }
    facts["project.auditDate"] = .text(auditDate)
    self.facts = facts
    pairs = try Self.pairs(root, yamlSource)
    statements = try Self.statements(root, yamlSource)
  }

  /// What the first statement that means the file says of its origin.
  func facts(of file: String) -> Facts {
    var facts = Facts()
    if let statement = statements.first(where: { $0.covers(file) }) {
      facts["origin.ai"] = .flag(statement.isAI)
      facts["origin.stated"] = .text(statement.isAI ? "ai" : "notAI")
    }
    return facts
  }

  private enum Role: String, CaseIterable { case provider, deployer, platform, merchant, newsroom }
  private enum Origin: String, CaseIterable { case ai, notAI }

  private static func date(_ root: YAMLFields, _ source: YAMLSource) throws(AuditError) -> String? {
    guard let date = try root.optionalText("marketDate") else { return nil }
    guard date.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil else {
      throw source.fault(
        try root.required("marketDate"), "yaml.date", "'marketDate: \(date)' is no date",
        "write it as YYYY-MM-DD, such as 2026-09-01")
    }
    return date
  }

  private static func statements(_ root: YAMLFields, _ source: YAMLSource) throws(AuditError) -> [Statement] {
    guard root["files"] != nil else { return [] }
    return try root.list("files").map { node throws(AuditError) in
      let fields = try YAMLFields(node, what: "file statement", source)
      try fields.allow(["match", "origin"])
      return Statement(
        match: try fields.text("match"), isAI: try fields.choice("origin", Origin.self) == .ai)
    }
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
