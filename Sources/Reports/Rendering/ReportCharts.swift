import Audits
import Scanning

/// Files by the detector's score, with its two thresholds: those of the files in which it saw most.
struct ReportScores {
  private var bins = [Int](repeating: 0, count: 20)
  private var thresholds: (quiet: Double, indicated: Double)?

  /// Nil where no file has a score.
  init?(_ report: Report) {
    for item in report.items {
      guard let score = item.score else { continue }
      bins[min(19, max(0, Int(score.value * 20)))] += 1
      if let quiet = score.quiet, let indicated = score.indicated, indicated > thresholds?.indicated ?? 0 {
        thresholds = (quiet, indicated)
      }
    }
    guard bins.contains(where: { $0 > 0 }) else { return nil }
  }

  func view(_ text: ReportText) -> ReportView {
    let rows = bins.enumerated().filter { $0.element > 0 }.map { index, count -> [String] in
      [
        text.filled("scores.range", ["low": String(index * 5), "high": String(index * 5 + 5)]),
        String(count),
      ]
    }
    return [
      "plot": plot(text),
      "table": ReportPage.table([text["columns.score"], text["columns.files"]], rows, numeric: [1]),
    ]
  }

  private func plot(_ text: ReportText) -> String {
    let most = bins.max() ?? 0
    let bars = bins.enumerated().map { index, count -> String in
      let height = count == 0 ? 0 : max(1, 120 * count / most)
      return
        "<rect class=\"bar\" x=\"\(10 + index * 17)\" y=\"\(130 - height)\" width=\"15\" height=\"\(height)\"/>"
    }.joined()
    func line(_ share: Double, _ name: String, _ y: Int) -> String {
      let x = 10 + Int((min(1, max(0, share)) * 340).rounded())
      // Right of the middle a name stands left of its line, so that neither side cuts it off.
      let place = x > 180 ? "x=\"\(x - 3)\" text-anchor=\"end\"" : "x=\"\(x + 3)\""
      return "<line class=\"mark\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(y - 10)\" y2=\"130\"/>"
        + "<text \(place) y=\"\(y)\">\(Markup.escape(text[name]))</text>"
    }
    let marks =
      thresholds.map { line($0.quiet, "scores.quiet", -16) + line($0.indicated, "scores.indicated", 0) } ?? ""
    return """
      <svg viewBox="0 -28 360 180" role="img" aria-label="\(Markup.escape(text["scores.plot"]))">\
      \(bars)\(marks)<line class="axis" x1="10" x2="350" y1="130" y2="130"/><text x="10" y="147">0</text>\
      <text x="172" y="147">0.5</text><text x="344" y="147">1</text></svg>
      """
  }
}

/// Folders against outcomes, shaded by share.
struct ReportFolders {
  private let outcomes: [Outcome]
  /// What all folders begin with; it stands once, above the table.
  private let root: String
  private let folders: [(name: String, counts: [Outcome: Int])]

  /// Nil where all files lie in one folder.
  init?(_ report: Report) {
    var counts: [[Substring]: [Outcome: Int]] = [:]
    for item in report.items {
      let folder = Array(item.file.split(separator: "/", omittingEmptySubsequences: false).dropLast())
      counts[folder, default: [:]][item.outcome, default: 0] += 1
    }
    guard counts.count > 1, let first = counts.keys.first else { return nil }
    let shared = counts.keys.reduce(first) { root, folder in
      zip(root, folder).prefix { $0 == $1 }.map(\.0)
    }
    root = shared.joined(separator: "/")
    folders = counts.map { (name: $0.key.dropFirst(shared.count).joined(separator: "/"), counts: $0.value) }
      .sorted { $0.name < $1.name }
    outcomes = report.outcomeCounts.map(\.outcome)
  }

  func view(_ text: ReportText) -> ReportView {
    let rows = folders.prefix(100).map { folder -> ReportView in
      let total = max(1, folder.counts.values.reduce(0, +))
      let cells = outcomes.map { outcome -> ReportView in
        let count = folder.counts[outcome] ?? 0
        return ["shade": count == 0 ? 0 : 1 + min(3, 4 * count / (total + 1)), "count": count]
      }
      return ["name": folder.name.isEmpty ? "." : folder.name, "cells": cells]
    }
    var view: ReportView = ["outcomes": outcomes.map(text.heading), "folders": rows]
    if !root.isEmpty {
      let (before, after) = text.around("folders.below", "folder")
      view["below"] = ["before": before, "value": root, "after": after] as ReportView
    }
    if folders.count > 100 { view["more"] = text.counted("folders.more", folders.count - 100) }
    return view
  }
}

/// Small drawings, and numbers for them.
enum Drawing {
  /// Shares of a rule's results in one strip; the numbers stand in the cells beside it.
  static func strip(_ counts: [RuleResult: Int]) -> String {
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return "" }
    var x = 0.0
    let parts = RuleResult.allCases.compactMap { result -> String? in
      guard let count = counts[result], count > 0 else { return nil }
      let width = (1_000 * Double(count) / Double(total)).rounded() / 10
      defer { x += width }
      return
        "<rect class=\"f-\(result.rawValue)\" x=\"\(tenth(x))\" y=\"0\" width=\"\(tenth(width))\" height=\"10\"/>"
    }.joined()
    return
      "<svg class=\"strip\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\(parts)</svg>"
  }

  /// To a tenth: plots need no more digits.
  static func tenth(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
