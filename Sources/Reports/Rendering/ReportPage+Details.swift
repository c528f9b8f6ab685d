import Audits
import Foundation
import Scanning

extension ReportPage {
  /// One file in full.
  func details(_ item: Report.Item) -> ReportView {
    let scan = item.scan
    let pictures = report.pictures[scan.file] ?? []
    let open = item.open
    var view: ReportView = [
      "file": scan.file, "sentence": text.sentence(scan), "open": isExpanded,
      "sha256": scan.sha256 ?? "–", "hasPictures": !pictures.isEmpty, "hasJudgements": !open.isEmpty,
      "pictures": pictures.map { picture(scan.file, $0) },
      "evidence": scan.evidence.filter(\.isShown).map(evidence),
    ]
    if let error = scan.error { view["error"] = report.notRead(error) }
    if let why = report.reason(of: item), let reason = item.reason {
      view["why"] = why
      view["reason"] = reason.rawValue
    }
    // Where the detector abstains there is no number to quote.
    if let detector = scan.evidence.first(where: { $0.method == "detector" }),
      detector.result != .notEvaluated, let ratio = detector.detector?.likelihoodRatio
    {
      view["ratio"] = text.ratio(ratio)
    }
    return view.merging(judgements(open)) { $1 }
  }

  private func picture(_ file: String, _ picture: ReportPicture) -> ReportView {
    let caption = text["pictures.\(picture.kind.rawValue)"]
    return [
      "type": picture.bytes.starts(with: [0xFF, 0xD8]) ? "jpeg" : "png",
      "base64": Data(picture.bytes).base64EncodedString(), "width": picture.width, "height": picture.height,
      "name": text.filled("pictures.of", ["picture": caption, "file": file]), "caption": caption,
    ]
  }

  private func evidence(_ finding: Evidence) -> ReportView {
    let words = text.words(for: finding)
    var view: ReportView = ["class": words.class, "finding": words.finding]
    if let place = words.place { view["place"] = place }
    return view
  }

  /// What changed since an earlier audit; long lists are cut, the JSON twin has them whole.
  func comparison(_ comparison: ReportComparison) -> ReportView {
    let lists = [
      ("added", "added", comparison.added), ("removed", "removed", comparison.removed),
      ("altered", "alteredShort", comparison.altered),
    ]
    let names = lists.filter { !$0.2.isEmpty }.map { list -> ReportView in
      ["title": text["comparison.\(list.1)"], "files": Array(list.2.prefix(200))]
    }
    var tables: [ReportView] = []
    func add(_ key: String, _ heads: [String], _ rows: [[String]]) {
      guard !rows.isEmpty else { return }
      tables.append(table(heads, rows).merging(["title": text["comparison.\(key)"]]) { $1 })
    }
    add(
      "outcomesShort", ["file", "before", "now"],
      comparison.outcomes.prefix(500).map { [$0.file, text.sentence($0.before), text.sentence($0.after)] })
    add(
      "rulesShort", ["file", "rule", "before", "now"],
      comparison.rules.prefix(1_000).map {
        [
          $0.file ?? text["wholes.any"], $0.rule, text.symbolAndName($0.before), text.symbolAndName($0.after),
        ]
      })
    return [
      "definitions": report.comparisonCounts(comparison).map(Self.definition), "names": names,
      "tables": tables,
    ]
  }

  static func definition(_ row: (String, String)) -> ReportView { ["name": row.0, "value": row.1] }

  func particulars() throws -> ReportView {
    let rows = report.particulars + [(text["particulars.twin"], twin.sha256)]
    var view: ReportView = ["definitions": rows.filter { !$0.1.isEmpty }.map(Self.definition)]
    let count = ["count": String(twin.count)]
    if twin.count <= Self.embeddedLimit {
      let data = Data(try report.json().utf8).base64EncodedString()
      view["embedded"] = ["base64": data, "saved": text.filled("twin.saved", count)] as ReportView
    } else {
      view["beside"] = text.filled("twin.beside", count)
    }
    return view
  }
}

extension Report {
  func notRead(_ error: ScanResult.Failure) -> String {
    text.filled("details.notRead", ["message": error.message, "remedy": error.remedy.capitalizedFirst])
  }

  /// What kind of thing a reference is, in the report's words; as it is where the catalogue has none.
  func title(of reference: ReportHeader.Reference) -> String {
    let key = "particulars.kinds.\(reference.kind)"
    return text.holds(key) ? text[key] : reference.kind
  }

  func comparisonCounts(_ comparison: ReportComparison) -> [(String, String)] {
    let counts = [
      ("added", comparison.added.count), ("removed", comparison.removed.count),
      ("altered", comparison.altered.count), ("renamed", comparison.renamed.count),
      ("outcomes", comparison.outcomes.count), ("rules", comparison.rules.count),
    ]
    return [(text["comparison.baseline"], comparison.baselineTime)]
      + counts.map { (text["comparison.\($0.0)"], String($0.1)) }
  }

  var rulePacks: String { text.joined(packs.map { "\($0.id) \($0.version)" }) }

  /// Who examined what, when and with what, but for the twin's digest.
  fileprivate var particulars: [(String, String)] {
    func part(_ key: String, _ value: String) -> (String, String) { (text["particulars.\(key)"], value) }
    let clock = text["particulars.clocks.\(header.clock)"]
    let version = ["version": header.toolVersion]
    let tool =
      header.build.map { text.filled("particulars.build", version.merging(["sha256": $0]) { $1 }) }
      ?? text.filled("particulars.version", version)
    var rows = [
      part("files", String(items.count)), part("attention", String(attention.count)),
      part("propositions", text.list("propositions").joined(separator: text["join.sentences"])),
      part("time", text.filled("particulars.timeAndClock", ["time": header.time, "clock": clock])),
      part("operator", header.operatorName),
    ]
    if let reviewer = header.reviewer { rows.append(part("reviewer", reviewer)) }
    rows += [
      part("received", header.received ?? text["particulars.notStated"]), part("handling", text["handling"]),
      part("tool", tool), part("system", header.system), part("command", header.command),
      part("rulePacks", rulePacks),
    ]
    for reference in header.references {
      let digest = reference.sha256.map { text.filled("particulars.digest", ["sha256": $0]) }
      rows.append(
        (title(of: reference), text.joined([reference.name, reference.note, digest].compactMap { $0 })))
    }
    if !header.references.contains(where: { $0.kind == "trust list" }) {
      rows.append((text["particulars.kinds.trust list"], text["particulars.noTrustList"]))
    }
    return rows + [part("network", text["network"]), part("random", text["particulars.none"])]
  }
}

extension String {
  /// The same with a capital at its start.
  package var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
