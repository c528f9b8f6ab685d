import Detectors
import Foundation
internal import NeuralNetworks
import Tensors

extension PictureViews {
  /// A head that learned from them.
  ///
  /// - Parameter folder: of its checkpoints, log and curves; a run that was stopped goes on from them.
  func head(_ settings: DetectorTrainer.Settings, folder: URL, seed: UInt64) throws -> DetectorHead {
    let (means, spreads) = statistics()
    var random = RandomStream(seed: seed, stream: 1 << 52)
    var start = DetectorHead(means: means, spreads: spreads, units: settings.units, random: &random)
    start.dropout = settings.dropout
    let smoothing = settings.smoothing
    var run = SupervisedRun(
      network: start, optimiser: AdamW(beta2: 0.99, weightDecay: settings.weightDecay),
      schedule: .cosine(peak: settings.rate, warmUp: 50, steps: settings.steps, floor: settings.rate / 100),
      clipping: 5, averageDecay: settings.averaging
    ) { network, batch, tape in
      let logits = network(tape.constant(batch.images)).reshaped(to: batch.targets.shape)
      let targets = batch.targets.map { smoothing + (1 - 2 * smoothing) * $0 }
      return (logits.softplus() - logits * tape.constant(targets)).mean()
    }
    let trainer = Trainer(
      folder: folder.path, seed: seed, steps: settings.steps, checkpointInterval: 1000,
      logInterval: 50)
    try trainer.train(&run, batchSize: settings.batch) { step in
      var random = RandomStream(seed: seed, stream: 1 << 53 + UInt64(step))
      return batch(settings.batch, for: start, random: &random)
    }
    return run.average.network
  }
}
