import Audits

/// What an audit of a pipeline adds to a report, as sentences and tables.
struct ReportPipeline {
  let findings: PipelineFindings
  let text: ReportText
  private let rules: [String: String]

  /// - Returns: nil for a report about anything else.
  init?(_ report: Report) {
    guard let findings = report.pipeline else { return nil }
    self.findings = findings
    text = report.text
    rules = Dictionary(report.rules.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
  }

  typealias Table = (heads: [String], rows: [[String]])

  var paragraph: String {
    let shell = text[findings.usedShell ? "pipeline.throughShell" : "pipeline.withoutShell"]
    return text.filled(
      "pipeline.paragraph",
      [
        "command": findings.command, "shell": shell,
        "samples": text.counted("pipeline.samples", findings.runs.count),
      ])
  }

  /// Each mark with the number of pictures that carried it, and what became of it.
  var overview: Table {
    let states = PipelineFindings.State.allCases
    return (
      text.list("pipeline.overview") + states.map(name),
      findings.marks.map { mark in
        let counts = findings.counts(mark)
        return [name(mark), String(counts.values.reduce(0, +))] + states.map { String(counts[$0] ?? 0) }
      }
    )
  }

  /// Each picture with what became of its marks.
  var runs: Table {
    let marks = findings.marks
    return (
      [text["pipeline.picture"], text["pipeline.formats"]] + marks.map(name),
      findings.runs.map { run in
        [run.file, formats(run)]
          + marks.map { mark in
            run.marks.first { $0.mark == mark }.map(symbolAndName) ?? "–"
          }
      }
    )
  }

  /// Rules whose evidence was there before and is not after; nil where there are none.
  var lostRules: Table? {
    let lost = findings.lostRules
    guard !lost.isEmpty else { return nil }
    return (
      text.list("pipeline.rules"), lost.map { [$0.rule, rules[$0.rule] ?? "", String($0.samples)] }
    )
  }

  /// Runs that gave nothing, or not what they should.
  var faults: [String] {
    findings.runs.compactMap { run in
      run.fault.map {
        text.filled("pipeline.fault", ["file": run.file, "message": $0.message, "remedy": $0.remedy])
      }
    }
  }

  func name(_ mark: PipelineFindings.Mark) -> String { text["pipeline.marks.\(mark.rawValue)"] }
  func name(_ state: PipelineFindings.State) -> String { text["pipeline.states.\(state.rawValue)"] }

  func formats(_ run: PipelineFindings.Run) -> String {
    text.filled(
      "pipeline.change", ["before": run.format, "after": run.outputFormat ?? text["pipeline.nothing"]])
  }

  /// A sign beside the word, so that a table of many is taken in at a glance.
  private func symbolAndName(_ finding: PipelineFindings.Finding) -> String {
    "\(Self.symbol(finding.state)) \(name(finding.state))"
  }

  static func symbol(_ state: PipelineFindings.State) -> String {
    switch state {
    case .survives: "✓"
    case .invalid: "!"
    case .gone: "✗"
    case .unknown: "?"
    }
  }
}

extension ReportPipeline {
  /// What the template `pipeline` of the page shows.
  var page: ReportView {
    var view: ReportView = [
      "paragraph": paragraph,
      "overview": ReportPage.table(overview.heads, overview.rows, numeric: Set(1...5)),
      "runs": ReportPage.table(runs.heads, runs.rows), "hasFaults": !faults.isEmpty, "faults": faults,
    ]
    if let lostRules { view["rules"] = ReportPage.table(lostRules.heads, lostRules.rows, numeric: [2]) }
    if lostRules == nil { view["noRules"] = text["pipeline.noRules"] }
    return view
  }

  /// The same for Markdown.
  var markdown: ReportView {
    func table(_ table: Table) -> ReportView {
      ["head": table.heads, "rows": table.rows.map { ["cells": $0] as ReportView }]
    }
    var view: ReportView = [
      "paragraph": paragraph, "overview": table(overview), "runs": table(runs), "hasFaults": !faults.isEmpty,
      "faults": faults,
    ]
    if let lostRules { view["rules"] = table(lostRules) } else { view["noRules"] = text["pipeline.noRules"] }
    return view
  }
}
