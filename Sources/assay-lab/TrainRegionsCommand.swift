import ArgumentParser
import Console
import Diagnostics
import Evaluation
import Foundation
import Training

struct TrainRegionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regions",
    abstract:
      "Try a head that learned from windows of pictures, beside the heads that learned from whole ones.",
    discussion: """
      Pictures with a part of another one: real with generated, the reverse, and of one kind alone. Both are of one fifth of the \
      owners, and each fifth is judged by a head that never saw it. Prints areas under the receiver's curve; nothing of it \
      ships.

      EXAMPLE
        assay-lab train regions pictures/index.csv --training-run regions
      """)

  @Argument(
    help: "Lists of pictures in CSV: path, label, generator, source, repo, format, width, height, split.")
  var lists: [String]

  @Option(help: "Composites to learn from.")
  var composites = RegionTrial.Settings().composites

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp("Folder of the training run: checkpoints, logs and curves.", valueName: "folder"))
  var folder = "regions-run"

  @Flag(help: "Print one JSON object: composites, windows, and the areas.")
  var json = false

  func validate() throws {
    guard (40...1_000_000).contains(composites) else {
      throw ValidationError("--composites must be 40...1000000")
    }
  }

  func run() async throws {
    var settings = RegionTrial.Settings()
    settings.composites = composites
    settings.validation = composites / 8
    let trial = try RegionTrial(index: try PictureIndex(lists), settings: settings) {
      Terminal.error($0 + "\n")
    }
    let outcome = try trial.run(folder: URL(filePath: folder))
    if json {
      Terminal.out(try IndentedJSON.of(outcome))
    } else {
      Terminal.out(
        """
        \(outcome.composites) composites of training owners, \(outcome.windows) windows
        held out by owners: \(outcome.heldOut.text)
        \(outcome.validationComposites) composites of validation owners: \(outcome.validation.text)
        the heads for whole pictures on these: \(outcome.wholeHeads.text)

        """)
    }
  }
}
