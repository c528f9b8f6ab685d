import Foundation
import TestSupport
import Testing

/// The gallery in archives is answered as the gallery in a folder.
struct ArchiveCommandTests {
  private static func shell(_ command: String, in folder: URL) throws {
    let result = try CommandLineTool.run(
      ["sh", "-c", "cd '\(folder.path)' && \(command)"], program: URL(filePath: "/usr/bin/env"))
    #expect(result.status == 0, "\(command): \(result.errors)")
  }

  /// The lines by the names behind `prefix`, without these names.
  private static func answers(_ output: String, behind prefix: String) -> [String: String] {
    var answers: [String: String] = [:]
    for line in output.split(separator: "\n") {
      guard let start = line.range(of: "\"file\":\"\(prefix)"),
        let end = line[start.upperBound...].firstIndex(of: "\"")
      else {
        Issue.record("no file behind \(prefix): \(line)")
        continue
      }
      let name = String(line[start.upperBound..<end])
      answers[name] = String(line[..<start.lowerBound] + line[end...])
    }
    return answers
  }

  @Test func `a tar, a compressed tar and a tar in a tar give the folder's answers to the byte`() throws {
    let scratch = try ScratchFolder()
    let gallery = TestPaths.fixtures.appending(path: "gallery")
    for name in ["webui.png", "camera.jpg", "cut.jpg", "webui.webp", "nothing.png", "google-edited.jpg"] {
      try scratch.copy(name, as: "pictures/\(name)")
    }
    #expect(FileManager.default.fileExists(atPath: gallery.path))
    try Self.shell(
      "tar cf set.tar -C pictures . && tar czf set.tgz -C pictures . && tar cf outer.tar set.tgz",
      in: scratch.url)
    let folder = try CommandLineTool.run(["scan", "--json", scratch.url.path + "/pictures"])
    let expected = Self.answers(folder.output, behind: scratch.url.path + "/pictures/")
    #expect(expected.count == 6)
    for (archive, prefix) in [
      ("set.tar", "set.tar!/"), ("set.tgz", "set.tgz!/"), ("outer.tar", "outer.tar!/set.tgz!/"),
    ] {
      let result = try CommandLineTool.run(["scan", "--json", "\(scratch.url.path)/\(archive)"])
      #expect(Self.answers(result.output, behind: "\(scratch.url.path)/\(prefix)") == expected, "\(archive)")
      #expect(result.status == folder.status)
    }
    // In a folder, archives are opened by their names.
    let all = try CommandLineTool.run(["scan", "--json", "--only", "provenance", scratch.url.path])
    #expect(all.output.split(separator: "\n").count == 24)
  }

  @Test(arguments: ["tar cf - -C set .", "tar czf - -C set .", "cat set.zip"])
  func `an archive on standard input is scanned as the same file is`(command: String) throws {
    let scratch = try ScratchFolder()
    for name in ["webui.png", "camera.jpg", "cut.jpg"] { try scratch.copy(name, as: "set/\(name)") }
    try Self.shell(
      "python3 -c \"import zipfile,os; z=zipfile.ZipFile('set.zip','w'); [z.write('set/'+n,n) for n in sorted(os.listdir('set'))]\"",
      in: scratch.url)
    try Self.shell("\(command) > packed", in: scratch.url)
    let file = try CommandLineTool.run(["scan", "--json", scratch.url.path + "/packed"])
    let piped = try CommandLineTool.run(
      ["scan", "--json", "-"], input: try Data(contentsOf: scratch.url.appending(path: "packed")))
    #expect(piped.status == file.status && piped.status == 1, "\(piped.errors)")
    let expected = Self.answers(file.output, behind: scratch.url.path + "/packed!/")
    #expect(expected.count == 3 && Self.answers(piped.output, behind: "-!/") == expected)
  }

  @Test func `an archive without pictures is told as such`() throws {
    let scratch = try ScratchFolder()
    try Data("words".utf8).write(to: scratch.url.appending(path: "a.txt"))
    try Self.shell(
      "tar cf empty.tar -T /dev/null && tar czf empty.tgz -T /dev/null && tar cf text.tar a.txt",
      in: scratch.url)
    for (name, words) in [
      ("empty.tar", "an empty archive"), ("empty.tgz", "an empty archive"),
      ("text.tar", "an archive without pictures; 1 other file is in it"),
    ] {
      let path = scratch.url.path + "/" + name
      let result = try CommandLineTool.run(["scan", "--only", "provenance", path])
      #expect(
        result.status == 1 && result.errors == "\(path): \(words)\nno image files were found\n",
        "\(result.errors)")
      #expect(try CommandLineTool.run(["scan", "--allow-empty", path]).status == 0)
      let audit = try CommandLineTool.run(["audit", path, "-o", scratch.url.path + "/audit", "--force"])
      #expect(audit.status == 1 && audit.errors.hasPrefix("\(path): \(words)\n"), "\(audit.errors)")
    }
    let piped = try CommandLineTool.run(
      ["scan", "-"], input: try Data(contentsOf: scratch.url.appending(path: "text.tar")))
    #expect(piped.status == 1 && piped.errors.hasPrefix("standard input: an archive without pictures"))
    // Zeros without a tar's name are a picture that was lost.
    try Data(count: 2_048).write(to: scratch.url.appending(path: "lost.jpg"))
    let lost = try CommandLineTool.run(["scan", scratch.url.path + "/lost.jpg"])
    #expect(lost.status == 1 && lost.output.contains("nothing but zeros"), "\(lost.output)")
  }

  @Test func `links in an archive are told of, and how many members there are is said to be unknown`() throws
  {
    let scratch = try ScratchFolder()
    try scratch.copy("nothing.png", as: "a.png")
    try Self.shell("ln a.png b.png && ln -s a.png c.png && tar cf set.tar a.png b.png c.png", in: scratch.url)
    let result = try CommandLineTool.run([
      "scan", scratch.url.path + "/set.tar", "--only", "provenance", "--json",
    ])
    #expect(result.status == 0 && result.output.split(separator: "\n").count == 1, "\(result.output)")
    #expect(result.errors.contains("note: 2 links in archives were passed over: "), "\(result.errors)")
    let audit = try CommandLineTool.run([
      "audit", scratch.url.path + "/set.tar", "--rules", "c2pa", "-o", scratch.url.path + "/out",
    ])
    #expect(audit.errors.contains("note: 2 links in archives were passed over: "), "\(audit.errors)")
  }

  @Test func `members that a ledger knew have their pictures in the report`() throws {
    let scratch = try ScratchFolder()
    for name in ["webui.png", "camera.jpg", "google-edited.jpg"] { try scratch.copy(name, as: "set/\(name)") }
    try Self.shell("tar cf inner.tar -C set . && tar czf set.tgz inner.tar", in: scratch.url)
    var pictures: [Int] = []
    for run in ["1", "2"] {
      // The drawings that the ledger keeps are another version's: they have to be made anew.
      if run == "2" {
        let forgot = try CommandLineTool.run(
          [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('delete from drawing'); c.commit()",
            scratch.url.path + "/l.sqlite",
          ], program: URL(filePath: "/usr/bin/env"))
        guard forgot.status == 0 else { return }
      }
      let result = try CommandLineTool.run([
        "audit", scratch.url.path + "/set.tgz", "--rules", "c2pa", "--ledger", scratch.url.path + "/l.sqlite",
        "-o", scratch.url.path + "/out\(run)", "--format", "html",
      ])
      #expect(run == "1" || result.errors.contains("3 of 3 files were known"), "\(result.errors)")
      let page = try String(contentsOf: scratch.url.appending(path: "out\(run)/report.html"), encoding: .utf8)
      pictures.append(page.components(separatedBy: "data:image/jpeg").count - 1)
    }
    #expect(pictures[0] > 0 && pictures[0] == pictures[1], "\(pictures)")
  }

  @Test func `an archive without a picture, and one that is damaged, fail`() throws {
    let scratch = try ScratchFolder()
    try Self.shell("echo text > notes.txt && tar cf empty.tar notes.txt", in: scratch.url)
    let empty = try CommandLineTool.run(["scan", scratch.url.path + "/empty.tar"])
    #expect(empty.status == 1)
    #expect(empty.errors.contains("no image files were found"))
    #expect(try CommandLineTool.run(["scan", "--allow-empty", scratch.url.path + "/empty.tar"]).status == 0)
    try Self.shell(
      "head -c 2000 empty.tar > bad.tar.gz && printf '\\037\\213\\010' | dd of=bad.tar.gz conv=notrunc status=none",
      in: scratch.url)
    let bad = try CommandLineTool.run(["scan", "--json", scratch.url.path + "/bad.tar.gz"])
    #expect(bad.status == 1)
    #expect(bad.output.contains("archive."))
  }

  @Test func `an audit reads archives, and its ledger knows their members`() throws {
    let scratch = try ScratchFolder()
    try scratch.copy("webui.png", as: "p/webui.png")
    try scratch.copy("camera.jpg", as: "p/camera.jpg")
    try Self.shell("tar cf set.tar -C p .", in: scratch.url)
    let arguments = [
      "audit", scratch.url.path + "/set.tar", "--ledger", scratch.url.path + "/desk.sqlite", "--json",
      "--clock",
      "2026-11-25T12:00:00Z",
    ]
    let first = try CommandLineTool.run(arguments)
    #expect(first.output.contains("set.tar!/webui.png"))
    let second = try CommandLineTool.run(arguments)
    #expect(second.errors.contains("2 of 2 files were known to the ledger"))
  }
}
