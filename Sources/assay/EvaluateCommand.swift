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
      PATH is a folder with the folders 'ai' and 'real', or an index.csv as the training data have it, whose \
      validation pictures are taken. Every picture is judged as found, as large sites show it (at most 1024 \
      pixels, JPEG 85) and as small ones do (at most 720, JPEG 70), both classes alike. Pictures that a detector was fitted to flatter it. \
      What counts as called AI is what `scan` calls so: a probability from the detector's own threshold on, which \
      `audit fairness` takes too.

      EXAMPLES
        assay evaluate my-pictures
        assay evaluate my-pictures --launder web,jpeg50 -o detector
      """)

  @Argument(help: "A folder with 'ai' and 'real', or an index.csv.")
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

  func run() async throws {
    let text = try wording.text()
    let job = try EvaluationJob(
      path, detector: detector.chosen(), launderings: launder?.values ?? [])
    Progress.begin("judging", "pictures", of: job.count)
    let evaluation = try job.run { Progress.advance(to: $0) }
    if let caution = evaluation.caution { Terminal.error("note: \(caution)\n") }
    if let output {
      try EvaluationJob.write(evaluation, prefix: output, text: text, overwrite: force)
    }
    if json {
      Terminal.out(try IndentedJSON.of(evaluation, as: evaluation.schema))
      return
    }
    // Folders name kinds and sources: their names reach a terminal as text alone.
    for line in evaluation.markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      Terminal.out(TerminalText.escaping(String(line)) + "\n")
    }
  }
}
