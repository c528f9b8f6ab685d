import HTTPTypes
import Hummingbird
import ImageFormats
import Reports
import Requests
import Scanning

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

  /// Whether the form shows the token where the header does not.
  private static func admit(_ form: GivenForm, _ call: Call) throws(Problem) {
    guard let token = call.server.settings.token, call.request.headers[.authorization] == nil else { return }
    guard let given = form.fields["token"], token.matches(given) else { throw .token }
  }

  @Sendable private static func check(_ call: Call) async throws -> Response {
    let server = call.server
    let form = try await call.form()
    try admit(form, call)
    let files = GivenFile.apart(Array(form.files.map(\.file).prefix(server.settings.jobPictures)))
    guard !files.isEmpty else { throw Call.noPicture }
    let scanner = server.fullScanner
    var shown: [Pages.Shown] = []
    for (index, file) in files.enumerated() {
      shown.append(
        try await server.pool.run(index == 0 ? .urgent : .background) {
          let image = file.image(server.settings.limits)
          let (scan, examination) = scanner.examine(image)
          let picture = CheckedPicture(image, scan.result, server.trust)
          ScanCounts.count(picture.scan)
          var one = Pages.Shown(picture: picture, preview: try? Pages.preview(image, side: 640))
          // A map of many judgements is drawn where it explains the verdict.
          let wanted: Set<Drawing.Kind> = picture.scan.outcome == .aiIndicated ? [.heatmap] : []
          if files.count == 1, picture.scan.pixelSha256 != nil {
            let drawings = scanner.drawings(wanted.union([.spectrum, .fingerprint]), of: examination)
            one.maps = drawings.compactMap { drawing in (try? drawing.png()).map { (drawing.kind, $0) } }
          }
          return one
        })
    }
    let all = Array(files)
    let report = try await server.pool.run(.background) {
      let report = server.report(on: all.map { $0.image(server.settings.limits) })
      return (html: try report.html(), json: try report.json())
    }
    return server.pages.results(shown, report: report)
  }

  @Sendable private static func compare(_ call: Call) async throws -> Response {
    let server = call.server
    let form = try await call.form(maxParts: 8)
    try admit(form, call)
    let (before, after) = try ScanEndpoints.pair(form)
    let comparison = try await ScanEndpoints.compare(before, after, server)
    let previews = try await server.pool.run(.background) {
      (
        before: try? Pages.preview(before.image(server.settings.limits), side: 480),
        after: try? Pages.preview(after.image(server.settings.limits), side: 480)
      )
    }
    return server.pages.comparison(comparison, previews: previews)
  }
}
