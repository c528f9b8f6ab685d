import Hummingbird
import Reports
import Services

extension Pages {
  /// - Parameter previews: of the two, where they can be decoded.
  func comparison(_ comparison: PictureComparison, previews: (before: [UInt8]?, after: [UInt8]?)) -> Response
  {
    let carried = comparison.findings.filter { $0.state != .added }
    let lost = carried.count { $0.state == .lost || $0.state == .changed }
    let unknown = carried.count { $0.state == .unknown }
    let counts = ["lost": String(lost), "unknown": String(unknown), "count": String(carried.count)]
    let verdict: String
    if carried.isEmpty {
      verdict = text[comparison.before.error == nil ? "site.compare.none" : "site.compare.unread"]
    } else if lost == 0, unknown == 0 {
      verdict = text.filled("site.compare.all", counts)
    } else {
      verdict = [lost > 0 ? "lost" : nil, unknown > 0 ? "unknown" : nil].compactMap(\.self)
        .map { text.filled("site.compare.\($0)", counts) }.joined(separator: " ")
    }
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
      let shown = PictureComparison.State.byWeight.flatMap { state in
        comparison.fields.filter { $0.state == state }
      }
      var table: ReportView = [
        "region": text["site.compare.fields"], "head": columns(["what", "state", "carrier"]),
        "rows": shown.prefix(60).map { field -> ReportView in
          [
            "name": field.name, "state": field.state.rawValue,
            "cells": [text["site.compare.states.\(field.state.rawValue)"], field.carrier],
          ]
        },
      ]
      if shown.count > 60 { table["more"] = text.counted("site.compare.more", shown.count - 60) }
      view["fields"] = table
    }
    return page("compare", text["site.compare.title"], template: "comparison", view)
  }
}
