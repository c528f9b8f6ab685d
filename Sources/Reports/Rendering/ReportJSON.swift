import Audits
import Crypto
import Detectors
import Diagnostics
import Foundation

extension Report {
  /// Writes the report as JSON, `assay.report/1`: sorted names, one line for each file; same report, same bytes.
  ///
  /// The text is handed on in pieces, so that ten thousand files need not stand in memory at once.
  ///
  /// - Throws: what `write` throws, and what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func writeJSON(_ write: (String) throws -> Void) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    func list(_ name: String, _ values: some Collection<some Encodable>) throws {
      try write("\"\(name)\":[")
      for (index, value) in values.enumerated() { try write((index == 0 ? "\n" : ",\n") + text(value)) }
      try write(values.isEmpty ? "],\n" : "\n],\n")
    }
    try write("{\n\"comparison\":" + (try comparison.map { try text($0) } ?? "null") + ",\n")
    try list("duplicates", duplicates)
    try list("errorRates", ErrorRate.shipped)
    try list("examinations", examinations.made)
    try list("folder", folder)
    try write("\"header\":\(text(header)),\n")
    try list("interpretation", ReportText.readings)
    try list("items", items.lazy.map(JSONItem.init))
    try list("limits", ReportText.limits)
    try list("notChecked", notChecked)
    try list("notes", notes)
    try list("packs", packs)
    try list("project", project)
    try write("\"schema\":\"\(Self.schema)\",\n")
    try write("\"summary\":\(text(JSONSummary(self)))\n}\n")
  }

  /// The whole JSON text.
  public func json() throws -> String {
    var text = ""
    try writeJSON { text += $0 }
    return text
  }

  /// SHA-256 of the JSON text, and its size in bytes.
  public func jsonDigest() throws -> (sha256: String, count: Int) {
    var hash = SHA256()
    var count = 0
    try writeJSON { piece in
      let bytes = Array(piece.utf8)
      count += bytes.count
      hash.update(data: bytes)
    }
    return (hash.finalize().hexadecimal, count)
  }
}

private struct JSONItem: Encodable {
  let bytes: Int?
  let judgements: [Judgement]
  let scan: ScanResult

  init(_ item: Report.Item) {
    bytes = item.bytes
    judgements = item.judgements
    scan = item.scan
  }

  enum CodingKeys: String, CodingKey { case bytes, judgements, scan }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bytes, forKey: .bytes)
    try container.encode(judgements, forKey: .judgements)
    try container.encode(scan, forKey: .scan)
  }
}

private struct JSONSummary: Encodable {
  let text: String
  let files: Int
  let attention: Int
  let outcomes: [String: Int]
  let findings: [String: Int]
  let rules: [String: [String: Int]]
  let propositions = ReportText.propositions
  let handling = ReportText.handling
  let network = "not used"

  init(_ report: Report) {
    text = ReportText.plainSummary(report)
    files = report.items.count
    attention = report.attention.count
    outcomes = Dictionary(
      report.outcomeCounts.map { ($0.outcome.rawValue, $0.count) }, uniquingKeysWith: { first, _ in first })
    findings = Dictionary(
      report.findingCounts.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
    rules = report.ruleCounts.mapValues { counts in
      Dictionary(counts.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
