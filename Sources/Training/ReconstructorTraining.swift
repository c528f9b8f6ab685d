import Detectors
import Foundation
import Images
internal import NeuralNetworks
import Tensors

extension DetectorTrainer {
  /// One autoencoder of each kind, trained on real crops of sources that no network is judged on, or taken from
  /// `folder` where it lies there.
  ///
  /// The loss is the mean absolute difference of pictures and, so that edges stay, of neighbouring pixels'
  /// differences. It is not adversarial.
  func reconstructors() throws -> [Reconstructor] {
    let items = index.items.filter {
      !$0.isValidation && !$0.isGenerated && !settings.folds.contains($0.fold)
    }
    guard !items.isEmpty else {
      throw DetectorError(
        code: "detector.aligned", message: "every fifth of the sources that has real crops is held out",
        remedy: "leave a fifth for the autoencoders: hold fewer out")
    }
    return try Reconstructor.Kind.all.enumerated().map { number, kind in
      var random = RandomStream(seed: settings.seed, stream: 1 << 52 + UInt64(number))
      var network = Reconstructor(kind, random: &random)
      let file = folder.appending(path: "reconstructor-\(kind.name).safetensors")
      if let weights = try? Safetensors(path: file.path) {
        try network.load(weights)
        return network
      }
      var run = SupervisedRun(
        network: network, optimiser: AdamW(beta2: 0.99, weightDecay: 0),
        schedule: .cosine(peak: 2e-3, warmUp: 20, steps: settings.reconstructorSteps, floor: 2e-5),
        averageDecay: 0.98
      ) { network, batch, tape in
        let wanted = tape.constant(batch.images)
        let difference = network(wanted) - wanted
        return difference.absolute().mean() + difference.totalVariation()
      }
      let trainer = Trainer(
        folder: folder.appending(path: "reconstructor-\(kind.name)").path, seed: settings.seed,
        steps: settings.reconstructorSteps, logInterval: 25)
      let batch = 16
      try trainer.train(&run, batchSize: batch) { step in
        var random = RandomStream(seed: settings.seed, stream: 1 << 53 + UInt64(step))
        let images = try (0..<batch).map { _ in
          try index.wholeImage(items[random.integer(in: 0..<items.count)])
            .cropped(x: random.integer(in: 0..<49), y: random.integer(in: 0..<49), width: 96, height: 96)
        }
        return LabelledBatch(images: Reconstructor.input(images), targets: Tensor([0], shape: [1]))
      }
      try Safetensors(tensors: run.average.network.weights).write(to: file.path)
      report("autoencoder \(kind.name): trained")
      return run.average.network
    }
  }
}
