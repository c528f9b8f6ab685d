import Audits
import Diagnostics

extension Report {
  /// What a pipeline left of the marks, as text for people; empty for a report about anything else.
  public func pipelineText() -> String {
    guard let pipeline = ReportPipeline(self) else { return "" }
    func plain(_ text: String) -> String { TerminalText.escaping(text) }
    var lines = [plain(pipeline.paragraph)]
    for run in pipeline.findings.runs {
      lines += ["", plain("\(run.file) (\(pipeline.formats(run)))")]
      if let fault = run.fault {
        lines += ["  error: \(plain(fault.message))", "    fix: \(plain(fault.remedy))"]
      }
      for finding in run.marks {
        let place = finding.place.map { " (\($0))" } ?? ""
        lines.append(
          plain(
            "  \(ReportPipeline.symbol(finding.state)) \(pipeline.name(finding.mark)): "
              + pipeline.name(finding.state) + place))
      }
    }
    lines.append("")
    guard let lost = pipeline.lostRules else {
      return (lines + [text["pipeline.noRules"]]).joined(separator: "\n") + "\n"
    }
    lines.append(text["pipeline.lost"])
    let total = pipeline.findings.runs.count
    for row in lost.rows {
      lines.append(
        plain(
          "  "
            + text.filled(
              "pipeline.lostRule",
              ["rule": row[0], "title": row[1], "count": row[2], "total": String(total)])))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
