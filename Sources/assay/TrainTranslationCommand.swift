import ArgumentParser
import Foundation
import Generators
import ImageFormats
import NeuralNetworks

struct TrainTranslationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translation", abstract: "Train a translation from line drawings to a folder's pictures.",
    discussion: """
      The drawings are derived from the pictures. The pictures are judged by EfficientNet-Lite0's features, whose \
      weights Tests/Peers/convert_efficientnet.py writes; they are no part of the model. An interrupted run goes on \
      from its checkpoint when the same command is given again.

      EXAMPLE
        assay train translation --data ../shared/ganset/flowers --name sketch-flowers \
        --features efficientnet-lite0.safetensors -o sketch-flowers.safetensors
      """)

  @Option(help: "Folder of pictures.")
  var data: String

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Folder of checkpoint, log, curves and samples.")
  var folder = ".build/translation"

  @Option(name: .shortAndLong, help: "Where the weights go.")
  var output: String

  @Option(help: "The model's name in every mark.")
  var name: String

  @Option(help: "Its version.")
  var version = "1.0"

  @Option(help: "Steps.")
  var steps = 3000

  @Option(help: "Pairs of a step.")
  var batch = 4

  @Option(help: "Minutes after which training stops and keeps its checkpoint.")
  var minutes: Double?

  @Option(help: "Seed of weights and batches.")
  var seed: UInt64 = 1

  @Flag(help: "Replace the weights that are there.")
  var force = false

  func validate() throws {
    guard (1...10_000_000).contains(steps), (2...64).contains(batch) else {
      throw ValidationError("--steps must be 1...10000000, --batch 2...64")
    }
  }

  func run() async throws {
    print("seed \(seed)")
    var settings = TranslationTrainer.Settings()
    settings.seed = seed
    settings.steps = steps
    settings.batch = batch
    settings.limit = minutes.map { .seconds($0 * 60) }
    let trainer = try TranslationTrainer(
      pictures: PictureSet(folders: [data], side: TranslationModel.side, least: 40),
      weights: Safetensors(path: features), settings: settings, folder: folder)
    // Samples of a run are marked like everything else, with a key that nobody keeps.
    let marker = try OutputMarker(testKeyAt: Date())
    let bytes = try trainer.train(as: ModelIdentity(name: name, version: version)) { step, sheet in
      try marker.mark(sheet).write(to: "\(folder)/samples-\(step).png", overwrite: true)
    }
    try writeAtomically(Array(bytes), to: output, overwrite: force)
    print("\(output): \(bytes.count) bytes")
  }
}
