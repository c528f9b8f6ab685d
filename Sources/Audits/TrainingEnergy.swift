import Diagnostics
import Foundation

/// What a training run cost in energy, from its log.
///
/// A log line of `assay-lab train` tells step and throughput; time is the sum of steps over throughput, so pauses
/// between sessions do not count. Power is not measured: it is what the operator states, and the result says so.
public struct TrainingEnergy: Sendable, Codable {
  public let schema: String
  public let steps: Int
  public let hours: Double
  /// Stated by the operator, for the machine's share that trained.
  public let watts: Double
  /// Energy of the data centre over that of its machines.
  public let overhead: Double
  public let kilowattHours: Double
  /// Nil where no carbon intensity was stated.
  public let kilogramsCO2e: Double?
  public let method: String

  private struct Line: Decodable {
    var step: Int
    var imagesPerSecond: Double
    var secondsLeft: Double
  }

  /// - Parameters:
  ///   - log: JSON Lines of a training run.
  ///   - batchSize: images a step; needed where the run was not finished.
  ///   - gramsPerKilowattHour: carbon intensity of the grid at the place and time.
  /// - Throws: ``AuditError`` where the log is empty, broken, or does not tell how long a step took.
  public init(
    log: String, source: String, watts: Double, overhead: Double = 1, batchSize: Int? = nil,
    gramsPerKilowattHour: Double? = nil
  ) throws(AuditError) {
    func fault(_ row: Int?, _ message: String, _ remedy: String) -> AuditError {
      AuditError(
        code: "energy.log", location: FaultLocation(file: source, path: row.map { "line \($0)" }),
        message: message, remedy: remedy)
    }
    var lines: [Line] = []
    for (number, text) in log.split(separator: "\n").enumerated() {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)), line.step > 0,
        line.imagesPerSecond > 0, line.secondsLeft >= 0
      else {
        throw fault(
          number + 1, "the line is none of a training log", "name the log.jsonl of a training run")
      }
      lines.append(line)
    }
    guard let last = lines.last else { throw fault(nil, "the log is empty", "name one with lines") }
    // Of a finished run the log tells the batch: images a second times seconds left are the steps left.
    let known = last.secondsLeft < 0.5 ? lines.last { $0.secondsLeft > 1 && $0.step < last.step } : nil
    let derived = known.map { $0.imagesPerSecond * $0.secondsLeft / Double(last.step - $0.step) }
    guard let batch = batchSize.map(Double.init) ?? derived, batch > 0 else {
      throw fault(nil, "the log does not tell how many images a step has", "tell how many")
    }
    var seconds = 0.0
    var done = 0
    for line in lines {
      seconds += Double(max(0, line.step - done)) * batch / line.imagesPerSecond
      done = max(done, line.step)
    }
    schema = "assay.energy/1"
    steps = done
    hours = seconds / 3_600
    self.watts = watts
    self.overhead = overhead
    let energy = seconds / 3_600 * watts * overhead / 1_000
    kilowattHours = energy
    kilogramsCO2e = gramsPerKilowattHour.map { energy * $0 / 1_000 }
    method = "steps over throughput in the log, times stated power; power was not measured"
  }
}
