import Foundation
import TestSupport
import Testing

/// An audit that a person or the system stops, and the same command again.
@Suite(.serialized)
struct AuditResumptionTests {
  private let folder: ScratchFolder
  private let count = 60
  private var ledger: String { folder.url.appending(path: "desk.sqlite").path }

  /// Pictures that differ in their last bytes, so that none is another's copy.
  init() throws {
    folder = try ScratchFolder()
    let pictures = folder.url.appending(path: "in")
    try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
    let picture = try Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/nothing.png"))
    for number in 0..<count {
      try (picture + Data("\(number)".utf8)).write(to: pictures.appending(path: "\(number).png"))
    }
  }

  private func audit(_ output: String) -> [String] {
    [
      "audit", folder.url.appending(path: "in").path, "--rules", "c2pa", "--ledger", ledger, "--workers", "1",
      "--clock", "2026-11-25T12:00:00Z", "--format", "csv", "-o", folder.url.appending(path: output).path,
    ]
  }

  private func entries() throws -> Int? {
    let verified = try CommandLineTool.run(["ledger", "verify", "--ledger", ledger, "--json"])
    return verified.status == 0 ? try verified.objects().first?["entries"] as? Int : nil
  }

  /// Starts the audit, stops it by the signal when some files are in the ledger, and gives its status.
  private func stopped(by signal: Int32) throws -> Int32 {
    let process = Process()
    process.executableURL = CommandLineTool.program
    process.arguments = audit("first")
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    while process.isRunning, (try? entries() ?? 0) ?? 0 < 3 { usleep(10_000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGKILL])
  func `a stopped audit goes on where it was, and scans nothing twice`(signal: Int32) throws {
    let status = try stopped(by: signal)
    #expect(status == (signal == SIGKILL ? SIGKILL : 130))
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "first/report.csv").path))
    // The chain holds after the stop, and lacks files: else the test stopped too late to say anything.
    let before = try #require(try entries())
    #expect((3..<count).contains(before))
    let again = try CommandLineTool.run(audit("second"))
    #expect(
      again.status == 0 && again.errors.contains("\(before) of \(count) files were known to the ledger"))
    // One entry a file: what was known was not examined and entered again.
    #expect(try entries() == count)
    // The report is the one of an audit that nobody stopped, but for the ledger that it names.
    let whole = try CommandLineTool.run(audit("third"))
    #expect(whole.errors.contains("\(count) of \(count) files were known"))
    let csv = { (name: String) in
      try String(contentsOf: folder.url.appending(path: "\(name)/report.csv"), encoding: .utf8)
    }
    #expect(try csv("second") == csv("third"))
  }

  @Test func `what a store beside a picture said is not taken for the picture's own`() throws {
    let place = folder.url.appending(path: "beside")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let kinds = TestPaths.fixtures.appending(path: "credentials/kinds")
    for name in ["compressed.png", "compressed.c2pa"] {
      try FileManager.default.copyItem(at: kinds.appending(path: name), to: place.appending(path: name))
    }
    func audit() throws -> String {
      try CommandLineTool.run([
        "audit", place.path, "--rules", "c2pa", "--ledger", ledger, "--format", "csv", "--force", "-o",
        folder.url.appending(path: "out").path,
      ]).errors
    }
    #expect(!(try audit()).contains("known"))
    try FileManager.default.removeItem(at: place.appending(path: "compressed.c2pa"))
    #expect(!(try audit()).contains("known"))
    #expect(try audit().contains("1 of 1 files were known"))
  }
}
