import ArgumentParser
import Console
import Diagnostics
import Evaluation
import Foundation
import Training

struct TrainEncoderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoder",
    abstract: "Try whether training the encoder's last blocks finds more than a head on the frozen encoder.",
    discussion: """
      Nothing that ships is changed. Training pictures are taken from all sources alike, as the web shows them (at most \
      1024 pixels, JPEG 85), and judged by networks that never saw their fifth of the owners; validation pictures are \
      left out. A picture's tokens take 0.3 MB. An interrupted run goes on when the same command is given again.

      EXAMPLE
        assay-lab train encoder pictures/index.csv --training-run encoder-run
      """)

  @Argument(
    help: "Lists of pictures in CSV: path, label, generator, source, repo, format, width, height, split.")
  var lists: [String]

  @Option(
    name: .customLong("training-run"),
    help: ArgumentHelp("Folder of the training run: tokens, checkpoints and results.", valueName: "folder"))
  var folder = "encoder-run"

  @Option(help: "Pictures to take, half of them generated.")
  var pictures = EncoderTrial.Settings().pictures

  @Option(help: "How many of the last blocks are trained.")
  var blocks = EncoderTrial.Settings().blocks

  @Option(help: "Times that about all pictures are gone through, at most.")
  var rounds = EncoderTrial.Settings().rounds

  @Option(help: "The highest rate of learning.")
  var rate = EncoderTrial.Settings().rate

  @Option(help: "Seed of the choice of pictures and of sampling.")
  var seed: UInt64 = 1

  @Flag(help: "Print one JSON object: pictures, sources, owners, rounds, and either judgement's figures.")
  var json = false

  func validate() throws {
    guard (10...1_000_000).contains(pictures) else {
      throw ValidationError("--pictures must be 10...1000000")
    }
    guard (1...11).contains(blocks) else { throw ValidationError("--blocks must be 1...11") }
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be 1...1000") }
    guard rate > 0, rate <= 1 else { throw ValidationError("--rate must be above 0 and at most 1") }
  }

  func run() async throws {
    var settings = EncoderTrial.Settings()
    (settings.pictures, settings.blocks, settings.rounds) = (pictures, blocks, rounds)
    (settings.rate, settings.seed) = (rate, seed)
    let trial = try EncoderTrial(
      index: try PictureIndex(lists), folder: URL(filePath: folder), settings: settings
    ) { Terminal.error($0 + "\n") }
    let outcome = try trial.run()
    if json {
      Terminal.out(try IndentedJSON.of(outcome))
    } else {
      Terminal.out(
        """
        \(outcome.pictures) pictures of \(outcome.sources) sources by \(outcome.owners) owners; rounds until each fifth \
        stopped: \(outcome.rounds.map(String.init).joined(separator: ", "))

        \(outcome.comparison.markdown(before: "frozen", after: "last blocks trained"))
        """)
    }
  }
}
