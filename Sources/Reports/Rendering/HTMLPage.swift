import Audits
import Detectors
import Foundation

/// Puts a page together from sections; the table of contents is made of them.
struct HTMLPage {
  let isExpanded: Bool
  private var start = ""
  private var contents = ""
  private var body = ""

  init(expanded: Bool) { isExpanded = expanded }

  /// The attribute of details that are to be open from the start.
  var open: String { isExpanded ? " open" : "" }

  mutating func head(title: String, question: String) {
    let title = Markup.escape(title)
    start = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
      <title>\(title)</title>
      <style>\(ReportStyle.css)</style>
      </head>
      <body>
      <a class="skip" href="#short">Skip to the summary</a>
      <header><h1>\(title)</h1>
      <p class="lead">\(Markup.escape(question))</p></header>

      """
  }

  mutating func section(_ id: String, _ title: String, _ content: String) {
    contents += "<li><a href=\"#\(id)\">\(title)</a></li>"
    body +=
      "<section id=\"\(id)\" aria-labelledby=\"h-\(id)\"><h2 id=\"h-\(id)\">\(title)</h2>\(content)</section>\n"
  }

  func finish() -> String {
    start
      + "<nav aria-label=\"Contents\"><ul>\(contents)</ul></nav>\n<main>\n\(body)</main>\n</body>\n</html>\n"
  }

  // MARK: Parts

  /// A part that may be wider than the screen; it scrolls by itself, with the keyboard too.
  static func wide(_ name: String, _ content: String) -> String {
    "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"\(Markup.escape(name))\">\(content)</div>"
  }

  static func list(_ items: [String]) -> String {
    "<ul>" + items.map { "<li>\(Markup.escape($0))</li>" }.joined() + "</ul>"
  }

  static func definitions(_ rows: [(String, String)]) -> String {
    "<dl>" + rows.map { "<dt>\(Markup.escape($0.0))</dt><dd>\(Markup.escape($0.1))</dd>" }.joined() + "</dl>"
  }

  /// - Parameter numeric: columns of numbers.
  static func table(_ heads: [String], _ rows: [[String]], numeric: Set<Int> = []) -> String {
    func shape(_ column: Int) -> String { numeric.contains(column) ? " class=\"n\"" : "" }
    let head = heads.enumerated().map { "<th scope=\"col\"\(shape($0.offset))>\($0.element)</th>" }.joined()
    let body = rows.map { row -> String in
      let cells = row.enumerated().map { index, cell -> String in
        let text = Markup.escape(cell)
        return index == 0 ? "<th scope=\"row\">\(text)</th>" : "<td\(shape(index))>\(text)</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }.joined()
    return wide(
      heads[0], "<table><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table>")
  }

  static func table(_ judgements: [Judgement]) -> String {
    let rows = judgements.map { judgement -> String in
      """
      <tr><th scope="row">\(Markup.escape(judgement.rule))</th><td class="\(judgement.result.rawValue)">\
      \(ReportText.symbol(judgement.result)) \(ReportText.name(judgement.result))</td>\
      <td>\(Markup.escape(judgement.finding))</td></tr>
      """
    }.joined()
    return wide(
      "Rules",
      """
      <table class="results"><thead><tr><th scope="col">Rule</th><th scope="col">Result</th><th scope="col">Finding</th></tr>\
      </thead><tbody>\(rows)</tbody></table>
      """)
  }

  /// One file in full.
  static func block(_ item: Report.Item, _ pictures: [ReportPicture], _ page: HTMLPage) -> String {
    let scan = item.scan
    let name = Markup.escape(scan.file)
    let error = scan.error.map {
      "<p class=\"fail\">✗ Not read: \(Markup.escape($0.message)). \(Markup.escape($0.remedy)).</p>"
    }
    let figures = pictures.map { picture -> String in
      let type = picture.bytes.starts(with: [0xFF, 0xD8]) ? "jpeg" : "png"
      return """
        <figure><img src="data:image/\(type);base64,\(Data(picture.bytes).base64EncodedString())" \
        width="\(picture.width)" height="\(picture.height)" alt="\(Markup.escape(picture.caption)) of \(name)">\
        <figcaption>\(Markup.escape(picture.caption))</figcaption></figure>
        """
    }.joined()
    let evidence = scan.evidence.filter { $0.result == .found && $0.class != .context || isTelling($0) }.map {
      finding -> String in
      let reason = finding.reason.map { ", but \(Markup.escape($0))" } ?? ""
      let place = finding.location.map(place) ?? ""
      return "<li><b>\(finding.class.rawValue)</b> \(Markup.escape(finding.summary))\(reason)\(place)</li>"
    }.joined()
    let score = scan.evidence.first { $0.method == "detector" }.flatMap { finding -> String? in
      guard case .number(let ratio)? = finding.detail["likelihoodRatio"] else { return nil }
      return "<p>Likelihood ratio \(ratio): \(ReportText.verbalScale(ratio)), before any other knowledge.</p>"
    }
    let open = item.open
    return """
      <details\(page.open)><summary><code>\(name)</code> \(Markup.escape(scan.outcome.sentence))</summary>\
      \(figures.isEmpty ? "" : "<div class=\"figures\">\(figures)</div>")\(error ?? "")\
      <p><small>SHA-256 <code>\(scan.sha256 ?? "–")</code></small></p>\
      <ul>\(evidence)</ul>\(score ?? "")\(open.isEmpty ? "" : table(open))</details>

      """
  }

  /// Context that a reader of one file's findings wants to see.
  private static func isTelling(_ finding: Evidence) -> Bool {
    finding.result == .found && finding.class == .context
      && ["credentials.", "container.", "provenance."].contains { finding.method.hasPrefix($0) }
  }

  private static func place(_ location: EvidenceLocation) -> String {
    var parts = [location.path.map(Markup.escape)]
    parts.append(location.byteOffset.map { "byte \($0)" })
    let text = parts.compactMap { $0 }.joined(separator: ", ")
    return text.isEmpty ? "" : " <small>(\(text))</small>"
  }

  /// What changed since an earlier audit; long lists are cut, the JSON twin has them whole.
  static func comparison(_ comparison: ReportComparison) -> String {
    let counts = [
      ("Baseline of", comparison.baselineTime), ("New files", String(comparison.added.count)),
      ("Gone", String(comparison.removed.count)),
      ("Other bytes under the same name", String(comparison.altered.count)),
      ("Renamed", String(comparison.renamed.count)),
      ("Other outcome", String(comparison.outcomes.count)),
      ("Other rule results", String(comparison.rules.count)),
    ]
    var text = definitions(counts)
    func names(_ title: String, _ files: [String]) {
      guard !files.isEmpty else { return }
      let shown = files.prefix(200).map { "<li><code>\(Markup.escape($0))</code></li>" }.joined()
      text += "<h3>\(title)</h3><ul>\(shown)</ul>"
    }
    names("New files", comparison.added)
    names("Gone", comparison.removed)
    names("Other bytes", comparison.altered)
    if !comparison.outcomes.isEmpty {
      text +=
        "<h3>Outcomes</h3>"
        + table(
          ["File", "Before", "Now"],
          comparison.outcomes.prefix(500).map { [$0.file, $0.before.sentence, $0.after.sentence] })
    }
    if !comparison.rules.isEmpty {
      func result(_ result: RuleResult) -> String {
        "\(ReportText.symbol(result)) \(ReportText.name(result))"
      }
      text +=
        "<h3>Rules</h3>"
        + table(
          ["File", "Rule", "Before", "Now"],
          comparison.rules.prefix(1_000).map {
            [$0.file ?? "(whole)", $0.rule, result($0.before), result($0.after)]
          })
    }
    return text
  }
}
