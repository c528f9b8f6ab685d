import Diagnostics
import Foundation
import ImageFormats
import Tensors

/// Drives a run from step to step, keeping checkpoints, a log and a picture of the loss.
///
/// In `folder` lie `checkpoint.safetensors`, written whole or not at all; `log.jsonl`, an object a line with the
/// step, its numbers, images per second and seconds left; and `curves.svg`. A run that was cut off at any moment and
/// is started again goes on from the checkpoint and ends with the same bits as one that never stopped.
public struct Trainer: Sendable {
  public var folder: String
  public var seed: UInt64
  public var steps: Int
  /// Steps between checkpoints.
  public var checkpointInterval: Int
  /// Steps between lines of the log.
  public var logInterval: Int

  public init(folder: String, seed: UInt64, steps: Int, checkpointInterval: Int = 200, logInterval: Int = 10)
  {
    self.folder = folder
    self.seed = seed
    self.steps = steps
    self.checkpointInterval = max(1, checkpointInterval)
    self.logInterval = max(1, logInterval)
  }

  public var checkpointPath: String { folder + "/checkpoint.safetensors" }
  public var logPath: String { folder + "/log.jsonl" }
  public var curvesPath: String { folder + "/curves.svg" }

  /// Trains until ``steps`` are done or `shouldStop` says so, from the checkpoint where there is one.
  ///
  /// - Parameters:
  ///   - batchSize: images of a step, for the log.
  ///   - batch: the batch of a step; a function of the step's number and the seed.
  ///   - shouldStop: asked after each step; a checkpoint is kept before returning.
  /// - Returns: the number of steps done in all.
  /// - Throws: what a step throws; the last checkpoint stays as it was.
  @discardableResult
  public func train<Run: TrainingRun>(
    _ run: inout Run, batchSize: Int, batch: (Int) throws -> Run.Batch,
    shouldStop: (Int) -> Bool = { _ in false }
  ) throws -> Int {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let first = try resume(&run)
    var log = try TrainingLog(path: logPath, upTo: first)
    let clock = ContinuousClock()
    let start = clock.now
    for step in first..<max(first, steps) {
      let numbers = try run.step(
        batch(step), number: step, random: RandomStream(seed: seed, stream: UInt64(step)))
      let done = step + 1
      let stops = shouldStop(done) || done == steps
      if done % logInterval == 0 || stops {
        let seconds = (clock.now - start) / .seconds(1)
        let rate = Double(done - first) / max(seconds, 1e-9)
        try log.append(
          step: done, numbers: numbers, imagesPerSecond: rate * Double(batchSize),
          secondsLeft: Double(steps - done) / rate)
      }
      if done % checkpointInterval == 0 || stops {
        try save(run, step: done)
        try writeAtomically(Array(log.curves().utf8), to: FilePath(curvesPath), overwrite: true)
      }
      if stops { return done }
    }
    return first
  }

  /// Takes the run back to its checkpoint.
  ///
  /// - Returns: the number of steps that were done; 0 where there is no checkpoint.
  private func resume<Run: TrainingRun>(_ run: inout Run) throws(NetworkError) -> Int {
    guard FileManager.default.fileExists(atPath: checkpointPath) else { return 0 }
    let file = try Safetensors(path: checkpointPath)
    guard let step = file.metadata["step"].flatMap(Int.init), step >= 0,
      let seed = file.metadata["seed"].flatMap(UInt64.init)
    else {
      throw NetworkError(
        code: "checkpoint.metadata", location: .init(file: checkpointPath),
        message: "the checkpoint does not say its step and seed", remedy: "remove it to start anew")
    }
    guard seed == self.seed else {
      throw NetworkError(
        code: "checkpoint.seed", location: .init(file: checkpointPath),
        message: "the checkpoint is of seed \(seed), not \(self.seed)",
        remedy: "use its seed or another folder")
    }
    try run.restore(file.tensors, name: checkpointPath)
    return step
  }

  private func save<Run: TrainingRun>(_ run: Run, step: Int) throws(NetworkError) {
    try Safetensors(tensors: run.state, metadata: ["step": "\(step)", "seed": "\(seed)"]).write(
      to: checkpointPath)
  }
}
