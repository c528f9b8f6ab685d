import Foundation
import TestSupport
import Testing

struct AuditCommandTests {
  static func assay(_ arguments: String..., input: String = "") throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(arguments, input: Data(input.utf8))
  }

  @Test func `an audit of the gallery writes every format, twice the same bytes`() throws {
    let folder = try ScratchFolder()
    let names = ["report.html", "report.json", "report.md", "report.sarif", "junit.xml", "report.csv"]
    var written: [[Data]] = []
    for _ in 0..<2 {
      let result = try Self.assay(
        "audit", "fixtures/gallery", "--rules", "eu,c2pa,cn,privacy", "--clock", "2026-11-24T12:00:00Z",
        "--format", "html,json,md,sarif,junit,csv", "-o", folder.url.path, "--force")
      // One picture of the gallery is cut short.
      #expect(result.status == 1)
      written.append(try names.map { try Data(contentsOf: folder.url.appending(path: $0)) })
    }
    #expect(written[0] == written[1])
  }

  @Test func `China's label in the gallery is found by its rule`() throws {
    let result = try Self.assay(
      "audit", "fixtures/gallery/aigc-label.webp", "--rules", "cn", "--clock", "2026-11-24T12:00:00Z",
      "--fail-on", "error")
    #expect(result.output.contains("| CN-45438-001 | Implicit label present |"))
    #expect(result.output.contains("| CN-45438-002 | ✗ not found |"))
    // Four of the seven fields are missing.
    #expect(result.status == 2)
  }

  @Test(arguments: [
    (["audit", "--scan", "/nonexistent.jsonl"], "/nonexistent.jsonl: the file cannot be read"),
    (["audit", "fixtures/gallery", "--rules", "nope"], "there is no rule pack 'nope'"),
    (["ledger", "verify", "--ledger", "/nonexistent.sqlite"], "/nonexistent.sqlite: there is no ledger"),
    (["ledger", "add", "-", "--operator", "x"], "standard input: the line is no scan result"),
  ])
  func `an error says what, where and how to mend it`(arguments: [String], message: String) throws {
    let result = try CommandLineTool.run(arguments, input: Data("no json\n".utf8))
    #expect(result.status == 1)
    #expect(result.errors.contains("error: \(message)"))
    #expect(result.errors.contains("\n  fix: "))
    #expect(result.output.isEmpty)
  }

  @Test func `a scan goes into the ledger and its chain verifies`() throws {
    let folder = try ScratchFolder()
    let ledger = folder.url.appending(path: "ledger.sqlite").path
    let scan = try Self.assay("scan", "--json", "--only", "provenance", "fixtures/gallery/webui.png")
    let added = try Self.assay(
      "ledger", "add", "-", "--ledger", ledger, "--operator", "desk", input: scan.output)
    #expect(added.status == 0 && added.output.hasPrefix("1 entered"))
    #expect(try Self.assay("ledger", "verify", "--ledger", ledger).output.hasPrefix("intact: 1 entries"))
    #expect(try Self.assay("ledger", "list", "--ledger", ledger).output.contains("aiDeclared"))
  }
}
