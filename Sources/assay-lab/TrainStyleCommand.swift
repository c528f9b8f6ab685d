import ArgumentParser
import Console
import Generators
import NeuralNetworks

struct TrainStyleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "style", abstract: "Train style transfer from photographs and paintings.",
    discussion: """
      The encoder is the first part of EfficientNet-Lite0, whose weights Tests/Peers/convert_efficientnet.py \
      writes. An interrupted run goes on from its checkpoint when the same command is given again.

      EXAMPLE
        assay-lab train style --contents landscapes --styles paintings \
        --features efficientnet-lite0.safetensors -o style.safetensors
      """)

  @Option(help: "Folders of photographs, separated by commas.")
  var contents: PathList

  @Option(help: "Folders of paintings, separated by commas.")
  var styles: PathList

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp(
      "Folder of the training run: checkpoint, log, curves and samples.", valueName: "folder"))
  var folder = "style-run"

  @Option(help: "The model's name in every mark.")
  var name = "style"

  @Option(help: "Side of the pictures that it learns from.")
  var size = 128

  @Option(help: "Steps.")
  var steps = 6000

  @Option(help: "Pairs of a step.")
  var batch = 4

  @Option(help: "Weight of the style against the content.")
  var styleWeight: Float = 1.5

  @OptionGroup var training: GeneratorTraining

  func validate() throws {
    guard (64...512).contains(size), size % 16 == 0 else {
      throw ValidationError("--size must be a multiple of 16 in 64...512")
    }
    guard (1...10_000_000).contains(steps), (1...64).contains(batch) else {
      throw ValidationError("--steps must be 1...10000000, --batch 1...64")
    }
  }

  func run() async throws {
    var settings = StyleTrainer.Settings()
    settings.seed = training.seed
    settings.steps = steps
    settings.batch = batch
    settings.styleWeight = styleWeight
    settings.limit = training.limit
    let trainer = try StyleTrainer(
      contents: PictureSet(folders: contents.paths, side: size, least: 8),
      styles: PictureSet(folders: styles.paths, side: size, least: 8),
      weights: Safetensors(path: training.features),
      settings: settings, folder: folder)
    try training.write(to: folder) { keep in
      try trainer.train(as: ModelIdentity(name: name, version: training.modelVersion), keep: keep)
    }
  }
}
