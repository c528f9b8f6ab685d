import Audits
import Diagnostics
public import Foundation
import Scanning

extension Report {
  /// Reads a report back from its JSON (`assay.report/1`); its pictures are not in it.
  ///
  /// - Parameters:
  ///   - source: the file as errors name it.
  ///   - text: the catalogue that the report was worded by.
  /// - Throws: ``ReportError`` naming the line or the field that is no report's.
  public init(json: Data, source: String, text: ReportText) throws(ReportError) {
    try self.init(try ReportDocument(json: json, source: source), text: text)
  }

  init(_ document: ReportDocument, text: ReportText) throws(ReportError) {
    self.init(
      header: document.header, text: text, packs: document.packs,
      items: document.items.map { Item($0.scan, $0.judgements) }, folder: document.folder,
      project: document.project, duplicates: document.duplicates, comparison: document.comparison,
      notes: document.notes,
      methods: Set(
        document.items.lazy.flatMap(\.scan.evidence).filter { $0.result != .notEvaluated }.map(\.method)))
    pipeline = document.pipeline
  }
}

/// A report's JSON as far as it is not made anew from the rest.
struct ReportDocument: Decodable {
  struct Item: Decodable {
    var scan: ScanResult
    var judgements: [Judgement]
  }

  var header: ReportHeader
  var catalogue: JSONCatalogue?
  var packs: [Report.Pack]
  var items: [Item]
  var folder: [Judgement]
  var project: [Judgement]
  var duplicates: [[String]]
  var comparison: ReportComparison?
  var notes: [String]
  var pipeline: PipelineFindings?
  var pictures: [JSONPicture]?

  private struct Head: Decodable { var schema: String }

  /// - Throws: ``ReportError`` naming the line or the field that is no report's.
  init(json: Data, source: String) throws(ReportError) {
    do {
      let schema = try JSONDecoder().decode(Head.self, from: json).schema
      guard schema == Report.schema else {
        throw ReportError(
          code: "report.schema", location: FaultLocation(file: source, path: "schema"),
          message: "this is '\(TerminalText.escaping(String(schema.prefix(40))))', no \(Report.schema)",
          remedy: "name a report.json that an audit wrote")
      }
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch let error as ReportError {
      throw error
    } catch {
      throw ReportError(
        code: "report.json", location: FaultLocation(file: source, path: JSONFault.place(error)),
        message: "this is no report (\(Report.schema)): \(JSONFault.message(error, in: json))",
        remedy: "name a report.json as the audit wrote it", cause: error)
    }
    guard duplicates.allSatisfy({ $0.count > 1 }) else {
      throw ReportError(
        code: "report.json", location: FaultLocation(file: source, path: "duplicates"),
        message: "this is no report (\(Report.schema)): a group of duplicates has fewer than two files",
        remedy: "name a report.json as the audit wrote it")
    }
  }
}
