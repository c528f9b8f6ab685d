import Diagnostics
import Foundation
import HTTPTypes
import Hummingbird
import ImageFormats
import Images
import Reports
import Scanning
import Services

/// Makes the pages: a template each, with the catalogue's words and what reports say of the same findings.
struct Pages: Sendable {
  /// A page of the site; the header names those that there are.
  struct Page: Sendable {
    /// Its template, and the key of its name.
    var id: String
    var path: String
    var scripts: [String] = []
    var styles: [String] = []
  }

  static let site = [
    Page(id: "check", path: "/", scripts: ["check.js"]),
    Page(id: "compare", path: "/compare", scripts: ["compare.js"]),
  ]

  let text: ReportText
  let hasLedger: Bool
  let hasPDF: Bool
  private let templates: ReportTemplates
  private let asksForToken: Bool
  private let maxBody: Int
  private let maxPictures: Int

  /// - Throws: `ReportError` for a template that is wrong.
  init(
    text: ReportText, assets: Assets, asksForToken: Bool, hasLedger: Bool, maxBody: Int, maxPictures: Int
  ) throws {
    self.text = text
    self.hasLedger = hasLedger
    self.asksForToken = asksForToken
    self.maxBody = maxBody
    self.maxPictures = maxPictures
    hasPDF = (try? PDFPrinter()) != nil
    templates = try ReportTemplates(pages: assets.templates)
  }

  /// A whole page.
  ///
  /// - Parameters:
  ///   - id: of the page that the header shows as this one.
  ///   - template: of its content.
  func page(
    _ id: String, _ title: String, template: String, _ view: ReportView, scripts: [String] = [],
    styles: [String] = [], status: HTTPResponse.Status = .ok
  ) -> Response {
    let links = Self.site.map { page -> ReportView in
      var link: ReportView = ["path": page.path, "label": text["site.pages.\(page.id)"]]
      if page.id == id { link["current"] = true }
      return link
    }
    let frame: ReportView = [
      "id": id, "title": title, "template": template, "links": links,
      "kept": text["site.kept.\(hasLedger ? "ledger" : "nothing")"],
      "version": text.filled("site.version", ["version": assayVersion]), "scripts": scripts, "styles": styles,
      "asksForToken": asksForToken, "maxBody": maxBody, "maxPictures": maxPictures,
      "limits": text.filled(
        "site.check.limits", ["count": String(maxPictures), "size": String(maxBody >> 20)]),
      "doneOne": text.counted("site.progress.done", 1),
      "doneOther": text["site.progress.done.other"],
    ]
    return Response(
      status, type: "text/html; charset=utf-8",
      text: templates.render("page", frame.merging(view) { $1 }, text: text))
  }

  private func page(_ id: String, _ view: ReportView = [:]) -> Response {
    let page = Self.site.first { $0.id == id }
    return self.page(
      id, text["site.\(id).title"], template: id, view, scripts: page?.scripts ?? [],
      styles: page?.styles ?? [])
  }

  /// The form that pictures are given to.
  var check: Response { page("check") }

  var compare: Response {
    page(
      "compare",
      [
        "sides": ["before", "after"].map { side -> ReportView in
          ["id": side, "label": text["site.compare.\(side)"], "hint": text["site.compare.\(side)Hint"]]
        }
      ])
  }

  /// Why something was not done.
  func problem(_ problem: Problem, back: String = "/") -> Response {
    var response = page(
      "problem", text["site.problem.title"], template: "problem",
      [
        "message": problem.message.capitalizedFirst + ".",
        "remedy": text.filled("site.problem.remedy", ["remedy": problem.remedy]), "code": problem.code,
        "back": back,
      ], status: problem.status)
    for field in problem.headers { response.headers[field.name] = field.value }
    return response
  }

  // MARK: Results

  /// A picture as a form without script gives it back: with everything in the page.
  struct Shown: Sendable {
    var picture: CheckedPicture
    /// A JPEG; nil where nothing can be decoded.
    var preview: [UInt8]?
    /// PNGs of what explains the findings.
    var maps: [(kind: Drawing.Kind, png: [UInt8])] = []
  }

  /// - Parameter report: the report on all of them, as a page and as JSON.
  func results(_ shown: [Shown], report: (html: String, json: String)?) -> Response {
    let articles = shown.enumerated().map { index, one -> ReportView in
      var view = self.view(one.picture, id: String(index))
      if let preview = one.preview {
        view["shown"] = image(
          preview, text.filled("site.result.picture", ["file": one.picture.scan.file]))
      }
      view["maps"] = one.maps.map { kind, png -> ReportView in
        image(png, text["site.result.overlays.\(kind.rawValue)"]).merging([
          "caption": text["site.result.overlayHint.\(kind.rawValue)"]
        ]) { $1 }
      }
      return view
    }
    let reports = report.map { report -> [ReportView] in
      [
        [
          "name": "report.html", "type": "text/html", "label": text["site.result.saveHTML"],
          "base64": Data(report.html.utf8).base64EncodedString(),
        ],
        [
          "name": "report.json", "type": "application/json", "label": text["site.result.saveJSON"],
          "base64": Data(report.json.utf8).base64EncodedString(),
        ],
      ]
    }
    return page(
      "check", text["site.result.title"], template: "result",
      [
        "heading": text.counted("site.result.heading", shown.count), "articles": articles,
        "reports": reports ?? [],
      ])
  }

  /// One picture's part of a page.
  ///
  /// - Parameter id: tells it apart from others of the page.
  func article(_ picture: CheckedPicture, id: String) -> String {
    templates.render("article", view(picture, id: id), text: text)
  }

  private func image(_ bytes: [UInt8], _ name: String) -> ReportView {
    let header = try? ImageFile(bytes: bytes).header()
    return [
      "base64": Data(bytes).base64EncodedString(), "width": header?.width ?? 0, "height": header?.height ?? 0,
      "name": name,
    ]
  }

  /// The picture, upright, as a JPEG that every browser shows.
  static func preview(_ file: ImageFile, side: Int) throws -> [UInt8] {
    let decoded = try file.decode()
    let image = decoded.image.oriented(decoded.orientation)
    let scale = min(1, Double(side) / Double(max(image.width, image.height)))
    let small =
      scale < 1
      ? image.resized(
        width: max(1, Int((Double(image.width) * scale).rounded())),
        height: max(1, Int((Double(image.height) * scale).rounded())), filter: .bilinear) : image
    return try ImageEncoder.jpeg(small.withoutAlpha(), quality: 85)
  }

  // MARK: Words

  func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1_000: text.filled("site.result.bytes", ["size": String(bytes)])
    case ..<1_000_000: text.filled("site.result.kilobytes", ["size": String((bytes + 500) / 1_000)])
    default: text.filled("site.result.megabytes", ["size": String(Double(bytes / 100_000) / 10)])
    }
  }

  /// `JPEG, 1024 × 768, 312 kB`.
  func about(_ format: String?, _ width: Int?, _ height: Int?, _ bytes: Int) -> String {
    let format = format?.uppercased() ?? text["site.result.unknownFormat"]
    guard let width, let height else {
      return text.filled("site.result.fileOnly", ["format": format, "size": size(bytes)])
    }
    return text.filled(
      "site.result.file",
      ["format": format, "width": String(width), "height": String(height), "size": size(bytes)])
  }

  /// What the colour and the sign beside a verdict stand for; the words say it too.
  static func tone(_ outcome: Outcome) -> String {
    switch outcome {
    case .aiGeneratedVerified, .aiEditedVerified: "signed"
    case .aiDeclared: "declared"
    case .aiWatermarked: "marked"
    case .aiIndicated: "measured"
    case .captureVerified: "captured"
    case .altered, .conflicting: "broken"
    case .noIndication, .inconclusive: "open"
    case .unreadable: "unread"
    }
  }

  func closed(_ sentence: String) -> String { text.filled("outcomes.closing", ["sentence": sentence]) }

  private func view(_ picture: CheckedPicture, id: String) -> ReportView {
    let scan = picture.scan
    var view: ReportView = [
      "id": id, "file": scan.file, "about": about(scan.format, scan.width, scan.height, picture.size),
      "tone": Self.tone(scan.outcome), "sentence": closed(text.sentence(scan)),
      "meaning": text["site.meaning.\(scan.outcome.rawValue)"], "ladder": ladder(scan),
      "hasPDF": hasPDF, "hasLedger": hasLedger, "overlays": overlays(scan),
      "sha256": scan.sha256 ?? "–", "pixelSha256": scan.pixelSha256 ?? "–",
      "warnings": scan.warnings, "hasWarnings": !scan.warnings.isEmpty,
    ]
    if !scan.namedGenerators.isEmpty, scan.outcome != .unreadable {
      view["named"] = text.filled("site.result.named", ["names": text.joinedWords(scan.namedGenerators)])
    }
    if let probability = scan.decidingProbability {
      view["probability"] = text.filled(
        "site.result.probability", ["percent": String(Int((probability * 100).rounded()))])
    }
    if let error = scan.error {
      view["error"] =
        [
          "message": text.filled("site.result.error", ["message": error.message]),
          "remedy": text.filled("site.result.remedy", ["remedy": error.remedy]),
        ] as ReportView
    }
    let groups = self.groups(scan)
    view["groups"] = groups
    view["hasGroups"] = !groups.isEmpty
    let absent = scan.evidence.filter { $0.result == .absent }.map { $0.summary.capitalizedFirst + "." }
    view["absent"] = absent
    view["hasAbsent"] = !absent.isEmpty
    view["unseen"] = unseen(scan)
    if let marks = marks(scan) { view["marks"] = marks }
    if let tree = picture.credentials, tree.state != .absent { view["credentials"] = credentials(tree) }
    return view
  }

  /// The four kinds of evidence, and what was found of each.
  private func ladder(_ scan: ScanResult) -> [ReportView] {
    let kinds: [(Evidence.Class, [String])] = [
      (.verified, ["credentials."]), (.declared, ["provenance", "credentials."]),
      (.watermark, ["watermark", "fingerprint", "visibleMark"]), (.statistical, ["detector"]),
    ]
    return kinds.map { kind, methods in
      let found = scan.evidence.count { $0.result == .found && $0.class == kind }
      let asked = scan.evidence.contains { evidence in
        evidence.result != .notEvaluated && methods.contains { evidence.method.hasPrefix($0) }
      }
      let count =
        found > 0
        ? text.counted("site.result.found", found)
        : text[
          asked || scan.format != nil && kind == .declared ? "site.result.nothing" : "site.result.notLooked"]
      return [
        "title": text["classes.\(kind.rawValue)"].capitalizedFirst, "count": count,
        "state": found > 0 ? "has k-\(kind.rawValue)" : "has-not",
      ]
    }
  }

  private func groups(_ scan: ScanResult) -> [ReportView] {
    Evidence.Class.allCases.compactMap { kind in
      let findings = scan.evidence.filter { $0.class == kind && $0.isShown }
      guard !findings.isEmpty, let reading = text.readings.first(where: { $0.class == kind }) else {
        return nil
      }
      var group: ReportView = [
        "class": kind.rawValue, "title": reading.title, "worth": reading.worth,
        "findings": findings.map(finding),
      ]
      if kind != .context { group["alternatives"] = reading.alternatives }
      if kind == .statistical, let ratio = findings.lazy.compactMap(\.detector?.likelihoodRatio).first {
        group["ratio"] = text.ratio(ratio)
      }
      return group
    }
  }

  private func finding(_ evidence: Evidence) -> ReportView {
    var view: ReportView = ["summary": evidence.summary.capitalizedFirst + "."]
    if let strength = evidence.strength { view["strength"] = text["strengths.\(strength.rawValue)"] }
    if let reason = evidence.reason { view["but"] = reason.capitalizedFirst + "." }
    if let quotation = evidence.quotation {
      view["quotation"] = text.filled("site.result.quotation", ["text": quotation])
    }
    var place = [evidence.location?.path].compactMap(\.self)
    if let offset = evidence.location?.byteOffset {
      place.append(text.filled("details.byte", ["offset": String(offset)]))
    }
    if !place.isEmpty { view["place"] = text.filled("site.result.place", ["place": text.joinedWords(place)]) }
    return view
  }

  /// What was not looked at in this picture, and what nobody looks at here.
  private func unseen(_ scan: ScanResult) -> [String] {
    scan.evidence.filter { $0.result == .notEvaluated }.map { evidence in
      text.filled(
        "site.result.method",
        ["method": evidence.method, "reason": evidence.reason ?? evidence.summary])
    } + text.list("neverChecked")
  }

  private func overlays(_ scan: ScanResult) -> [ReportView] {
    guard scan.pixelSha256 != nil else { return [] }
    var kinds: [Drawing.Kind] = [.heatmap, .spectrum]
    if scan.evidence.contains(where: { $0.result == .found && $0.method.hasPrefix("fingerprint.") }) {
      kinds.insert(.fingerprint, at: 1)
    }
    return kinds.map {
      [
        "kind": $0.rawValue, "label": text["site.result.overlays.\($0.rawValue)"],
        "hint": text["site.result.overlayHint.\($0.rawValue)"],
      ]
    }
  }

  /// A table of the marks that were decoded.
  private func marks(_ scan: ScanResult) -> ReportView? {
    let rows = scan.evidence.filter { $0.result == .found }.compactMap { evidence -> ReportView? in
      guard let mark = evidence.watermark else { return nil }
      let chance = mark.pValue.map { $0 < 1e-300 ? "< 1e-300" : String(format: "%.0e", $0) } ?? "–"
      let agreement =
        mark.bitAgreement.map {
          text.filled("site.marks.percent", ["value": String(Int(($0 * 100).rounded()))])
        } ?? "–"
      return [
        "name": String(evidence.method.dropFirst("watermark.".count)), "state": "plain",
        "cells": [mark.payloadHex ?? "–", chance, agreement],
      ]
    }
    guard !rows.isEmpty else { return nil }
    return [
      "region": text["site.marks.heading"],
      "head": ["scheme", "payload", "chance", "agreement"].map { text["site.marks.columns.\($0)"] },
      "rows": rows,
    ]
  }

  private func credentials(_ tree: CredentialsTree) -> ReportView {
    var notes = tree.failures.map {
      text.filled("site.credentials.failure", ["code": $0.code, "explanation": $0.explanation])
    }
    notes += tree.unbound.map { text.filled("site.credentials.unbound", ["range": $0]) }
    if let sidecar = tree.sidecar {
      notes.append(text.filled("site.credentials.sidecar", ["place": sidecar]))
    }
    if let fault = tree.timeStampFault { notes.append(fault) }
    var view: ReportView = [
      "state": tree.state.rawValue, "sentence": text["site.credentials.states.\(tree.state.rawValue)"] + ".",
      "notes": notes,
      "manifests": tree.manifests.enumerated().map { index, manifest -> ReportView in
        let title = manifest.rows.first { $0.row == .title }?.value ?? manifest.label
        return [
          "depth": String(min(manifest.depth, 4)), "open": index == 0, "title": title,
          "label": manifest.label,
          "role": text["site.credentials.\(manifest.depth == 0 ? "active" : "ingredient")"],
          "rows": manifest.rows.map { row -> ReportView in
            [
              "name": row.row == .use ? row.name : text["site.credentials.rows.\(row.row)"],
              "value": row.value,
            ]
          },
        ]
      },
    ]
    if let origin = tree.origin {
      view["origin"] = text.filled("site.credentials.origin", ["origin": origin])
    }
    return view
  }

  // MARK: Comparison

  /// - Parameter previews: of the two, where they can be decoded.
  func comparison(_ comparison: PictureComparison, previews: (before: [UInt8]?, after: [UInt8]?)) -> Response
  {
    let carried = comparison.findings.filter { $0.state != .added }
    let lost = carried.count { $0.state == .lost || $0.state == .changed }
    let verdict =
      carried.isEmpty
      ? text["site.compare.none"]
      : lost == 0
        ? text.filled("site.compare.all", ["count": String(carried.count)])
        : text.filled("site.compare.lost", ["lost": String(lost), "count": String(carried.count)])
    let bits = ["bits": String(comparison.perceptualDistance ?? 0)]
    let alike: String? =
      comparison.samePixels == true
      ? text["site.compare.same"]
      : comparison.perceptualDistance.map { distance in
        text.filled(
          distance <= PictureComparison.alikeDistance ? "site.compare.alike" : "site.compare.different", bits)
      }
    func side(_ name: String, _ side: PictureComparison.Side, _ preview: [UInt8]?) -> ReportView {
      var view: ReportView = [
        "label": text["site.compare.\(name)"], "tone": Self.tone(side.outcome), "file": side.file,
        "about": about(side.format, side.width, side.height, side.bytes), "sentence": closed(side.sentence),
      ]
      if let preview {
        view["shown"] = image(preview, text.filled("site.result.picture", ["file": side.file]))
      }
      if let error = side.error {
        view["error"] = text.filled("site.result.error", ["message": error.message])
      }
      return view
    }
    var view: ReportView = [
      "verdict": verdict,
      "sides": [
        side("before", comparison.before, previews.before), side("after", comparison.after, previews.after),
      ],
    ]
    if let alike { view["alike"] = alike }
    func columns(_ names: [String]) -> [String] { names.map { text["site.compare.columns.\($0)"] } }
    let nothing = text["site.compare.nothing"]
    if !comparison.findings.isEmpty {
      view["findings"] =
        [
          "region": text["site.compare.findings"], "head": columns(["what", "state", "before", "after"]),
          "rows": comparison.findings.map { finding -> ReportView in
            [
              "name": text["classes.\(finding.class.rawValue)"].capitalizedFirst,
              "state": finding.state.rawValue,
              "cells": [
                text["site.compare.states.\(finding.state.rawValue)"], finding.before ?? nothing,
                finding.after ?? nothing,
              ],
            ]
          },
        ] as ReportView
    }
    if !comparison.fields.isEmpty {
      let shown = comparison.fields.sorted { $0.state.rank < $1.state.rank }
      var table: ReportView = [
        "region": text["site.compare.fields"], "head": columns(["what", "carrier", "state"]),
        "rows": shown.prefix(60).map { field -> ReportView in
          [
            "name": field.name, "state": field.state.rawValue,
            "cells": [field.carrier, text["site.compare.states.\(field.state.rawValue)"]],
          ]
        },
      ]
      if shown.count > 60 { table["more"] = text.counted("site.compare.more", shown.count - 60) }
      view["fields"] = table
    }
    return page("compare", text["site.compare.title"], template: "comparison", view)
  }
}

extension PictureComparison.State {
  /// What was lost comes first.
  fileprivate var rank: Int {
    switch self {
    case .lost: 0
    case .changed: 1
    case .added: 2
    case .unknown: 3
    case .kept: 4
    }
  }
}

extension ReportText {
  func joinedWords(_ words: [String]) -> String { words.joined(separator: self["join.words"]) }
}

extension String {
  /// The same with a capital at its start.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
