import Foundation
import NeuralNetworks
import Tensors
import Testing

struct TrainerTests {
  private func run() -> SupervisedRun<Sequential, AdamW> {
    var random = RandomStream(seed: 41)
    let network = Sequential(
      Conv2d(1, 8, kernel: 3, bias: false, random: &random), BatchNorm2d(8, activation: .relu),
      Reshaping.globalAverage, Reshaping.dropout(0.25), Linear(8, 1, random: &random))
    return SupervisedRun(
      network: network, optimiser: AdamW(), schedule: .cosine(peak: 0.02, warmUp: 3, steps: 12, floor: 0),
      loss: { network, batch, tape in network(tape.constant(batch.images)).binaryCrossEntropy(batch.targets) }
    )
  }

  private func batch(_ step: Int) -> LabelledBatch {
    var random = RandomStream(seed: 42, stream: UInt64(step))
    let images = Tensor(normal: [4, 8, 8, 1], using: &random)
    return LabelledBatch(images: images, targets: Tensor([0, 1, 0, 1], shape: [4]))
  }

  private func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.appending(path: "trainer-\(UUID().uuidString)").path
  }

  @Test(arguments: [1, 4, 11])
  func `a run that was cut off ends with the bits of one that never stopped`(stop: Int) throws {
    let folders = [temporaryFolder(), temporaryFolder()]
    defer { for folder in folders { try? FileManager.default.removeItem(atPath: folder) } }
    var whole = run()
    try Trainer(folder: folders[0], seed: 7, steps: 12, checkpointInterval: 100).train(
      &whole, batchSize: 4, batch: batch)
    let trainer = Trainer(folder: folders[1], seed: 7, steps: 12, checkpointInterval: 2, logInterval: 1)
    var cut = run()
    try trainer.train(&cut, batchSize: 4, batch: batch, shouldStop: { $0 == stop })
    // A new process knows only the folder.
    var resumed = run()
    #expect(try trainer.train(&resumed, batchSize: 4, batch: batch) == 12)
    #expect(resumed.state == whole.state)
    let log = try String(contentsOfFile: trainer.logPath, encoding: .utf8)
    #expect(log.split(separator: "\n").count == 12)
    #expect(try String(contentsOfFile: trainer.curvesPath, encoding: .utf8).contains("<polyline"))
  }

  @Test func `a batch that is not finite names step and layer and leaves the checkpoint`() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let trainer = Trainer(folder: folder, seed: 7, steps: 12, checkpointInterval: 2)
    var run = run()
    #expect {
      try trainer.train(&run, batchSize: 4) { step in
        var batch = batch(step)
        if step == 5 { batch.images.withMutableSpan { $0[9] = .nan } }
        return batch
      }
    } throws: { error in
      let fault = error as? NetworkError
      return fault?.code == "training.diverged" && fault?.message.contains("step 5") == true
        && fault?.location.path?.contains("0.weight") == true
    }
    let kept = try Safetensors(path: trainer.checkpointPath)
    #expect(kept.metadata["step"] == "4")
    let isFinite = kept.tensors.values.allSatisfy { $0.isFinite }
    #expect(isFinite)
  }

  @Test func `one thread and two train to the same bits`() throws {
    let states = try [1, 2].map { threads in
      try Parallelism.withThreads(threads) {
        var run = run()
        for step in 0..<3 {
          _ = try run.step(batch(step), number: step, random: RandomStream(seed: 1, stream: UInt64(step)))
        }
        return run.state
      }
    }
    #expect(states[0] == states[1])
  }
}
