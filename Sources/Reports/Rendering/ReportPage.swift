import Audits
import Foundation
import Scanning

extension Report {
  /// The report as one HTML page: no script, no request to anywhere, light and dark, made to be printed.
  ///
  /// The JSON twin's SHA-256 stands in the page, and up to a size the twin itself as a link that saves it. Files
  /// that need attention are shown in full, as long as the page stays below 5 MB; the others are table rows.
  ///
  /// - Parameter expanded: with all details open, as a printed page needs them.
  /// - Throws: ``ReportError`` where the templates are missing, and what `JSONEncoder` throws; a report holds
  ///   nothing that it cannot encode.
  public func html(expanded: Bool = false) throws -> String {
    let page = ReportPage(
      report: self, templates: try ReportTemplates.html.get(), isExpanded: expanded, twin: try jsonDigest())
    return page.templates.render("page", try page.view())
  }
}

/// Puts together what the page's templates show.
struct ReportPage {
  let report: Report
  let templates: ReportTemplates
  let isExpanded: Bool
  let twin: (sha256: String, count: Int)

  var text: ReportText { report.text }

  /// A twin of at most this many bytes is embedded.
  static let embeddedLimit = 1_000_000
  /// Bytes of details of files, and of rows of files, that one page holds.
  private static let detailBudget = 1_800_000
  private static let rowBudget = 1_800_000

  func view() throws -> ReportView {
    Self.frame(
      text, title: report.header.title, question: report.header.question, isExpanded: isExpanded,
      sections: try sections())
  }

  /// What the template `page` shows.
  static func frame(
    _ text: ReportText, title: String, question: String, isExpanded: Bool, sections: [ReportView]
  ) -> ReportView {
    [
      "text": TextNode(text: text), "title": title, "question": question, "open": isExpanded,
      "sections": sections,
    ]
  }

  /// - Parameter template: shows the view under the heading.
  static func section(_ id: String, _ heading: String, _ template: String, _ view: ReportView) -> ReportView {
    view.merging(["id": id, "heading": heading, "template": template]) { $1 }
  }

  private func sections() throws -> [ReportView] {
    var sections: [ReportView] = []
    func add(_ id: String, _ heading: String, _ template: String, _ view: ReportView) {
      sections.append(Self.section(id, text["headings.\(heading)"], template, view))
    }
    add("short", "inShort", "short", short)
    if let pipeline = ReportPipeline(report) { add("pipeline", "pipeline", "pipeline", pipeline.page) }
    add("outcomes", "outcomes", "outcomes", ["outcomes": outcomes])
    if let scores = ReportScores(report) { add("scores", "scores", "scores", scores.view(text)) }
    if let folders = ReportFolders(report) { add("folders", "folders", "folders", folders.view(text)) }
    if !report.attention.isEmpty { add("attention", "attention", "attention", attention()) }
    add("findings", "findings", "table", findings)
    if !report.packs.isEmpty { add("rules", "rules", "rules", rules) }
    if !report.folder.isEmpty { add("whole", "folderWhole", "judgements", judgements(report.folder)) }
    if !report.project.isEmpty { add("project", "project", "judgements", judgements(report.project)) }
    if !report.duplicates.isEmpty { add("duplicates", "duplicates", "duplicates", duplicates) }
    if let comparison = report.comparison {
      add("comparison", "comparison", "comparison", self.comparison(comparison))
    }
    add("particulars", "particulars", "particulars", try particulars())
    if !report.notes.isEmpty { add("notes", "notes", "list", ["entries": report.notes]) }
    add("examinations", "examinations", "table", examinations)
    add("reading", "interpretation", "reading", reading)
    add("errors", "errorRates", "table", errorRates)
    add("unchecked", "notChecked", "list", ["entries": report.notChecked])
    add("limits", "limits", "list", ["entries": text.list("limits")])
    add("files", "allFiles", "files", files())
    return sections
  }

  // MARK: Parts

  /// - Parameters:
  ///   - heads: keys below `columns`.
  ///   - numeric: columns of numbers.
  func table(_ heads: [String], _ rows: [[String]], numeric: Set<Int> = []) -> ReportView {
    Self.table(heads.map { text["columns.\($0)"] }, rows, numeric: numeric)
  }

  static func table(_ heads: [String], _ rows: [[String]], numeric: Set<Int> = []) -> ReportView {
    [
      "region": heads[0],
      "head": heads.enumerated().map { ["label": $1, "isNumber": numeric.contains($0)] as ReportView },
      "rows": rows.map { row -> ReportView in
        let cells = row.enumerated().dropFirst().map { index, cell -> ReportView in
          ["value": cell, "isNumber": numeric.contains(index)]
        }
        return ["name": row[0], "cells": Array(cells)]
      },
    ]
  }

  func judgements(_ judgements: [Judgement]) -> ReportView {
    [
      "judgements": judgements.map { judgement -> ReportView in
        [
          "rule": judgement.rule, "title": report.ruleTitles[judgement.rule] ?? "",
          "result": judgement.result.rawValue,
          "symbol": ReportText.symbol(judgement.result), "name": text.name(judgement.result),
          "sentence": judgement.sentence, "facts": judgement.facts,
        ]
      }
    ]
  }

  /// What was found, how sure it is, and what to do next.
  private var short: ReportView {
    let found = Self.groups(report.outcomeCounts).map { key, count in
      text.filled("summary.outcome", ["count": String(count), "outcome": text["outcomes.\(key)"]])
    }
    let list = found.joined(separator: text["join.parts"])
    let next = report.attention.isEmpty ? "none" : report.reasonCounts.first?.reason.rawValue ?? "none"
    return [
      "files": text.counted("summary.files", report.items.count),
      "found": found.isEmpty ? "" : text.filled("summary.outcomes", ["outcomes": list]),
      "sure": text["summary.sure"], "attention": report.attentionSentence,
      "next": text["summary.next.\(next)"],
      "hasAttention": !report.attention.isEmpty, "closing": text["summary.closing"],
    ]
  }

  /// What a hurried reader takes in: where there are many outcomes, alike ones count as one; the table below has all of them.
  private static func groups(_ counts: [(outcome: Outcome, count: Int)]) -> [(key: String, count: Int)] {
    let joined: [Outcome: String] =
      counts.count > 5
      ? [
        .aiGeneratedVerified: "groups.aiVerified", .aiEditedVerified: "groups.aiVerified",
        .noIndication: "groups.nothing", .inconclusive: "groups.nothing",
      ] : [:]
    var groups: [(key: String, count: Int)] = []
    for (outcome, count) in counts {
      let key = joined[outcome] ?? "phrases.\(outcome.rawValue)"
      if let place = groups.firstIndex(where: { $0.key == key }) {
        groups[place].count += count
      } else {
        groups.append((key, count))
      }
    }
    return groups
  }

  private var outcomes: [ReportView] {
    let total = Double(max(1, report.items.count))
    return report.outcomeCounts.map { outcome, count in
      [
        "sentence": text.sentence(outcome), "share": Drawing.tenth(100 * Double(count) / total),
        "count": count,
      ]
    }
  }

  private var findings: ReportView {
    table(
      ["evidence", "files", "worth"],
      text.readings.map { [$0.title, String(report.findingCounts[$0.class] ?? 0), $0.worth] }, numeric: [1])
  }

  private var rules: ReportView {
    let packs = report.packs.map { pack -> ReportView in
      let rules = pack.rules.map { rule -> ReportView in
        let counts = report.ruleCounts[rule.id] ?? [:]
        var view: ReportView = [
          "id": rule.id, "title": rule.title, "requirement": rule.text, "citation": rule.citation,
          "read": text.filled(
            "rules.read",
            ["date": rule.checked, "severity": text["severities.\(rule.severity.rawValue)"]]),
          "mend": text.filled("rules.mend", ["remedy": rule.remedy]), "bar": Drawing.strip(counts),
          "counts": RuleResult.allCases.map { result -> ReportView in
            let count = counts[result] ?? 0
            return ["class": count > 0 ? result.rawValue : "none", "count": count]
          },
        ]
        if !rule.verified { view["unverified"] = text["rules.unverified"] }
        return view
      }
      return ["title": pack.title, "rules": rules]
    }
    let results = RuleResult.allCases.map { result -> ReportView in
      ["symbol": ReportText.symbol(result), "name": text.name(result)]
    }
    return ["packs": packs, "results": results]
  }

  private var duplicates: ReportView {
    let groups = report.duplicates.prefix(500).map { group -> ReportView in
      var view: ReportView = ["first": group[0], "others": Array(group.prefix(50).dropFirst())]
      if group.count > 50 {
        view["rest"] = text.filled("duplicates.more", ["count": String(group.count - 50)])
      }
      return view
    }
    return more(["groups": groups], "duplicates.moreGroups", report.duplicates.count - 500)
  }

  /// A view with a sentence about what it leaves out.
  private func more(_ view: ReportView, _ key: String, _ count: Int) -> ReportView {
    count > 0 ? view.merging(["more": text.counted(key, count)]) { $1 } : view
  }

  private func attention() -> ReportView {
    var details: [ReportView] = []
    var size = 0
    // Its place among the names, so that the page can be ordered by them.
    let names = report.attention.sorted { (report.items[$0].file, $0) < (report.items[$1].file, $1) }
    let places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for index in report.attention {
      var view = self.details(report.items[index])
      view["nameOrder"] = places[index] ?? 0
      // Written twice, here for its size: details are few beside the rows.
      size += templates.render("details", view.merging(["text": TextNode(text: text)]) { $1 }).utf8.count
      guard size <= Self.detailBudget else { break }
      details.append(view)
    }
    let reasons = report.reasonCounts.map { reason, count -> ReportView in
      [
        "id": reason.rawValue,
        "label": text.filled(
          "triage.reason", ["reason": text["reasons.\(reason.rawValue)"], "count": String(count)]),
      ]
    }
    return more(
      [
        "details": details, "reasons": reasons, "hasReasons": reasons.count > 1 || details.count > 1,
        "all": text.filled("triage.all", ["count": String(report.attention.count)]),
      ], "details.more", report.attention.count - details.count)
  }

  private func files() -> ReportView {
    var shown = 0
    var size = 0
    for item in report.items {
      // The name and about as much as the other cells take.
      size += Markup.escape(item.file).utf8.count + 180
      guard size <= Self.rowBudget else { break }
      shown += 1
    }
    let items = report.items
    let rows = LazyViews(count: shown) { index in
      let scan = items[index].scan
      return [
        "file": scan.file, "outcome": scan.outcome.rawValue, "bytes": scan.fileSize.map(String.init) ?? "–",
        "sha256": scan.sha256 ?? "–",
      ]
    }
    var view = more(["files": rows], "files.more", items.count - shown)
    if items.count > 100, !isExpanded { view["summary"] = text.counted("files.count", items.count) }
    return view
  }

  private var examinations: ReportView {
    table(
      ["examination", "how", "reference", "validation", "repeat"],
      report.examinations.made.map { [$0.title, $0.how, $0.reference, $0.validation, $0.command] })
  }

  private var reading: ReportView {
    table(
      ["evidence", "alternatives", "changes"], text.readings.map { [$0.title, $0.alternatives, $0.changes] }
    ).merging(["scale": text["support.scale"]]) { $1 }
  }

  private var errorRates: ReportView {
    table(
      ["what", "errors", "of", "interval", "conditions", "source"], report.errorRateRows, numeric: [1, 2])
  }
}

extension Report {
  /// Known error rates as cells.
  var errorRateRows: [[String]] {
    text.errorRates.map {
      [
        $0.what, String($0.errors), String($0.trials), text.filled("range", $0.bounds), $0.conditions,
        $0.source,
      ]
    }
  }
}

extension ScanResult {
  /// Size of the file in bytes, where the scan recorded it.
  var fileSize: Int? { evidence.lazy.compactMap(\.fileSize).first }
}
