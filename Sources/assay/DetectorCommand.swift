import ArgumentParser
import Console
import Detectors
import Diagnostics
import Evaluation
import Examiners
import ImageFormats
import Reports
import Services

struct DetectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detector", abstract: "Fit the detector to your own pictures, or check one of others.",
    subcommands: [DetectorAdaptCommand.self, DetectorCheckCommand.self])
}

/// Which detectors judge.
struct DetectorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weights of the detector, as `assay detector adapt` writes them (default: the shipped ones), and models of others in ONNX, each with its description beside it (see `assay help detector check`), separated by commas.",
      valueName: "files"))
  var detector: PathList?

  /// What is named is read at once, so that a fault shows.
  func chosen() throws -> ChosenDetectors { try ChosenDetectors(detector?.paths ?? []) }
}

struct DetectorAdaptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adapt", abstract: "Weigh what the detector sees anew, by pictures whose origin you know.",
    discussion: """
      FOLDER holds the folders 'ai' and 'real', with at least 20 pictures each; put pictures of one origin into a \
      folder of their own below these. A fifth of the origins in turn is kept out to tell how good the result is, \
      beside the detector as it was; `assay evaluate` on the same pictures would flatter it. Nothing leaves the \
      machine.

      EXAMPLE
        assay detector adapt our-pictures -o ours.safetensors --report ours
        assay scan --detector ours.safetensors inbox
      """)

  @Argument(help: "A folder with 'ai' and 'real'.")
  var folder: String

  @Option(name: .shortAndLong, help: "Where to write the weights.")
  var output: String

  @Option(
    help: ArgumentHelp(
      "Write PREFIX-before and PREFIX-after: .json, .md and .html.", valueName: "prefix"))
  var report: String?

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print JSON: the measurements before and after.")
  var json = false

  @OptionGroup var wording: WordingOptions

  private struct Figures: Encodable {
    var before: DetectorEvaluation
    var after: DetectorEvaluation
  }

  func run() async throws {
    let text = try wording.text()
    let endings = ["json", "md", "html"]
    let reports =
      (report.map { prefix in
        ["before", "after"].flatMap { name in endings.map { "\(prefix)-\(name).\($0)" } }
      }) ?? []
    for file in [output] + reports { try refuseExisting(FilePath(file), overwrite: force) }
    let job = try AdaptationJob(folder: folder, base: Detector.installed.get())
    let total = job.count
    // Fitting the heads takes a tenth of the time that looking takes.
    Progress.begin("looking at", "pictures", of: total, upTo: 0.9)
    let outcome = try job.run { done in
      Progress.advance(to: done)
      if done == total { Progress.begin("fitting") }
    }
    try writeAtomically(outcome.weights, to: output, overwrite: force)
    if let report {
      for (evaluation, name) in [(outcome.before, "before"), (outcome.after, "after")] {
        try EvaluationJob.write(evaluation, prefix: "\(report)-\(name)", text: text, overwrite: force)
      }
    }
    for picture in outcome.unread {
      Terminal.error(TerminalText.escaping("\(picture.path): \(picture.reason)") + "\n")
    }
    if outcome.unfit > 0 {
      let unfit = Plural.of(outcome.unfit, "picture")
      Terminal.error(
        "\(unfit) \(outcome.unfit == 1 ? "is" : "are") too small, flat or compressed to learn from.\n")
    }
    if json {
      Terminal.out(
        try IndentedJSON.of(
          Figures(before: outcome.before, after: outcome.after), as: "assay.detector-adaptation/1"))
      if !outcome.unread.isEmpty { throw ExitCode(1) }
      return
    }
    Terminal.out(
      "\(TerminalText.escaping(output)) is written.\nbefore:\n\(Self.lines(outcome.before))after:\n\(Self.lines(outcome.after))"
    )
    if let area = outcome.before.rows.first?.metrics.auc, area < 0.35 {
      Terminal.error(
        "The detector as it was says the opposite of most labels: look whether 'ai' and 'real' are exchanged.\n"
      )
    }
    if !outcome.holdsOutSources {
      Terminal.error(
        "Fewer than five folders below 'ai' or 'real': pictures of one origin judged each other, which flatters.\n"
      )
    }
  }

  private static func lines(_ evaluation: DetectorEvaluation) -> String {
    evaluation.rows.map { row in
      "  \(row.laundering): AUC \(DetectorEvaluation.number(row.metrics.auc)), "
        + "found \(DetectorEvaluation.percent(row.detected)), "
        + "false alarms \(DetectorEvaluation.percent(row.falseAlarms)), "
        + "abstained \(DetectorEvaluation.percent(row.abstained))\n"
    }.joined()
  }
}
