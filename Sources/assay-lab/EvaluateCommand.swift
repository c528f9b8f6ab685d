import ArgumentParser
import Console
import Diagnostics
import Evaluation
import Reports
import Services

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Cross-validate the detector on the sources that it was trained on.",
    discussion: """
      Each source is judged by the detector of a training run that never saw its fifth of the sources. `assay \
      evaluate` measures the detector on pictures that it did not learn from.

      EXAMPLE
        assay-lab evaluate crops/index.csv --training-run detector-run -o detector-cross-validation
      """)

  @Argument(help: "The index.csv of the training data.")
  var path: String

  @Option(help: ArgumentHelp("Folder of the training run.", valueName: "folder"))
  var trainingRun = "detector-run"

  @Option(help: "Weights to measure instead of the shipped ones (safetensors).")
  var weights: String?

  @Option(help: ArgumentHelp("Only these launderings, separated by commas.", valueName: "launderings"))
  var launder: CommaSeparated<Laundering>?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write PREFIX.json, PREFIX.md and PREFIX.html.", valueName: "prefix"))
  var output: String?

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let job = try EvaluationJob(
      crossValidating: path, detector: EvaluationJob.detector(weights: weights), run: trainingRun,
      launderings: launder?.values ?? [])
    let total = job.count
    let evaluation = try job.run { done in
      if done % 250 == 0 { Terminal.error("\(done) of \(total)\n") }
    }
    if let output {
      try EvaluationJob.write(evaluation, prefix: output, text: .english, overwrite: force)
    }
    Terminal.out(json ? try IndentedJSON.of(evaluation) : evaluation.markdown)
  }
}
