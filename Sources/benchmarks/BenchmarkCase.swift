import Foundation

/// One thing to time, beside what it is compared with.
///
/// Give a case to ``Benchmarks/cases`` and it is timed, printed and recorded.
protocol BenchmarkCase: Sendable {
  /// A stable name: `scan.provenance`.
  var name: String { get }
  /// What is measured, with sizes, in one line.
  var title: String { get }
  /// The mark that issues set, such as "at least 10 times as fast as exiftool"; nil without one.
  var goal: String? { get }
  /// Runs beyond which more would only take time; a case of one run has no warm-up.
  var mostRuns: Int { get }

  /// The subjects in the order of the table, ours first. Called once; prepares the data.
  ///
  /// - Parameter peers: the Python of `.venv-peers` under `make bench-peers`; nil under `make bench`.
  func subjects(peers: URL?) throws -> [BenchmarkSubject]
}

extension BenchmarkCase {
  var mostRuns: Int { .max }
}

/// One side of a comparison.
struct BenchmarkSubject: Sendable {
  var name: String
  /// How often one run does the work; times are per piece.
  var pieces = 1
  var unit = "ms"
  /// Processor time so far of what does the work, in milliseconds, where that is a running process of its own.
  var processor: (@Sendable () async throws -> Double)?
  /// Peak memory of the work in MiB above what was resident before it was prepared; asked for after all runs.
  var peakMemory: (@Sendable () async throws -> Double)?
  /// Does the work once and checks its result; throws when it is wrong.
  var work: @Sendable () async throws -> Void
}

/// What a subject took: milliseconds a piece.
struct BenchmarkMeasurement: Codable, Sendable {
  var subject: String
  /// Of wall-clock time.
  var median: Double
  var p90: Double
  var least: Double
  /// Least processor time of this process and its children that have ended.
  var leastCPU: Double
  var runs: Int
  /// MiB above what was resident before, where the subject measures it.
  var peakMemoryMiB: Double?
}

/// Times subjects in turn, so that all meet the same load of the machine.
enum BenchmarkRunner {
  static func measure(
    _ subjects: [BenchmarkSubject], runs: Int = 9, warmUps: Int = 1
  ) async throws -> [BenchmarkMeasurement] {
    var wall = [[Double]](repeating: [], count: subjects.count)
    var processor = wall
    for run in 0..<(warmUps + runs) {
      for (index, subject) in subjects.enumerated() {
        let before = try await subject.processor?() ?? ProcessorTime.milliseconds
        let clock = ContinuousClock.now
        try await subject.work()
        let elapsed = clock.duration(to: .now) / .milliseconds(1)
        let spent = try await (subject.processor?() ?? ProcessorTime.milliseconds) - before
        guard run >= warmUps else { continue }
        wall[index].append(elapsed / Double(subject.pieces))
        processor[index].append(spent / Double(subject.pieces))
      }
    }
    var measurements: [BenchmarkMeasurement] = []
    for (index, subject) in subjects.enumerated() {
      let sorted = wall[index].sorted()
      let measurement = BenchmarkMeasurement(
        subject: subject.name, median: sorted[sorted.count / 2],
        p90: sorted[min(sorted.count - 1, sorted.count * 9 / 10)], least: sorted[0],
        leastCPU: processor[index].min() ?? 0, runs: sorted.count,
        peakMemoryMiB: try await subject.peakMemory?())
      measurements.append(measurement)
    }
    return measurements
  }
}

/// Processor time of this process and of its children that have ended.
enum ProcessorTime {
  static var milliseconds: Double {
    milliseconds(usage(ofChildren: false)) + milliseconds(usage(ofChildren: true))
  }

  /// Peak resident memory of this process in MiB.
  static var peakMemory: Double { peakMemory(ofChildren: false) }

  /// Peak resident memory of the largest program that it started and that has ended, in MiB.
  static var peakMemoryOfPrograms: Double { peakMemory(ofChildren: true) }

  private static func peakMemory(ofChildren: Bool) -> Double {
    #if canImport(Darwin)
      Double(usage(ofChildren: ofChildren).ru_maxrss) / 1_048_576
    #else
      Double(usage(ofChildren: ofChildren).ru_maxrss) / 1024
    #endif
  }

  private static func usage(ofChildren: Bool) -> rusage {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(ofChildren ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage)
    #else
      getrusage(Int32(truncatingIfNeeded: (ofChildren ? RUSAGE_CHILDREN : RUSAGE_SELF).rawValue), &usage)
    #endif
    return usage
  }

  private static func milliseconds(_ usage: rusage) -> Double {
    milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
  }

  private static func milliseconds(_ time: timeval) -> Double {
    Double(time.tv_sec) * 1000 + Double(time.tv_usec) / 1000
  }
}
