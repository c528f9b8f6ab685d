import Foundation
import Tensors

/// A peer that stays warm in a process of its own: commands go in, lists of numbers come out.
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

  /// Sends a command and waits for its answer.
  func ask(_ command: String) throws -> [Double] {
    try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        let line = Data(pending[..<end])
        pending = Data(pending[(end + 1)...])
        return try JSONDecoder().decode([Double].self, from: line)
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

/// Resident memory of this process.
enum ResidentMemory {
  /// MiB in use before the first case: what is freed after a case need not go back to the system.
  private static let atStart = field("VmRSS")

  /// Gives idle memory back and counts the peak afresh.
  ///
  /// - Returns: MiB that were in use before the first case.
  @discardableResult
  static func startPeak() -> Double {
    let start = atStart
    BufferPool.shared.trim()
    // Linux: 5 sets the peak to what is resident now. Elsewhere the peak is that of the whole run.
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    return start
  }

  /// MiB in use.
  static var now: Double { field("VmRSS") }

  /// The greatest number of MiB since then.
  static var peak: Double { field("VmHWM") }

  private static func field(_ name: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
    return number.map { $0 / 1024 } ?? ProcessorTime.peakMemory
  }
}
