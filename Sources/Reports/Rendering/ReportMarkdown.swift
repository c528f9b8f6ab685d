import Audits
import Scanning

extension Report {
  /// The report as GitHub-flavoured Markdown: summary, rules, findings file by file, limits.
  ///
  /// All files are listed in one table; those that need attention have a section each.
  ///
  /// - Throws: ``ReportError`` where the templates are missing.
  public func markdown() throws(ReportError) -> String {
    try ReportTemplates.markdown.get().render("report", markdownView)
  }

  private var markdownView: ReportView {
    var view: ReportView = [
      "text": TextNode(text: text), "title": header.title, "question": header.question,
      "particulars": particularsTable, "summary": plainSummary, "hasNotes": !notes.isEmpty, "notes": notes,
      "outcomes": table(
        ["outcome", "files"], outcomeCounts.map { [text.sentence($0.outcome), String($0.count)] }),
      "rules": rulesTable, "hasDuplicates": !duplicates.isEmpty,
      "duplicates": duplicates.map { group -> ReportView in
        ["first": group[0], "others": Array(group.dropFirst())]
      },
      "files": [
        "head": ["file", "outcome", "sha256"].map { text["columns.\($0)"] },
        "rows": LazyViews(count: items.count) { index in
          let scan = items[index].scan
          return ["cells": [scan.file, scan.outcome.rawValue, scan.sha256 ?? "–"]]
        },
      ] as ReportView,
      "hasDetails": !attention.isEmpty,
      "details": LazyViews(count: attention.count) { details(items[attention[$0]]) },
      "examinations": table(
        ["examination", "how", "reference", "validation", "repeat"],
        examinations.made.map { [$0.title, $0.how, $0.reference, $0.validation, $0.command] }),
      "readings": table(
        ["evidence", "worth", "alternatives", "changes"],
        text.readings.map { [$0.title, $0.worth, $0.alternatives, $0.changes] }),
      "errorRates": table(["what", "errors", "of", "interval", "conditions", "source"], errorRateRows),
      "notChecked": notChecked, "limits": text.list("limits"),
    ]
    view["wholes"] = [("folderWhole", folder), ("project", project)].filter { !$0.1.isEmpty }.map { whole in
      judgementTable(whole.1).merging(["heading": text["headings.\(whole.0)"]]) { $1 }
    }
    if let pipeline = ReportPipeline(self) { view["pipeline"] = pipeline.markdown }
    if let comparison { view["comparison"] = changes(comparison) }
    return view
  }

  private var particularsTable: ReportView {
    let rows = [
      ("time", header.time), ("operator", header.operatorName),
      ("tool", text.filled("particulars.version", ["version": header.toolVersion])),
      ("command", header.command), ("files", String(items.count)),
      ("references", header.references.map(line).joined(separator: text["join.parts"])),
      ("rulePacks", rulePacks),
    ]
    return Self.table(["", ""], rows.map { [text["particulars.\($0.0)"], $0.1] })
  }

  private func line(_ reference: ReportHeader.Reference) -> String {
    [title(of: reference), reference.name, reference.note, reference.sha256]
      .compactMap { $0 }.joined(separator: " ")
  }

  private func changes(_ comparison: ReportComparison) -> ReportView {
    var rows = comparisonCounts(comparison).map { [$0.0, $0.1] }
    rows += comparison.outcomes.map { [$0.file, "\($0.before.rawValue) → \($0.after.rawValue)"] }
    rows += comparison.rules.map { change in
      let subject = ["file": change.file ?? text["wholes.any"], "rule": change.rule]
      return [
        text.filled("comparison.rule", subject), "\(text.name(change.before)) → \(text.name(change.after))",
      ]
    }
    return table(["what", "change"], rows)
  }

  private var rulesTable: ReportView {
    let heads = ["rule", "requirement", "source"].map { text["columns.\($0)"] }
    return Self.table(
      heads + RuleResult.allCases.map(text.name),
      rules.map { rule in
        [
          rule.id, rule.title,
          text.filled("rules.source", ["citation": rule.citation, "date": rule.checked]),
        ] + RuleResult.allCases.map { String(ruleCounts[rule.id]?[$0] ?? 0) }
      })
  }

  private func details(_ item: Item) -> ReportView {
    let scan = item.scan
    var view: ReportView = [
      "file": scan.file,
      "sentence": text.filled("outcomes.closing", ["sentence": text.sentence(scan)]),
      "evidence": scan.evidence.filter(\.isShown).map { finding in
        let words = text.words(for: finding)
        let placed = words.place.map {
          text.filled("details.placed", ["finding": words.finding, "place": $0])
        }
        return text.filled("details.finding", ["class": words.class, "finding": placed ?? words.finding])
      },
    ]
    if let error = scan.error { view["error"] = notRead(error) }
    if let why = reason(of: item) { view["why"] = why }
    let open = item.open
    if !open.isEmpty { view["judgements"] = judgementTable(open) }
    return view
  }

  private func judgementTable(_ judgements: [Judgement]) -> ReportView {
    table(
      ["rule", "result", "finding"],
      judgements.map { judgement in
        let title = ruleTitles[judgement.rule].map { [$0, judgement.finding].joined(separator: ": ") }
        return [judgement.rule, text.symbolAndName(judgement.result), title ?? judgement.finding]
      })
  }

  /// - Parameter heads: keys below `columns`.
  private func table(_ heads: [String], _ rows: [[String]]) -> ReportView {
    Self.table(heads.map { text["columns.\($0)"] }, rows)
  }

  private static func table(_ heads: [String], _ rows: [[String]]) -> ReportView {
    ["head": heads, "rows": rows.map { ["cells": $0] as ReportView }]
  }
}
