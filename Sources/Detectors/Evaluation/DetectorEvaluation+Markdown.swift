import Foundation

extension DetectorEvaluation {
  /// The tables, for people.
  public var markdown: String {
    func number(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "–" }
      return String(format: "%.3f", value)
    }
    func percent(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "–" }
      return String(format: "%.1f %%", value * 100)
    }
    let first = rows.first?.metrics
    var text = """
      # The detector on \(set)

      Weights: \(card.trainedBy), \(card.steps) steps, seed \(card.seed), calibrated on fifths \
      \(card.heldOut.map(String.init).joined(separator: ", ")) of the training sources. \
      \(first?.real ?? 0) real and \(first?.generated ?? 0) generated pictures from \(sources.count) groups of \
      source and label. Both classes are treated alike in every row but `none`.

      | after | AUC | 95 % over sources | network | spectral | within sources | < 512 | 512–1023 | ≥ 1024 | AP \
      | balanced accuracy | TPR at 1 % FPR | at 0.1 % | ECE | false alarms | detected | abstained | unfit |
      |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|

      """
    for row in rows {
      let metrics = row.metrics
      let cells: [String] =
        [
          row.laundering.rawValue, number(metrics.auc), row.interval.map(number).joined(separator: "…"),
          number(row.networkAUC), number(row.spectralAUC), number(row.withinSources),
        ] + row.bySize.map(number) + [
          number(metrics.averagePrecision), number(metrics.balancedAccuracy),
          percent(metrics.detectedAt1Percent), percent(metrics.detectedAt01Percent),
          number(metrics.calibrationError), percent(row.falseAlarms), percent(row.detected),
          percent(row.abstained), "\(row.unfit)",
        ]
      text += "| \(cells.joined(separator: " | ")) |\n"
    }
    text += """

      Nuisances alone, as found: AUC of the picture's size \(number(sizeAUC)), of its format \(number(formatAUC)). \
      False alarms and detections are at the shipped threshold of \(number(card.calibration.indicated)); below \
      \(number(card.calibration.quiet)) the detector finds no indication; between the two it abstains.

      """
    for (title, groups) in [("Generators and kinds", kinds), ("Sources", sources)] where !groups.isEmpty {
      text += "\n## \(title), after JPEG 85\n\n| | | n | indicated | 95 % (Wilson) | mean probability |\n"
      text += "|---|---|---|---|---|---|\n"
      for group in groups {
        let share = Double(group.indicated) / Double(group.count)
        text += "| \(group.name) | \(group.isGenerated ? "ai" : "real") | \(group.count) | \(percent(share)) "
        text += "| \(percent(group.low))…\(percent(group.high)) | \(number(group.probability)) |\n"
      }
    }
    return text
  }
}
