import Foundation
import TestSupport
import Testing

/// Whom the program trusts out of the box, and how that is changed.
struct TrustCommandTests {
  private static func run(_ arguments: [String], config: String) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(arguments, environment: ["XDG_CONFIG_HOME": config])
  }

  @Test func `C2PA's lists ship, with their date, and are listed with names and days`() throws {
    let folder = try ScratchFolder()
    let list = try Self.run(["trust", "list"], config: folder.url.path)
    #expect(list.status == 0)
    #expect(
      list.output.contains("signers: 30 of C2PA-TRUST-LIST of 2026-08-14\n"), "\(list.output.prefix(200))")
    #expect(list.output.contains("time-stamp authorities: 22 of C2PA-TSA-TRUST-LIST of 2026-08-14\n"))
    #expect(
      list.output.contains("  2025-05-08 to 2030-05-08  Google LLC, Google C2PA Media Services 1P ICA G3\n"))
    let objects = try Self.run(["trust", "list", "--json"], config: folder.url.path).objects()
    #expect(objects.count == 52 && objects.allSatisfy { $0["schema"] as? String == "assay.trust/1" })
    let doctor = try Self.run(["doctor"], config: folder.url.path)
    #expect(doctor.output.contains("30 anchors of C2PA-TRUST-LIST of 2026-08-14; see `assay trust list`"))
    let nobody = try Self.run(["trust", "list", "--trust", "none"], config: folder.url.path)
    #expect(nobody.output.contains("signers: nobody is trusted; see `assay help trust install`"))
  }

  @Test
  func `a list is installed once, counts from then on, and a newer one of C2PA takes the place of ours`()
    throws
  {
    let folder = try ScratchFolder()
    let config = folder.url.path + "/config"
    let keys = folder.url.path + "/keys"
    func run(_ arguments: String...) throws -> CommandLineTool.Outcome {
      try Self.run(arguments, config: config)
    }
    #expect(try run("credentials", "keys", "--organization", "Desk", "-o", keys).status == 0)
    let signed = folder.url.path + "/signed.png"
    #expect(
      try run(
        "credentials", "sign", "fixtures/gallery/nothing.png", "-o", signed, "--key", keys + "/signer.key",
        "--certificates", keys + "/signer.pem", "--tool", "Pen", "--source", "generated"
      ).status == 0)
    // Who signed is said first, then why nobody vouches.
    let before = try run("credentials", "verify", signed)
    #expect(
      before.output.contains(
        "valid: signed by Desk (the signature holds); the signer is on no trust list (C2PA-TRUST-LIST of 2026-08-14)"
      ), "\(before.output)")
    let none = try run("scan", "--only", "provenance", "--trust", "none", signed)
    #expect(
      none.output.contains("signed by Desk (the signature holds); no trust list is in use"),
      "\(none.output)")

    let installed = try run("trust", "install", keys + "/root.pem")
    #expect(
      installed.status == 0 && installed.errors.contains("1 signers are trusted from now on"),
      "\(installed.errors)")
    let after = try run("scan", "--only", "provenance", signed)
    #expect(after.output.contains("AI-generated: a trusted signature says so"))
    // The date of the list stands in the answer that rests on it.
    #expect(
      after.output.contains("Desk, a signer trusted by C2PA-TRUST-LIST of 2026-08-14, root.pem, says"),
      "\(after.output)")
    let again = try run("trust", "install", keys + "/root.pem")
    #expect(
      again.status == 1 && again.errors.contains("root.pem: the file exists\n  fix: "), "\(again.errors)")
    let wrong = try run("trust", "install", "fixtures/gallery/nothing.png")
    #expect(wrong.status == 1 && wrong.errors.contains("nothing.png: there are no certificates in it"))

    try FileManager.default.copyItem(
      atPath: keys + "/root.pem", toPath: folder.url.path + "/C2PA-TRUST-LIST.pem")
    #expect(try run("trust", "install", folder.url.path + "/C2PA-TRUST-LIST.pem").status == 0)
    #expect(try run("trust", "list").output.hasPrefix("signers: 2 of C2PA-TRUST-LIST.pem, root.pem\n"))
    #expect(try run("trust", "install", keys + "/root.pem", "--time-stamps").errors.contains("tsa-root.pem"))
  }

  @Test func `a list that is older than 180 days says so`() throws {
    let folder = try ScratchFolder()
    func audit(_ clock: String) throws -> CommandLineTool.Outcome {
      try Self.run(
        ["audit", "fixtures/gallery/nothing.png", "--rules", "kr", "--clock", clock], config: folder.url.path)
    }
    #expect(try !audit("2027-02-09T12:00:00Z").errors.contains("days old"))
    #expect(
      try audit("2027-02-11T12:00:00Z").errors.contains(
        "note: C2PA's trust lists that ship are of 2026-08-14, 181 days old"))
  }
}
