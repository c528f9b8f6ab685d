import Foundation
import TestSupport
import Testing

/// `assay credentials` as a person meets it: keys, signing, and what is printed of files of others.
struct CredentialsCommandTests {
  private static let picture = "fixtures/gallery/nothing.png"

  private static func assay(_ arguments: String...) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(["credentials"] + arguments)
  }

  @Test func `keys are made, sign, and are trusted where their root is`() throws {
    let folder = try ScratchFolder()
    let (keys, output) = (folder.url.path + "/keys", folder.url.path + "/signed.png")
    #expect(try Self.assay("keys", "--organization", "Desk", "-o", keys).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: keys + "/signer.key")[.posixPermissions]
    #expect(mode as? Int == 0o600)
    let signed = try Self.assay(
      "sign", Self.picture, "-o", output, "--key", keys + "/signer.key", "--certificates",
      keys + "/signer.pem", "--source", "generated", "--tool", "Pen")
    #expect(signed.status == 0, "\(signed.errors)")
    #expect(
      signed.errors.contains("the claim: a generative model made the whole picture (trainedAlgorithmicMedia)")
    )
    #expect(try Self.assay("verify", output, "--trust", keys + "/root.pem").output.contains(": trusted: "))
    let untrusted = try Self.assay("verify", output, "--trust", "fixtures/audit-case/trust/signers.pem")
      .output
    #expect(untrusted.contains(": valid: ") && untrusted.contains("the list signers.pem"))
    #expect(try Self.assay("verify", output, "--trust", "none").output.contains("no trust list is in use"))
    #expect(try Self.assay("show", output).output.contains("c2pa.created (trainedAlgorithmicMedia; Pen"))
  }

  @Test func `signing over credentials says that they are gone, unless the file is its own parent`() throws {
    let folder = try ScratchFolder()
    _ = try Self.assay("keys", "--organization", "Desk", "-o", folder.url.path)
    func sign(_ path: String, _ output: String, _ more: String...) throws -> CommandLineTool.Outcome {
      try CommandLineTool.run(
        [
          "credentials", "sign", path, "-o", folder.url.path + output, "--key",
          folder.url.path + "/signer.key",
          "--certificates", folder.url.path + "/signer.pem", "--tool", "Pen",
        ] + (more.contains("--source") ? more : more + ["--source", "generated"]))
    }
    let first = folder.url.path + "/first.png"
    #expect(!(try sign(Self.picture, "/first.png")).errors.contains("note:"))
    #expect(
      try sign(first, "/second.png").errors.contains("note: the credentials that the file had are gone"))
    #expect(
      !(try sign(first, "/third.png", "--parent", first, "--source", "edited")).errors.contains("note:"))
    #expect(try Self.assay("show", folder.url.path + "/third.png").output.contains("from: first.png"))
  }

  @Test func `what is claimed is never guessed, and a file is never named for what it is not`() throws {
    let folder = try ScratchFolder()
    let path = folder.url.path
    _ = try Self.assay("keys", "--organization", "Desk", "-o", path)
    let common = ["--key", path + "/signer.key", "--certificates", path + "/signer.pem", "--tool", "Pen"]
    let silent = try CommandLineTool.run(
      ["credentials", "sign", Self.picture, "-o", path + "/a.png"] + common)
    #expect(silent.status == 64 && silent.errors.contains("--source"), "\(silent.errors)")
    let captured = try CommandLineTool.run(
      ["credentials", "sign", Self.picture, "-o", path + "/a.png", "--source", "captured"] + common)
    #expect(
      captured.errors.contains("the claim: a camera captured the picture (digitalCapture)"),
      "\(captured.errors)")
    let wrong = try CommandLineTool.run(
      ["credentials", "sign", "fixtures/gallery/facebook.jpg", "-o", path + "/b.png", "--source", "captured"]
        + common)
    #expect(wrong.status == 1 && wrong.errors.contains("b.png: the picture is JPEG"), "\(wrong.errors)")
    #expect(wrong.errors.contains("\n  fix: ") && !FileManager.default.fileExists(atPath: path + "/b.png"))
  }

  @Test(arguments: [
    ("a.pdf", Data("%PDF-1.7\n".utf8), "a PDF document"), ("a.txt", Data("some words\n".utf8), "a text"),
    ("a.mp4", Data([0, 0, 0, 16] + Array("ftypisom".utf8) + [0, 0, 0, 0]), "a video"),
    ("a.psd", Data("8BPS\0\u{1}".utf8), "Photoshop document"),
  ])
  func `of a kind that it cannot check it says so, never that nothing is there`(
    name: String, bytes: Data, kind: String
  ) throws {
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: name)
    try bytes.write(to: file)
    for command in ["verify", "show"] {
      let result = try Self.assay(command, file.path)
      #expect(result.status == 1 && result.output.isEmpty, "\(result.output)")
      #expect(result.errors.contains("a kind that Assay cannot check (\(kind))\n  fix: "), "\(result.errors)")
    }
  }

  @Test(arguments: [
    "film.mp4", "film.mov", "film.avi", "fragments.mp4", "sound.wav", "sound.mp3", "sound.m4a", "sound.flac",
    "page.pdf",
  ])
  func `films, sounds and documents that c2pa-rs signed are checked with all their bytes`(name: String) throws
  {
    let path = "fixtures/other-media/" + name
    let root = "fixtures/other-media/root.pem"
    let good = try Self.assay("verify", path, "--trust", root)
    #expect(
      good.status == 0 && good.output.hasPrefix("\(path): trusted: bound to the file"), "\(good.output)")
    // A byte of what is seen or heard.
    let folder = try ScratchFolder()
    let changed = folder.url.appending(path: name)
    var bytes = try Data(contentsOf: TestPaths.root.appending(path: path))
    let end = try #require(bytes.lastIndex { $0 != 0 && $0 != 0x0A && $0 != 0xFF })
    // Films keep other things at their end.
    let index = bytes.range(of: Data("mdat".utf8), options: .backwards).map { $0.upperBound + 8 } ?? end
    bytes[index] ^= 4
    try bytes.write(to: changed)
    let bad = try Self.assay("verify", changed.path, "--trust", root)
    #expect(bad.status == 1 && bad.output.contains(": invalid: "), "\(bad.output)\(bad.errors)")
  }

  @Test func `the credentials of a picture in a document, a sound or an archive are not those of the whole`()
    throws
  {
    let folder = try ScratchFolder()
    let picture = try Data(
      contentsOf: TestPaths.root.appending(path: "fixtures/audit-case/pictures/generated/full.png"))
    let stream = Data("%PDF-1.4\n4 0 obj<</Length \(picture.count)>>stream\n".utf8) + picture
    let frame = Data([3]) + Data("image/png\0".utf8) + Data([3, 0]) + picture
    func synchsafe(_ number: Int) -> Data { Data([21, 14, 7, 0].map { UInt8(number >> $0 & 0x7F) }) }
    let tag =
      Data("ID3".utf8) + Data([4, 0, 0]) + synchsafe(frame.count + 10) + Data("APIC".utf8)
      + synchsafe(frame.count) + Data([0, 0]) + frame
    for (name, bytes) in [
      ("a.pdf", stream + Data("\nendstream endobj".utf8)), ("a.mp3", tag),
      ("a.zip", Data("PK\u{3}\u{4}".utf8) + picture),
    ] {
      let file = folder.url.appending(path: name)
      try bytes.write(to: file)
      let result = try Self.assay("verify", file.path)
      #expect(result.status == 1 && result.output.isEmpty, "\(result.output)")
      #expect(result.errors.contains("a kind that Assay cannot check"), "\(result.errors)")
    }
  }

  @Test func `keys are written all or none, and never over others unasked`() throws {
    let folder = try ScratchFolder()
    let certificate = folder.url.appending(path: "signer.pem")
    try Data("kept".utf8).write(to: certificate)
    let refused = try Self.assay("keys", "--organization", "Desk", "-o", folder.url.path)
    #expect(refused.status == 1 && refused.errors.contains("signer.pem: the file exists\n  fix: "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["signer.pem"])
    #expect(try Data(contentsOf: certificate) == Data("kept".utf8))
    #expect(try Self.assay("keys", "--organization", "Desk", "-o", folder.url.path, "--force").status == 0)
    #expect(try Data(contentsOf: certificate).starts(with: Data("-----BEGIN CERTIFICATE".utf8)))
  }

  @Test(arguments: [
    ("key", "gallery/nothing.png: the private key cannot be read"),
    ("certificates", "gallery/nothing.png: "), ("file", "signers.pem: this format cannot be signed"),
  ])
  func `an error of signing names the file that it is about`(wrong: String, message: String) throws {
    let folder = try ScratchFolder()
    _ = try Self.assay("keys", "--organization", "Desk", "-o", folder.url.path)
    let result = try Self.assay(
      "sign", wrong == "file" ? "fixtures/audit-case/trust/signers.pem" : Self.picture, "-o",
      folder.url.path + "/out.png", "--key", wrong == "key" ? Self.picture : folder.url.path + "/signer.key",
      "--certificates", wrong == "certificates" ? Self.picture : folder.url.path + "/signer.pem", "--source",
      "generated", "--tool", "Pen")
    #expect(result.status == 1 && result.errors.contains(message), "\(result.errors)")
    #expect(!result.errors.contains("PRIVATE"))
  }

  @Test func `names cannot steer the terminal or turn the line`() throws {
    let folder = try ScratchFolder()
    let name = "two\nlines\u{1B}[31m\u{202E}gnp.png"
    try folder.copy("nothing.png", as: name)
    let path = folder.url.path + "/" + name
    for command in ["show", "verify"] {
      let output = try Self.assay(command, path).output
      #expect(output.contains(#"two\u{A}lines\u{1B}[31m\u{202E}gnp.png: absent: "#), "\(output)")
      #expect(output.split(separator: "\n").count == 1)
    }
  }

  @Test func `a file that cannot be read ends with 1, its own remedy, and the others' verdicts`() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "x.jpg"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.url.path + "/link.jpg", withDestinationPath: "nowhere")
    let result = try Self.assay(
      "verify", folder.url.path + "/x.jpg", folder.url.path + "/link.jpg", Self.picture)
    #expect(result.status == 1 && result.output.hasPrefix("\(Self.picture): absent"))
    #expect(result.errors.contains("this is a folder\n  fix: name the files in it"))
    #expect(result.errors.contains("link.jpg: cannot be opened"))
  }

  @Test func `a list without certificates is refused, as it would trust nobody silently`() throws {
    let result = try Self.assay("verify", Self.picture, "--trust", Self.picture)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains("\(Self.picture): there are no certificates in it"))
  }
}
