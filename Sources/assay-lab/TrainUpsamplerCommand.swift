import ArgumentParser
import Console
import Generators
import NeuralNetworks

struct TrainUpsamplerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upsampler", abstract: "Train an enlargement of pictures from folders of them.",
    discussion: """
      The network learns to give pictures back from their reductions to half their sides. One picture in twenty of \
      --data is kept from training. The pictures are judged by EfficientNet-Lite0's features, whose weights \
      Tests/Peers/convert_efficientnet.py writes; they are no part of the model. An interrupted run goes on from its \
      checkpoint when the same command is given again.

      EXAMPLE
        assay-lab train upsampler --data flowers,landscapes \
        --detail contents --features efficientnet-lite0.safetensors -o upsampler.safetensors
      """)

  @Option(help: "Folders of training pictures, separated by commas; they are scaled to 128 × 128.")
  var data: PathList

  @Option(
    help: """
      Folders of larger pictures, separated by commas, from which a quarter of the crops is taken; they are scaled to \
      384 × 384.
      """)
  var detail: PathList?

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp(
      "Folder of the training run: checkpoint, log, curves and samples.", valueName: "folder"))
  var folder = "upsampler-run"

  @Option(help: "The model's name in every mark.")
  var name = "upsampler"

  @Option(help: "Steps.")
  var steps = 3000

  @Option(help: "The first steps, which go without the discriminator.")
  var warmUp = 400

  @Option(help: "Crops of a step.")
  var batch = 8

  @Option(help: "Steps between sheets of samples.")
  var observe = 250

  @Option(
    help: ArgumentHelp(
      "Train nothing: write this model again with the bounds of its maps over --data, which products of bytes need.",
      valueName: "file"))
  var measure: String?

  @OptionGroup var training: GeneratorTraining

  func validate() throws {
    guard (1...10_000_000).contains(steps), (2...64).contains(batch), observe > 0, warmUp >= 0 else {
      throw ValidationError(
        "--steps must be 1...10000000, --batch 2...64, --observe at least 1, --warm-up at least 0")
    }
  }

  func run() async throws {
    if let measure {
      let pictures = try PictureSet(folders: data.paths, side: 128, least: 40).split().trained
      let model = try UpsamplerModel(measure)
      return try training.write(to: folder) { _ in model.measured(over: pictures) }
    }
    var settings = UpsamplerTrainer.Settings()
    settings.seed = training.seed
    settings.steps = steps
    settings.warmUp = warmUp
    settings.batch = batch
    settings.observeEvery = observe
    settings.limit = training.limit
    let trainer = try UpsamplerTrainer(
      pictures: PictureSet(folders: data.paths, side: 128, least: 40),
      details: detail.map { try PictureSet(folders: $0.paths, side: 384) },
      weights: Safetensors(path: training.features), settings: settings, folder: folder)
    try training.write(to: folder) { keep in
      try trainer.train(as: ModelIdentity(name: name, version: training.modelVersion), keep: keep)
    }
  }
}
