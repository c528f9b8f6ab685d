import Foundation
import TestSupport
import Testing

/// The mixed folder of `fixtures/audit-case`: every rule on every file, exactly.
struct AuditCaseTests {
  private static let rules = "eu,c2pa,cn,ca,in,kr,iptc,merchant,privacy"

  private struct Expected: Decodable {
    /// Of the file's scan.
    var outcome: String
    /// Rules by result; a rule that is in none is `notApplicable`.
    var rules: [String: [String]]
  }

  private struct ExpectedCase: Decodable {
    var files: [String: Expected]
    var folder: [String: [String]]
    var project: [String: [String]]
    var duplicates: [[String]]
  }

  private static func results(_ judgements: Any?) -> [String: [String]] {
    var results: [String: [String]] = [:]
    for judgement in judgements as? [[String: Any]] ?? [] {
      guard let rule = judgement["rule"] as? String, let result = judgement["result"] as? String,
        result != "notApplicable"
      else { continue }
      results[result, default: []].append(rule)
    }
    return results.mapValues { $0.sorted() }
  }

  /// The outcome that the detector's own words leave for a picture without marks: abstention between its
  /// thresholds (NIST and SWGDE practice, standards.md §6.3), and no evidence for AI below them.
  private static func measuredOutcome(_ scan: [String: Any]) -> String? {
    let evidence = scan["evidence"] as? [[String: Any]] ?? []
    guard let detector = evidence.first(where: { $0["method"] as? String == "detector" }) else { return nil }
    let detail = detector["detail"] as? [String: Any] ?? [:]
    guard let probability = detail["probability"] as? Double,
      let thresholds = detail["thresholds"] as? [String: Double], let indicated = thresholds["indicated"],
      let quiet = thresholds["quiet"]
    else { return "inconclusive" }
    return probability >= indicated ? "aiIndicated" : probability < quiet ? "noIndication" : "inconclusive"
  }

  @Test func `every rule gives the expected result on every file of the case`() throws {
    let folder = try ScratchFolder()
    let place = "fixtures/audit-case"
    let run = try AuditCommandTests.assay(
      "audit", "\(place)/pictures", "--rules", Self.rules, "--project", "\(place)/project.yaml", "--trust",
      "\(place)/trust/signers.pem", "--tsa-trust", "\(place)/trust/tsa.pem", "--clock",
      "2026-11-25T12:00:00Z",
      "--format", "json", "-o", folder.url.path)
    #expect(run.status == 1)
    #expect(run.errors.contains("2 of 28 files could not be read"), "\(run.errors)")
    let report = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.url.appending(path: "report.json")))
    let document = try #require(report as? [String: Any])
    let expected = try JSONDecoder().decode(
      ExpectedCase.self,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "audit-case/expected.json")))
    let items = document["items"] as? [[String: Any]] ?? []
    #expect(items.count == expected.files.count)
    for item in items {
      let scan = item["scan"] as? [String: Any] ?? [:]
      let name = String((scan["file"] as? String ?? "").dropFirst("\(place)/pictures/".count))
      let wanted = try #require(expected.files[name], "\(name)")
      let outcome = wanted.outcome == "nothingFound" ? Self.measuredOutcome(scan) : wanted.outcome
      #expect(scan["outcome"] as? String == outcome, "\(name)")
      #expect(Self.results(item["judgements"]) == wanted.rules.mapValues { $0.sorted() }, "\(name)")
    }
    #expect(Self.results(document["folder"]) == expected.folder.mapValues { $0.sorted() })
    #expect(Self.results(document["project"]) == expected.project.mapValues { $0.sorted() })
    let groups = (document["duplicates"] as? [[String]] ?? []).map { group in
      group.map { String($0.dropFirst("\(place)/pictures/".count)) }
    }
    #expect(groups == expected.duplicates)
  }

  @Test func `an audit takes from the ledger what it holds, and says the same`() throws {
    let folder = try ScratchFolder()
    let ledger = folder.url.appending(path: "desk.sqlite").path
    func audit(_ path: String, _ output: String) throws -> CommandLineTool.Outcome {
      try AuditCommandTests.assay(
        "audit", path, "--rules", "c2pa", "--ledger", ledger, "--clock", "2026-11-25T12:00:00Z", "--format",
        "csv", "-o", folder.url.appending(path: output).path)
    }
    let pictures = "fixtures/audit-case/pictures"
    #expect(try audit("\(pictures)/photos", "first").status == 0)
    let whole = try audit(pictures, "second")
    // Six photographs, and the copy of one of them; a file without bytes has no picture to remember.
    #expect(whole.errors.contains("7 of 28 files were known to the ledger"), "\(whole.errors)")
    let again = try audit(pictures, "third")
    #expect(again.errors.contains("28 of 28 files were known to the ledger"), "\(again.errors)")
    func csv(_ name: String) throws -> String {
      try String(contentsOf: folder.url.appending(path: "\(name)/report.csv"), encoding: .utf8)
    }
    #expect(try csv("second") == csv("third"))
    #expect(try AuditCommandTests.assay("ledger", "verify", "--ledger", ledger).status == 0)
  }

  @Test func `a signed report verifies, under its root as trusted, and no longer when a byte changes`() throws
  {
    let folder = try ScratchFolder()
    let path = { (name: String) in folder.url.appending(path: name).path }
    func run(_ arguments: String...) throws -> CommandLineTool.Outcome { try CommandLineTool.run(arguments) }
    _ = try run(
      "audit", "fixtures/gallery/nothing.png", "--rules", "c2pa", "--format", "json,html", "-o", path("audit")
    )
    #expect(try run("credentials", "keys", "--organization", "Desk", "-o", path("keys")).status == 0)
    let report = path("audit/report.json")
    let signed = try run(
      "report", "sign", report, "--key", path("keys/signer.key"), "--certificates", path("keys/signer.pem"))
    #expect(signed.status == 0, "\(signed.errors)")
    // Without options the user's own lists count; this one is nobody's.
    let stranger = try run("report", "verify", report, "--trust", "fixtures/audit-case/trust/signers.pem")
    #expect(stranger.status == 0 && stranger.output.contains("valid"))
    let known = try run("report", "verify", report, "--trust", path("keys/root.pem"), "--json")
    #expect(known.output.contains("\"state\":\"trusted\""))
    var bytes = try Data(contentsOf: URL(filePath: report))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: report))
    #expect(try run("report", "verify", report, "--trust", path("keys/root.pem")).status == 1)
  }

  @Test func `a page holds by the signature over its twin, and no longer when a word of it changes`() throws {
    let folder = try ScratchFolder()
    let path = { (name: String) in folder.url.appending(path: name).path }
    func run(_ arguments: String...) throws -> CommandLineTool.Outcome { try CommandLineTool.run(arguments) }
    _ = try run(
      "audit", "fixtures/gallery/webui.png", "fixtures/gallery/nothing.png", "--rules", "c2pa,eu", "--format",
      "html,json", "-o", path("audit"))
    let (page, json) = (path("audit/report.html"), path("audit/report.json"))
    let unsigned = try run("report", "verify", page)
    #expect(
      unsigned.status == 1 && unsigned.output.contains("there is no signature over the page's JSON twin"))
    _ = try run("credentials", "keys", "--organization", "Desk", "-o", path("keys"))
    _ = try run(
      "report", "sign", json, "--key", path("keys/signer.key"), "--certificates", path("keys/signer.pem"))
    let signed = try run("report", "verify", page, "--trust", path("keys/root.pem"))
    #expect(
      signed.status == 0 && signed.output.hasPrefix("\(page): trusted\n"), "\(signed.output)\(signed.errors)")
    let object = try run("report", "verify", page, "--trust", path("keys/root.pem"), "--json").objects().first
    #expect((object?["page"] as? [String: Any])?["isSame"] as? Bool == true)
    // The twin in the page is what counts: that beside it may be gone, and its signature be named.
    try FileManager.default.moveItem(atPath: json, toPath: path("elsewhere.json"))
    #expect(try run("report", "verify", page, "--signature", json + ".cose").status == 0)

    let words = try String(contentsOfFile: page, encoding: .utf8)
    for (from, to) in [
      ("declares", "denies"), ("of rules", "of  rules"),
      ("data:image/jpeg;base64,/", "data:image/jpeg;base64,A"),
    ]
    where words.contains(from) {
      try Data(words.replacing(from, with: to, maxReplacements: 1).utf8).write(to: URL(filePath: page))
      let altered = try run("report", "verify", page, "--trust", path("keys/root.pem"), "--json")
      let signature = try altered.objects().first?["signature"] as? [String: Any]
      #expect(altered.status == 1 && signature?["state"] as? String == "invalid", "\(from)")
    }
    // A signature over the page itself still counts for itself.
    _ = try run(
      "report", "sign", page, "--key", path("keys/signer.key"), "--certificates", path("keys/signer.pem"))
    #expect(try run("report", "verify", page).status == 0)
  }

  @Test func `a translated audit is verified with its texts, and texts that lack a key are refused`() throws {
    let folder = try ScratchFolder()
    let path = { (name: String) in folder.url.appending(path: name).path }
    let english = try AuditCommandTests.assay("audit", "--print-wording").output
    let german = english.replacing("\"en\"", with: "\"de\"").replacing("Limits", with: "Grenzen")
    try Data(german.utf8).write(to: URL(filePath: path("de.json")))
    let made = try AuditCommandTests.assay(
      "audit", "fixtures/gallery/nothing.png", "--rules", "c2pa", "--wording", path("de.json"), "-o",
      path("audit"))
    #expect(made.status == 0, "\(made.errors)")
    let page = try String(contentsOfFile: path("audit/report.html"), encoding: .utf8)
    #expect(page.contains("<html lang=\"de\">") && page.contains(">Grenzen</h2>"))
    let verify = ["report", "verify", path("audit/report.html")]
    #expect(try CommandLineTool.run(verify).errors.contains("worded by another catalogue of texts (de)"))
    let known = try CommandLineTool.run(verify + ["--wording", path("de.json")])
    #expect(known.output.contains("the page says what its twin says"))
    try Data(german.replacing("\"notExamined\"", with: "\"notExamind\"").utf8).write(
      to: URL(filePath: path("de.json")))
    let refused = try AuditCommandTests.assay(
      "audit", "fixtures/gallery/nothing.png", "--wording", path("de.json"))
    #expect(
      refused.status == 1
        && refused.errors.contains("de.json: texts are missing: notExamined\n  fix: translate")
    )
  }

  @Test func `a folder of hostile names and files is audited to the end, each failure listed`() throws {
    let folder = try ScratchFolder()
    let names = [
      "<script>alert(1)</script>.png", "a\"onload='x'.png", "two\nlines\r.png", "\u{202E}gnp.exe.png",
      "=HYPERLINK(\"x\").png", "`*_[x](y)_*`.png", "\u{1B}[31mred.png", "]]>&amp;.png", "-rf.png", " .png",
    ]
    for name in names { try folder.copy("nothing.png", as: "in/\(name)") }
    let input = folder.url.appending(path: "in")
    let formats = TestPaths.fixtures.appending(path: "formats")
    for bomb in ["bomb-iccp.png", "bomb-ztxt.png", "exif-loop.jpg"] {
      try FileManager.default.copyItem(at: formats.appending(path: bomb), to: input.appending(path: bomb))
    }
    try Data().write(to: input.appending(path: "empty.jpg"))
    try Data("no picture".utf8).write(to: input.appending(path: "text.webp"))
    let huge = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8))
    try (huge + Data([0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0, 0, 0, 0, 0])).write(
      to: input.appending(path: "huge.png"))
    try FileManager.default.createSymbolicLink(
      atPath: input.appending(path: "nowhere.png").path, withDestinationPath: "/nonexistent/file.png")
    try FileManager.default.createSymbolicLink(
      atPath: input.appending(path: "circle.png").path, withDestinationPath: "circle.png")
    mkfifo(input.appending(path: "pipe.png").path, 0o600)

    let output = folder.url.appending(path: "out").path
    let run = try AuditCommandTests.assay(
      "audit", input.path, "--rules", "eu,c2pa,privacy", "--format", "html,json,md,sarif,junit,csv", "-o",
      output)
    #expect(run.status == 1, "\(run.errors)")
    let report = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: output + "/report.json")))
    let items = (report as? [String: Any])?["items"] as? [[String: Any]] ?? []
    #expect(items.count == names.count + 9)
    let failed = items.compactMap { $0["scan"] as? [String: Any] }.filter { !($0["error"] is NSNull) }
      .compactMap { ($0["file"] as? String)?.split(separator: "/").last.map(String.init) }
    for name in ["empty.jpg", "text.webp", "huge.png", "nowhere.png", "circle.png", "pipe.png"] {
      #expect(failed.contains(name), "\(name)")
    }
    for name in ["report.html", "report.md", "junit.xml", "report.csv"] {
      let text = try String(contentsOfFile: output + "/" + name, encoding: .utf8)
      // HTML, XML, and Markdown, which sites render as HTML: no tag of a name, so that no attribute either. Quotes
      // are text outside tags. CSV has no markup; formulas in it are `ReportTests`' matter.
      #expect(name == "report.csv" || !text.contains("<script"), "\(name)")
      #expect(["report.csv", "report.md"].contains(name) || !text.contains("onload='"), "\(name)")
      #expect(name != "report.md" || !text.contains("<"), "\(name)")
      #expect(!text.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{1B}" }, "\(name)")
    }
    // Without -o the report goes to the terminal.
    let shown = try AuditCommandTests.assay("audit", input.path, "--rules", "privacy")
    #expect(!shown.output.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{1B}" })
  }
}
