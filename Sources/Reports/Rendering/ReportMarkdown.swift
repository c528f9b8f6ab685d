import Audits

extension Report {
  /// The report as GitHub-flavoured Markdown: summary, rules, findings file by file, limits.
  ///
  /// Files about which no rule complains are listed in one table; the others have a section each.
  public func markdown() -> String {
    var text = "# \(Self.inline(header.title))\n\n\(Self.inline(header.question))\n\n"
    text += Self.table(
      ["", ""],
      [
        ["Time", header.time], ["Operator", header.operatorName], ["Tool", "assay \(header.toolVersion)"],
        ["Command", header.command], ["Files", String(items.count)],
        ["References", header.references.map(Self.line).joined(separator: "; ")],
        ["Rule packs", packs.map { "\($0.id) \($0.version)" }.joined(separator: ", ")],
      ])
    text += "\n" + ReportText.plainSummary(self) + "\n"
    if !notes.isEmpty {
      text += "\n## \(ReportText.notesTitle)\n\n" + notes.map { "- \(Self.inline($0))\n" }.joined()
    }
    text += "\n## \(ReportText.outcomes)\n\n"
    text += Self.table(
      ["Outcome", "Files"], outcomeCounts.map { [$0.outcome.sentence, String($0.count)] })
    text += "\n## \(ReportText.rules)\n\n" + rulesTable()
    if !folder.isEmpty { text += "\n## \(ReportText.folderWhole)\n\n" + Self.judgementTable(folder) }
    if !project.isEmpty { text += "\n## \(ReportText.project)\n\n" + Self.judgementTable(project) }
    if !duplicates.isEmpty {
      text += "\n## \(ReportText.duplicates)\n\n"
      text += duplicates.map { "- " + $0.map(Self.inline).joined(separator: ", ") + "\n" }.joined()
    }
    if let comparison { text += "\n## \(ReportText.comparison)\n\n" + Self.changes(comparison) }
    text += "\n## \(ReportText.allFiles)\n\n" + filesTable()
    if !attention.isEmpty { text += "\n## \(ReportText.attention)\n" }
    for index in attention { text += section(items[index]) }
    text += "\n## \(ReportText.examinations)\n\n"
    text += Self.table(
      ["Examination", "How", "Reference", "Validation", "To repeat"],
      examinations.made.map { [$0.title, $0.how, $0.reference, $0.validation, $0.command] })
    text += "\n## \(ReportText.interpretation)\n\n"
    text += Self.table(
      ["Evidence", "Worth", "Else it could be", "What would change it"],
      ReportText.readings.map { [$0.title, $0.worth, $0.alternatives, $0.changes] })
    text += "\n## \(ReportText.errorRates)\n\n"
    text += Self.table(
      ["What", "Errors", "Of", "95 % interval", "Conditions", "Source"],
      ErrorRate.shipped.map {
        [$0.what, String($0.errors), String($0.trials), $0.interval, $0.conditions, $0.source]
      })
    text += "\n## \(ReportText.notChecked)\n\n" + notChecked.map { "- \($0)\n" }.joined()
    text += "\n## \(ReportText.limitsTitle)\n\n" + ReportText.limits.map { "- \($0)\n" }.joined()
    return text
  }

  private static func line(_ reference: ReportHeader.Reference) -> String {
    [reference.kind, reference.name, reference.note, reference.sha256].compactMap { $0 }.joined(
      separator: " ")
  }

  private static func changes(_ comparison: ReportComparison) -> String {
    var rows = [
      ["Baseline of", comparison.baselineTime], ["New", String(comparison.added.count)],
      ["Gone", String(comparison.removed.count)], ["Other bytes", String(comparison.altered.count)],
      ["Renamed", String(comparison.renamed.count)],
    ]
    rows += comparison.outcomes.map { [$0.file, "\($0.before.rawValue) → \($0.after.rawValue)"] }
    rows += comparison.rules.map {
      ["\($0.file ?? "(whole)"), \($0.rule)", "\(ReportText.name($0.before)) → \(ReportText.name($0.after))"]
    }
    return table(["What", "Change"], rows)
  }

  private func rulesTable() -> String {
    let counts = ruleCounts
    return Self.table(
      ["Rule", "What it asks for", "Source"] + RuleResult.allCases.map(ReportText.name),
      rules.map { rule in
        [rule.id, rule.title, "\(rule.citation) (read \(rule.checked))"]
          + RuleResult.allCases.map { String(counts[rule.id]?[$0] ?? 0) }
      })
  }

  private func filesTable() -> String {
    Self.table(
      ["File", "Outcome", "SHA-256"],
      items.map { [$0.scan.file, $0.scan.outcome.rawValue, $0.scan.sha256 ?? "–"] })
  }

  private func section(_ item: Item) -> String {
    var text = "\n### \(Self.inline(item.scan.file))\n\n\(item.scan.outcome.sentence).\n\n"
    if let error = item.scan.error {
      text += "- Not read: \(Self.inline(error.message)). \(Self.inline(error.remedy)).\n"
    }
    for evidence in item.scan.evidence where evidence.result == .found {
      text += "- \(evidence.class.rawValue): \(Self.inline(evidence.summary))\n"
    }
    let open = item.open
    return open.isEmpty ? text : text + "\n" + Self.judgementTable(open)
  }

  private static func judgementTable(_ judgements: [Judgement]) -> String {
    table(
      ["Rule", "Result", "Finding"],
      judgements.map {
        [$0.rule, "\(ReportText.symbol($0.result)) \(ReportText.name($0.result))", $0.finding]
      })
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.map(inline).joined(separator: " | ") + " |\n" }
    let rule = "|" + String(repeating: "---|", count: head.count) + "\n"
    return line(head) + rule + rows.map(line).joined()
  }

  private static func inline(_ text: String) -> String { MarkdownText.escape(text) }
}
