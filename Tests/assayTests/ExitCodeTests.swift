import Console
import Foundation
import TestSupport
import Testing

/// Gates: which code a command ends with, over every combination of what can happen.
struct ExitCodeTests {
  /// What a scan is given.
  enum Input: String, CaseIterable {
    case readable, unreadable, both, emptyFolder, unreadFolder, readableAndEmptyFolder
  }

  /// What --fail-on asks for.
  enum Gate: String, CaseIterable {
    case none
    case met = "aiDeclared"
    case unmet = "captureVerified"
    case unreadable
    case anyAI = "any-ai"
  }

  private static func folder(_ input: Input) throws -> (folder: ScratchFolder, paths: [String]) {
    let folder = try ScratchFolder()
    let path = folder.url.path
    try FileManager.default.createDirectory(atPath: path + "/empty", withIntermediateDirectories: true)
    try Data("text".utf8).write(to: URL(filePath: path + "/empty/notes.txt"))
    try folder.copy("webui.png", as: "readable.png")
    try Data("no picture".utf8).write(to: URL(filePath: path + "/unreadable.png"))
    try FileManager.default.createDirectory(atPath: path + "/unread", withIntermediateDirectories: true)
    try Data("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8).write(
      to: URL(filePath: path + "/unread/drawing.svg"))
    let names: [String] =
      switch input {
      case .readable: ["readable.png"]
      case .unreadable: ["unreadable.png"]
      case .both: ["readable.png", "unreadable.png"]
      case .emptyFolder: ["empty"]
      case .unreadFolder: ["unread"]
      case .readableAndEmptyFolder: ["readable.png", "empty"]
      }
    return (folder, names.map { "\(path)/\($0)" })
  }

  private static func expected(_ input: Input, _ gate: Gate, allowEmpty: Bool) -> Int32 {
    let hasPicture = [.readable, .both, .readableAndEmptyFolder].contains(input)
    let hasUnreadable = [.unreadable, .both, .unreadFolder].contains(input)
    let isMet =
      switch gate {
      case .none, .unmet: false
      case .met, .anyAI: hasPicture
      case .unreadable: hasUnreadable
      }
    if isMet { return 2 }
    if hasUnreadable { return 1 }
    return [.emptyFolder, .readableAndEmptyFolder].contains(input) && !allowEmpty ? 1 : 0
  }

  @Test(arguments: Input.allCases, Gate.allCases)
  func `every combination of input and gate ends as the table says`(input: Input, gate: Gate) throws {
    let (folder, paths) = try Self.folder(input)
    for allowEmpty in [false, true] {
      let options =
        (gate == .none ? [] : ["--fail-on", gate.rawValue]) + (allowEmpty ? ["--allow-empty"] : [])
      let wanted = Self.expected(input, gate, allowEmpty: allowEmpty)
      for style in [[], ["--json"], ["--brief"]] {
        let scan = try CommandLineTool.run(["scan", "--only", "provenance"] + style + options + paths)
        #expect(scan.status == wanted, "\(input) \(options): \(scan.errors)")
        if input == .emptyFolder { #expect(scan.errors.contains("no image files were found")) }
      }
    }
    _ = folder
  }

  @Test(arguments: [Gate.none, .met, .unmet])
  func `an audit ends alike`(gate: Gate) throws {
    for input in [Input.readable, .both, .emptyFolder] {
      let (folder, paths) = try Self.folder(input)
      let options = gate == .none ? [] : ["--fail-on", gate.rawValue]
      let audit = try CommandLineTool.run(["audit", "--rules", "kr"] + options + paths)
      #expect(audit.status == Self.expected(input, gate, allowEmpty: false), "\(input): \(audit.errors)")
      _ = folder
    }
    let (folder, paths) = try Self.folder(.both)
    // A rule that fails wins over a file that cannot be read, as --fail-on does.
    let audit = try CommandLineTool.run(
      ["audit", "--rules", "c2pa", "--fail-on-severity", "warning"] + paths)
    #expect(audit.status == 2, "\(audit.errors)")
    _ = folder
  }

  @Test func `an interrupt wins over a gate, a gate over what was not read`() {
    for interrupted in [false, true] {
      for met in [false, true] {
        for failed in [false, true] {
          let rule = ExitRule(wasInterrupted: interrupted, isMet: met, hasFailed: failed)
          #expect(rule.code == (interrupted ? 130 : met ? 2 : failed ? 1 : 0))
        }
      }
    }
  }

  @Test func `help and README hold the same table of codes`() throws {
    let help = try CommandGrammarTests.help(["assay"]).split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    let readme = try String(contentsOf: TestPaths.root.appending(path: "README.md"), encoding: .utf8)
    for (code, meaning) in ExitRule.table {
      #expect(help.contains("\(code) \(meaning)"), "\(code)")
      #expect(readme.contains("| \(code) | \(meaning) |"), "\(code)")
    }
  }

  @Test func `a wrong condition is refused with the nearest right one`() throws {
    let result = try CommandLineTool.run(["scan", "--fail-on", "aideclard", "fixtures/gallery/nothing.png"])
    #expect(result.status == 64)
    #expect(result.errors.contains("there is no 'aideclard'; did you mean 'aiDeclared'?"), "\(result.errors)")
  }

  // MARK: Standard input

  @Test func `an audit takes what scan takes from standard input`() throws {
    let folder = try ScratchFolder()
    let picture = try Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/webui.png"))
    func audit(_ name: String, _ input: Data, _ more: String...) throws -> (Int32, [String], String) {
      let target = folder.url.appending(path: name).path
      let result = try CommandLineTool.run(
        ["audit", "-", "--format", "json", "-o", target, "--force"] + more, input: input)
      guard let data = try? Data(contentsOf: URL(filePath: "\(target)/report.json")) else {
        return (result.status, [], result.errors)
      }
      let report = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      let items = report["items"] as? [[String: Any]] ?? []
      return (
        result.status, items.compactMap { ($0["scan"] as? [String: Any])?["file"] as? String }, result.errors
      )
    }
    let one = try audit("one", picture)
    #expect(one.0 == 0 && one.1 == ["-"], "\(one)")
    let list = Data("fixtures/gallery/webui.png\nfixtures/gallery/nothing.png\n".utf8)
    #expect(try audit("list", list).1 == ["fixtures/gallery/webui.png", "fixtures/gallery/nothing.png"])
    try Data(picture).write(to: folder.url.appending(path: "a.png"))
    _ = try CommandLineTool.run(
      ["-cf", folder.url.path + "/x.tar", "-C", folder.url.path, "a.png"], program: URL(filePath: "/bin/tar"))
    let tar = try Data(contentsOf: folder.url.appending(path: "x.tar"))
    let ledger = folder.url.appending(path: "desk.sqlite").path
    for _ in 0..<2 {
      // The second time the ledger knows it; its pictures cannot be read once more, and are there all the same.
      let archive = try audit("tar", tar, "--ledger", ledger, "--operator", "desk")
      #expect(archive.0 == 0 && archive.1 == ["-!/a.png"], "\(archive)")
    }
    #expect(try audit("none", Data([0x7F, 0x45, 0x4C, 0x46, 0, 1])).0 == 1)
    #expect(try CommandLineTool.run(["audit", "-", "-", "-o", folder.url.path]).status == 64)
  }

  @Test func `a picture on standard input is scanned, a list is followed, and the rest is one error`() throws
  {
    let picture = try Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/webui.png"))
    let scan = ["scan", "--only", "provenance", "--json", "-"]
    let result = try CommandLineTool.run(scan, input: picture)
    let object = try #require(try result.objects().first)
    #expect(result.status == 0 && object["file"] as? String == "-")
    #expect(object["outcome"] as? String == "aiDeclared" && object["format"] as? String == "png")
    let list = Data("fixtures/gallery/webui.png\r\n\nfixtures/gallery/nothing.png\n".utf8)
    #expect(try CommandLineTool.run(scan, input: list).objects().count == 2)
    let from = ["scan", "--only", "provenance", "--json", "--files-from", "-"]
    #expect(try CommandLineTool.run(from, input: list).objects().count == 2)
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: "list.txt")
    try list.write(to: file)
    let named = try CommandLineTool.run(["scan", "--only", "provenance", "--json", "--files-from", file.path])
    #expect(try named.objects().count == 2)
    let other = try CommandLineTool.run(scan, input: Data([0x7F, 0x45, 0x4C, 0x46, 0, 1, 2, 3]))
    #expect(other.status == 1 && other.output.isEmpty)
    #expect(
      other.errors.hasPrefix("error: standard input: this is neither an image")
        && other.errors.contains("fix: "))
    #expect(try CommandLineTool.run(["scan", "-", "--files-from", "-"]).status == 64)
    // A picture in a list's place is told as such, and what to do with it.
    for (bytes, more, kind) in [
      (picture, [], "a picture (PNG)"), (picture, ["--null"], "a picture (PNG)"),
      (Data("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), [], "a picture (SVG)"),
      (Data([0x0A, 0, 0x50]), [], nil),
    ] {
      let wrong = try CommandLineTool.run(from + more, input: bytes)
      let words =
        kind.map {
          "this is \($0), and --files-from takes a list of paths\n  fix: scan it with `assay scan -`"
        }
        ?? "this is neither an image"
      #expect(wrong.status == 1 && wrong.errors.contains(words), "\(wrong.errors)")
    }
    let own = try CommandLineTool.run(["scan", "--files-from", "fixtures/gallery/webui.png"])
    #expect(own.status == 1 && own.errors.contains("fix: name it without --files-from"))
    // A name may begin as a picture does.
    let names = Data("P3 \nfixtures/gallery/webui.png\n".utf8)
    #expect(try CommandLineTool.run(from, input: names).output.contains("webui.png"))
  }
}
