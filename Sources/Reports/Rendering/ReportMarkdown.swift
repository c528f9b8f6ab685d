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
        ["References", header.references.joined(separator: "; ")],
        ["Rule packs", packs.map { "\($0.id) \($0.version)" }.joined(separator: ", ")],
      ])
    text += "\n## Outcomes\n\n"
    text += Self.table(
      ["Outcome", "Files"], outcomeCounts.map { [$0.outcome.sentence, String($0.count)] })
    text += "\n## Rules\n\n" + rulesTable()
    if !folder.isEmpty { text += "\n## The folder as a whole\n\n" + Self.judgementTable(folder) }
    if !project.isEmpty { text += "\n## The project\n\n" + Self.judgementTable(project) }
    if !duplicates.isEmpty {
      text += "\n## Near-duplicates\n\n"
      text += duplicates.map { "- " + $0.map(Self.inline).joined(separator: ", ") + "\n" }.joined()
    }
    text += "\n## Files\n\n" + filesTable()
    for item in items where item.needsAttention { text += section(item) }
    text += "\n## Limits\n\n" + limits.map { "- \($0)\n" }.joined()
    return text
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
    let open = item.judgements.filter { $0.result == .fail || $0.result == .warn }
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

  /// Text that Markdown cannot take for markup or HTML.
  private static func inline(_ text: String) -> String {
    var result = ""
    for character in TerminalText.escaping(text) {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "|", "*", "_", "`", "[", "]", "\\", "#", "~": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}

extension Report.Item {
  /// Whether a reader should look at this file: it was not read, its signs conflict, or a rule complains.
  public var needsAttention: Bool {
    scan.error != nil || scan.outcome == .conflicting
      || judgements.contains { $0.result == .fail || $0.result == .warn }
  }
}
