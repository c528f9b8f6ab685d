import Foundation

/// A peer that stays warm in a process of its own and answers a line with a line; it ends when its input closes.
actor PeerProcess {
  private let process = Process()
  private let commands = Pipe()
  private let answers = Pipe()
  private var pending = Data()

  init(python: URL, arguments: [String]) throws {
    process.executableURL = python
    process.arguments = arguments
    process.standardInput = commands
    process.standardOutput = answers
    try process.run()
  }

  /// Sends a command and waits for the numbers that answer it.
  func ask(_ command: String) throws -> [Double] {
    try JSONDecoder().decode([Double].self, from: Data(try line(for: command).utf8))
  }

  /// Sends a command and waits for its answer.
  func line(for command: String) throws -> String {
    try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        let line = Data(pending[..<end])
        pending = Data(pending[(end + 1)...])
        return String(decoding: line, as: UTF8.self)
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else { throw BenchmarkError("the peer ended before it answered `\(command)`") }
      pending += more
    }
  }

  deinit {
    try? commands.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
