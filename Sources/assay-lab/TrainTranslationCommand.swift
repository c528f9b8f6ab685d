import ArgumentParser
import Generators
import NeuralNetworks

struct TrainTranslationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translation", abstract: "Train a translation from line drawings to a folder's pictures.",
    discussion: """
      The drawings are derived from the pictures. The pictures are judged by EfficientNet-Lite0's features, whose \
      weights Tests/Peers/convert_efficientnet.py writes; they are no part of the model. An interrupted run goes on \
      from its checkpoint when the same command is given again.

      EXAMPLE
        assay-lab train translation --data flowers --name sketch-flowers \
        --features efficientnet-lite0.safetensors -o sketch-flowers.safetensors
      """)

  @Option(help: "Folder of training pictures.")
  var data: String

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp(
      "Folder of the training run: checkpoint, log, curves and samples.", valueName: "folder"))
  var folder = "translation-run"

  @Option(help: "The model's name in every mark.")
  var name: String

  @Option(help: "Steps.")
  var steps = 3000

  @Option(help: "Pairs of a step.")
  var batch = 4

  @OptionGroup var training: GeneratorTraining

  func validate() throws {
    guard (1...10_000_000).contains(steps), (2...64).contains(batch) else {
      throw ValidationError("--steps must be 1...10000000, --batch 2...64")
    }
  }

  func run() async throws {
    var settings = TranslationTrainer.Settings()
    settings.seed = training.seed
    settings.steps = steps
    settings.batch = batch
    settings.limit = training.limit
    let trainer = try TranslationTrainer(
      pictures: PictureSet(folders: [data], side: TranslationModel.side, least: 40),
      weights: Safetensors(path: training.features), settings: settings, folder: folder)
    try training.write(to: folder) { keep in
      try trainer.train(as: ModelIdentity(name: name, version: training.modelVersion), keep: keep)
    }
  }
}
