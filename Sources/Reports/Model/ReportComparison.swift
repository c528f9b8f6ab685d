public import Audits
import Diagnostics
import Foundation
public import Scanning

/// What an earlier report (`assay.report/1`) said, as far as a comparison needs it.
public struct ReportBaseline: Sendable {
  struct File: Sendable {
    var sha256: String?
    var outcome: Outcome
    var results: [String: RuleResult]
  }

  public let time: String
  let files: [String: File]
  let wholes: [String: RuleResult]

  /// Reads a report's JSON.
  ///
  /// - Throws: ``ReportError`` where it is none.
  public init(json: Data, source: String) throws(ReportError) {
    do {
      let document = try JSONDecoder().decode(Document.self, from: json)
      guard document.schema == Report.schema else { throw Unknown() }
      time = document.header.time
      files = Dictionary(
        document.items.map { item in
          (
            item.scan.file,
            File(sha256: item.scan.sha256, outcome: item.scan.outcome, results: Self.results(item.judgements))
          )
        }, uniquingKeysWith: { first, _ in first })
      wholes = Self.results(document.folder + document.project)
    } catch {
      throw ReportError(
        code: "report.baseline", location: FaultLocation(file: source),
        message: "this is no report (\(Report.schema))",
        remedy: "name a report.json that an audit wrote", cause: error)
    }
  }

  private static func results(_ judgements: [Document.Judged]) -> [String: RuleResult] {
    Dictionary(judgements.map { ($0.rule, $0.result) }, uniquingKeysWith: { first, _ in first })
  }

  private struct Unknown: Error {}

  private struct Document: Decodable {
    struct Head: Decodable { var time: String }
    struct Judged: Decodable {
      var rule: String
      var result: RuleResult
    }
    struct Scan: Decodable {
      var file: String
      var sha256: String?
      var outcome: Outcome
    }
    struct Item: Decodable {
      var scan: Scan
      var judgements: [Judged]
    }
    var schema: String
    var header: Head
    var items: [Item]
    var folder: [Judged]
    var project: [Judged]
  }
}

/// How an audit differs from an earlier one.
public struct ReportComparison: Sendable, Hashable, Codable {
  /// A rule whose result changed, on a file or on the whole.
  public struct RuleChange: Sendable, Hashable, Codable {
    /// Nil for rules of folder and project.
    public let file: String?
    public let rule: String
    public let before: RuleResult
    public let after: RuleResult
  }

  /// A file whose outcome changed.
  public struct OutcomeChange: Sendable, Hashable, Codable {
    public let file: String
    public let before: Outcome
    public let after: Outcome
  }

  /// When the earlier audit was made.
  public let baselineTime: String
  public let added: [String]
  public let removed: [String]
  /// Files of the same name whose bytes are not the same.
  public let altered: [String]
  /// New names of files whose bytes the earlier audit knew under a name that is gone.
  public let renamed: [String]
  public let outcomes: [OutcomeChange]
  public let rules: [RuleChange]

  public var isEmpty: Bool {
    added.isEmpty && removed.isEmpty && altered.isEmpty && renamed.isEmpty && outcomes.isEmpty
      && rules.isEmpty
  }

  init(_ items: [Report.Item], _ wholes: [Judgement], against baseline: ReportBaseline) {
    baselineTime = baseline.time
    var added: [String] = []
    var renamed: [String] = []
    var altered: [String] = []
    var outcomes: [OutcomeChange] = []
    var rules: [RuleChange] = []
    let names = Set(items.lazy.map(\.file))
    removed = baseline.files.keys.filter { !names.contains($0) }.sorted()
    let goneHashes = Set(removed.compactMap { baseline.files[$0]?.sha256 })
    for item in items {
      let scan = item.scan
      guard let before = baseline.files[scan.file] else {
        added.append(scan.file)
        if let hash = scan.sha256, goneHashes.contains(hash) { renamed.append(scan.file) }
        continue
      }
      if before.sha256 != scan.sha256 { altered.append(scan.file) }
      if before.outcome != scan.outcome {
        outcomes.append(OutcomeChange(file: scan.file, before: before.outcome, after: scan.outcome))
      }
      for judgement in item.judgements {
        guard let old = before.results[judgement.rule], old != judgement.result else { continue }
        rules.append(
          RuleChange(file: scan.file, rule: judgement.rule, before: old, after: judgement.result))
      }
    }
    for judgement in wholes {
      guard let old = baseline.wholes[judgement.rule], old != judgement.result else { continue }
      rules.append(RuleChange(file: nil, rule: judgement.rule, before: old, after: judgement.result))
    }
    self.added = added
    self.renamed = renamed
    self.altered = altered
    self.outcomes = outcomes
    self.rules = rules
  }
}
