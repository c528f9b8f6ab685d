import Audits
import Detectors
import Foundation

extension Report {
  /// The report as one HTML page: no script, no request to anywhere, light and dark, made to be printed.
  ///
  /// The JSON twin's SHA-256 stands in the page, and up to a size the twin itself as a link that saves it. Files
  /// that need attention are shown in full, as long as the page stays below 5 MB; the others are table rows.
  ///
  /// - Parameter expanded: with all details open, as a printed page needs them.
  /// - Throws: what `JSONEncoder` throws; a report holds nothing that it cannot encode.
  public func html(expanded: Bool = false) throws -> String {
    let twin = try jsonDigest()
    var page = HTMLPage(expanded: expanded)
    page.head(title: header.title, question: header.question)
    page.section("short", ReportText.inShort, "<p>\(Markup.escape(ReportText.plainSummary(self)))</p>")
    page.section("outcomes", ReportText.outcomes, ReportCharts.outcomes(self))
    if let scores = ReportCharts.scores(self) { page.section("scores", ReportText.scores, scores) }
    if let folders = ReportCharts.folders(self) { page.section("folders", ReportText.folders, folders) }
    if !attention.isEmpty { page.section("attention", ReportText.attention, attentionBlocks(page)) }
    page.section("findings", ReportText.findings, findingsTable())
    if !packs.isEmpty { page.section("rules", ReportText.rules, ruleTables(page)) }
    if !folder.isEmpty { page.section("whole", ReportText.folderWhole, HTMLPage.table(folder)) }
    if !project.isEmpty { page.section("project", ReportText.project, HTMLPage.table(project)) }
    if !duplicates.isEmpty { page.section("duplicates", ReportText.duplicates, duplicateList()) }
    if let comparison {
      page.section("comparison", ReportText.comparison, HTMLPage.comparison(comparison))
    }
    page.section("particulars", ReportText.particulars, try particulars(twin, &page))
    if !notes.isEmpty { page.section("notes", ReportText.notesTitle, HTMLPage.list(notes)) }
    page.section("examinations", ReportText.examinations, examinationTable())
    page.section("reading", ReportText.interpretation, readingTable())
    page.section("errors", ReportText.errorRates, errorTable())
    page.section("unchecked", ReportText.notChecked, HTMLPage.list(notChecked))
    page.section("limits", ReportText.limitsTitle, HTMLPage.list(ReportText.limits))
    page.section("files", ReportText.allFiles, fileTable(page))
    return page.finish()
  }

  /// A twin of at most this many bytes is embedded.
  private static let embeddedLimit = 1_000_000
  /// Bytes of details of files, and of rows of files, that one page holds.
  private static let detailBudget = 1_800_000
  private static let rowBudget = 1_800_000

  private func particulars(_ twin: (sha256: String, count: Int), _ page: inout HTMLPage) throws -> String {
    var rows = [
      ("Files", String(items.count)), ("Need attention", String(attention.count)),
      ("Propositions", ReportText.propositions.joined(separator: " ")),
      ("Time", "\(header.time) (clock: \(header.clock))"), ("Operator", header.operatorName),
    ]
    if let reviewer = header.reviewer { rows.append(("Reviewer", reviewer)) }
    rows += [
      ("Received", header.received ?? "not stated"), ("Handling", ReportText.handling),
      ("Tool", "assay \(header.toolVersion)" + (header.build.map { ", program SHA-256 \($0)" } ?? "")),
      ("System", header.system), ("Command", header.command),
      ("Rule packs", packs.map { "\($0.id) \($0.version)" }.joined(separator: ", ")),
    ]
    for reference in header.references {
      let parts = [reference.name, reference.note, reference.sha256.map { "SHA-256 \($0)" }]
      rows.append((reference.kind.capitalizedFirst, parts.compactMap { $0 }.joined(separator: ", ")))
    }
    if !header.references.contains(where: { $0.kind == "trust list" }) {
      rows.append(("Trust list", "none: no signer can be called trusted"))
    }
    rows += [("Network", "not used"), ("Random numbers", "none"), ("SHA-256 of the JSON twin", twin.sha256)]
    var text = HTMLPage.definitions(rows.filter { !$0.1.isEmpty })
    if twin.count <= Self.embeddedLimit {
      let data = Data(try json().utf8).base64EncodedString()
      text += """
        <p><a download="report.json" href="data:application/json;base64,\(data)">Save the JSON twin</a> \
        (\(twin.count) bytes), which holds everything said here for programs.</p>
        """
    } else {
      text += "<p>The JSON twin (\(twin.count) bytes) lies beside this page as report.json.</p>"
    }
    return text
  }

  private func findingsTable() -> String {
    let counts = findingCounts
    let rows = ReportText.readings.map { reading -> [String] in
      [reading.title, String(counts[reading.class] ?? 0), reading.worth]
    }
    return HTMLPage.table(["Evidence", "Files", "What it is worth"], rows, numeric: [1])
  }

  private func ruleTables(_ page: HTMLPage) -> String {
    let heads = RuleResult.allCases.map {
      "<th scope=\"col\" class=\"n\">\(ReportText.symbol($0)) \(ReportText.name($0))</th>"
    }.joined()
    return packs.map { pack -> String in
      let rows = pack.rules.map { rule -> String in
        let counts = ruleCounts[rule.id] ?? [:]
        let cells = RuleResult.allCases.map { result -> String in
          let count = counts[result] ?? 0
          return "<td class=\"n \(count > 0 ? result.rawValue : "none")\">\(count)</td>"
        }.joined()
        let standing = rule.verified ? "" : " " + ReportText.unverifiedRule
        return """
          <tr><th scope="row"><details\(page.open)><summary>\(Markup.escape(rule.id)) \
          \(Markup.escape(rule.title))</summary><p>\(Markup.escape(rule.text)) \
          <cite>\(Markup.escape(rule.citation))</cite>, read \(Markup.escape(rule.checked)). \
          Severity: \(rule.severity.rawValue).\(standing)</p><p>To mend: \(Markup.escape(rule.remedy))</p>\
          </details></th><td>\(ReportCharts.bar(counts))</td>\(cells)</tr>
          """
      }.joined()
      return """
        <h3>\(Markup.escape(pack.title))</h3>\(HTMLPage.wide(pack.title, """
          <table class="rules"><thead><tr><th scope="col">Rule</th><th scope="col">Share</th>\(heads)</tr></thead>\
          <tbody>\(rows)</tbody></table>
          """))
        """
    }.joined()
  }

  private func duplicateList() -> String {
    let groups = duplicates.prefix(500).map { group -> String in
      let names = group.prefix(50).map { "<code>\(Markup.escape($0))</code>" }.joined(separator: ", ")
      return "<li>\(names)\(group.count > 50 ? " and \(group.count - 50) more" : "")</li>"
    }.joined()
    let rest = duplicates.count - 500
    return "<ul>\(groups)</ul>" + (rest > 0 ? "<p>\(rest) more groups stand in the JSON twin.</p>" : "")
  }

  private func attentionBlocks(_ page: HTMLPage) -> String {
    var text = ""
    var shown = 0
    for index in attention {
      let block = HTMLPage.block(items[index], pictures[items[index].scan.file] ?? [], page)
      guard text.utf8.count + block.utf8.count <= Self.detailBudget else { break }
      text += block
      shown += 1
    }
    let rest = attention.count - shown
    return rest > 0 ? text + "<p>\(rest) more stand in the JSON twin with all details.</p>" : text
  }

  private func examinationTable() -> String {
    HTMLPage.table(
      ["Examination", "How", "Reference", "Validation", "To repeat"],
      examinations.made.map { [$0.title, $0.how, $0.reference, $0.validation, $0.command] })
  }

  private func readingTable() -> String {
    let scale =
      "<p>A likelihood ratio, where a score has one, is put into words: "
      + "1 to 2 no support, to 10 limited, to 100 moderate, to 1,000 moderately strong, to 10,000 strong, "
      + "above very strong support. It holds before any other knowledge of the case.</p>"
    return scale
      + HTMLPage.table(
        ["Evidence", "Else it could be", "What would change the finding"],
        ReportText.readings.map { [$0.title, $0.alternatives, $0.changes] })
  }

  private func errorTable() -> String {
    HTMLPage.table(
      ["What", "Errors", "Of", "95 % interval", "Conditions", "Source"],
      ErrorRate.shipped.map {
        [$0.what, String($0.errors), String($0.trials), $0.interval, $0.conditions, $0.source]
      }, numeric: [1, 2])
  }

  private func fileTable(_ page: HTMLPage) -> String {
    var rows = ""
    var shown = 0
    for item in items {
      let size = item.bytes.map(String.init) ?? "–"
      let row = """
        <tr><th scope="row"><code>\(Markup.escape(item.scan.file))</code></th><td>\(item.scan.outcome.rawValue)\
        </td><td class="n">\(size)</td><td><code>\(item.scan.sha256 ?? "–")</code></td></tr>
        """
      guard rows.utf8.count + row.utf8.count <= Self.rowBudget else { break }
      rows += row
      shown += 1
    }
    let table = HTMLPage.wide(
      ReportText.allFiles,
      """
      <table><thead><tr><th scope="col">File</th><th scope="col">Outcome</th><th scope="col" class="n">Bytes</th>\
      <th scope="col">SHA-256</th></tr></thead><tbody>\(rows)</tbody></table>
      """)
    let rest = items.count - shown
    let more = rest > 0 ? "<p>\(rest) more files stand in the JSON twin.</p>" : ""
    let isLong = items.count > 100 && !page.isExpanded
    return isLong
      ? "<details><summary>\(items.count) files</summary>\(table)\(more)</details>" : table + more
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
