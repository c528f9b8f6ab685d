import Foundation
import HTTPTypes
import Hummingbird
import ImageFormats
import Images
import Reports
import Scanning
import Services

// What was found in pictures, as pages and parts of them.
extension Pages {
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

  private func view(_ picture: CheckedPicture, id: String) -> ReportView {
    let scan = picture.scan
    var view: ReportView = [
      "id": id, "file": scan.file, "about": about(scan.format, scan.width, scan.height, picture.size),
      "tone": Self.tone(scan.outcome), "sentence": closed(text.sentence(scan)),
      "meaning": text["site.meaning.\(scan.outcome.rawValue)"], "ladder": ladder(scan),
      "hasPDF": hasPDF, "hasLedger": hasLedger, "overlays": overlays(scan),
      "isDecoded": scan.pixelSha256 != nil, "sha256": scan.sha256 ?? "–",
      "pixelSha256": scan.pixelSha256 ?? "–",
      "warnings": scan.warnings, "hasWarnings": !scan.warnings.isEmpty,
    ]
    if !scan.namedGenerators.isEmpty, scan.outcome != .unreadable {
      view["named"] = text.filled("site.result.named", ["names": text.joined(scan.namedGenerators)])
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
    // Of what could not be read nobody can say that nothing was found.
    view["hasNothing"] = groups.isEmpty && scan.outcome != .unreadable
    let isRead = scan.format.flatMap(ImageFormat.init) != nil
    view["hasLadder"] = isRead
    view["hasFound"] = !groups.isEmpty || scan.outcome != .unreadable
    let absent = scan.evidence.filter { $0.result == .absent }.map { $0.summary.capitalizedFirst + "." }
    view["absent"] = absent
    view["hasAbsent"] = !absent.isEmpty
    view["unseen"] = unseen(scan)
    if let marks = marks(scan) { view["marks"] = marks }
    let tree = picture.credentials.flatMap { $0.state == .absent ? nil : $0 }
    if let tree { view["credentials"] = credentials(tree) }
    if !isRead {
      if tree != nil {
        view["meaning"] = text["site.result.foreignSigned"]
      } else if picture.foreignKind?.mayBeSigned == true {
        view["meaning"] = text["site.result.foreignUnsigned"]
      }
    }
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
      let asked = scan.evidence.filter { evidence in methods.contains { evidence.method.hasPrefix($0) } }
      // What declares is looked for in every picture that is read; it leaves no evidence where there is nothing.
      let isRead = scan.format.flatMap(ImageFormat.init) != nil
      // Whoever found no visible mark has not looked for one in the pixels.
      let marks = asked.filter { kind != .watermark || $0.method.hasPrefix("watermark") }
      let isAnswered =
        marks.contains { $0.result != .notEvaluated } || isRead && kind == .declared
      let count =
        found > 0
        ? text.counted("site.result.found", found)
        : text[
          isAnswered
            ? "site.result.nothing" : asked.isEmpty ? "site.result.notLooked" : "site.result.notJudged"]
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
    if !place.isEmpty { view["place"] = text.filled("site.result.place", ["place": text.joined(place)]) }
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

  /// What can be laid over the picture: nothing is drawn of what could not be judged, such as a picture that is too small.
  private func overlays(_ scan: ScanResult) -> [ReportView] {
    guard scan.pixelSha256 != nil else { return [] }
    func isJudged(_ method: String) -> Bool {
      scan.evidence.contains { $0.method == method && $0.result != .notEvaluated }
    }
    var kinds: [Drawing.Kind] = isJudged("detector") ? [.heatmap] : []
    if scan.evidence.contains(where: { $0.result == .found && $0.method.hasPrefix("fingerprint.") }) {
      kinds.append(.fingerprint)
    }
    if isJudged("spectra") { kinds.append(.spectrum) }
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
}
