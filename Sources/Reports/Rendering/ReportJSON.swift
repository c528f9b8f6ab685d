import Audits
import Crypto
import Diagnostics
import Foundation
import Scanning

extension Report {
  /// Writes the report as JSON, `assay.report/1`: sorted names, one line for each file; same report, same bytes.
  ///
  /// The text is handed on in pieces, so that ten thousand files need not stand in memory at once.
  ///
  /// - Throws: what `write` throws, and what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func writeJSON(_ write: (String) throws -> Void) throws {
    let encoder = JSONLine.encoder()
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    func list(_ name: String, _ values: some Collection<some Encodable>) throws {
      try write("\"\(name)\":[")
      for (index, value) in values.enumerated() { try write((index == 0 ? "\n" : ",\n") + text(value)) }
      try write(values.isEmpty ? "],\n" : "\n],\n")
    }
    try write("{\n\"catalogue\":\(try text(JSONCatalogue(self.text))),\n")
    try write("\"comparison\":" + (try comparison.map { try text($0) } ?? "null") + ",\n")
    try list("duplicates", duplicates)
    try list("errorRates", self.text.errorRates)
    try list("examinations", examinations.made)
    try list("folder", folder)
    try write("\"header\":\(text(header)),\n")
    try list("interpretation", self.text.readings)
    try list("items", items.lazy.map(JSONItem.init))
    try list("limits", self.text.list("limits"))
    try list("notChecked", notChecked)
    try list("notes", notes)
    try list("packs", packs)
    try list("pictures", JSONPicture.all(of: self))
    if let pipeline { try write("\"pipeline\":\(text(pipeline)),\n") }
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

/// What the report is worded by.
struct JSONCatalogue: Codable, Hashable {
  let language: String
  let sha256: String

  init(_ text: ReportText) {
    language = text.language
    sha256 = text.sha256
  }
}

/// A picture of the page, by its digest.
struct JSONPicture: Codable, Hashable {
  let file: String
  let kind: ReportPicture.Kind
  let width: Int
  let height: Int
  /// Size of its file.
  let bytes: Int
  let sha256: String

  static func all(of report: Report) -> [JSONPicture] {
    report.pictures.sorted { $0.key < $1.key }.flatMap { file, pictures in
      pictures.map {
        JSONPicture(
          file: file, kind: $0.kind, width: $0.width, height: $0.height, bytes: $0.size,
          sha256: $0.sha256)
      }
    }
  }
}

private struct JSONItem: Encodable {
  let bytes: Int?
  let judgements: [Judgement]
  let scan: ScanResult

  init(_ item: Report.Item) {
    scan = item.scan
    bytes = scan.fileSize
    judgements = item.judgements
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
  let propositions: [String]
  let handling: String
  /// For programs; the page says it in the catalogue's words.
  let network = "not used"

  init(_ report: Report) {
    text = report.plainSummary
    propositions = report.text.list("propositions")
    handling = report.text["handling"]
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
