import ArgumentParser
import Foundation

struct TimedCases: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Time the cases (the default).",
    discussion: "Writes reports/benchmarks/NAME.json and NAME.md for each case.")

  /// All cases.
  static let cases: [any BenchmarkCase] =
    [
      MetadataScanBenchmark(),
      SpectraBenchmark(), DetectorBenchmark(), DetectorScanBenchmark(),
      ScanMemoryBenchmark(),
      WatermarkReadBenchmark(),
      CredentialsBenchmark(),
      LedgerBenchmark(),
      AuditBenchmark(),
      GenerationBenchmark(), StylizeBenchmark(side: 512), StylizeBenchmark(side: 1024),
      UpscaleBenchmark(), EncoderBenchmark(),
      FingerprintBenchmark(effort: .whole), FingerprintBenchmark(effort: .geometry),
    ] + EngineBenchmark.all

  @Argument(help: "Names of cases, or their beginnings; all by default.")
  var names: [String] = []

  @Flag(help: "Time the Python peers of .venv-peers too (ASSAY_PEERS names its Python).")
  var peers = false

  @Option(help: "Timed runs of each subject.")
  var runs = 9

  func run() async throws {
    defer { Scratch.remove() }
    let python = peers ? ProcessInfo.processInfo.environment["ASSAY_PEERS"].map { URL(filePath: $0) } : nil
    for benchmark in Self.cases
    where names.isEmpty || names.contains(where: { benchmark.name.hasPrefix($0) }) {
      let measurements = try await BenchmarkRunner.measure(
        try benchmark.subjects(peers: python), runs: min(runs, benchmark.mostRuns),
        warmUps: benchmark.mostRuns > 1 ? 1 : 0)
      let record = BenchmarkRecord(
        name: benchmark.name, title: benchmark.title, goal: benchmark.goal, machine: .current,
        measurements: measurements, peakMemoryMiB: ProcessorTime.peakMemory,
        peakMemoryOfProgramsMiB: ProcessorTime.peakMemoryOfPrograms)
      print(record.markdown)
      try record.write(to: URL(filePath: "reports/benchmarks"))
    }
  }
}

/// A case's result as it is kept.
struct BenchmarkRecord: Codable {
  var name: String
  var title: String
  var goal: String?
  var machine: Machine
  var measurements: [BenchmarkMeasurement]
  /// Of this process, up to the end of the case.
  var peakMemoryMiB: Double
  /// Of the largest program that was started, up to the end of the case.
  var peakMemoryOfProgramsMiB: Double

  var markdown: String {
    var text = "## \(name)\n\n\(title)\n\n"
    if let goal { text += "Goal: \(goal).\n\n" }
    text +=
      "| subject | median ms | p90 ms | least ms | least CPU ms | against ours |\n|---|---|---|---|---|---|\n"
    let ours = measurements.first?.median ?? 1
    let memory = measurements.compactMap { item in
      item.peakMemoryMiB.map { "\(item.subject) \(Int($0.rounded())) MiB" }
    }
    for item in measurements {
      let columns = [item.median, item.p90, item.least, item.leastCPU].map(Self.milliseconds)
      let ratio = String(format: "%.2f", item.median / ours)
      text += "| \(item.subject) | \(columns.joined(separator: " | ")) | \(ratio) |\n"
    }
    if !memory.isEmpty {
      text += "\nPeak memory of the work alone: \(memory.joined(separator: ", ")).\n"
    }
    let libraries = machine.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    text +=
      "\nPer piece; \(measurements.first?.runs ?? 0) runs in turn after a warm-up; peak memory \(Int(peakMemoryMiB.rounded())) MiB here, \(Int(peakMemoryOfProgramsMiB.rounded())) MiB in the largest program started.\n"
    text +=
      "\(machine.processor), \(machine.cores) cores, \(machine.system), \(machine.compiler); \(libraries.joined(separator: ", ")); load \(String(format: "%.1f", machine.load)).\n"
    return text
  }

  /// Three decimals, and five below a tenth: 0.002 could be any of 0.0015 to 0.0025.
  private static func milliseconds(_ value: Double) -> String {
    String(format: value < 0.1 ? "%.5f" : "%.3f", value)
  }

  func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: folder.appending(path: "\(name).json"))
    try Data(markdown.utf8).write(to: folder.appending(path: "\(name).md"))
  }
}
