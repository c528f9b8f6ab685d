import Audits
import Detectors

/// Plots as inline SVG; each has its numbers beside it as a table or text.
enum ReportCharts {
  /// A bar for each outcome, in the row that names and counts it.
  static func outcomes(_ report: Report) -> String {
    let counts = report.outcomeCounts
    let total = Double(max(1, report.items.count))
    let rows = counts.map { outcome, count -> String in
      """
      <tr><th scope="row">\(Markup.escape(outcome.sentence))</th><td><svg class="measure" viewBox="0 0 100 10" \
      preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="\(tenth(100 * Double(count) / total))" \
      height="10"/></svg></td><td class="n">\(count)</td></tr>
      """
    }.joined()
    return HTMLPage.wide(
      ReportText.outcomes,
      """
      <table class="outcomes"><thead><tr><th scope="col">Outcome</th><th scope="col">Share</th>\
      <th scope="col" class="n">Files</th></tr></thead><tbody>\(rows)</tbody></table>
      """)
  }

  /// A histogram of the detector's probabilities with its two thresholds; nil where no file has a score.
  static func scores(_ report: Report) -> String? {
    var bins = [Int](repeating: 0, count: 20)
    var thresholds: (quiet: Double, indicated: Double)?
    for item in report.items {
      guard let score = item.scan.aiProbability, score.isFinite else { continue }
      bins[min(19, max(0, Int(score * 20)))] += 1
      if thresholds == nil, let detail = item.scan.evidence.first(where: { $0.method == "detector" })?.detail,
        case .object(let limits)? = detail["thresholds"],
        case .number(let quiet)? = limits["quiet"], case .number(let indicated)? = limits["indicated"]
      {
        thresholds = (quiet, indicated)
      }
    }
    let most = bins.max() ?? 0
    guard most > 0 else { return nil }
    let bars = bins.enumerated().map { index, count -> String in
      let height = count == 0 ? 0 : max(1, 120 * count / most)
      return
        "<rect class=\"bar\" x=\"\(10 + index * 17)\" y=\"\(130 - height)\" width=\"15\" height=\"\(height)\"/>"
    }.joined()
    func line(_ share: Double, _ name: String, _ y: Int) -> String {
      let x = 10 + Int((share * 340).rounded())
      // Right of the middle a name stands left of its line, so that neither side cuts it off.
      let place = x > 180 ? "x=\"\(x - 3)\" text-anchor=\"end\"" : "x=\"\(x + 3)\""
      return "<line class=\"mark\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(y - 10)\" y2=\"130\"/>"
        + "<text \(place) y=\"\(y)\">\(name)</text>"
    }
    let marks =
      thresholds.map { line($0.quiet, "quiet below", -16) + line($0.indicated, "indicated from", 0) } ?? ""
    let rows = bins.enumerated().filter { $0.element > 0 }.map { index, count -> [String] in
      ["\(index * 5) to \(index * 5 + 5) %", String(count)]
    }
    return """
      <div class="pair"><svg viewBox="0 -28 360 180" role="img" aria-label="Files by score, as in the table">\
      \(bars)\(marks)<line class="axis" x1="10" x2="350" y1="130" y2="130"/><text x="10" y="147">0</text>\
      <text x="172" y="147">0.5</text><text x="344" y="147">1</text></svg>\
      \(HTMLPage.table(["Score", "Files"], rows, numeric: [1]))</div>
      """
  }

  /// Folders against outcomes, shaded by share; nil where all files lie in one folder.
  ///
  /// What all folders begin with stands once, above the table.
  static func folders(_ report: Report) -> String? {
    var counts: [[Substring]: [Outcome: Int]] = [:]
    for item in report.items {
      let folder = Array(item.scan.file.split(separator: "/", omittingEmptySubsequences: false).dropLast())
      counts[folder, default: [:]][item.scan.outcome, default: 0] += 1
    }
    guard counts.count > 1, let first = counts.keys.first else { return nil }
    let shared = counts.keys.reduce(first) { root, folder in
      zip(root, folder).prefix { $0 == $1 }.map(\.0)
    }
    let outcomes = report.outcomeCounts.map(\.outcome)
    let heads = outcomes.map { "<th scope=\"col\" class=\"n\">\(ReportText.heading($0))</th>" }.joined()
    let named = counts.map { (name: $0.key.dropFirst(shared.count).joined(separator: "/"), counts: $0.value) }
      .sorted { $0.name < $1.name }
    let rows = named.prefix(100).map { name, own -> String in
      let total = max(1, own.values.reduce(0, +))
      let cells = outcomes.map { outcome -> String in
        let count = own[outcome] ?? 0
        let shade = count == 0 ? 0 : 1 + min(3, 4 * count / (total + 1))
        return "<td class=\"n h\(shade)\">\(count)</td>"
      }.joined()
      return
        "<tr><th scope=\"row\"><code>\(Markup.escape(name.isEmpty ? "." : name))</code></th>\(cells)</tr>"
    }.joined()
    let rest = named.count - 100
    let root = shared.joined(separator: "/")
    return (root.isEmpty ? "" : "<p>Below <code>\(Markup.escape(root))</code>:</p>")
      + HTMLPage.wide(
        "Folders by outcome",
        "<table class=\"folders\"><thead><tr><th scope=\"col\">Folder</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table>"
      )
      + (rest > 0 ? "<p>\(rest) more folders are left out here.</p>" : "")
  }

  /// Shares of a rule's results in one strip; the numbers stand in the cells beside it.
  static func bar(_ counts: [RuleResult: Int]) -> String {
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
