import Foundation
import Synchronization
import Testing

/// Programs that are at one file at the same moment, over and over: what they hold against each other is a matter of chance.
struct SeveralProcessesTests {
  private let folder: ScratchFolder
  private let rounds = 12

  init() throws {
    folder = try ScratchFolder()
    for (number, name) in ["nothing.png", "comfyui.png", "google-edited.jpg"].enumerated() {
      try folder.copy(name, as: "in/\(number)-\(name)")
    }
  }

  private var pictures: String { folder.url.appending(path: "in").path }

  /// Runs them at once and gives the errors of those that do not end with 0.
  private func failures(of commands: [[String]]) -> [String] {
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: commands.count) { index in
      do {
        let outcome = try CommandLineTool.run(commands[index])
        if outcome.status != 0 { failures.withLock { $0.append("\(outcome.status): \(outcome.errors)") } }
      } catch {
        failures.withLock { $0.append(String(describing: error)) }
      }
    }
    return failures.withLock { $0 }
  }

  @Test func `two audits make one ledger, and neither fails`() throws {
    for round in 0..<rounds {
      let ledger = folder.url.appending(path: "\(round).sqlite").path
      let failures = failures(
        of: (0..<2).map { writer in
          [
            "audit", pictures, "--rules", "c2pa", "--ledger", ledger, "--workers", "1", "--format", "csv",
            "-o",
            folder.url.appending(path: "\(round)-\(writer)").path,
          ]
        })
      #expect(failures == [])
      let verified = try CommandLineTool.run(["ledger", "verify", "--ledger", ledger, "--json"])
      // Each examines what the other has not entered yet.
      let entries = try #require(try verified.objects().first?["entries"] as? Int)
      #expect(verified.status == 0 && (3...6).contains(entries))
    }
  }

  @Test func `two searches make one index of copies, and neither fails`() throws {
    for round in 0..<rounds {
      let index = folder.url.appending(path: "\(round).copies").path
      let search = [
        "find-copies", "\(pictures)/0-nothing.png", "--in", pictures, "--index", index, "--workers", "1",
      ]
      #expect(failures(of: [search, search]) == [])
    }
  }
}
