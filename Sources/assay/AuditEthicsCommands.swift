import ArgumentParser
import Audits
import Console
import Detectors
import Diagnostics
import Foundation
import Reports

struct AuditFairnessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fairness", abstract: "Compare a detector's error rates between groups of pictures.",
    discussion: """
      The table has a header row and columns label (ai or real), score (0 to 1, empty where the detector \
      abstained) and one or more groupings: camera, size, quality, skin tone … With --scan the scores are taken \
      from results of `assay scan --json`, by the column file. A column source (or owner, or repo) tells how many \
      sources there are.

      Without --threshold it is the detector's own, from which on `scan` and `evaluate` call a picture AI; scores of \
      another detector need one of theirs.

      Exit code 2 with --fail-on-gap when a gap is more than chance.

      EXAMPLE
        assay audit fairness scores.csv --by camera,quality --threshold 0.9
      """)

  @Argument(help: "The table, CSV.") var table: String
  @Option(help: ArgumentHelp("Take scores from these results.", valueName: "jsonl")) var scan: String?
  @Option(
    help: ArgumentHelp("Columns of groups, separated by commas; all others by default.", valueName: "columns")
  )
  var by: String?
  @Option(help: "Scores from here on count as AI. (default: what the detector calls AI)")
  var threshold: Double?
  @Option(help: "The label's column.") var labelColumn = "label"
  @Option(help: "The score's column.") var scoreColumn = "score"
  @Option(help: "Groups with fewer pictures take no part in tests.") var least = 30
  @Option(help: "Level of significance, after correction for the number of tests.") var alpha = 0.05
  @Option(help: "Seed of the permutations.") var seed: UInt64 = 1
  @Flag(help: "Print JSON (assay.fairness/1).") var json = false
  @Flag(help: "Exit with 2 when a gap is more than chance.") var failOnGap = false

  func validate() throws {
    guard (0...1).contains(threshold ?? 0.5), alpha > 0, alpha < 1, least >= 2 else {
      throw ValidationError("--threshold is 0...1, --alpha between 0 and 1, --least 2 or more")
    }
  }

  func run() throws {
    let content = try CSVTable(try auditText(of: table), source: table)
    let scores = try scan.map { path in
      Dictionary(
        try ScanLines.results(atPath: path).map { ($0.file, $0.aiProbability) },
        uniquingKeysWith: { first, _ in first })
    }
    let (samples, columns) = try FairnessAudit.samples(
      content, source: table, label: labelColumn, score: scoreColumn,
      columns: by.map { $0.split(separator: ",").map(String.init) } ?? [], scores: scores)
    let audit = FairnessAudit(
      samples, columns: columns, threshold: try threshold ?? Self.detectorThreshold(),
      sources: FairnessAudit.sources(content), leastTrials: least, alpha: alpha, seed: seed)
    if let caution = audit.caution { Terminal.error("note: \(caution)\n") }
    Terminal.out(json ? try IndentedJSON.of(audit, as: audit.schema) : Self.text(audit))
    if failOnGap, audit.hasGap { throw ExitCode(2) }
  }

  /// From which probability on the shipped detector calls a picture AI.
  private static func detectorThreshold() throws -> Double {
    try Detector.installed.get().card.calibration.thresholds.indicated
  }

  private static func text(_ audit: FairnessAudit) -> String {
    func percent(_ rate: Double) -> String { String(format: "%.1f %%", locale: nil, rate * 100) }
    func cell(_ rate: FairnessAudit.Rate) -> String {
      guard let value = rate.rate else { return "no pictures" }
      return
        "\(percent(value)) (\(rate.errors)/\(rate.trials), \(percent(rate.low)) to \(percent(rate.high)))"
    }
    func line(_ group: FairnessAudit.Group) -> String {
      let name = TerminalText.escaping(group.name)
      let abstained = group.abstentions > 0 ? "; no score on \(group.abstentions)" : ""
      return "  \(name): false alarms \(cell(group.falseAlarms)); misses \(cell(group.misses))\(abstained)\n"
    }
    let threshold = String(format: "%.4g", locale: nil, audit.threshold)
    let from = audit.sources.map { " from \($0) source\($0 == 1 ? "" : "s")" } ?? ""
    var text =
      "Threshold \(threshold), \(audit.pictures) picture\(audit.pictures == 1 ? "" : "s")\(from), intervals of 95 % (Wilson)\n"
      + line(audit.overall)
    for column in audit.columns {
      text += "\nBy \(TerminalText.escaping(column.name))\n" + column.groups.map(line).joined()
      if column.gaps.isEmpty {
        text += "  No test: fewer than two groups with \(audit.leastTrials) pictures of a label.\n"
      }
      for gap in column.gaps {
        let kind = gap.kind == "misses" ? "Misses" : "False alarms"
        let ratio = gap.ratio.map { String(format: ", %.1f times", locale: nil, $0) } ?? ""
        text +=
          "  \(kind): \(percent(gap.difference)) between \(TerminalText.escaping(gap.worst)) and "
          + "\(TerminalText.escaping(gap.best))\(ratio); p = \(String(format: "%.4f", locale: nil, gap.pValue)), "
          + (gap.isSignificant ? "more than chance\n" : "within chance\n")
      }
    }
    return text
      + "\nA gap within chance is no proof of fairness: with few pictures only large gaps show.\n"
  }
}

struct AuditEnergyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "energy", abstract: "Estimate the energy of a training run from its log.",
    discussion: """
      EXAMPLE
        assay audit energy run/log.jsonl --watts 65 --grams-per-kwh 380
      """)

  @Argument(help: "The run's log.jsonl.") var log: String
  @Option(help: "Power of the machine's share that trained.") var watts: Double
  @Option(help: "Energy of the data centre over that of its machines (PUE).") var overhead = 1.0
  @Option(help: "Images of a step; needed for a run that is not finished.") var batch: Int?
  @Option(help: "Grams of CO2e for a kilowatt-hour at the place and time.") var gramsPerKwh: Double?
  @Flag(help: "Print JSON (assay.energy/1).") var json = false

  func validate() throws {
    guard watts > 0, watts < 1e7, overhead >= 1, overhead < 10, batch ?? 1 > 0, gramsPerKwh ?? 0 >= 0 else {
      throw ValidationError("--watts is above 0, --overhead 1 or more, --batch above 0")
    }
  }

  func run() throws {
    let energy = try TrainingEnergy(
      log: try auditText(of: log), source: log, watts: watts, overhead: overhead, batchSize: batch,
      gramsPerKilowattHour: gramsPerKwh)
    guard !json else { return Terminal.out(try IndentedJSON.of(energy, as: energy.schema)) }
    func three(_ value: Double) -> String { String(format: "%.3g", locale: nil, value) }
    var text =
      "\(energy.steps) steps in \(three(energy.hours)) h at \(three(watts)) W: \(three(energy.kilowattHours)) kWh"
    if let carbon = energy.kilogramsCO2e { text += ", \(three(carbon)) kg CO2e" }
    Terminal.out(text + "\n" + energy.method + "\n")
  }
}

/// A file as text, of at most 256 MiB.
func auditText(of path: String) throws -> String {
  guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 28 else {
    throw AuditError(
      code: "audit.file", location: FaultLocation(file: path), message: "the file cannot be read",
      remedy: "check the name, its permissions and its size")
  }
  return String(decoding: data, as: UTF8.self)
}
