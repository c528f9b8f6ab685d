import ArgumentParser
import Console
import Diagnostics
import Evaluation
import Foundation
import Training

struct TrainTilesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiles",
    abstract: "Try whether two tiles at full size beside the whole picture find more.",
    discussion: """
      Nothing that ships is changed. Training pictures are taken from all sources alike, as the web shows them (at most \
      1024 pixels, JPEG 85), and judged by heads that never saw their fifth of the owners; validation pictures are left \
      out. An interrupted run goes on when the same command is given again.

      EXAMPLE
        assay-lab train tiles pictures/index.csv --training-run tiles-run
      """)

  @Argument(
    help: "Lists of pictures in CSV: path, label, generator, source, repo, format, width, height, split.")
  var lists: [String]

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp("Folder of the training run: tokens and checkpoints.", valueName: "folder"))
  var folder = "tiles-run"

  @Option(help: "Pictures to take, half of them generated.")
  var pictures = TileTrial.Settings().pictures

  @Option(help: "Steps of a head's training.")
  var steps = TileTrial.Settings().head.steps

  @Option(help: "Seed of the choice of pictures and of sampling.")
  var seed: UInt64 = 1

  @Flag(help: "Print one JSON object: pictures, sources, owners, and the figures of each comparison.")
  var json = false

  func validate() throws {
    guard (10...1_000_000).contains(pictures) else {
      throw ValidationError("--pictures must be 10...1000000")
    }
    guard (1...1_000_000).contains(steps) else { throw ValidationError("--steps must be 1...1000000") }
  }

  func run() async throws {
    var settings = TileTrial.Settings()
    (settings.pictures, settings.head.steps, settings.seed) = (pictures, steps, seed)
    let trial = try TileTrial(
      index: try PictureIndex(lists), folder: URL(filePath: folder), settings: settings
    ) { Terminal.error($0 + "\n") }
    let outcome = try trial.run()
    if json {
      Terminal.out(try IndentedJSON.of(outcome))
    } else {
      Terminal.out(
        """
        \(outcome.pictures) pictures of \(outcome.sources) sources by \(outcome.owners) owners; \
        \(DetectorEvaluation.percent(outcome.open)) are open by the whole picture alone

        \(outcome.joined.markdown(before: "whole picture", after: "with two tiles"))

        \(outcome.joinedWhereOpen.markdown(before: "whole picture", after: "with two tiles where it is open"))

        \(outcome.tilesAlone.markdown(before: "whole picture", after: "tiles alone"))
        """)
    }
  }
}
