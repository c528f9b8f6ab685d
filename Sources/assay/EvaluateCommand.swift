import ArgumentParser
import Console
import Diagnostics
import Evaluation
import Reports
import Services

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure the detector on pictures whose origin is known.",
    discussion: """
      PATH is a folder or an archive with the folders 'ai' and 'real', or an index.csv as the training data have it, whose \
      validation pictures are taken. Every picture is judged as found, as large sites show it (at most 1024 \
      pixels, JPEG 85) and as small ones do (at most 720, JPEG 70), both classes alike. Pictures that a detector was fitted to flatter it. \
      What counts as called AI is what `scan` calls so: a probability from the detector's own threshold on, which \
      `audit fairness` takes too.

      EXAMPLES
        assay evaluate my-pictures
        assay evaluate my-pictures --launder web,jpeg50 -o detector
        assay evaluate my-pictures --detector model.onnx -o beside     (and beside-NAME.calibration.json)
      """)

  @Argument(help: "A folder or archive with 'ai' and 'real', or an index.csv.")
  var path: String

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

  @OptionGroup var detector: DetectorOptions
  @OptionGroup var wording: WordingOptions

  /// What `--json` prints where models of others are measured too.
  private struct Beside: Encodable {
    static let schema = "assay.evaluation-beside/1"

    var detector: DetectorEvaluation
    var models: [ForeignEvaluation]
  }

  func run() async throws {
    let text = try wording.text()
    let chosen = try detector.chosen()
    let job = try EvaluationJob(
      path, detector: try chosen.own ?? EvaluationJob.detector(weights: nil), foreign: chosen.foreign,
      launderings: launder?.values ?? [])
    Progress.begin("judging", "pictures", of: job.count)
    let evaluation = try job.run { Progress.advance(to: $0) }
    if let caution = evaluation.caution { Terminal.error("note: \(caution)\n") }
    let others = try job.runForeign()
    if let output {
      try EvaluationJob.write(evaluation, prefix: output, text: text, overwrite: force)
      try EvaluationJob.write(others, prefix: output, overwrite: force)
    }
    if json {
      Terminal.out(
        others.isEmpty
          ? try IndentedJSON.of(evaluation, as: evaluation.schema)
          : try IndentedJSON.of(Beside(detector: evaluation, models: others), as: Beside.schema))
      return
    }
    // Folders name kinds and sources: their names reach a terminal as text alone.
    let markdown = ([evaluation.markdown] + others.map(\.markdown)).joined()
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      Terminal.out(TerminalText.escaping(String(line)) + "\n")
    }
  }
}
