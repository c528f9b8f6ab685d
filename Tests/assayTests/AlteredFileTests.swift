import Foundation
import TestSupport
import Testing

/// A signature that does not hold is a verdict: what `scan`, `audit` and `credentials verify` say of it.
struct AlteredFileTests {
  private static let pictures = "fixtures/audit-case/pictures"
  private static let trust = ["--trust", "fixtures/audit-case/trust/signers.pem"]

  private static func run(_ arguments: [String]) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(arguments)
  }

  private static func headline(_ path: String) throws -> String {
    let result = try run(["scan", "--only", "provenance", "--brief"] + trust + [path])
    #expect(result.status == 0 && result.lines.count == 1, "\(result.output)\(result.errors)")
    return String(result.output.dropFirst(path.count + 2)).trimmingCharacters(in: .newlines)
  }

  /// Keys and a signed copy of a picture of the gallery.
  private static func signed(_ name: String, _ source: String, _ folder: ScratchFolder) throws -> String {
    let path = folder.url.path
    #expect(try run(["credentials", "keys", "--organization", "Desk", "-o", path + "/keys"]).status == 0)
    let output = path + "/signed." + URL(filePath: name).pathExtension
    let result = try run([
      "credentials", "sign", "fixtures/gallery/\(name)", "-o", output, "--key", path + "/keys/signer.key",
      "--certificates", path + "/keys/signer.pem", "--tool", "Camera", "--source", source,
    ])
    #expect(result.status == 0, "\(result.errors)")
    return output
  }

  @Test(arguments: [
    (
      "tampered/pixels.png",
      "Altered: signed, and its bytes were changed after signing; it declares AI origin"
    ),
    (
      "tampered/appended.jpg",
      "Altered: signed, and its bytes were changed after signing; it declares AI origin"
    ),
    (
      "tampered/claim.png",
      "Altered: its signature is broken, as the signed statement was changed; it declares AI origin"
    ),
    (
      "tampered/store.png",
      "Altered: its signed statement is damaged and cannot be checked; it declares AI origin"
    ),
  ])
  func `a broken signature comes first, with its cause, and an AI declaration in the same sentence`(
    file: String, words: String
  ) throws {
    #expect(try Self.headline("\(Self.pictures)/\(file)").hasPrefix(words))
  }

  @Test func `a signed photograph with one byte changed is altered, wherever the picture's bytes are`() throws
  {
    let folder = try ScratchFolder()
    let path = try Self.signed("facebook.jpg", "captured", folder)
    let trust = ["--trust", folder.url.path + "/keys/root.pem"]
    let whole = try Data(contentsOf: URL(filePath: path))
    let intact = try Self.run(["scan", "--only", "provenance", "--brief"] + trust + [path])
    #expect(intact.output.contains("Captured by a camera: a trusted signature says so"))
    let scan = try #require(whole.range(of: Data([0xFF, 0xDA]), options: .backwards)).lowerBound
    let changed = folder.url.appending(path: "changed")
    try FileManager.default.createDirectory(at: changed, withIntermediateDirectories: true)
    for place in stride(from: scan + 20, to: whole.count - 2, by: max(1, (whole.count - scan) / 40)) {
      var bytes = whole
      bytes[place] ^= 0x10
      try bytes.write(to: changed.appending(path: "\(place).jpg"))
    }
    let results = try Self.run(["scan", "--only", "provenance", "--json"] + trust + [changed.path]).objects()
    #expect(results.count > 30)
    for result in results {
      #expect(result["outcome"] as? String == "altered", "\(result["file"] ?? "")")
      let evidence = result["evidence"] as? [[String: Any]] ?? []
      let details = evidence.compactMap { $0["detail"] as? [String: Any] }
      #expect(details.compactMap { $0["alteration"] as? String } == ["changed"])
    }
  }

  @Test func `a byte changed anywhere in the signed statement never turns a verdict into another one`() throws
  {
    let folder = try ScratchFolder()
    let path = try Self.signed("facebook.jpg", "captured", folder)
    let whole = try Data(contentsOf: URL(filePath: path))
    let start = try #require(whole.range(of: Data("jumb".utf8))).lowerBound
    let changed = folder.url.appending(path: "changed")
    try FileManager.default.createDirectory(at: changed, withIntermediateDirectories: true)
    for place in stride(from: start, to: start + 4_000, by: 37) {
      var bytes = whole
      bytes[place] ^= 0x04
      try bytes.write(to: changed.appending(path: "\(place).jpg"))
    }
    let results = try Self.run(
      ["scan", "--only", "provenance", "--json", "--trust", folder.url.path + "/keys/root.pem", changed.path]
    ).objects()
    #expect(results.count > 100)
    for result in results {
      // Outside the signed bytes lie the certificates and the padding: there the signer is unknown, or nothing changes.
      let outcome = try #require(result["outcome"] as? String)
      #expect(["altered", "captureVerified", "noIndication"].contains(outcome), "\(result["file"] ?? "")")
    }
    #expect(results.count { $0["outcome"] as? String == "altered" } * 10 > results.count * 6)
  }

  @Test(arguments: [
    "33-png-raw-profile-app11/im6-from-c2small-jpg.png", "35-gif-extensions-renamed/im6-c2small.gif",
  ])
  func `credentials of another file say so, and are no change of this one`(file: String) throws {
    guard let path = TestPaths.shared?.appending(path: "cases/\(file)").path,
      FileManager.default.fileExists(atPath: path)
    else {
      print(noSharedData)
      return
    }
    #expect(
      try Self.headline(path).hasPrefix(
        "Altered: it carries the signature of another file; it declares AI origin"))
    let whole = try Self.run(["scan", "--only", "provenance", path]).output
    #expect(
      !whole.contains("changed after signing") && whole.contains("they came with another one"), "\(whole)")
  }

  @Test func `what was altered is met by gates on it, and by those on what it declares`() throws {
    let file = "\(Self.pictures)/tampered/pixels.png"
    func status(_ conditions: String) throws -> Int32 {
      try Self.run(["scan", "--only", "provenance", "--fail-on", conditions] + Self.trust + [file]).status
    }
    for condition in [
      "altered", "ALTERED", "any-ai", "Any-AI", "aiDeclared", "aideclared", "conflicting,altered",
    ] {
      #expect(try status(condition) == 2, "\(condition)")
    }
    for condition in ["aiGeneratedVerified", "noIndication", "unreadable"] {
      #expect(try status(condition) == 0, "\(condition)")
    }
  }

  @Test func `rules can ask for it, and the report names it first`() throws {
    let folder = try ScratchFolder()
    let pack = """
      schema: assay.rules/1
      id: house
      title: House rules
      version: "1"
      rules:
        - id: H-1
          scope: file
          title: Nothing altered
          text: No picture was altered after it was signed.
          citation: Handbook
          checked: 2026-11-24
          verified: true
          severity: error
          satisfied:
            all:
              - { not: { fact: origin.outcome, is: altered } }
              - { not: { fact: credentials.fault, is: [changed, foreign, statement, damaged] } }
          missing: The picture was altered after it was signed.
          remedy: Ask for the original.
      """
    let rules = folder.url.appending(path: "house.yaml")
    try Data(pack.utf8).write(to: rules)
    let result = try Self.run(
      [
        "audit", "\(Self.pictures)/tampered", "--rules", rules.path, "--format",
        "json,html,md,csv,sarif,junit", "-o",
      ]
        + [folder.url.path + "/out"] + Self.trust)
    #expect(result.status == 1, "one file of the folder is cut short: \(result.errors)")
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: folder.url.path + "/out/\(name)", encoding: .utf8)
    }
    for name in ["report.html", "report.md", "report.csv", "report.sarif", "junit.xml"] {
      #expect(try text(name).contains("The picture was altered after it was signed."), "\(name)")
    }
    let report = try JSONSerialization.jsonObject(with: Data(text("report.json").utf8)) as? [String: Any]
    let summary = try #require(report?["summary"] as? [String: Any])
    #expect((summary["outcomes"] as? [String: Int])?["altered"] == 4)
    #expect((summary["text"] as? String)?.contains("4 × altered after it was signed") == true)
    #expect((summary["text"] as? String)?.contains("Why: 4 altered, 1 not readable.") == true)
  }

  @Test func `credentials verify ends with 0 for trusted and valid alone`() throws {
    let folder = try ScratchFolder()
    let path = try Self.signed("nothing.png", "captured", folder)
    func status(_ arguments: String...) throws -> Int32 {
      try Self.run(["credentials", "verify"] + arguments).status
    }
    #expect(try status(path, "--trust", folder.url.path + "/keys/root.pem") == 0)
    #expect(try status(path, "--trust", "none") == 0)
    #expect(try status(path, "--trust", "none", "--fail-on", "valid") == 2)
    for file in ["tampered/pixels.png", "tampered/claim.png", "tampered/store.png", "photos/camera.jpg"] {
      #expect(try status("\(Self.pictures)/\(file)") == 1, "\(file)")
      #expect(try status("\(Self.pictures)/\(file)", "--fail-on", "Invalid,malformed,absent") == 2, "\(file)")
    }
    #expect(try status(path, "--fail-on", "untrusted") == 64)
  }
}
