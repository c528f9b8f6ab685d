import Foundation
import TestSupport
import Testing

#if os(Linux)
  struct WatchCommandTests {
    /// A watcher under way, its lines as they come.
    private final class Watcher {
      let process = Process()
      private let lines: URL

      init(_ folder: URL, ledger: URL, into lines: URL, settle: Double = 0.2) throws {
        self.lines = lines
        process.executableURL = CommandLineTool.program
        process.arguments = [
          "watch", folder.path, "--ledger", ledger.path, "--json", "--settle", "\(settle)", "--trust", "none",
        ]
        FileManager.default.createFile(atPath: lines.path, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: lines)
        process.standardError = FileHandle.nullDevice
        try process.run()
      }

      var names: [String] {
        let text = (try? String(contentsOf: lines, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
          let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
          return (object?["file"] as? String).map { URL(filePath: $0).lastPathComponent }
        }
      }

      /// Waits until so many lines came; a minute at most.
      func wait(_ count: Int) async throws {
        for _ in 0..<600 where names.count < count { try await Task.sleep(for: .milliseconds(100)) }
      }

      func end(_ signal: Int32) {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
      }
    }

    @Test func `--once fails where something could not be read, and a ledger in the folder is refused`()
      throws
    {
      let scratch = try ScratchFolder()
      try scratch.copy("cut.jpg", as: "inbox/cut.jpg")
      try scratch.copy("nothing.png", as: "inbox/nothing.png")
      let inbox = scratch.url.path + "/inbox"
      let result = try CommandLineTool.run([
        "watch", inbox, "--ledger", scratch.url.path + "/desk.sqlite", "--once", "--trust", "none",
      ])
      #expect(result.status == 1 && result.errors.contains("2 examined"), "\(result.errors)")
      let entry = try CommandLineTool.run([
        "ledger", "show", inbox + "/nothing.png", "--ledger", scratch.url.path + "/desk.sqlite",
      ])
      #expect(entry.output.contains("operator not stated") && !entry.output.contains("by not stated"))
      for place in ["/inbox/desk.sqlite", "/inbox/../inbox/deep/desk.sqlite"] {
        let refused = try CommandLineTool.run([
          "watch", inbox, "--ledger", scratch.url.path + place, "--once",
        ])
        #expect(refused.status == 64, "\(refused.errors)")
        #expect(refused.errors.contains("--ledger must lie outside"), "\(refused.errors)")
      }
    }

    @Test func `what comes is examined once, in new folders and archives too, and a killed run goes on`()
      async throws
    {
      let scratch = try ScratchFolder()
      let inbox = scratch.url.appending(path: "inbox")
      let ledger = scratch.url.appending(path: "desk.sqlite")
      try scratch.copy("webui.png", as: "inbox/there.png")
      let first = try Watcher(inbox, ledger: ledger, into: scratch.url.appending(path: "1"))
      try await first.wait(1)
      try scratch.copy("camera.jpg", as: "inbox/new/deep/camera.jpg")
      try Data("text".utf8).write(to: inbox.appending(path: "notes.txt"))
      try await first.wait(2)
      #expect(first.names == ["there.png", "camera.jpg"])
      first.end(SIGKILL)
      // Came while nobody watched; a copy under another name has its own entry.
      try scratch.copy("nothing.png", as: "inbox/meanwhile.png")
      try scratch.copy("webui.png", as: "inbox/copy.png")
      let second = try Watcher(inbox, ledger: ledger, into: scratch.url.appending(path: "2"))
      try await second.wait(2)
      #expect(Set(second.names) == ["meanwhile.png", "copy.png"])
      // Written anew: examined anew.
      try FileManager.default.removeItem(at: inbox.appending(path: "meanwhile.png"))
      try scratch.copy("grok.jpg", as: "inbox/meanwhile.png")
      try await second.wait(3)
      #expect(second.names.last == "meanwhile.png")
      second.end(SIGINT)
      #expect(second.process.terminationStatus == 130)
      let verified = try CommandLineTool.run(["ledger", "verify", "--ledger", ledger.path])
      #expect(verified.status == 0, "\(verified.errors)")
      let once = try CommandLineTool.run([
        "watch", inbox.path, "--ledger", ledger.path, "--once", "--trust", "none",
      ])
      #expect(once.status == 0 && once.output.isEmpty)
      #expect(once.errors.contains("0 examined, 4 known"))
    }

    @Test func `an inbox that is not there is no empty one`() throws {
      let scratch = try ScratchFolder()
      let ledger = scratch.url.appending(path: "desk.sqlite").path
      let missing = try CommandLineTool.run([
        "watch", scratch.url.appending(path: "inbox").path, "--ledger", ledger, "--once", "--trust", "none",
      ])
      #expect(missing.status == 1 && missing.errors.contains("this is no folder"), "\(missing.errors)")
    }

    @Test func `a file that grows is left in peace until it is whole`() async throws {
      let scratch = try ScratchFolder()
      let inbox = scratch.url.appending(path: "inbox")
      try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
      let watcher = try Watcher(
        inbox, ledger: scratch.url.appending(path: "desk.sqlite"), into: scratch.url.appending(path: "1"),
        settle: 5)
      try await Task.sleep(for: .milliseconds(500))
      let bytes = try Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/webui.png"))
      let target = inbox.appending(path: "slow.png")
      FileManager.default.createFile(atPath: target.path, contents: nil)
      let file = try FileHandle(forWritingTo: target)
      for part in stride(from: 0, to: bytes.count, by: 400) {
        try file.write(contentsOf: bytes[part..<min(part + 400, bytes.count)])
        // A task's sleep ends when a thread is free, which may be long after.
        usleep(60_000)
      }
      try file.close()
      try await watcher.wait(1)
      try await Task.sleep(for: .milliseconds(2500))
      #expect(watcher.names == ["slow.png"])
      watcher.end(SIGINT)
      let text = try String(contentsOf: scratch.url.appending(path: "1"), encoding: .utf8)
      #expect(text.contains("\"outcome\":\"aiDeclared\""))
    }

    @Test func `a folder that is none is an error`() throws {
      let scratch = try ScratchFolder()
      let result = try CommandLineTool.run([
        "watch", scratch.url.path + "/none", "--ledger", scratch.url.path + "/desk.sqlite",
      ])
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("error: "))
    }
  }
#endif
