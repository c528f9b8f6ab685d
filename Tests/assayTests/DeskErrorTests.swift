import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// What goes wrong at a desk leads somewhere, and what is printed for programs names its form.
struct DeskErrorTests {
  private let folder: ScratchFolder
  init() throws { folder = try ScratchFolder() }

  @Test func `a missing file is missing, not unreadable`() throws {
    let result = try CommandLineTool.run(["scan", "gone.jpg", "--only", "provenance"])
    #expect(result.status == 1)
    #expect(
      result.output.contains("The file is not there.") && result.output.contains("there is no such file"))
    #expect(result.output.contains("1 file: 1 missing\n"), "\(result.output)")
    let brief = try CommandLineTool.run(["scan", "gone.jpg", "--only", "provenance", "--brief"])
    #expect(brief.output.hasPrefix("gone.jpg: The file is not there."), "\(brief.output)")
  }

  @Test func `a cut file's fault is said once`() throws {
    let result = try CommandLineTool.run(["scan", "fixtures/gallery/cut.jpg"])
    let error = try #require(result.output.split(separator: "\n").first { $0.contains("error: ") })
    let message = error.split(separator: "error: ").last.map { String($0.prefix(30)) } ?? ""
    #expect(result.output.components(separatedBy: message).count == 2, "\(result.output)")
    #expect(result.output.contains("? not looked at for that reason: "), "\(result.output)")
  }

  @Test func `a limit's remedy names its option`() throws {
    let result = try CommandLineTool.run(["scan", "fixtures/gallery/webui.png", "--max-pixels", "10"])
    #expect(result.output.contains("--max-pixels"), "\(result.output)")
  }

  @Test func `a file of three gigabytes is told from a picture`() throws {
    let path = folder.url.appending(path: "large.jpg").path
    #expect(FileManager.default.createFile(atPath: path, contents: Data([0xFF, 0xD8, 0xFF])))
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    // A hole: it takes no room on the disk.
    try handle.truncate(atOffset: 3_000_000_000)
    try handle.close()
    let result = try CommandLineTool.run(["scan", path, "--only", "provenance"])
    #expect(
      result.status == 1 && result.output.contains("the file has 3.0 GB, more than the 2.1 GB that are read"))
    #expect(result.output.contains("fix: give the picture alone"), "\(result.output)")
  }

  @Test func `every line of JSON names its form and the version`() throws {
    let gallery = "fixtures/gallery/webui.png"
    let scan = try CommandLineTool.run(["scan", gallery, "--only", "provenance", "--json"])
    let ledger = folder.url.appending(path: "l.sqlite").path
    let add = [
      "ledger", "add", "-", "--ledger", ledger, "--operator", "M. Weber", "--json",
    ]
    let out = folder.url.appending(path: "out").path
    let commands: [(words: [String], schema: String)] = [
      (["scan", gallery, "--only", "provenance", "--json"], "assay.scan/1"),
      (["inspect", gallery, "--json"], "assay.inspect/1"),
      (["credentials", "verify", gallery, "--json"], "assay.credentials/1"),
      (["credentials", "show", gallery, "--json"], "assay.credentials/1"),
      (["watermark", "read", gallery, "--json"], "assay.watermark/1"),
      (["fingerprint", "test", gallery, "--json"], "assay.fingerprint-test/1"),
      (["trust", "list", "--json"], "assay.trust/1"),
      (["audit", "rules", "--json"], "assay.rule/1"),
      (["audit", "rules", "--facts", "--json"], "assay.fact/1"),
      (["audit", gallery, "--rules", "c2pa", "--format", "csv", "-o", out, "--json"], "assay.file/1"),
      (["doctor", "--json"], "assay.doctor/1"),
      (add, "assay.ledger-head/1"),
      (["ledger", "list", "--ledger", ledger, "--json"], "assay.ledger-entry/1"),
      (["ledger", "show", gallery, "--ledger", ledger, "--json"], "assay.ledger-entry/1"),
      (["ledger", "export", "--ledger", ledger], "assay.ledger-entry/1"),
      (["ledger", "verify", "--ledger", ledger, "--json"], "assay.ledger-head/1"),
    ]
    for (words, schema) in commands {
      let result = try CommandLineTool.run(
        words, input: words.contains("-") ? Data(scan.output.utf8) : Data())
      // Some print one object over several lines.
      let texts =
        result.output.hasPrefix("{\n")
        ? [result.output] : result.output.split(separator: "\n").map(String.init)
      #expect(!texts.isEmpty, "\(words): \(result.errors)")
      for text in texts {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["schema"] as? String == schema, "\(words)")
        #expect(object["version"] is String, "\(words)")
      }
    }
  }

  @Test func `ledger show tells people what was found, by whom and with what`() throws {
    let ledger = folder.url.appending(path: "l.sqlite").path
    let scan = try CommandLineTool.run([
      "scan", "fixtures/gallery/webui.png", "--only", "provenance", "--json",
    ])
    _ = try CommandLineTool.run(
      ["ledger", "add", "-", "--ledger", ledger, "--operator", "M. Weber"], input: Data(scan.output.utf8))
    let shown = try CommandLineTool.run(["ledger", "show", "fixtures/gallery/webui.png", "--ledger", ledger])
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.hasPrefix("Entry 1, ") && shown.output.contains(", by M. Weber\n"))
    #expect(
      shown.output.contains("The file declares AI origin") && !shown.output.contains("{\""), "\(shown.output)"
    )
    #expect(shown.output.contains("entry's hash"))
  }

  @Test func `an audit that goes on takes its drawings from the ledger too`() throws {
    for name in ["webui.png", "comfyui.png", "camera.jpg", "contradiction.jpg"] {
      try folder.copy(name, as: "set/\(name)")
    }
    func audit(_ out: String) throws -> (errors: String, pictures: NSArray) {
      let target = folder.url.appending(path: out).path
      let run = try CommandLineTool.run([
        "audit", folder.url.appending(path: "set").path, "--rules", "eu,c2pa", "--ledger",
        folder.url.appending(path: "l.sqlite").path, "--format", "html,json", "-o", target, "--clock",
        "2026-11-30T12:00:00Z",
      ])
      let report = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: target + "/report.json")))
      return (run.errors, try #require((report as? [String: Any])?["pictures"] as? NSArray))
    }
    let first = try audit("one")
    let second = try audit("two")
    #expect(second.errors.contains("4 of 4 files were known"), "\(second.errors)")
    // The same pictures, by their digests, as an audit that drew them itself.
    #expect(first.pictures.count > 0 && first.pictures == second.pictures)
  }
}
