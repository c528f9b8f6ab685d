import ArgumentParser
import Reports

/// In which language reports are written.
struct WordingOptions: ParsableArguments {
  @Option(
    name: .customLong("wording"),
    help: ArgumentHelp(
      "Labels and sentences of reports, translated from what `assay audit --print-wording` prints.",
      valueName: "json"))
  var path: String?

  func text() throws -> ReportText { try path.map { try ReportText(path: $0) } ?? ReportText.english }
}
