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

  @Test func `what is named twice counts once`() throws {
    let folder = try ScratchFolder()
    let result = try Self.assay(
      "audit", "fixtures/gallery/webui.png", "./fixtures//gallery/webui.png", "fixtures/gallery/./webui.png",
      "--rules",
      "c2pa,c2pa", "--format", "json,json", "-o", folder.url.appending(path: "a").path)
    #expect(result.status == 0)
    let report = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.url.appending(path: "a/report.json")))
    let document = try #require(report as? [String: Any])
    #expect((document["items"] as? [Any])?.count == 1)
    #expect((document["packs"] as? [Any])?.count == 1)
    #expect((document["duplicates"] as? [Any])?.isEmpty == true)
  }

  @Test func `China's label in the gallery is found by its rule`() throws {
    let result = try Self.assay(
      "audit", "fixtures/gallery/aigc-label.webp", "--rules", "cn", "--clock", "2026-11-24T12:00:00Z",
      "--fail-on-severity", "error")
    #expect(result.output.contains("| CN-45438-001 | Implicit label present |"))
    #expect(result.output.contains("| CN-45438-002 | ✗ not found |"))
    // Four of the seven fields are missing.
    #expect(result.status == 2)
  }

  @Test(arguments: [
    (["audit", "--scan", "/nonexistent.jsonl"], "/nonexistent.jsonl: the file cannot be read"),
    (["audit", "fixtures/gallery", "--rules", "nope"], "there is no rule pack 'nope'"),
    (["audit", "fixtures/gallery", "-o", "/dev/null/x"], "/dev/null/x: Not a directory"),
    (
      ["audit", "fixtures/gallery", "--trust", "fixtures/gallery/nothing.png"],
      "fixtures/gallery/nothing.png: there are no"
    ),
    (["ledger", "verify", "--ledger", "/nonexistent.sqlite"], "/nonexistent.sqlite: there is no ledger"),
    (["ledger", "add", "-", "--operator", "x"], "standard input: the line is no scan result"),
    (
      ["upscale", "fixtures/gallery/nothing.png", "-o", "/nonexistent/x.png"],
      "/nonexistent/x.png: cannot be written"
    ),
    (
      ["upscale", "fixtures/gallery/nothing.png", "-o", "fixtures/gallery/webui.png"],
      "fixtures/gallery/webui.png: the file exists"
    ),
    (
      ["report", "verify", "fixtures/audit-case/project.yaml"],
      "fixtures/audit-case/project.yaml: the report is not signed"
    ),
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
    #expect(try Self.assay("ledger", "verify", "--ledger", ledger).output.hasPrefix("intact: 1 entry,"))
    #expect(try Self.assay("ledger", "list", "--ledger", ledger).output.contains("aiDeclared"))
  }

  @Test func `the ledger says by which model, and shows a file by its name or hash`() throws {
    let folder = try ScratchFolder()
    let ledger = folder.url.appending(path: "ledger.sqlite").path
    let scan = try Self.assay("scan", "--json", "fixtures/gallery/nothing.png")
    // A name that would begin a line of its own.
    _ = try Self.assay(
      "ledger", "add", "-", "--ledger", ledger, "--operator", "desk\n2  forged", input: scan.output)
    #expect(try Self.assay("ledger", "list", "--ledger", ledger).lines.count == 1)
    let shown = try Self.assay("ledger", "show", "fixtures/gallery/nothing.png", "--ledger", ledger)
    #expect(shown.status == 0 && shown.lines.first?.hasPrefix("Entry 1, ") == true)
    #expect(shown.lines.dropFirst().allSatisfy { $0.hasPrefix("  ") }, "\(shown.output)")
    #expect(shown.lines.first?.hasSuffix(#"by desk\u{A}2  forged"#) == true, "\(shown.output)")
    let hash = try #require(try scan.objects().first?["sha256"] as? String)
    #expect(try Self.assay("ledger", "show", hash.uppercased(), "--ledger", ledger).output == shown.output)
    let entry = try #require(try Self.assay("ledger", "export", "--ledger", ledger).objects().first)
    let record = try #require(entry["record"] as? [String: Any])
    #expect((record["model"] as? String ?? "").contains("sha256"))
    let other = try Self.assay("ledger", "show", "fixtures/gallery/webui.png", "--ledger", ledger)
    #expect(other.status == 1 && other.errors.contains("there is no entry about the file"))
  }

  @Test func `a ledger cut at its end is found by the head that was kept`() throws {
    let folder = try ScratchFolder()
    let scan = try Self.assay("scan", "--json", "--only", "provenance", "fixtures/gallery/webui.png")
    let whole = folder.url.appending(path: "whole.sqlite").path
    let head = folder.url.appending(path: "head.json")
    for _ in 0..<2 {
      _ = try Self.assay("ledger", "add", "-", "--ledger", whole, "--operator", "desk", input: scan.output)
    }
    let verified = try Self.assay("ledger", "verify", "--ledger", whole, "--json")
    try Data(verified.output.utf8).write(to: head)
    #expect(try Self.assay("ledger", "verify", "--ledger", whole, "--head", head.path).status == 0)
    let cut = folder.url.appending(path: "cut.sqlite").path
    _ = try Self.assay("ledger", "add", "-", "--ledger", cut, "--operator", "desk", input: scan.output)
    let found = try Self.assay("ledger", "verify", "--ledger", cut, "--head", head.path)
    #expect(found.status == 1 && found.output.hasPrefix("broken: entry 1 is the last"))
    let wrong = try Self.assay("ledger", "verify", "--ledger", cut, "--head", "fixtures/gallery/webui.png")
    #expect(wrong.status == 1 && wrong.errors.contains("this is no head of a ledger"))
  }

  @Test func `reports that are there are refused before anything is scanned`() throws {
    let folder = try ScratchFolder()
    try Data().write(to: folder.url.appending(path: "report.json"))
    let ledger = folder.url.appending(path: "desk.sqlite").path
    let run = try Self.assay(
      "audit", "fixtures/gallery/nothing.png", "--ledger", ledger, "--format", "md,json", "-o",
      folder.url.path)
    #expect(run.status == 1 && run.errors.contains("report.json: the file exists"))
    #expect(!FileManager.default.fileExists(atPath: ledger))
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "report.md").path))
    #expect(try Self.assay("audit", "fixtures/gallery/nothing.png", "--rules", ",").status == 64)
  }
}
