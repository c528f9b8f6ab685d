import Detectors
import Foundation

extension DetectorEvaluation {
  /// Three digits after the point; a dash where there is no number.
  package static func number(_ value: Double?) -> String { text(value, "%.3f") }

  /// A share as per cent, a dash where there is none.
  package static func percent(_ value: Double?) -> String { text(value.map { $0 * 100 }, "%.1f %%") }

  /// A share with its bounds, where they are known: `12.0 % (4.5 %…28.0 %)`.
  package static func percent(_ value: Double?, _ bounds: [Double]?) -> String {
    percent(value) + (bounds.map { " (\($0.map(percent).joined(separator: "…")))" } ?? "")
  }

  private static func interval(_ bounds: [String]) -> String {
    bounds.isEmpty ? "too few sources" : bounds.joined(separator: "…")
  }

  private static func text(_ value: Double?, _ format: String) -> String {
    guard let value, value.isFinite else { return "–" }
    return String(format: format, value)
  }

  /// The tables, for people.
  public var markdown: String {
    let first = rows.first?.metrics
    var text = """
      # The detector on \(set)

      Weights: \(card.trainedBy), \(card.steps) steps, seed \(card.seed), from \(card.real) real and \(card.generated) \
      generated pictures by \(card.owners) owners. Here: \(first?.real ?? 0) real and \(first?.generated ?? 0) generated \
      pictures from \(sources.count) groups of source and label. Both classes are treated alike in every row but `none`.
      \(caution.map { "\n**Note:** \($0).\n" } ?? "")
      | after | AUC | 95 % over sources | network | spectral | within owners | < 512 | 512–1023 | ≥ 1024 | AP \
      | balanced accuracy | TPR at 1 % FPR | 95 % over sources | at 0.1 % | ECE | false alarms | detected | abstained | unfit |
      |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|

      """
    for row in rows {
      let metrics = row.metrics
      let cells: [String] =
        [
          row.laundering, Self.number(metrics.auc),
          Self.interval(row.interval.map(Self.number)),
          Self.number(row.networkAUC), Self.number(row.spectralAUC), Self.number(row.withinSources),
        ] + row.bySize.map(Self.number) + [
          Self.number(metrics.averagePrecision), Self.number(metrics.balancedAccuracy),
          Self.percent(metrics.detectedAt1Percent),
          Self.interval(row.detectedInterval.map(Self.percent)),
          Self.percent(metrics.detectedAt01Percent),
          Self.number(metrics.calibrationError), Self.percent(row.falseAlarms, row.falseAlarmsBounds),
          Self.percent(row.detected, row.detectedBounds),
          Self.percent(row.abstained), "\(row.unfit)",
        ]
      text += "| \(cells.joined(separator: " | ")) |\n"
    }
    let thresholds = card.calibration.thresholds
    text += """

      Nuisances alone, as found: AUC of the picture's size \(Self.number(sizeAUC)), of its format \(Self.number(formatAUC)). \
      False alarms and detections are at the thresholds of the detector that judged a picture; those of the weights: from \(Self.number(thresholds.indicated)) a picture is called \
      generated, below \(Self.number(thresholds.quiet)) the detector finds no indication, between the two it abstains.

      """
    for (title, groups) in [("Generators and kinds", kinds), ("Sources", sources)] where !groups.isEmpty {
      text +=
        "\n## \(title), after `\(grouped)`\n\n| | | n | indicated | 95 % (Wilson) | mean probability |\n"
      text += "|---|---|---|---|---|---|\n"
      for group in groups {
        let share = Double(group.indicated) / Double(group.count)
        text +=
          "| \(group.name) | \(group.isGenerated ? "ai" : "real") | \(group.count) | \(Self.percent(share)) "
        text +=
          "| \(Self.percent(group.low))…\(Self.percent(group.high)) | \(Self.number(group.probability)) |\n"
      }
    }
    return text
  }
}
