import HTTPTypes
import Hummingbird
import ImageFormats
import Reports
import Requests
import Scanning
import Services

/// Pages for people; their forms work without script.
enum PageEndpoints {
  static let all: [Endpoint] = [
    page(.get, "/") { call in
      guard call.server.settings.isKiosk else { return call.server.pages.check }
      return Response(status: .seeOther, headers: [.location: "/studio"])
    },
    page(.get, "/studio") { $0.server.pages.studio },
    page(.get, "/panorama") { $0.server.pages.panorama },
    page(.post, "/", check),
    page(.get, "/compare") { $0.server.pages.compare },
    page(.post, "/compare", compare),
  ]

  private static func page(
    _ method: HTTPRequest.Method, _ path: String,
    _ respond: @escaping @Sendable (Call) async throws -> Response
  ) -> Endpoint {
    // A form without script holds its token itself.
    Endpoint(
      method: method, path: path, name: "page", summary: "", answers: [], isOpen: method == .get,
      isListed: false,
      respond: respond)
  }

  @Sendable private static func check(_ call: Call) async throws -> Response {
    let server = call.server
    let form = try await call.form()
    let files = GivenFile.apart(Array(form.files.map(\.file).prefix(server.settings.jobPictures)))
    guard !files.isEmpty else { throw Call.noPicture }
    // Each picture is examined once: for the page and for the report.
    var making = server.beginReport(on: files.map(\.name))
    var shown: [Pages.Shown] = []
    for (index, file) in files.enumerated() {
      let soFar = making
      let (more, one) = try await server.pool.run(index == 0 ? .urgent : .background) {
        var making = soFar
        let one = Self.examine(file, &making, server, showsMaps: files.count == 1)
        return (making, one)
      }
      making = more
      shown.append(one)
    }
    let whole = making
    let report = try await server.pool.run(.background) {
      let report = whole.finish()
      return (html: try report.html(), json: try report.json())
    }
    return server.pages.results(shown, report: report)
  }

  /// One picture of the form, and what is drawn of it.
  private static func examine(
    _ file: GivenFile, _ making: inout PictureReport.Making, _ server: ServerCore, showsMaps: Bool
  ) -> Pages.Shown {
    let (scan, examination) = making.add(file.image(server.settings.limits))
    PictureCounts.count(.page, scan.result.outcome)
    let picture = CheckedPicture(scan.result, examination, server.trust)
    var one = Pages.Shown(picture: picture, preview: try? Pages.preview(examination, side: 640))
    guard showsMaps, scan.result.pixelSha256 != nil else { return one }
    // A map of many judgements is drawn where it explains the verdict.
    let wanted: Set<Drawing.Kind> = scan.result.outcome == .aiIndicated ? [.heatmap] : []
    let drawings = server.fullScanner.drawings(wanted.union([.spectrum, .fingerprint]), of: examination)
    one.maps = drawings.compactMap { drawing in (try? drawing.png()).map { (drawing.kind, $0) } }
    return one
  }

  @Sendable private static func compare(_ call: Call) async throws -> Response {
    let server = call.server
    let form = try await call.form(maxParts: 8)
    let (before, after) = try ScanEndpoints.pair(form)
    let (comparison, previews) = try await ScanEndpoints.compare(before, after, server, previewSide: 480)
    return server.pages.comparison(comparison, previews: previews)
  }
}
