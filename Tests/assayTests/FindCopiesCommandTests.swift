import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// `assay find-copies` as a picture desk uses it.
struct FindCopiesCommandTests {
  private let folder: ScratchFolder
  private let archive: String
  private let pictures: [Image]

  init() throws {
    folder = try ScratchFolder()
    archive = folder.url.appending(path: "archive").path
    try FileManager.default.createDirectory(atPath: archive, withIntermediateDirectories: true)
    // Forty-nine landscapes of one sheet, as alike as pictures of one kind are.
    let sheet = try ImageFile(
      path: TestPaths.root.appending(path: "reports/samples/landscapes-7-grid.jpg").path
    ).decode().image
    pictures = (0..<7).flatMap { row in
      (0..<7).map { column in sheet.cropped(x: column * 130, y: row * 130, width: 128, height: 128) }
    }
    for (number, picture) in pictures.enumerated() {
      try writeAtomically(
        ImageEncoder.png(picture), to: "\(archive)/\(number).png", overwrite: false)
    }
  }

  private func find(_ arguments: String...) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(
      ["find-copies"] + arguments, environment: ["XDG_CACHE_HOME": folder.url.appending(path: "cache").path])
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder.url.appending(path: name).path
    try writeAtomically(bytes, to: path, overwrite: true)
    return path
  }

  @Test func `copies are found after JPEG 50, half size and a cut of a twentieth, and nothing else is`()
    throws
  {
    let original = pictures[3]
    for (name, change) in [
      ("jpeg", original),
      ("half", original.resized(width: 64, height: 64, filter: .bicubic)),
      ("cut", original.cropped(x: 4, y: 1, width: 122, height: 122)),
      ("cut at one side", original.cropped(x: 6, y: 0, width: 122, height: 128)),
    ] {
      let query = try write("\(name).jpg", ImageEncoder.jpeg(change, quality: 50))
      let result = try find(query, "--in", archive, "--json")
      #expect(result.status == 0, "\(name): \(result.errors)")
      let objects = try result.objects()
      #expect(objects.count == 1, "\(name): \(result.output)")
      let object = try #require(objects.first)
      #expect((object["copy"] as? String)?.hasSuffix("/3.png") == true, "\(name): \(result.output)")
      #expect(object["kind"] as? String == (name.hasPrefix("cut") ? "cut" : "samePicture"), "\(name)")
      #expect(object["schema"] as? String == "assay.copy/1" && object["version"] is String)
    }
    let text = try find(folder.url.appending(path: "cut.jpg").path, "--in", archive).output
    #expect(text.contains("1 copy among \(pictures.count) pictures\n"), "\(text)")
    #expect(text.contains("3.png: the same picture cut: this picture lacks"), "\(text)")
  }

  @Test func `the same bytes are the same file, and the picture itself is no copy of itself`() throws {
    let copy = try write("again.png", ImageEncoder.png(pictures[5]))
    let result = try find(copy, "--in", archive)
    #expect(result.output.contains("5.png: the same file\n"), "\(result.output)")
    let own = try find("\(archive)/5.png", "--in", archive)
    #expect(own.status == 0 && own.output.contains("no copy among"), "\(own.output)")
  }

  @Test func `what was added and removed since is seen, and --as-indexed looks at no folder`() throws {
    let query = try write("q.jpg", ImageEncoder.jpeg(pictures[2], quality: 80))
    #expect(try find(query, "--in", archive).output.contains("1 copy among"))
    try FileManager.default.moveItem(atPath: "\(archive)/2.png", toPath: "\(archive)/moved.png")
    #expect(try find(query, "--in", archive, "--as-indexed").output.contains("/2.png: "))
    let moved = try find(query, "--in", archive).output
    #expect(moved.contains("/moved.png: ") && !moved.contains("/2.png: "), "\(moved)")
  }

  @Test func `archives in the folder are told of, and an index that holds nothing yet is no empty folder`()
    throws
  {
    let query = try write("q.jpg", ImageEncoder.jpeg(pictures[2], quality: 80))
    let early = try find(query, "--in", archive, "--as-indexed")
    #expect(early.status == 1 && early.errors.contains("nothing of this place is in the index yet\n  fix: "))
    #expect(early.errors.contains("without --as-indexed"), "\(early.errors)")
    let packed = try CommandLineTool.run(
      ["tar", "cf", "\(archive)/more.tar", "-C", archive, "2.png"], program: URL(filePath: "/usr/bin/env"))
    #expect(packed.status == 0)
    let result = try find(query, "--in", archive)
    #expect(result.status == 0 && result.output.contains("1 copy among"), "\(result.output)")
    #expect(result.errors.contains("note: 1 archive in the folder was not opened; "), "\(result.errors)")
    let named = try find(query, "--in", "\(archive)/more.tar")
    #expect(named.status == 1 && named.errors.contains("an archive unpacked first"), "\(named.errors)")
  }

  @Test func `a ledger's pictures are found, with what the ledger says of them`() throws {
    let ledger = folder.url.appending(path: "desk.sqlite").path
    let scan = try CommandLineTool.run(["scan", archive, "--only", "provenance", "--json"])
    let added = try CommandLineTool.run(
      ["ledger", "add", "-", "--ledger", ledger, "--operator", "M. Weber"], input: Data(scan.output.utf8))
    #expect(added.status == 0, "\(added.errors)")
    let query = try write("q.jpg", ImageEncoder.jpeg(pictures[7], quality: 60))
    let result = try find(query, "--in", "ledger", "--ledger", ledger)
    #expect(result.status == 0 && result.output.contains("/7.png: the same picture"), "\(result.output)")
    #expect(result.output.contains("noIndication, by M. Weber\n"), "\(result.output)")
    let missing = try find(query, "--in", "ledger", "--ledger", ledger + "x")
    #expect(
      missing.status == 1 && missing.errors.contains("there is no ledger\n  fix: "), "\(missing.errors)")
  }

  @Test
  func
    `a picture that an audit saw and that is gone is found by its coarse hash, and said to be perhaps one`()
    throws
  {
    let ledger = folder.url.appending(path: "desk.sqlite").path
    let seen = try write("seen.png", ImageEncoder.png(pictures[1]))
    let audit = try CommandLineTool.run([
      "audit", seen, "--rules", "c2pa", "--ledger", ledger, "--format", "json", "-o",
      folder.url.appending(path: "out").path,
    ])
    #expect(audit.status == 0, "\(audit.errors)")
    try FileManager.default.removeItem(atPath: seen)
    let query = try write("q.jpg", ImageEncoder.jpeg(pictures[1], quality: 90))
    let result = try find(query, "--in", "ledger", "--ledger", ledger)
    #expect(
      result.output.contains("seen.png: perhaps the same picture: it is gone"),
      "\(result.output)\(result.errors)")
  }

  @Test func `another ledger at the same path is read from its beginning`() throws {
    let ledger = folder.url.appending(path: "desk.sqlite").path
    let query = try write("q.jpg", ImageEncoder.jpeg(pictures[7], quality: 60))
    for (files, words) in [
      (["0.png", "1.png", "2.png"], "no copy among 3 pictures"),
      (["7.png", "8.png"], "1 copy among 2 pictures"),
    ] {
      for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ledger + ending) }
      let scan = try CommandLineTool.run(
        ["scan"] + files.map { "\(archive)/\($0)" } + ["--only", "provenance", "--json"])
      let added = try CommandLineTool.run(
        ["ledger", "add", "-", "--ledger", ledger, "--operator", "M. Weber"], input: Data(scan.output.utf8))
      #expect(added.status == 0, "\(added.errors)")
      for _ in 0..<2 {
        let result = try find(query, "--in", "ledger", "--ledger", ledger)
        #expect(result.output.contains(words), "\(result.output)\(result.errors)")
      }
    }
  }

  @Test func `the index of one folder is none of another's`() throws {
    let index = folder.url.appending(path: "i.sqlite").path
    let other = folder.url.appending(path: "other").path
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    let query = try write("q.jpg", ImageEncoder.jpeg(pictures[2], quality: 80))
    #expect(try find(query, "--in", archive, "--index", index).output.contains("1 copy among"))
    let refused = try find(query, "--in", other, "--index", index)
    #expect(
      refused.status == 1 && refused.errors.contains("this is the index of another place: folder ")
        && refused.errors.contains("\n  fix: "), "\(refused.errors)")
    #expect(
      try find(query, "--in", archive, "--index", index, "--as-indexed").output.contains("1 copy among"))
  }

  @Test func `what cannot be looked for ends with 1 and says why`() throws {
    let empty = folder.url.appending(path: "empty").path
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    let none = try find("\(archive)/0.png", "--in", empty)
    #expect(
      none.status == 1 && none.errors.contains("there are no pictures to look among\n  fix: "),
      "\(none.errors)")
    #expect(try find("\(archive)/0.png", "--in", empty, "--allow-empty").status == 0)
    let file = try find("README.md", "--in", archive)
    #expect(file.status == 1 && file.errors.contains("\n  fix: "), "\(file.errors)")
    let place = try find("\(archive)/0.png", "--in", "\(archive)/0.png")
    #expect(place.status == 1 && place.errors.contains("this is no folder\n  fix: "), "\(place.errors)")
    let flat = try write(
      "flat.png",
      ImageEncoder.png(
        Image(width: 128, height: 128, colorModel: .grey, pixels: [UInt8](repeating: 90, count: 128 * 128))))
    let result = try find(flat, "--in", archive)
    #expect(
      result.status == 0 && result.errors.contains("too flat to be told from others"), "\(result.errors)")
    try Data("no index".utf8).write(to: folder.url.appending(path: "x.sqlite"))
    let index = try find(
      "\(archive)/0.png", "--in", archive, "--index", folder.url.appending(path: "x.sqlite").path)
    #expect(index.status == 1 && index.errors.contains("the index cannot be used"), "\(index.errors)")
  }
}
