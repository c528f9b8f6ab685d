import ArgumentParser
import Console
import Generators
import NeuralNetworks

struct TrainGANCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan", abstract: "Train a generator of pictures from a folder.",
    discussion: """
      The discriminator judges by the features of EfficientNet-Lite0, whose weights \
      Tests/Peers/convert_efficientnet.py writes; they are no part of the generator. An interrupted run goes on \
      from its checkpoint when the same command is given again. What is written at the end is the generator with \
      the least Fréchet distance of those that were measured; the log says of which step it is.

      EXAMPLE
        assay-lab train gan --data landscapes --name gan-landscapes --features efficientnet-lite0.safetensors \
        -o landscapes.safetensors
      """)

  @Option(help: "Folder of training pictures.")
  var data: String

  @Option(help: "Side of the pictures: 64, 128 or 256.")
  var size = 128

  @Option(
    name: .customLong("grown-from"),
    help: ArgumentHelp(
      "A generator of half the side to go on from: a shipped model's name or a .safetensors file.",
      valueName: "model"))
  var smaller: String?

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp(
      "Folder of the training run: checkpoint, log, curves and sample grids.", valueName: "folder"))
  var folder = "gan-run"

  @Option(help: "The model's name in every mark.")
  var name: String

  @Option(help: "Steps.")
  var steps = 10_000

  @Option(help: "Pictures of a step.")
  var batch = 8

  @Option(help: "Steps between sample grids and Fréchet distances.")
  var observe = 500

  @OptionGroup var training: GeneratorTraining

  func validate() throws {
    guard PictureGenerator.Plan.sides.contains(size) else {
      throw ValidationError("--size must be 64, 128 or 256")
    }
    guard (1...10_000_000).contains(steps), (2...256).contains(batch), observe > 0 else {
      throw ValidationError("--steps must be 1...10000000, --batch 2...256, --observe at least 1")
    }
  }

  func run() async throws {
    var settings = AdversarialTrainer.Settings()
    settings.seed = training.seed
    settings.steps = steps
    settings.batch = batch
    settings.observeEvery = observe
    settings.limit = training.limit
    let smaller = try smaller.map { try PictureModel($0) }
    guard smaller.map({ 2 * $0.side == size }) ?? true else {
      throw ValidationError("--grown-from needs a generator of \(size / 2) pixels for --size \(size)")
    }
    let trainer = AdversarialTrainer(
      pictures: try PictureSet(folders: [data], side: size, least: 16),
      features: try PictureFeatures(weights: Safetensors(path: training.features), name: training.features),
      settings: settings, folder: folder, from: smaller)
    try training.write(to: folder) { keep in
      try trainer.run(
        as: ModelIdentity(name: name, version: training.modelVersion), report: { Terminal.error("\($0)\n") },
        keep: keep)
    }
  }
}
