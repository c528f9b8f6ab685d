import ArgumentParser
import Foundation
import Generators
import ImageFormats
import NeuralNetworks

struct TrainStyleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "style", abstract: "Train style transfer from photographs and paintings.",
    discussion: """
      The encoder is the first part of EfficientNet-Lite0, whose weights Tests/Peers/convert_efficientnet.py \
      writes. An interrupted run goes on from its checkpoint when the same command is given again.

      EXAMPLE
        assay train style --contents ../shared/ganset/landscapes --styles ../shared/ganset/paintings \
        --features efficientnet-lite0.safetensors -o style.safetensors
      """)

  @Option(parsing: .upToNextOption, help: "Folders of photographs.")
  var contents: [String]

  @Option(parsing: .upToNextOption, help: "Folders of paintings.")
  var styles: [String]

  @Option(help: "EfficientNet-Lite0's weights (safetensors).")
  var features: String

  @Option(help: "Folder of checkpoint, log, curves and samples.")
  var folder = ".build/style"

  @Option(name: .shortAndLong, help: "Where the weights go.")
  var output: String

  @Option(help: "The model's name in every mark.")
  var name = "style"

  @Option(help: "Its version.")
  var version = "1.0"

  @Option(help: "Side of the pictures that it learns from.")
  var size = 128

  @Option(help: "Steps.")
  var steps = 6000

  @Option(help: "Pairs of a step.")
  var batch = 4

  @Option(help: "Weight of the style against the content.")
  var styleWeight: Float = 1.5

  @Option(help: "Minutes after which training stops and keeps its checkpoint.")
  var minutes: Double?

  @Option(help: "Seed of weights and batches.")
  var seed: UInt64 = 1

  @Flag(help: "Replace the weights that are there.")
  var force = false

  func validate() throws {
    guard (64...512).contains(size), size % 16 == 0 else {
      throw ValidationError("--size must be a multiple of 16 in 64...512")
    }
    guard (1...10_000_000).contains(steps), (1...64).contains(batch) else {
      throw ValidationError("--steps must be 1...10000000, --batch 1...64")
    }
  }

  func run() async throws {
    print("seed \(seed)")
    var settings = StyleTrainer.Settings()
    settings.seed = seed
    settings.steps = steps
    settings.batch = batch
    settings.styleWeight = styleWeight
    settings.limit = minutes.map { .seconds($0 * 60) }
    let trainer = try StyleTrainer(
      contents: PictureSet(folders: contents, side: size, least: 8),
      styles: PictureSet(folders: styles, side: size, least: 8), weights: Safetensors(path: features),
      settings: settings, folder: folder)
    // Samples of a run are marked like everything else, with a key that nobody keeps.
    let marker = try OutputMarker(testKeyAt: Date())
    let bytes = try trainer.train(as: ModelIdentity(name: name, version: version)) { step, sheet in
      try marker.mark(sheet).write(to: "\(folder)/samples-\(step).png", overwrite: true)
    }
    try writeAtomically(Array(bytes), to: output, overwrite: force)
    print("\(output): \(bytes.count) bytes")
  }
}
