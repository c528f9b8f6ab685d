import Foundation
import TestSupport
import Testing

struct PipelineCommandTests {
  /// Runs `assay audit pipeline` with a temporary folder of its own.
  static func pipeline(_ arguments: String..., scratch: ScratchFolder) throws -> CommandLineTool.Outcome {
    let temporary = scratch.url.appending(path: "tmp")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    let result = try CommandLineTool.run(
      ["audit", "pipeline"] + arguments, environment: ["TMPDIR": temporary.path])
    let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
    #expect(left.isEmpty, "\(left) is left behind")
    return result
  }

  @Test func `a copy keeps all marks, and the text says so mark by mark`() throws {
    let scratch = try ScratchFolder()
    let result = try Self.pipeline("--run", "cp {in} {out}", "--fail-on-lost", scratch: scratch)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    #expect(result.output.contains("drawing-1.jpg (jpeg → jpeg)"))
    #expect(result.output.contains("  ✓ Content Credentials: survives"))
    #expect(result.output.contains("  ✓ IPTC-IIM credit line: survives (IIM 2:110 Credit)"))
    #expect(result.output.contains("  ✓ PNG text: survives"))
    #expect(!result.output.contains("✗"))
    #expect(result.output.hasSuffix("No rule lost evidence that it had before the command.\n"))
  }

  @Test func `a lost mark ends with 2 where that is asked for`() throws {
    let scratch = try ScratchFolder()
    let command = ["--run", "printf x >> {in}", "--shell", "--rules", "c2pa"]
    let lost = try Self.pipeline(
      command[0], command[1], command[2], "--rules", "c2pa", "--fail-on-lost", scratch: scratch)
    #expect(lost.status == 2)
    #expect(lost.output.contains("  ! Content Credentials: left invalid"))
    #expect(lost.output.contains("Evidence that was there before the command and is not after it:"))
    #expect(lost.output.contains("3 of 3"))
    let told = try Self.pipeline(command[0], command[1], command[2], "--json", scratch: scratch)
    #expect(told.status == 0)
    let report = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    let pipeline = try #require(report?["pipeline"] as? [String: Any])
    #expect(pipeline["usedShell"] as? Bool == true)
    #expect((pipeline["runs"] as? [[String: Any]])?.count == 3)
    #expect((report?["items"] as? [Any])?.count == 3)
  }

  @Test(arguments: [
    ("false {in} {out}", "the command ended with exit code 1"),
    ("sh -c 'sleep 20' {in} {out}", "the command was stopped after 1 seconds"),
    ("true {in} {out}", "the command ended well and wrote no out.jpg"),
  ])
  func `a command that fails ends with 1, and the reason stands with the picture`(
    command: String, words: String
  ) throws {
    let scratch = try ScratchFolder()
    let result = try Self.pipeline("--run", command, "--timeout", "1", scratch: scratch)
    #expect(result.status == 1)
    #expect(result.errors.contains("the command failed on 3 of 3 pictures"))
    #expect(result.output.contains("  error: \(words)"), "\(result.output)")
    #expect(result.output.contains("    fix: "))
    #expect(result.output.contains("  ? Content Credentials: not known"))
  }

  @Test func `a gate that is met wins over a command that fails`() throws {
    let scratch = try ScratchFolder()
    // It fails on the PNG, and breaks the credentials of the others.
    let run = "case {in} in *.png) exit 1;; esac; printf x >> {in}"
    let plain = try Self.pipeline("--run", run, "--shell", "--rules", "c2pa", scratch: scratch)
    #expect(plain.status == 1)
    let gated = try Self.pipeline(
      "--run", run, "--shell", "--rules", "c2pa", "--fail-on-lost", scratch: scratch)
    #expect(gated.status == 2)
    #expect(gated.errors.contains("the command failed on 1 of 3 pictures"))
  }

  @Test(arguments: [
    (["--run", "cp a b"], 64, "--run says with {in}"),
    (["--run", "cp {in} {out}", "--timeout", "0"], 64, "--timeout is above 0"),
    (["--run", "cp {in} {out}", "--ending", "a/b"], 64, "--ending is letters and digits"),
    (["--run", "cp {in} {out}", "--format", "md"], 64, "--format needs -o FOLDER"),
    (["--run", "no-such-tool {in} {out}"], 1, "there is no program 'no-such-tool'"),
    (["--run", "cat {in} > {out}"], 1, "only a shell understands"),
    (["--run", "cp {in} {out}", "README.md"], 1, "the command failed on 1 of 1 pictures"),
    (["--run", "cp {in} {out}", "Sources/assay"], 1, "there are no pictures in what was named"),
  ])
  func `what cannot be tried is refused`(arguments: [String], status: Int32, words: String) throws {
    let result = try CommandLineTool.run(["audit", "pipeline"] + arguments)
    #expect(result.status == status)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test func `the remedy for a shell's words names the option`() throws {
    let result = try CommandLineTool.run(["audit", "pipeline", "--run", "cat {in} | cat"])
    #expect(result.errors.contains("--shell"))
  }

  @Test func `reports are written as those of other audits, and their page can be checked`() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.url.appending(path: "report").path
    let formats = "html,json,md,sarif,junit,csv"
    let arguments = ["--run", "cp {in} {out}", "--rules", "eu,c2pa", "-o", folder, "--format", formats]
    let first = try CommandLineTool.run(["audit", "pipeline"] + arguments)
    #expect(first.status == 0)
    #expect(first.lines.count == 6)
    #expect(try CommandLineTool.run(["audit", "pipeline"] + arguments).status == 1, "they are there already")
    let markdown = try String(contentsOfFile: folder + "/report.md", encoding: .utf8)
    #expect(markdown.contains("## What is left of the marks"))
    #expect(markdown.contains("| Content Credentials | 3 | 3 | 0 | 0 | 0 |"))
    let page = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
    #expect(page.contains("What is left of the marks"))
    let keys = scratch.url.appending(path: "keys").path
    _ = try CommandLineTool.run(["credentials", "keys", "--organization", "Desk", "-o", keys])
    let signed = try CommandLineTool.run([
      "report", "sign", folder + "/report.json", "--key", keys + "/signer.key", "--certificates",
      keys + "/signer.pem",
    ])
    #expect(signed.status == 0, "\(signed.errors)")
    let verified = try CommandLineTool.run([
      "report", "verify", folder + "/report.html", "--trust", keys + "/root.pem",
    ])
    #expect(verified.status == 0, "\(verified.errors)\(verified.output)")
  }

  @Test func `an interrupted audit ends with 130 and leaves nothing behind`() throws {
    let scratch = try ScratchFolder()
    let temporary = scratch.url.appending(path: "tmp")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    // Once: without --foreground it interrupts the group as well, and a second interrupt ends a program at once.
    let result = try CommandLineTool.run(
      [
        "timeout", "--foreground", "--preserve-status", "-s", "INT", "10", CommandLineTool.program.path,
        "audit", "pipeline",
        "--run", "sh -c 'sleep 100' {in}",
      ], environment: ["TMPDIR": temporary.path], program: URL(filePath: "/usr/bin/env"))
    #expect(result.status == 130)
    #expect(result.errors.contains("interrupted after 0 pictures"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).isEmpty)
  }

  /// What a converter does that everybody has.
  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/convert-im6.q16"),
      "skipped: ImageMagick 6 is not installed"))
  func `ImageMagick keeps the metadata of a JPEG, and its credentials do not hold any more`() throws {
    let scratch = try ScratchFolder()
    let result = try Self.pipeline(
      "--run", "/usr/bin/convert-im6.q16 {in} -resize 75% {out}", scratch: scratch)
    #expect(result.status == 0)
    let jpeg = result.output.prefix(while: { _ in true }).split(separator: "\n\n")[1]
    #expect(jpeg.contains("✓ XMP source type: survives"))
    #expect(jpeg.contains("! Content Credentials: left invalid"))
    #expect(jpeg.contains("✓ Assay's watermark: survives"))
  }
}
