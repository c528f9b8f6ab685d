import Foundation
import TestSupport
import Testing

/// What `make install` puts where, and that it works there.
struct InstallTests {
  @Test func `an installed program finds its parts, has its pages and completions, and goes without a trace`()
    throws
  {
    let folder = try ScratchFolder()
    let prefix = folder.url.appending(path: "usr").path
    let build = CommandLineTool.program.deletingLastPathComponent().path
    func make(_ target: String) throws -> CommandLineTool.Outcome {
      try CommandLineTool.run(
        ["make", "-s", target, "PREFIX=\(prefix)", "BUILD=\(build)"], program: URL(filePath: "/usr/bin/env"))
    }
    let installed = try make("install-files")
    #expect(installed.status == 0, "\(installed.errors)")
    let program = URL(filePath: prefix + "/bin/assay")
    let scan = try CommandLineTool.run(
      ["scan", "--brief", "--only", "provenance", "fixtures/gallery/webui.png"], program: program)
    #expect(scan.status == 0 && scan.output.contains("The file declares AI origin"), "\(scan.errors)")
    #expect(try CommandLineTool.run(["audit", "rules"], program: program).status == 0)
    #expect(
      try CommandLineTool.run(["trust", "list"], program: program).output.contains("C2PA-TRUST-LIST of"))
    let pages = try FileManager.default.contentsOfDirectory(atPath: prefix + "/share/man/man1")
    for name in ["assay.1", "assay-scan.1", "assay-credentials-verify.1", "assay-trust-install.1"] {
      #expect(pages.contains(name), "\(name)")
    }
    let page = try String(contentsOfFile: prefix + "/share/man/man1/assay-scan.1", encoding: .utf8)
    #expect(page.hasPrefix(".TH ASSAY-SCAN 1 ") && page.contains("\n.SH OPTIONS\n"))
    for option in try CommandGrammarTests.options(of: CommandGrammarTests.help(["assay", "scan"])) {
      #expect(page.contains("\\-\\-\(option.name.replacing("-", with: "\\-"))"), "\(option.name)")
    }
    for name in [
      "bash-completion/completions/assay", "zsh/site-functions/_assay",
      "fish/vendor_completions.d/assay.fish",
    ] {
      let text = try String(contentsOfFile: "\(prefix)/share/\(name)", encoding: .utf8)
      #expect(text.contains("credentials"), "\(name)")
    }
    #expect(try make("uninstall").status == 0)
    let rest = FileManager.default.enumerator(atPath: prefix)?.compactMap { $0 as? String } ?? []
    let files = rest.filter { path in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(prefix)/\(path)", isDirectory: &isFolder)
      return !isFolder.boolValue
    }
    #expect(files.isEmpty, "\(files)")
  }
}
