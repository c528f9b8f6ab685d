import Diagnostics
import Foundation
import HTTPTypes
import Hummingbird
import ImageFormats
import Images
import Reports
import Requests
import Scanning
import Services

/// Makes the pages: a template each, with the catalogue's words and what reports say of the same findings.
struct Pages: Sendable {
  /// A page of the site; the header names those that there are.
  struct Page: Sendable {
    /// Its template, and the key of its name.
    var id: String
    var path: String
    /// The key of its title.
    var title: String
    var scripts: [String] = []
    var styles: [String] = []
  }

  static let site = [
    Page(id: "check", path: "/", title: "site.check.title", scripts: ["check.js"]),
    Page(id: "compare", path: "/compare", title: "site.compare.title", scripts: ["compare.js"]),
    Page(
      id: "studio", path: "/studio", title: "site.studio.title", scripts: ["studio.js"],
      styles: ["studio.css"]),
    Page(
      id: "panorama", path: "/panorama", title: "site.panorama.title", scripts: ["panorama.js"],
      styles: ["studio.css"]),
  ]

  let text: ReportText
  let hasLedger: Bool
  let hasPDF: Bool
  let templates: ReportTemplates
  private let asksForToken: Bool
  private let maxBody: Int
  private let maxPictures: Int
  private let isKiosk: Bool

  /// - Throws: `ReportError` for a template that is wrong.
  init(
    text: ReportText, assets: Assets, asksForToken: Bool, hasLedger: Bool, maxBody: Int, maxPictures: Int,
    isKiosk: Bool = false
  ) throws {
    self.isKiosk = isKiosk
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
      "asksForToken": asksForToken, "isKiosk": isKiosk, "maxBody": maxBody, "maxPictures": maxPictures,
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
      id, text[page?.title ?? "site.name"], template: id, view, scripts: page?.scripts ?? [],
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

  /// Pictures that move, and the wall beside them.
  var studio: Response {
    func choices(_ ids: [String], _ names: String) -> [ReportView] {
      ids.enumerated().map { index, id -> ReportView in
        var choice: ReportView = ["id": id, "label": text["site.studio.\(names).\(id)"]]
        if index == 0 { choice["first"] = true }
        return choice
      }
    }
    func slider(_ id: String, _ range: ClosedRange<Int>, usual: Int, unit: String) -> ReportView {
      [
        "id": id, "label": text["site.wall.sliders.\(id)"], "min": range.lowerBound, "max": range.upperBound,
        "step": 1, "value": usual, "unit": unit, "usual": text["site.wall.off"],
      ]
    }
    return page(
      "studio",
      [
        "kiosk": isKiosk, "modes": choices(["morph", "draw", "style"], "mode"),
        "models": choices(["landscapes", "flowers"], "models"),
        "styles4": choices(["waves", "mosaic", "hatching", "embers"], "style"),
        "lamps": ["credentials", "statement", "watermark", "fingerprint", "detector"].map {
          id -> ReportView in
          ["id": id, "label": text["site.wall.lamp.\(id).name"], "about": text["site.wall.lamp.\(id).about"]]
        },
        "sliders": [
          slider("jpeg", 5...101, usual: 101, unit: ""), slider("scale", 25...200, usual: 100, unit: " %"),
          slider("crop", 30...100, usual: 100, unit: " %"), slider("turn", -45...45, usual: 0, unit: "°"),
        ],
      ])
  }

  /// A view all around.
  var panorama: Response { page("panorama") }

  /// Why something was not done.
  func problem(_ problem: Problem, back: String = "/") -> Response {
    var response = page(
      "problem", text["site.problem.title"], template: "problem",
      [
        "message": problem.message.capitalizedFirst + ".",
        // A header is for programs; a person goes back and types.
        "remedy": problem.code == Problem.token.code
          ? text["site.check.tokenHint"] : text.filled("site.problem.remedy", ["remedy": problem.remedy]),
        "code": problem.code,
        "back": back,
      ], status: problem.status)
    for field in problem.headers { response.headers[field.name] = field.value }
    return response
  }

  // MARK: Pictures

  func image(_ bytes: [UInt8], _ name: String) -> ReportView {
    let header = try? ImageFile(bytes: bytes).header()
    return [
      "base64": Data(bytes).base64EncodedString(), "width": header?.width ?? 0, "height": header?.height ?? 0,
      "name": name,
    ]
  }

  /// The picture, upright, as a JPEG that every browser shows.
  static func preview(_ examination: Examination, side: Int) throws -> [UInt8] {
    let decoded = try examination.decoded()
    let small = decoded.image.oriented(decoded.orientation)
      .reduced(toLongestSide: Double(side), filter: .bilinear)
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
}
