import ArgumentParser
import Foundation
import Generators
import ImageFormats
import NeuralNetworks

struct TrainGANCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan", abstract: "Train a generator of pictures from a folder.",
    discussion: """
      The discriminator judges by the features of EfficientNet-Lite0, whose weights \
      Tests/Peers/convert_efficientnet.py writes; they are no part of the generator. An interrupted run goes on \
      from its checkpoint when the same command is given again.

      EXAMPLE
        assay train gan --data ../shared/ganset/landscapes --name gan-landscapes --features efficientnet-lite0.safetensors \
        -o landscapes.safetensors
      """)

  @Option(help: "Folder of pictures.")
  var data: String

  @Option(help: "Side of the pictures: 64 or 128.")
  var size = 128

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Folder of checkpoint, log, curves and sample grids.")
  var folder = ".build/gan"

  @Option(name: .shortAndLong, help: "Where the weights go.")
  var output: String

  @Option(help: "The model's name in every mark.")
  var name: String

  @Option(help: "Its version.")
  var version = "1.0"

  @Option(help: "Steps.")
  var steps = 10_000

  @Option(help: "Pictures of a step.")
  var batch = 8

  @Option(help: "Minutes after which training stops and keeps its checkpoint.")
  var minutes: Double?

  @Option(help: "Steps between sample grids and Fréchet distances.")
  var observe = 500

  @Option(help: "Seed of weights, batches and augmentation.")
  var seed: UInt64 = 1

  @Flag(help: "Replace the weights that are there.")
  var force = false

  func validate() throws {
    guard size == 64 || size == 128 else { throw ValidationError("--size must be 64 or 128") }
    guard (1...10_000_000).contains(steps), (2...256).contains(batch), observe > 0 else {
      throw ValidationError("--steps must be 1...10000000, --batch 2...256, --observe at least 1")
    }
  }

  func run() async throws {
    print("seed \(seed)")
    var settings = AdversarialTrainer.Settings()
    settings.seed = seed
    settings.steps = steps
    settings.batch = batch
    settings.observeEvery = observe
    settings.limit = minutes.map { .seconds($0 * 60) }
    let trainer = AdversarialTrainer(
      pictures: try PictureSet(folders: [data], side: size, least: 16),
      features: try PictureFeatures(weights: Safetensors(path: features), name: features),
      settings: settings, folder: folder)
    // Samples of a run are marked like everything else, with a key that nobody keeps.
    let marker = try OutputMarker(testKeyAt: Date())
    let bytes = try trainer.run(as: ModelIdentity(name: name, version: version)) {
      FileHandle.standardError.write(Data("\($0)\n".utf8))
    } keep: { step, sheet in
      try marker.mark(sheet).write(to: "\(folder)/samples-\(step).png", overwrite: true)
    }
    try writeAtomically(Array(bytes), to: output, overwrite: force)
    print("\(output): \(bytes.count) bytes")
  }
}
