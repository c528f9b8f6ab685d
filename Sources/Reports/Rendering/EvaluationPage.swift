public import Detectors

extension DetectorEvaluation {
  /// The evaluation as one page for a browser: plots as inline SVG, every number of theirs in a table.
  public var html: String {
    var page = HTMLPage(expanded: true)
    let first = rows.first?.metrics
    page.head(
      title: "How often is the detector right?",
      question:
        "Measured on \(set): \(first?.real ?? 0) real and \(first?.generated ?? 0) generated pictures.")
    page.section("short", ReportText.inShort, "<p>\(Markup.escape(summary))</p>")
    page.section(
      "curves", "Found against false alarms",
      "<p>Share of generated pictures found (up) against share of real pictures called generated (right).</p>"
        + plots(EvaluationCharts.receiver))
    page.section(
      "reliability", "Does a probability mean what it says?",
      "<p>Share of generated pictures (up) among those given a probability (right), both classes weighing alike. "
        + "On the diagonal a probability is true. A dot's area is the share of pictures.</p>"
        + plots(EvaluationCharts.reliability))
    page.section("laundering", "After compression and resizing", launderingTable)
    page.section(
      "members", "What each part gives",
      HTMLPage.table(
        ["After", "Joined", "Network alone", "Spectra alone", "Within sources of both labels"],
        rows.map {
          [$0.laundering.title]
            + [$0.metrics.auc, $0.networkAUC, $0.spectralAUC, $0.withinSources].map(Self.number)
        }, numeric: [1, 2, 3, 4])
        + "<p>A cheat that knows only the size of the picture as found would reach an area of "
        + "\(Self.number(sizeAUC)), one that knows only its format \(Self.number(formatAUC)).</p>")
    for (identifier, title, groups) in [
      ("kinds", "By generator and kind", kinds), ("sources", "By source", sources),
    ] where !groups.isEmpty {
      page.section(identifier, "\(title), after JPEG 85", Self.table(groups))
    }
    return page.finish()
  }

  private var summary: String {
    guard let row = rows.first(where: { $0.laundering == .jpeg85 }) ?? rows.first else {
      return "Nothing was judged."
    }
    return """
      \(row.laundering == .none ? "As found" : "After \(row.laundering.title)"), the area under the receiver's curve is \
      \(Self.number(row.metrics.auc)) (95 % over sources: \(row.interval.map(Self.number).joined(separator: " to "))). At \
      the shipped threshold \(Self.percent(row.falseAlarms)) of the real pictures are called generated and \
      \(Self.percent(row.detected)) of the generated ones are found; on \(Self.percent(row.abstained)) the detector abstains.
      """
  }

  /// The plots as found, after JPEG 85 and after the harsher laundering.
  private func plots(_ plot: (DetectionMetrics) -> String) -> String {
    let chosen = rows.filter { [.none, .jpeg85, .resize70jpeg70].contains($0.laundering) }
    let figures = (chosen.isEmpty ? Array(rows.prefix(1)) : chosen).map { row in
      "<figure>\(plot(row.metrics))<figcaption>\(row.laundering.title)</figcaption></figure>"
    }
    return "<div class=\"figures\">\(figures.joined())</div>"
  }

  private var launderingTable: String {
    let heads = [
      "After", "AUC", "95 % over sources", "Average precision", "Balanced accuracy",
      "Found at 1 % false alarms",
      "At 0.1 %", "Calibration error", "False alarms", "Found", "Abstained", "Unfit", "AUC below 512 px",
      "512 to 1023", "From 1024",
    ]
    return HTMLPage.table(
      heads,
      rows.map { row in
        let metrics = row.metrics
        return [
          row.laundering.title, Self.number(metrics.auc),
          row.interval.map(Self.number).joined(separator: " to "),
          Self.number(metrics.averagePrecision), Self.number(metrics.balancedAccuracy),
          Self.percent(metrics.detectedAt1Percent), Self.percent(metrics.detectedAt01Percent),
          Self.number(metrics.calibrationError), Self.percent(row.falseAlarms), Self.percent(row.detected),
          Self.percent(row.abstained), String(row.unfit),
        ] + row.bySize.map(Self.number)
      }, numeric: Set(1..<heads.count))
  }

  private static func table(_ groups: [Group]) -> String {
    HTMLPage.table(
      ["Name", "Label", "Pictures", "Called generated", "95 % (Wilson)", "Mean probability"],
      groups.map { group in
        [
          group.name, group.isGenerated ? "generated" : "real", String(group.count),
          percent(Double(group.indicated) / Double(max(group.count, 1))),
          "\(percent(group.low)) to \(percent(group.high))", number(group.probability),
        ]
      }, numeric: [2, 3, 4, 5])
  }
}

/// The plots of an evaluation, 240 × 240 units with axes from 0 to 1.
enum EvaluationCharts {
  static func receiver(_ metrics: DetectionMetrics) -> String {
    let points = ([[0, 0]] + metrics.curve).map { point -> String in
      let (x, y) = place(point[0], point[1])
      return "\(x),\(y)"
    }.joined(separator: " ")
    return frame(
      "Receiver's curve; its area stands in the table",
      "<polyline fill=\"none\" stroke=\"var(--bar)\" stroke-width=\"2\" points=\"\(points)\"/>")
  }

  static func reliability(_ metrics: DetectionMetrics) -> String {
    let dots = metrics.reliability.map { bin -> String in
      let (x, y) = place(bin[0], bin[1])
      let radius = max(2, (bin[2] * 400).squareRoot())
      return "<circle class=\"bar\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(ReportCharts.tenth(radius))\"/>"
    }.joined()
    return frame("Reliability diagram; its error stands in the table", dots)
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
    (ReportCharts.tenth(30 + 200 * x), ReportCharts.tenth(210 - 200 * y))
  }
}
