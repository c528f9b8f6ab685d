import Foundation
import TestSupport
import Testing

/// The shell step of the GitHub Action, run as GitHub runs it.
struct ActionTests {
  private static let script = TestPaths.root.appending(path: ".github/actions/audit/audit.sh").path

  private static func shell(_ command: String, in folder: URL) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(
      [
        "env", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
        "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org", "ASSAY=\(CommandLineTool.program.path)",
        "bash",
        "-c", "cd '\(folder.path)' && \(command)",
      ], program: URL(filePath: "/usr/bin/env"))
  }

  @Test func `the pictures that changed are audited, whatever they are called`() throws {
    let scratch = try ScratchFolder()
    try scratch.copy("nothing.png", as: "old.png")
    #expect(
      try Self.shell("git init -q . && git add . && git commit -qm 1 && git tag base", in: scratch.url).status
        == 0)
    try scratch.copy("webui.png", as: "new/$(touch pwned) `x`.png")
    try scratch.copy("camera.jpg", as: "-o.JPG")
    try Data("text".utf8).write(to: scratch.url.appending(path: "notes.txt"))
    #expect(try Self.shell("git add . && git commit -qm 2", in: scratch.url).status == 0)
    let run = try Self.shell("BASE=base GITHUB_OUTPUT=out '\(Self.script)'", in: scratch.url)
    #expect(run.status == 0, "\(run.errors) \(run.output)")
    let outputs = try String(contentsOf: scratch.url.appending(path: "out"), encoding: .utf8)
    #expect(outputs == "pictures=2\nsarif=assay-audit/report.sarif\n")
    let report = try String(
      contentsOf: scratch.url.appending(path: "assay-audit/report.sarif"), encoding: .utf8)
    #expect(report.contains("-o.JPG") && !report.contains("old.png"))
    #expect(!FileManager.default.fileExists(atPath: scratch.url.path + "/pwned"))
    let gate = try Self.shell("BASE=base FAIL_ON=aiDeclared '\(Self.script)'", in: scratch.url)
    #expect(gate.status == 2)
    #expect(gate.output.contains("::error::"))
  }

  @Test func `without a changed picture, a base or the program it says so`() throws {
    let scratch = try ScratchFolder()
    try scratch.copy("nothing.png", as: "old.png")
    #expect(
      try Self.shell("git init -q . && git add . && git commit -qm 1 && git tag base", in: scratch.url).status
        == 0)
    let none = try Self.shell("BASE=base GITHUB_OUTPUT=out '\(Self.script)'", in: scratch.url)
    #expect(none.status == 0 && none.output.contains("no picture was changed"))
    #expect(try Self.shell("BASE= '\(Self.script)'", in: scratch.url).status == 1)
    let missing = try Self.shell("BASE=0000000 '\(Self.script)'", in: scratch.url)
    #expect(missing.status == 1 && missing.output.contains("fetch-depth"))
    #expect(try Self.shell("ASSAY=no-such-program BASE=base '\(Self.script)'", in: scratch.url).status == 1)
  }

  @Test func `the hooks name commands that there are`() throws {
    let hooks = try String(
      contentsOf: TestPaths.root.appending(path: ".pre-commit-hooks.yaml"), encoding: .utf8)
    let picture = TestPaths.fixtures.appending(path: "gallery/webui.png").path
    for match in hooks.matches(of: #/entry: assay (.+) --\n/#) {
      let arguments = match.1.split(separator: " ").map(String.init)
      let result = try CommandLineTool.run(arguments + ["--", picture])
      #expect([0, 2].contains(result.status), "\(match.1): \(result.errors)")
    }
    #expect(hooks.matches(of: #/entry: /#).count == 2)
  }
}
