import Audits
import Crypto
import Diagnostics
import Foundation

extension Report {
  /// Writes the failures and warnings as SARIF 2.1.0 (OASIS, 27 March 2020), for sites that annotate files, result by
  /// result.
  ///
  /// - Throws: what `write` throws, and what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func writeSARIF(_ write: (String) throws -> Void) throws {
    let ids = rules.map(\.id)
    let driver = SARIF.Driver(
      name: "assay", version: header.toolVersion, rules: rules.map { SARIF.Rule($0, text) })
    // The log around its results, which follow one another where their list opens.
    let frame = try IndentedJSON.of(SARIF(runs: [SARIF.Run(tool: SARIF.Tool(driver: driver), results: [])]))
    guard let open = frame.range(of: "\"results\" : ["),
      let close = frame.range(of: "]", range: open.upperBound..<frame.endIndex)
    else { preconditionFailure("a log without results") }
    let encoder = JSONLine.encoder(.prettyPrinted)
    let indent = "\n        "
    var isFirst = true
    try write(String(frame[..<open.upperBound]))
    func add(_ judgements: [Judgement], file: String, digest: String?) throws {
      for judgement in judgements where judgement.result == .fail || judgement.result == .warn {
        let result = SARIF.Result(
          ruleId: judgement.rule, ruleIndex: ids.firstIndex(of: judgement.rule) ?? -1,
          level: judgement.result == .warn ? min(judgement.severity, .warning) : judgement.severity,
          message: judgement.finding, file: file, digest: digest)
        let text = String(decoding: try encoder.encode(result), as: UTF8.self)
        // Line breaks within texts are escaped: those that are there part the lines of the layout.
        try write((isFirst ? indent : "," + indent) + text.replacing("\n", with: indent))
        isFirst = false
      }
    }
    var place = CommonFolder()
    for item in items {
      place.add(item.file)
      // Only what is annotated is unpacked for its digest.
      let open = item.open
      if !open.isEmpty { try add(open, file: item.file, digest: item.scan.sha256) }
    }
    // Rules about the whole stand at what was audited: a result without a place makes GitHub refuse the log.
    try add(folder + project, file: place.path, digest: nil)
    try write(isFirst ? String(frame[open.upperBound...]) : "\n      " + frame[close.lowerBound...])
  }

  /// The whole text.
  ///
  /// - Throws: as ``writeSARIF(_:)``.
  public func sarif() throws -> String {
    var text = ""
    try writeSARIF { text += $0 }
    return text
  }
}

/// The deepest folder that holds all of some files, or the file where it is one.
private struct CommonFolder {
  private var parts: [Substring]?
  private var isOneFile = true

  mutating func add(_ file: String) {
    let new = file.split(separator: "/", omittingEmptySubsequences: false)
    guard let known = parts else {
      parts = new
      return
    }
    if isOneFile, known == new { return }
    parts = zip(isOneFile ? known.dropLast() : known[...], new.dropLast()).prefix { $0 == $1 }.map(\.0)
    isOneFile = false
  }

  /// As the files are named; `.` where they have no folder in common.
  var path: String {
    guard let parts else { return "." }
    let path = parts.joined(separator: "/")
    return isOneFile ? path : path.isEmpty ? (parts.isEmpty ? "." : "/") : path + "/"
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
    /// Tells the same finding in the next run; sites compute it from lines of text, which pictures have none of.
    let partialFingerprints: [String: String]

    /// - Parameter digest: SHA-256 of the file; nil for a result about several, which its place identifies.
    init(
      ruleId: String, ruleIndex: Int, level: Audits.Rule.Severity, message: String, file: String,
      digest: String?
    ) {
      self.ruleId = ruleId
      self.ruleIndex = ruleIndex
      self.level = level.rawValue
      self.message = Text(text: TerminalText.escaping(message))
      locations = [Location(file)]
      let identity = SHA256.hash(data: Data("\(ruleId)\n\(digest ?? "")\n\(file)".utf8))
      let digits = identity.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      // The name is GitHub's; the number counts equal ones.
      partialFingerprints = ["primaryLocationLineHash": "\(digits):1"]
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
      let path = file.addingPercentEncoding(withAllowedCharacters: allowed) ?? "unnamed"
      let uri = path.hasPrefix("/") ? "file://" + path : path
      physicalLocation = Physical(artifactLocation: Artifact(uri: uri))
    }
  }
}
