import Foundation
import Tensors

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
