import Audits
import Diagnostics
import Foundation

extension Report {
  /// The failures and warnings as SARIF 2.1.0 (OASIS, 27 March 2020), for sites that annotate files.
  ///
  /// - Throws: what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func sarif() throws -> String {
    let ids = rules.map(\.id)
    let driver = SARIF.Driver(
      name: "assay", version: header.toolVersion, rules: rules.map { SARIF.Rule($0, text) })
    var results: [SARIF.Result] = []
    func add(_ judgements: [Judgement], file: String?) {
      for judgement in judgements where judgement.result == .fail || judgement.result == .warn {
        results.append(
          SARIF.Result(
            ruleId: judgement.rule, ruleIndex: ids.firstIndex(of: judgement.rule) ?? -1,
            level: judgement.result == .warn ? min(judgement.severity, .warning) : judgement.severity,
            message: judgement.finding, file: file))
      }
    }
    for item in items { add(item.judgements, file: item.file) }
    add(folder + project, file: nil)
    let log = SARIF(runs: [SARIF.Run(tool: SARIF.Tool(driver: driver), results: results)])
    return try IndentedJSON.of(log)
  }
}

/// The part of SARIF's object model that Assay writes; names are the standard's.
private struct SARIF: Encodable {
  let schema = "https://json.schemastore.org/sarif-2.1.0.json"
  let version = "2.1.0"
  let runs: [Run]

  enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  struct Run: Encodable {
    let tool: Tool
    let results: [Result]
  }

  struct Tool: Encodable { let driver: Driver }

  struct Driver: Encodable {
    let name: String
    let version: String
    let rules: [Rule]
  }

  struct Text: Encodable { let text: String }
  struct Level: Encodable { let level: String }

  struct Rule: Encodable {
    let id: String
    let shortDescription: Text
    let fullDescription: Text
    let help: Text
    let defaultConfiguration: Level

    init(_ rule: Report.RuleText, _ text: ReportText) {
      id = rule.id
      shortDescription = Text(text: rule.title)
      fullDescription = Text(
        text: text.filled(
          "rules.full", ["requirement": rule.text, "citation": rule.citation, "date": rule.checked]))
      help = Text(text: rule.remedy)
      defaultConfiguration = Level(level: rule.severity.rawValue)
    }
  }

  struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Text
    let locations: [Location]

    init(ruleId: String, ruleIndex: Int, level: Audits.Rule.Severity, message: String, file: String?) {
      self.ruleId = ruleId
      self.ruleIndex = ruleIndex
      self.level = level.rawValue
      self.message = Text(text: TerminalText.escaping(message))
      locations = file.map { [Location($0)] } ?? []
    }
  }

  struct Location: Encodable {
    struct Physical: Encodable { let artifactLocation: Artifact }
    struct Artifact: Encodable { let uri: String }
    let physicalLocation: Physical

    init(_ file: String) {
      // RFC 3986: everything but unreserved characters and slashes is escaped.
      let allowed = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
      let uri = file.addingPercentEncoding(withAllowedCharacters: allowed) ?? "unnamed"
      physicalLocation = Physical(artifactLocation: Artifact(uri: uri))
    }
  }
}
