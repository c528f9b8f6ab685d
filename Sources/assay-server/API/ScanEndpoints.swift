import Audits
import ContentCredentials
import Diagnostics
import Examiners
import Foundation
import HTTPTypes
import Hummingbird
import ImageFormats
import Reports
import Requests
import Scanning
import Services
import Watermarks

/// What is asked of pictures.
enum ScanEndpoints {
  static let lineType = "application/jsonl"

  static let only = Endpoint.Parameter(
    name: "only", about: "Look only at these, separated by commas.",
    schema: [
      "type": "array", "items": ["enum": .array(ExaminerKind.allCases.map { .string($0.rawValue) })],
      "minItems": 1,
    ])
  private static let name = Endpoint.Parameter(
    name: "name", about: "What the picture is called in the answer.", schema: ["type": "string"])

  private static func json(_ schema: String, _ about: String) -> Endpoint.Answer {
    .init(status: .ok, about: about, content: ["application/json": Schemas.reference(schema)])
  }

  static let all: [Endpoint] = [
    Endpoint(
      method: .post, path: "/api/v1/scan", name: "scan",
      summary: "Tell of each picture what speaks for AI origin, and how much that is worth.",
      parameters: [only, name], content: .pictures,
      answers: [
        .init(
          status: .ok, about: "assay.scan/1: an object for one picture, an object a line for several.",
          content: [
            "application/json": Schemas.reference("Scan"),
            lineType: ["type": "string", "description": "Objects as those of application/json, one a line."],
          ])
      ], respond: scan),
    Endpoint(
      method: .post, path: "/api/v1/credentials/verify", name: "verifyCredentials",
      summary: "Validate Content Credentials (C2PA) against the trust lists.", parameters: [name],
      content: .picture, answers: [json("Credentials", "assay.credentials/1")]
    ) { call in
      try await answer(call, .credentials) { file, server in
        let report = try CredentialsJob.report(on: file, server.trust)
        return (try CredentialsLine.of(file.path?.display ?? "-", report), report.state.rawValue)
      }
    },
    Endpoint(
      method: .post, path: "/api/v1/watermark/read", name: "readWatermark",
      summary: "Decode Assay's mark and the open ones from the pixels.", parameters: [name],
      content: .picture, answers: [json("Watermark", "assay.watermark/1")]
    ) { call in
      try await answer(call, .watermark) { file, _ in
        let (own, foreign) = OpenMarkReader(key: .open).read(try file.decode().image)
        let report = WatermarkReport(file: file.path?.display ?? "-", readings: [own, foreign])
        return (try report.json(), report.found ? "found" : "absent")
      }
    },
    Endpoint(
      method: .post, path: "/api/v1/inspect", name: "inspect",
      summary: "Show the parts of a file and all its metadata.", parameters: [name], content: .picture,
      answers: [json("Inspection", "assay.inspect/1")]
    ) { call in
      try await answer(call, .inspect) { file, _ in (try Inspection(file).json(), "done") }
    },
    Endpoint(
      method: .post, path: "/api/v1/compare", name: "compare",
      summary: "Tell which marks and statements of a picture are left in another version of it.",
      content: .form(
        ["before": OpenAPIDocument.fileField, "after": OpenAPIDocument.fileField],
        required: ["before", "after"]),
      answers: [json("Comparison", "assay.compare/1")]
    ) { call in
      let (before, after) = try pair(try await call.form(maxParts: 8))
      return Response(json: try await compare(before, after, call.server).comparison.json())
    },
    Endpoint(
      method: .post, path: "/api/v1/report", name: "report",
      summary: "Audit the pictures by Assay's usual rules, and write the report.",
      parameters: [
        .init(
          name: "format", about: "Of the report; pdf needs Chromium on the server's machine.",
          schema: ["enum": ["html", "json", "md", "pdf"], "default": "json"]), name,
      ], content: .pictures,
      answers: [
        .init(
          status: .ok, about: "The report.",
          content: [
            "application/json": Schemas.reference("Report"), "text/html": ["type": "string"],
            "text/markdown": ["type": "string"], "application/pdf": ["type": "string", "format": "binary"],
          ], headers: ["Content-Disposition": "A name for the file."]),
        .init(
          status: .notAcceptable, about: "There is no Chromium to print a PDF with.",
          content: Schemas.problemAnswer),
      ], respond: report),
    Endpoint(
      method: .post, path: "/api/v1/drawings", name: "draw",
      summary: "Draw what explains the findings of a picture.",
      parameters: [
        .init(
          name: "kind",
          about:
            "The detector's heat map, where a fingerprint is, the spectrum, or the picture itself, upright, for browsers that cannot show its format.",
          schema: ["enum": ["heatmap", "fingerprint", "spectrum", "picture"]], isRequired: true)
      ], content: .picture,
      answers: [
        .init(
          status: .ok, about: "A PNG; the picture itself as JPEG of at most 1600 pixels a side.",
          content: [
            "image/png": ["type": "string", "format": "binary"],
            "image/jpeg": ["type": "string", "format": "binary"],
          ])
      ], respond: draw),
    Endpoint(
      method: .post, path: "/api/v1/ledger", name: "enter",
      summary: "Enter a picture's examination into the ledger, where the server has one.", parameters: [name],
      content: .picture,
      answers: [
        json("LedgerHead", "assay.ledger-head/1: the ledger's head behind the entry."),
        .init(
          status: .conflict, about: "The server was started without a ledger.",
          content: Schemas.problemAnswer),
      ], respond: enter),
  ]

  // MARK: Answers

  /// One picture, worked on by a worker, and what it answers.
  private static func answer(
    _ call: Call, _ kind: PictureCounts.Work,
    _ work: @escaping @Sendable (ImageFile, ServerCore) throws -> (String, outcome: String)
  ) async throws -> Response {
    let given = try await call.picture()
    let server = call.server
    return Response(
      json: try await server.pool.run {
        try PictureCounts.counting(kind) { try work(given.image(server.settings.limits), server) }
      })
  }

  /// - Throws: ``Problem`` for a kind that is none.
  static func kinds(_ text: String?) throws(Problem) -> Set<ExaminerKind> {
    guard let text else { return Set(ExaminerKind.allCases) }
    var kinds = Set<ExaminerKind>()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = ExaminerKind(rawValue: String(part)) else {
        throw .value(
          "only",
          "give some of \(ExaminerKind.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas"
        )
      }
      kinds.insert(kind)
    }
    return kinds
  }

  @Sendable private static func scan(_ call: Call) async throws -> Response {
    let server = call.server
    let scanner = server.scanner(try kinds(call.query["only"]))
    let files = try await call.pictures(most: server.settings.jobPictures)
    @Sendable func line(_ file: GivenFile, _ lane: WorkPool.Lane) async throws -> String {
      try await server.pool.run(lane) {
        let result = scanner.scan(file.image(server.settings.limits)).result
        PictureCounts.count(.scan, result.outcome)
        return try ScanLines.line(result)
      }
    }
    if files.count == 1 { return Response(json: try await line(files[0], .urgent)) }
    let load = server.pool.load
    if load.waiting >= server.pool.limit, server.pool.limit > 0 { throw Problem.busy(5) }
    var fields = HTTPFields()
    fields[.contentType] = lineType
    return Response(
      status: .ok, headers: fields,
      body: ResponseBody { writer in
        for file in files { try await writer.write(ByteBuffer(string: try await line(file, .background))) }
        try await writer.finish(nil)
      })
  }

  static func pair(_ form: GivenForm) throws(Problem) -> (before: GivenFile, after: GivenFile) {
    func file(_ name: String) throws(Problem) -> GivenFile {
      guard let found = try form.file(name), !found.bytes.isEmpty else {
        throw Problem(
          .badRequest, "serve.picture", "there is no picture of the name '\(name)' in the form",
          remedy: "send two files, before and after", location: .init(path: name))
      }
      return found
    }
    return (try file("before"), try file("after"))
  }

  /// - Parameter side: of a preview of each, where pages show one.
  static func compare(
    _ before: GivenFile, _ after: GivenFile, _ server: ServerCore, previewSide side: Int? = nil
  ) async throws -> (comparison: PictureComparison, previews: (before: [UInt8]?, after: [UInt8]?)) {
    let scanner = server.fullScanner
    return try await server.pool.run {
      let pair = (
        scanner.examine(before.image(server.settings.limits)),
        scanner.examine(after.image(server.settings.limits))
      )
      for one in [pair.0, pair.1] { PictureCounts.count(.compare, one.scan.result.outcome) }
      func preview(_ examination: Examination) -> [UInt8]? {
        side.flatMap { try? Pages.preview(examination, side: $0) }
      }
      return (
        PictureComparison(pair.0, pair.1), (preview(pair.0.examination), preview(pair.1.examination))
      )
    }
  }

  private enum ReportKind: String, CaseIterable { case html, json, md, pdf }

  @Sendable private static func report(_ call: Call) async throws -> Response {
    let kind = try call.query.choice("format", ReportKind.self) ?? .json
    if kind == .pdf, (try? PDFPrinter()) == nil {
      throw Problem(
        .notAcceptable, "pdf.missing", "there is no Chromium on the server's machine to print a PDF with",
        remedy: "ask for html, and print it from a browser")
    }
    let server = call.server
    let files = try await call.pictures(most: server.settings.jobPictures)
    let (type, bytes) = try await server.pool.run { () -> (String, [UInt8]) in
      var making = server.beginReport(on: files.map(\.name))
      for file in files {
        let scan = making.add(file.image(server.settings.limits)).scan
        PictureCounts.count(.report, scan.result.outcome)
      }
      let report = making.finish()
      switch kind {
      case .html: return ("text/html; charset=utf-8", Array(try report.html().utf8))
      case .json: return ("application/json", Array(try report.json().utf8))
      case .md: return ("text/markdown; charset=utf-8", Array(try report.markdown().utf8))
      case .pdf: return ("application/pdf", try PDFPrinter().pdf(of: try report.html(expanded: true)))
      }
    }
    return Response(
      type: type, bytes: bytes,
      headers: [.contentDisposition: "attachment; filename=\"report.\(kind.rawValue)\""])
  }

  private enum DrawingKind: String, CaseIterable { case heatmap, fingerprint, spectrum, picture }

  @Sendable private static func draw(_ call: Call) async throws -> Response {
    guard let kind = try call.query.choice("kind", DrawingKind.self) else {
      throw Problem.value("kind", "give heatmap, fingerprint, spectrum or picture")
    }
    let given = try await call.picture()
    let server = call.server
    let scanner = server.fullScanner
    return try await server.pool.run {
      try PictureCounts.counting(.drawing) {
        let examination = Examination(given.image(server.settings.limits))
        guard let wanted = Drawing.Kind(rawValue: kind.rawValue) else {
          return (
            Response(type: "image/jpeg", bytes: try Pages.preview(examination, side: 1600)), "done"
          )
        }
        // What cannot be decoded is told as such, not as a picture without a drawing.
        _ = try examination.decoded()
        guard let drawing = scanner.drawings([wanted], of: examination).first else {
          throw Problem(
            .unprocessableContent, "serve.drawing", "there is nothing of this kind to draw for the picture",
            remedy: "ask for another kind")
        }
        return (Response(type: "image/png", bytes: try drawing.png()), "done")
      }
    }
  }

  @Sendable private static func enter(_ call: Call) async throws -> Response {
    let server = call.server
    guard let ledger = server.ledger else {
      throw Problem(
        .conflict, "serve.ledger", "the server was started without a ledger",
        remedy: "start it with --ledger FILE")
    }
    let given = try await call.picture()
    let scanner = server.fullScanner
    return Response(
      json: try await server.pool.run {
        let result = scanner.scan(given.image(server.settings.limits)).result
        PictureCounts.count(.ledger, result.outcome)
        let head = try ledger.append(
          [
            try LedgerEntry.Record(
              result, operatorName: server.settings.operatorName ?? LedgerEntry.Record.noOperator)
          ],
          at: Date())
        return try LedgerHeadFile.line(head)
      })
  }
}
