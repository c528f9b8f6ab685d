public import Evaluation
import Scanning

extension DetectorEvaluation {
  /// The evaluation as one page for a browser: plots as inline SVG, every number of theirs in a table.
  ///
  /// - Throws: ``ReportError`` where the templates are missing.
  public func html(_ text: ReportText) throws(ReportError) -> String {
    let page = EvaluationPage(evaluation: self, text: text)
    return try ReportTemplates.html.get().render("page", page.view)
  }
}

/// Puts together what the templates show of an evaluation.
private struct EvaluationPage {
  let evaluation: DetectorEvaluation
  let text: ReportText

  var view: ReportView {
    let first = evaluation.rows.first?.metrics
    let question = text.filled(
      "evaluation.question",
      [
        "set": evaluation.set, "real": String(first?.real ?? 0), "generated": String(first?.generated ?? 0),
      ])
    return ReportPage.frame(
      text, title: text["evaluation.title"], question: question, isExpanded: true, sections: sections)
  }

  private var sections: [ReportView] {
    func section(_ id: String, _ key: String, _ template: String, _ view: ReportView) -> ReportView {
      ReportPage.section(id, text["evaluation.\(key).heading"], template, view)
    }
    let cheats = text.filled(
      "evaluation.members.cheats",
      ["size": number(evaluation.sizeAUC), "format": number(evaluation.formatAUC)])
    return [
      ReportPage.section("short", text["headings.inShort"], "paragraph", ["paragraph": summary]),
      section("curves", "curves", "plots", plots("curves", EvaluationCharts.receiver)),
      section("reliability", "reliability", "plots", plots("reliability", EvaluationCharts.reliability)),
      section("laundering", "laundering", "table", launderings),
      section("members", "members", "tableAndText", members.merging(["paragraph": cheats]) { $1 }),
    ]
      + [("kinds", evaluation.kinds), ("sources", evaluation.sources)].filter { !$0.1.isEmpty }.map {
        ReportPage.section($0.0, text["evaluation.groups.\($0.0)"], "table", table($0.1))
      }
  }

  private func number(_ value: Double?) -> String { DetectorEvaluation.number(value) }
  private func percent(_ value: Double?) -> String { DetectorEvaluation.percent(value) }

  private func title(_ laundering: String) -> String { text["evaluation.launderings.\(laundering)"] }

  /// Two numbers as a range.
  private func range(_ bounds: [String]) -> String {
    guard bounds.count == 2 else { return bounds.joined() }
    return text.filled("range", ["low": bounds[0], "high": bounds[1]])
  }

  private var summary: String {
    let rows = evaluation.rows
    guard let row = rows.first(where: { $0.laundering == evaluation.grouped }) ?? rows.first else {
      return text["evaluation.empty"]
    }
    let condition =
      row.laundering == Laundering.none.rawValue
      ? text["evaluation.asFound"] : text.filled("evaluation.after", ["laundering": title(row.laundering)])
    return text.filled(
      "evaluation.summary",
      [
        "condition": condition, "area": number(row.metrics.auc), "interval": range(row.interval.map(number)),
        "falseAlarms": percent(row.falseAlarms), "found": percent(row.detected),
        "abstained": percent(row.abstained),
      ])
  }

  /// The plots of the first conditions.
  private func plots(_ key: String, _ plot: (DetectionMetrics, String) -> String) -> ReportView {
    let name = text["evaluation.\(key).plot"]
    let plots = evaluation.rows.prefix(3).map { row -> ReportView in
      ["plot": plot(row.metrics, Markup.escape(name)), "caption": title(row.laundering)]
    }
    return ["explanation": text["evaluation.\(key).explanation"], "plots": plots]
  }

  private var launderings: ReportView {
    let heads = text.list("evaluation.laundering.columns")
    return ReportPage.table(
      heads,
      evaluation.rows.map { row in
        let metrics = row.metrics
        return [
          title(row.laundering), number(metrics.auc), range(row.interval.map(number)),
          number(metrics.averagePrecision), number(metrics.balancedAccuracy),
          percent(metrics.detectedAt1Percent), range(row.detectedInterval.map(percent)),
          percent(metrics.detectedAt01Percent),
          number(metrics.calibrationError), percent(row.falseAlarms), percent(row.detected),
          percent(row.abstained), String(row.unfit),
        ] + row.bySize.map(number)
      }, numeric: Set(1..<heads.count))
  }

  private var members: ReportView {
    ReportPage.table(
      text.list("evaluation.members.columns"),
      evaluation.rows.map {
        [title($0.laundering)]
          + [$0.metrics.auc, $0.networkAUC, $0.spectralAUC, $0.withinSources].map(number)
      }, numeric: [1, 2, 3, 4])
  }

  private func table(_ groups: [DetectorEvaluation.Group]) -> ReportView {
    ReportPage.table(
      text.list("evaluation.groups.columns"),
      groups.map { group in
        [
          group.name, text["evaluation.groups.\(group.isGenerated ? "generated" : "real")"],
          String(group.count), percent(Double(group.indicated) / Double(max(group.count, 1))),
          range([percent(group.low), percent(group.high)]), number(group.probability),
        ]
      }, numeric: [2, 3, 4, 5])
  }
}

/// The plots of an evaluation, 240 × 240 units with axes from 0 to 1.
private enum EvaluationCharts {
  static func receiver(_ metrics: DetectionMetrics, name: String) -> String {
    let points = ([[0, 0]] + metrics.curve).map { point -> String in
      let (x, y) = place(point[0], point[1])
      return "\(x),\(y)"
    }.joined(separator: " ")
    return frame(
      name, "<polyline fill=\"none\" stroke=\"var(--bar)\" stroke-width=\"2\" points=\"\(points)\"/>")
  }

  static func reliability(_ metrics: DetectionMetrics, name: String) -> String {
    let dots = metrics.reliability.map { bin -> String in
      let (x, y) = place(bin[0], bin[1])
      let radius = max(2, (bin[2] * 400).squareRoot())
      return "<circle class=\"bar\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(Drawing.tenth(radius))\"/>"
    }.joined()
    return frame(name, dots)
  }

  private static func frame(_ name: String, _ content: String) -> String {
    """
    <svg width="240" height="240" viewBox="0 0 240 240" role="img" aria-label="\(name)">\
    <path class="axis" fill="none" d="M30 10V210H230"/><line class="axis" stroke-dasharray="2 4" x1="30" y1="210" \
    x2="230" y2="10"/>\(content)<text x="24" y="228">0</text><text x="222" y="228">1</text>\
    <text x="14" y="18">1</text></svg>
    """
  }

  private static func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (Drawing.tenth(30 + 200 * x), Drawing.tenth(210 - 200 * y))
  }
}
