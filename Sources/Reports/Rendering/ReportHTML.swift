import Audits
import Crypto
import Detectors
import Foundation

extension Report {
  /// The report as one HTML page: no script, no request to anywhere, light and dark, made to be printed.
  ///
  /// Files that need attention are shown in full, the others as table rows. The JSON twin's SHA-256 stands in
  /// the page, so that the two can be held together.
  ///
  /// - Throws: what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func html() throws -> String {
    let twin = SHA256.hash(data: Data(try json().utf8)).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    let title = Markup.escape(header.title)
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>\(ReportStyle.css)</style>
      </head>
      <body>
      <main>
      <h1>\(title)</h1>
      <p class="lead">\(Markup.escape(header.question))</p>
      \(summary(twin: twin))
      \(outcomeSection())
      \(ruleSection())
      \(wholeSection("The folder as a whole", folder))
      \(wholeSection("The project", project))
      \(duplicateSection())
      \(attentionSection())
      \(fileSection())
      <section><h2>Limits</h2><ul>\(limits.map { "<li>\(Markup.escape($0))</li>" }.joined())</ul></section>
      </main>
      </body>
      </html>

      """
  }

  private func summary(twin: String) -> String {
    let rows = [
      ("Files", String(items.count)),
      ("Need attention", String(items.count { $0.needsAttention })), ("Time", header.time),
      ("Operator", header.operatorName), ("Tool", "assay \(header.toolVersion)"), ("Command", header.command),
      ("Rule packs", packs.map { "\($0.id) \($0.version)" }.joined(separator: ", ")),
      ("References", header.references.isEmpty ? "none" : header.references.joined(separator: "; ")),
      ("Network", "not used"), ("SHA-256 of the JSON twin", twin),
    ]
    let cells = rows.map { "<dt>\(Markup.escape($0.0))</dt><dd>\(Markup.escape($0.1))</dd>" }.joined()
    return "<section><h2>Summary</h2><dl>\(cells)</dl></section>"
  }

  /// A bar an outcome; the table beside it holds the same numbers.
  private func outcomeSection() -> String {
    let counts = outcomeCounts
    let most = max(1, counts.map(\.count).max() ?? 1)
    let height = counts.count * 28 + 4
    let bars = counts.enumerated().map { index, entry -> String in
      let width = max(2, 300 * entry.count / most)
      let y = index * 28 + 4
      return """
        <rect class="bar" x="0" y="\(y)" width="\(width)" height="20" rx="2"/>\
        <text x="\(width + 6)" y="\(y + 15)">\(entry.count)</text>
        """
    }.joined()
    let rows: [String] = counts.map {
      "<tr><th scope=\"row\">\(Markup.escape($0.outcome.sentence))</th><td class=\"n\">\($0.count)</td></tr>"
    }
    return """
      <section><h2>Outcomes</h2><div class="pair">
      <svg viewBox="0 0 360 \(height)" role="img" aria-label="Files by outcome, as in the table">\(bars)</svg>
      <div class="wide"><table><thead><tr><th scope="col">Outcome</th><th scope="col" class="n">Files</th></tr>\
      </thead><tbody>\(rows.joined())</tbody></table></div></div></section>
      """
  }

  private func ruleSection() -> String {
    guard !packs.isEmpty else { return "" }
    let counts = ruleCounts
    let heads: [String] = RuleResult.allCases.map {
      "<th scope=\"col\" class=\"n\">\(ReportText.symbol($0)) \(ReportText.name($0))</th>"
    }
    let tables = packs.map { pack -> String in
      let rows = pack.rules.map { rule -> String in
        let cells = RuleResult.allCases.map { result -> String in
          let count = counts[rule.id]?[result] ?? 0
          return "<td class=\"n \(count > 0 ? result.rawValue : "none")\">\(count)</td>"
        }.joined()
        let standing = rule.verified ? "" : " Its text was not read at the source, so it can only warn."
        return """
          <tr><th scope="row"><details><summary>\(Markup.escape(rule.id)) \(Markup.escape(rule.title))</summary>\
          <p>\(Markup.escape(rule.text)) <cite>\(Markup.escape(rule.citation))</cite>, \
          read \(Markup.escape(rule.checked)).\(standing)</p><p>To mend: \(Markup.escape(rule.remedy))</p>\
          </details></th>\(cells)</tr>
          """
      }.joined()
      return """
        <h3>\(Markup.escape(pack.title))</h3><div class="wide"><table><thead><tr>\
        <th scope="col">Rule</th>\(heads.joined())</tr></thead><tbody>\(rows)</tbody></table></div>
        """
    }.joined()
    return "<section><h2>Rules: evidence found and not found</h2>\(tables)</section>"
  }

  private func wholeSection(_ title: String, _ judgements: [Judgement]) -> String {
    judgements.isEmpty ? "" : "<section><h2>\(title)</h2>\(Self.judgementTable(judgements))</section>"
  }

  private func duplicateSection() -> String {
    guard !duplicates.isEmpty else { return "" }
    let groups = duplicates.map { group -> String in
      "<li>" + group.map { "<code>\(Markup.escape($0))</code>" }.joined(separator: ", ") + "</li>"
    }.joined()
    return "<section><h2>Near-duplicates</h2><ul>\(groups)</ul></section>"
  }

  private func attentionSection() -> String {
    let flagged = items.filter(\.needsAttention)
    guard !flagged.isEmpty else { return "" }
    let blocks = flagged.prefix(Self.detailLimit).map { item -> String in
      let scan = item.scan
      let error = scan.error.map {
        "<p class=\"fail\">Not read: \(Markup.escape($0.message)). \(Markup.escape($0.remedy)).</p>"
      }
      let evidence: [String] = scan.evidence.filter { $0.result == .found }.map {
        "<li><b>\($0.class.rawValue)</b> \(Markup.escape($0.summary))\(Self.place($0.location))</li>"
      }
      let open = item.judgements.filter { $0.result == .fail || $0.result == .warn }
      return """
        <details><summary><code>\(Markup.escape(scan.file))</code> \(Markup.escape(scan.outcome.sentence))</summary>\
        \(error ?? "")<ul>\(evidence.joined())</ul>\(open.isEmpty ? "" : Self.judgementTable(open))</details>
        """
    }.joined()
    let rest = flagged.count - Self.detailLimit
    let more = rest > 0 ? "<p>\(rest) more stand in the JSON twin with all details.</p>" : ""
    return "<section><h2>Files that need attention</h2>\(blocks)\(more)</section>"
  }

  private func fileSection() -> String {
    let rows = items.map { item -> String in
      """
      <tr><td><code>\(Markup.escape(item.scan.file))</code></td><td>\(item.scan.outcome.rawValue)</td>\
      <td><code>\(item.scan.sha256 ?? "–")</code></td></tr>
      """
    }.joined()
    return """
      <section><h2>All files</h2><div class="wide"><table><thead><tr><th scope="col">File</th>\
      <th scope="col">Outcome</th><th scope="col">SHA-256</th></tr></thead><tbody>\(rows)</tbody></table></div>\
      </section>
      """
  }

  /// Files shown in full; at about 2 kB each the page stays below 5 MB.
  private static let detailLimit = 1_000

  private static func place(_ location: EvidenceLocation?) -> String {
    guard let location else { return "" }
    var parts = [location.path.map(Markup.escape)]
    parts.append(location.byteOffset.map { "byte \($0)" })
    let text = parts.compactMap { $0 }.joined(separator: ", ")
    return text.isEmpty ? "" : " <small>(\(text))</small>"
  }

  private static func judgementTable(_ judgements: [Judgement]) -> String {
    let rows = judgements.map { judgement -> String in
      """
      <tr><th scope="row">\(Markup.escape(judgement.rule))</th><td class="\(judgement.result.rawValue)">\
      \(ReportText.symbol(judgement.result)) \(ReportText.name(judgement.result))</td>\
      <td>\(Markup.escape(judgement.finding))</td></tr>
      """
    }.joined()
    return """
      <div class="wide"><table><thead><tr><th scope="col">Rule</th><th scope="col">Result</th>\
      <th scope="col">Finding</th></tr></thead><tbody>\(rows)</tbody></table></div>
      """
  }
}
