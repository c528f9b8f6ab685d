import NeuralNetworks

extension Trainer {
  /// Trains in stretches, so that the run can be looked at between steps.
  ///
  /// - Parameters:
  ///   - interval: steps of a stretch.
  ///   - limit: the longest time; nil for none.
  ///   - look: shown the run after each stretch, with the steps that are done.
  func train<Run: TrainingRun>(
    _ run: inout Run, batchSize: Int, every interval: Int, limit: Duration?, batch: (Int) throws -> Run.Batch,
    look: (_ step: Int, _ run: Run) throws -> Void
  ) throws {
    let start = ContinuousClock.now
    var stretch = self
    var done = 0
    while done < steps {
      stretch.steps = min(steps, (done / interval + 1) * interval)
      // A run that goes on from a checkpoint may be past this stretch already.
      done = max(
        done,
        try stretch.train(&run, batchSize: batchSize, batch: batch) { _ in
          limit.map { ContinuousClock.now - start > $0 } ?? false
        })
      try look(done, run)
      if done < stretch.steps { return }
    }
  }
}
