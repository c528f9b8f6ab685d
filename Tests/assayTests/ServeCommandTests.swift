import Foundation
import ImageFormats
import TestSupport
import Testing

/// What `assay serve` answers, refuses and survives.
@Suite(.serialized)
struct ServeCommandTests {
  static func problem(_ answer: ServedAssay.Answer, _ status: Int, _ code: String) throws {
    #expect(answer.status == status, "\(code): \(answer.text)")
    #expect(answer.type == "application/problem+json")
    let object = try answer.object()
    #expect(object["code"] as? String == code)
    #expect(object["status"] as? Int == status)
    for name in ["type", "title", "detail", "remedy"] { #expect(object[name] is String, "\(code) \(name)") }
    #expect(answer.headers["x-content-type-options"] == "nosniff")
  }

  // MARK: Answers

  @Test func `a scan answers as the command line does, for one picture and for several`() throws {
    let server = try ServedAssay()
    let names = ["google-edited.jpg", "webui.png", "cut.jpg"]
    let lines = try CommandLineTool.run(
      ["scan", "--json"] + names.map { "fixtures/gallery/\($0)" }
    ).objects()
    func nameless(_ object: [String: Any]) throws -> Data {
      try JSONSerialization.data(
        withJSONObject: object.merging(["file": ""]) { $1 }, options: .sortedKeys)
    }
    for (name, line) in zip(names, lines) {
      let answer = try server.ask("POST", "/api/v1/scan?name=\(name)", try ServedAssay.gallery(name))
      #expect(answer.status == 200 && answer.type == "application/json")
      #expect(try answer.object()["file"] as? String == name)
      #expect(try nameless(answer.object()) == nameless(line), "\(name)")
    }
    let several = try server.form(
      "/api/v1/scan", try names.map { ("file", $0, try ServedAssay.gallery($0)) })
    #expect(several.status == 200 && several.type == "application/jsonl")
    let objects = try several.text.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
    #expect(objects.map { $0["file"] as? String } == names)
    #expect(try objects.map(nameless) == lines.map(nameless))
    let only = try server.ask(
      "POST", "/api/v1/scan?only=provenance", try ServedAssay.gallery("google-edited.jpg")
    ).object()
    #expect(only["aiProbability"] is NSNull)
    // Neither names nor pictures are in the log.
    #expect(server.log.contains("POST /api/v1/scan 200") && !server.log.contains("google"))
  }

  @Test func `the other questions have the answers of their commands`() throws {
    let server = try ServedAssay()
    let picture = try ServedAssay.gallery("google-edited.jpg")
    for (path, schema) in [
      ("credentials/verify", "assay.credentials/1"), ("watermark/read", "assay.watermark/1"),
      ("inspect", "assay.inspect/1"), ("report?format=json", "assay.report/1"),
    ] {
      let answer = try server.ask("POST", "/api/v1/\(path)", picture)
      #expect(answer.status == 200, "\(path): \(answer.text.prefix(200))")
      #expect(try answer.object()["schema"] as? String == schema)
    }
    let page = try server.ask("POST", "/api/v1/report?format=html&name=a.jpg", picture)
    #expect(page.text.hasPrefix("<!doctype html>") && page.text.contains("a.jpg"))
    #expect(page.headers["content-disposition"]?.hasPrefix("attachment") == true)
    let drawing = try server.ask("POST", "/api/v1/drawings?kind=spectrum", picture)
    #expect(drawing.type == "image/png" && drawing.body.starts(with: [0x89, 0x50]))
    let compared = try server.form(
      "/api/v1/compare",
      [("before", "a.jpg", picture), ("after", "b.png", try ServedAssay.gallery("webui.png"))])
    let states = (try compared.object()["findings"] as? [[String: Any]] ?? []).map { $0["state"] as? String }
    #expect(compared.status == 200 && states.contains("lost") && states.contains("added"))
    try Self.problem(
      try server.ask("POST", "/api/v1/watermark/read", Array("no picture".utf8)), 422, "format.unknown")
  }

  @Test func `what it makes is marked and signed`() throws {
    let server = try ServedAssay()
    let answer = try server.ask(
      "POST", "/api/v1/generate/gan", Array(#"{"model":"landscapes","seed":7}"#.utf8),
      type: "application/json")
    #expect(answer.status == 200 && answer.type == "image/png", "\(answer.text.prefix(300))")
    let scan = try server.ask("POST", "/api/v1/scan", answer.body).object()
    let evidence = scan["evidence"] as? [[String: Any]] ?? []
    let found = Set(
      evidence.filter { $0["result"] as? String == "found" }.compactMap { $0["method"] as? String })
    #expect(found.isSuperset(of: ["credentials.c2pa", "watermark.assay"]), "\(found)")
    let mark = try server.ask("POST", "/api/v1/watermark/read", answer.body).object()
    let payload = (mark["marks"] as? [[String: Any]])?.first?["payloadHex"] as? String
    #expect(payload != nil && payload == answer.headers["assay-identifier"])
    try Self.problem(
      try server.ask("POST", "/api/v1/generate/gan", Array(#"{"seed":"7"}"#.utf8), type: "application/json"),
      400, "serve.value")
  }

  @Test func `a job takes many, tells of each, and is forgotten`() throws {
    let server = try ServedAssay()
    let names = ["google-edited.jpg", "webui.png", "../../etc/passwd.png"]
    let files = try names.map { ("file", $0, try ServedAssay.gallery("webui.png")) }
    let begun = try server.form("/api/v1/jobs", files)
    #expect(begun.status == 202)
    let id = try #require(try begun.object()["id"] as? String)
    let place = try #require(begun.headers["location"])
    #expect(place == "/api/v1/jobs/\(id)")
    let events = try server.ask("GET", "\(place)/events").text
    #expect(events.components(separatedBy: "event: result\n").count == 4)
    #expect(events.contains("event: progress\n") && events.contains("event: end\n"))
    let html = try server.ask("GET", "\(place)/events?as=html").text
    #expect(html.contains("<article class=") && html.contains("passwd.png") && !html.contains("etc/passwd"))
    #expect(try server.ask("GET", "\(place)/results").text.split(separator: "\n").count == 3)
    #expect(try server.ask("GET", place).object()["state"] as? String == "done")
    #expect(try server.ask("DELETE", place).status == 204)
    try Self.problem(try server.ask("GET", place), 404, "serve.job")
  }

  @Test func `a form is the same in whatever pieces it comes`() throws {
    let server = try ServedAssay()
    let files = try ["google-edited.jpg", "webui.png"].map { ("file", $0, try ServedAssay.gallery($0)) }
    let whole = try server.form("/api/v1/scan?only=provenance", files)
    #expect(whole.status == 200)
    for size in [1, 2, 7, 1_000] {
      let pieces = try server.form("/api/v1/scan?only=provenance", files, pieces: size)
      #expect(pieces.status == 200 && pieces.text == whole.text, "\(size)")
    }
  }

  @Test func `two hundred look on at one job`() async throws {
    let server = try ServedAssay(["--workers", "1"])
    let shared = UncheckedServer(server)
    let files = try (0..<8).map { ("file", "\($0).png", try ServedAssay.gallery("webui.png")) }
    let place = try #require(try server.form("/api/v1/jobs", files).headers["location"])
    let streams = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<200 {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
              continuation.resume(with: Result { try shared.one.ask("GET", "\(place)/events").text })
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for stream in streams {
      #expect(stream.components(separatedBy: "event: result\n").count == 9)
      #expect(stream.contains("event: end\n"))
    }
  }

  @Test func `every picture is counted by what was asked for`() throws {
    let server = try ServedAssay()
    let picture = try ServedAssay.gallery("google-edited.jpg")
    for path in [
      "scan?only=provenance", "credentials/verify", "watermark/read", "inspect", "report",
      "drawings?kind=picture",
      "wall?only=provenance",
    ] {
      #expect(try server.ask("POST", "/api/v1/\(path)", picture).status == 200, "\(path)")
    }
    #expect(try server.ask("POST", "/api/v1/watermark/read", Array("none".utf8)).status == 422)
    #expect(
      try server.form("/api/v1/compare", [("before", "a", picture), ("after", "b", picture)]).status == 200)
    #expect(try server.form("/", [("file", "a.jpg", picture)]).status == 200)
    let place = try #require(
      try server.form("/api/v1/jobs", [("file", "a", picture), ("file", "b", picture)]).headers["location"])
    #expect(try server.ask("GET", "\(place)/events").text.contains("event: end"))
    #expect(
      try server.ask("POST", "/api/v1/generate/gan", Array("{}".utf8), type: "application/json").status == 200
    )
    let metrics = try server.ask("GET", "/metrics").text
    for (work, outcome, count) in [
      ("scan", "aiDeclared", 1), ("job", "aiDeclared", 2), ("page", "aiDeclared", 1),
      ("compare", "aiDeclared", 2),
      ("report", "aiDeclared", 1), ("wall", "aiDeclared", 1), ("credentials", "absent", 1),
      ("watermark", "absent", 1), ("watermark", "unreadable", 1), ("inspect", "done", 1),
      ("drawing", "done", 1),
      ("generate", "made", 1),
    ] {
      let line = "assay_pictures_total{work=\"\(work)\",outcome=\"\(outcome)\"} \(count)\n"
      #expect(metrics.contains(line), "\(line)")
    }
  }

  @Test func `of a film the credentials are told, and of nothing else that nothing was found`() throws {
    let server = try ServedAssay()
    func article(_ bytes: [UInt8], _ name: String) throws -> String {
      let place = try #require(try server.form("/api/v1/jobs", [("file", name, bytes)]).headers["location"])
      let html = try server.ask("GET", "\(place)/events?as=html").text
      // The page without script says the same.
      let page = try server.form("/", [("file", name, bytes)]).text
      for words in ["Assay examines pictures", "Nothing was found by what was looked at"] {
        #expect(html.contains(words) == page.contains(words), "\(name): \(words)")
      }
      return html
    }
    var film = [UInt8](
      try Data(contentsOf: TestPaths.fixtures.appending(path: "credentials/kinds/signed.avif")))
    // The first box names the kind, and no binding covers it.
    film.replaceSubrange(8..<12, with: "isom".utf8)
    for place in stride(from: 16, to: 32, by: 4) {
      film.replaceSubrange(place..<(place + 4), with: "mp42".utf8)
    }
    let signed = try article(film, "film.mp4")
    #expect(signed.contains("read the Content Credentials only") && signed.contains("Assay Test"))
    #expect(signed.contains("class=\\\"state s-valid") && signed.contains("The file could not be read."))
    let bare = try article(Array(film[..<32]) + [0, 0, 0, 8] + Array("mdat".utf8), "bare.mp4")
    #expect(bare.contains("found none that it can check"))
    let sound = try article(Array("ID3".utf8) + [UInt8](repeating: 0, count: 64), "sound.mp3")
    let document = try article(Array("%PDF-1.7\n%%EOF\n".utf8), "letter.pdf")
    for html in [signed, bare, sound, document, try article(Array("words".utf8), "a.txt")] {
      #expect(!html.contains("Nothing was found by what was looked at") && !html.contains("nothing found"))
    }
    let nothing = try article(try ServedAssay.gallery("nothing.png"), "nothing.png")
    #expect(nothing.contains("No indication of AI") || nothing.contains("Inconclusive"))
  }

  @Test(arguments: [(1, 1), (2, 1), (1, 3)])
  func `the wall takes the smallest pictures`(width: Int, height: Int) throws {
    let server = try ServedAssay()
    let pixels = [UInt8](repeating: 90, count: width * height * 3)
    let picture = try ImageEncoder.png(
      .init(width: width, height: height, colorModel: .rgb, pixels: pixels))
    for query in [
      "", "jpeg=50", "scale=0.1", "scale=4", "crop=0.1", "turn=45", "screenshot=true", "strip=true",
      "crop=0.1&turn=-180&scale=0.1&jpeg=1",
    ] {
      let answer = try server.ask("POST", "/api/v1/wall?\(query)", picture)
      #expect(answer.status == 200, "\(query)")
      #expect(try answer.object()["schema"] as? String == "assay.wall/1")
    }
  }

  // MARK: The document

  @Test func `the API's document has every address, and every address answers`() throws {
    let server = try ServedAssay()
    let document = try server.ask("GET", "/openapi.json").object()
    #expect(document["openapi"] as? String == "3.1.0")
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    #expect(paths.count > 15)
    let known = Set(["get", "post", "delete"])
    for (path, operations) in paths {
      #expect(Set(operations.keys).isSubset(of: known), "\(path)")
      let address = path.replacing("{id}", with: String(repeating: "0", count: 32))
      for (method, operation) in operations {
        let answer = try server.ask(method.uppercased(), address, method == "post" ? [] : nil)
        let answers = (operation as? [String: Any])?["responses"] as? [String: Any] ?? [:]
        #expect(answers["\(answer.status)"] != nil, "\(method) \(path): \(answer.status)")
      }
      for method in known.subtracting(operations.keys) {
        let answer = try server.ask(method.uppercased(), address, method == "post" ? [] : nil)
        try Self.problem(answer, 405, "serve.method")
        #expect(answer.headers["allow"] != nil)
      }
    }
    for name in ["healthz", "readyz", "metrics"] { #expect(paths["/\(name)"] != nil) }
    #expect(try server.ask("GET", "/metrics").text.contains("assay_http_requests_total{"))
  }

  // MARK: Refusals

  @Test func `what is not as it should be is refused with its reason`() throws {
    let server = try ServedAssay(["--max-body", "1"])
    let scan = "/api/v1/scan"
    try Self.problem(try server.ask("GET", "/nothing"), 404, "serve.path")
    try Self.problem(try server.ask("GET", "/assets/..%2f..%2fetc%2fpasswd"), 404, "serve.path")
    try Self.problem(try server.ask("POST", scan, []), 400, "serve.picture")
    try Self.problem(try server.ask("POST", "\(scan)?only=magic", [1]), 400, "serve.value")
    try Self.problem(try server.ask("POST", "\(scan)?unknown=1", [1]), 400, "serve.query")
    try Self.problem(try server.ask("POST", scan, [1], type: "text/plain"), 415, "serve.type")
    try Self.problem(
      try server.ask("POST", scan, [1], headers: ["Content-Encoding: gzip"]), 415, "serve.encoding")
    try Self.problem(
      try server.ask("POST", scan, [UInt8](repeating: 0, count: 2 << 20)), 413, "serve.size")
    try Self.problem(
      try server.ask("POST", scan, [1], headers: ["Origin: https://example.org"]), 403, "serve.origin")
    try Self.problem(
      try server.ask("POST", scan, [1], headers: ["Sec-Fetch-Site: cross-site"]), 403, "serve.origin")
    try Self.problem(
      try server.ask("POST", scan, [1], type: "multipart/form-data"), 400, "serve.multipart")
    try Self.problem(
      try server.form(scan, (0..<1_000).map { ("file", "\($0)", [1]) }), 413, "serve.parts")
    try Self.problem(
      try server.ask("POST", "/api/v1/ledger", try ServedAssay.gallery("webui.png")), 409, "serve.ledger")
    // A name that leads to this machine from another site's page.
    let foreign = try #require(
      try server.raw(Array("GET / HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n".utf8)))
    try Self.problem(foreign, 421, "serve.host")
  }

  @Test func `a refusal names the place, and nothing that stands twice is taken`() throws {
    let server = try ServedAssay()
    func refused(_ path: String, _ json: String, _ code: String, _ place: String) throws {
      let answer = try server.ask("POST", path, Array(json.utf8), type: "application/json")
      try Self.problem(answer, 400, code)
      let location = try answer.object()["location"] as? [String: Any]
      #expect(location?["path"] as? String == place, "\(json): \(answer.text)")
    }
    let (gan, morph) = ("/api/v1/generate/gan", "/api/v1/generate/morph")
    try refused(gan, #"{"seed":1,"seed":2}"#, "serve.twice", "seed")
    try refused(gan, #"{"seed":1,"s\u0065ed":2}"#, "serve.twice", "seed")
    try refused(gan, #"{"seed":1,"toward":{"seed":2,"place":0,"place":1}}"#, "serve.twice", "place")
    try refused(gan, #"{"toward":{"seed":2,"place":7}}"#, "serve.value", "toward.place")
    try refused(gan, #"{"toward":{"seed":2}}"#, "serve.value", "toward")
    try refused(gan, #"{"seed":9223372036854775808}"#, "serve.value", "seed")
    try refused(
      morph, #"{"parts":[{"seed":1,"weight":1},{"seed":2,"weight":2}]}"#, "serve.value", "parts[1].weight")
    try refused(morph, #"{"parts":[{"seed":1,"weight":1},7]}"#, "serve.value", "parts[1]")
    try refused(morph, #"{"parts":[{"seed":1,"weight":1,"x":0}]}"#, "serve.name", "parts[0].x")
    // The same name in two objects, or as a value, is no repetition.
    let fine = #"{"parts":[{"seed":1,"weight":1},{"seed":2,"weight":0.5}],"model":"flowers"}"#
    #expect(try server.ask("POST", morph, Array(fine.utf8), type: "application/json").status == 200)
    for (query, name) in [("unknown=1", "unknown"), ("only=detector&only=spectra", "only")] {
      let answer = try server.ask("POST", "/api/v1/scan?\(query)", [1])
      try Self.problem(answer, 400, "serve.query")
      #expect((try answer.object()["location"] as? [String: Any])?["path"] as? String == name)
    }
    let picture = try ServedAssay.gallery("webui.png")
    let twice = [("before", "a", picture), ("before", "b", picture), ("after", "c", picture)]
    try Self.problem(try server.form("/api/v1/compare", twice), 400, "serve.twice")
    // What is taken is what the document says.
    let document = try server.ask("GET", "/openapi.json").text
    #expect(document.contains("9223372036854775807"))
  }

  @Test func `what is no request is answered and ended`() throws {
    let server = try ServedAssay()
    func raw(_ text: String) throws -> ServedAssay.Answer { try #require(try server.raw(Array(text.utf8))) }
    try Self.problem(try raw("\u{16}\u{3}\u{1} nonsense\r\n\r\n"), 501, "serve.method")
    let long = String(repeating: "a", count: 40_000)
    try Self.problem(try raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: \(long)\r\n\r\n"), 431, "serve.headers")
    try Self.problem(
      try raw("POST /api/v1/scan HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
      400,
      "serve.http")
    try Self.problem(
      try raw(
        "POST /api/v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"
      ),
      400, "serve.http")
    #expect(try server.ask("GET", "/healthz").status == 200)
  }

  @Test func `beyond loopback it needs a token, and the token opens`() throws {
    let refused = try CommandLineTool.run(["serve", "--host", "0.0.0.0"])
    #expect(refused.status == 64 && refused.errors.contains("--token-file"))
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: "token").path
    try Data("short\n".utf8).write(to: URL(filePath: file))
    let short = try CommandLineTool.run(["serve", "--port", "0", "--token-file", file])
    #expect(short.status == 1 && short.errors.contains("no token"))
    let token = "abcdefghijklmnopqrstuvwxyz"
    try Data("\(token)\nmore\n".utf8).write(to: URL(filePath: file))
    let server = try ServedAssay(["--host", "0.0.0.0", "--token-file", file])
    let picture = try ServedAssay.gallery("webui.png")
    for header in [[], ["Authorization: Bearer \(token)x"], ["Authorization: Basic \(token)"]] {
      let answer = try server.ask("POST", "/api/v1/scan?only=provenance", picture, headers: header)
      try Self.problem(answer, 401, "serve.token")
      #expect(answer.headers["www-authenticate"] == "Bearer")
      // The pages' forms may hold the token themselves; a header that is wrong does not stand for it.
      for page in ["/", "/compare"] {
        let form = try server.ask(
          "POST", page, Array("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n--b--\r\n".utf8),
          headers: header + ["Content-Type: multipart/form-data; boundary=b"])
        #expect(form.status == 401, "\(page) \(header)")
      }
    }
    #expect(try server.ask("GET", "/metrics").status == 401)
    for path in ["/healthz", "/", "/openapi.json", "/assets/style.css"] {
      #expect(try server.ask("GET", path).status == 200, "\(path)")
    }
    let given = try server.ask(
      "POST", "/api/v1/scan?only=provenance", picture, headers: ["Authorization: Bearer \(token)"])
    #expect(given.status == 200)
    #expect(!server.log.contains(token))
    // Behind a proxy it answers to the proxy's name and to its own.
    let proxied = try ServedAssay(["--names", "Desk.example,other.example", "--token-file", file])
    for (host, status) in [
      ("desk.example", 200), ("other.example:8443", 200), ("localhost", 200), ("evil.example", 421),
    ] {
      let answer = try #require(
        try proxied.raw(Array("GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8)))
      #expect(answer.status == status, "\(host)")
    }
    #expect(try CommandLineTool.run(["serve", "--names", "desk.example"]).status == 64)
  }

  @Test func `a request that is cut or counted wrongly is told what is wrong with it`() throws {
    let server = try ServedAssay()
    for (head, status, code) in [
      ("POST /api/v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc", 400, "serve.cut"),
      ("POST /api/v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400, "serve.length"),
      ("FOO /api/v1/scan HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "serve.method"),
    ] {
      let answer = try #require(try server.raw(Array(head.utf8), isLast: true))
      try Self.problem(answer, status, code)
    }
  }

  @Test func `what could not be read has lost nothing, and carried nobody knows what`() throws {
    let server = try ServedAssay()
    let signed = try ServedAssay.gallery("google-edited.jpg")
    let cut = try ServedAssay.gallery("cut.jpg")
    func states(_ before: [UInt8], _ after: [UInt8]) throws -> Set<String> {
      let answer = try server.form("/api/v1/compare", [("before", "a", before), ("after", "b", after)])
      let object = try answer.object()
      return Set(
        ["findings", "fields"].flatMap { name in
          (object[name] as? [[String: Any]] ?? []).compactMap { $0["state"] as? String }
        })
    }
    #expect(try states(signed, cut).isDisjoint(with: ["lost", "kept"]))
    #expect(try states(signed, Array("text".utf8)) == ["unknown"])
    func page(_ before: [UInt8], _ after: [UInt8]) throws -> String {
      try server.form("/compare", [("before", "a.jpg", before), ("after", "b.jpg", after)]).text
    }
    let after = try page(signed, cut)
    #expect(after.contains("cannot be said") && !after.contains("are in the second."))
    let before = try page(Array("text".utf8), signed)
    #expect(before.contains("could not be read whole") && !before.contains("nothing to lose"))
  }

  static let token = "abcdefghijklmnopqrstuvwxyz"

  /// A server that others reach, and its token's file.
  static func guarded(_ arguments: String...) throws -> (ServedAssay, ScratchFolder) {
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: "token")
    try Data("\(token)\n".utf8).write(to: file)
    return (try ServedAssay(["--token-file", file.path] + arguments), folder)
  }

  @Test func `what a stranger sends is not read`() throws {
    let (server, _) = try Self.guarded()
    // The rest of the body never comes: whoever waited for it would have nothing to answer.
    func begun(_ path: String, _ body: String, headers: String = "") throws -> ServedAssay.Answer {
      let head =
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        + "Content-Length: 50000000\r\n\(headers)\r\n"
      return try #require(try server.raw(Array((head + body).utf8)))
    }
    func part(_ name: String, _ value: String) -> String {
      "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }
    for path in ["/", "/compare", "/api/v1/scan", "/api/v1/jobs"] {
      #expect(try begun(path, part("token", "wrong") + "--b").status == 401, "\(path)")
      #expect(try begun(path, part("file", String(repeating: "x", count: 20_000))).status == 401, "\(path)")
      #expect(try begun(path, part("x", "") + part("token", Self.token)).status == 401, "\(path)")
      let asked = try begun(path, "", headers: "Expect: 100-continue\r\nAuthorization: Bearer wrong\r\n")
      #expect([100, 401].contains(asked.status), "\(path)")
    }
    // Nobody who showed no token is asked to go on.
    #expect(try begun("/api/v1/scan", "", headers: "Expect: 100-continue\r\n").status == 401)
    let picture = try ServedAssay.gallery("webui.png")
    func page(_ parts: [(String, String?, [UInt8])]) throws -> Int {
      var body: [UInt8] = []
      for (name, file, bytes) in parts {
        let more = file.map { "; filename=\"\($0)\"" } ?? ""
        body += Array("--b\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n".utf8) + bytes
        body += Array("\r\n".utf8)
      }
      body += Array("--b--\r\n".utf8)
      return try server.ask("POST", "/", body, type: "multipart/form-data; boundary=b").status
    }
    let shown = ("token", nil as String?, Array(Self.token.utf8))
    #expect(try page([shown, ("file", "a.png", picture)]) == 200)
    #expect(try page([("file", "a.png", picture), shown]) == 401)
    #expect(try page([]) == 401)
    // The page's own forms have it first.
    for path in ["/", "/compare"] {
      let html = try server.ask("GET", path).text
      let token = try #require(html.range(of: "name=\"token\""))
      let file = try #require(html.range(of: "type=\"file\""))
      #expect(token.lowerBound < file.lowerBound, "\(path)")
    }
  }

  @Test(.enabled(if: ServedAssay.ownAddress != nil, "skipped: no address beside loopback"))
  func `streams of events count among an address's requests`() async throws {
    let (server, _) = try Self.guarded("--host", "0.0.0.0", "--per-address", "2", "--workers", "1")
    let header = "Authorization: Bearer \(Self.token)"
    #expect(server.url == "http://127.0.0.1:\(server.port)")
    let files = try (0..<150).map { ("file", "\($0).png", try ServedAssay.gallery("webui.png")) }
    let place = try #require(try server.form("/api/v1/jobs", files, headers: [header]).headers["location"])
    let request = "GET \(place)/events HTTP/1.1\r\nHost: x\r\n\(header)\r\n\r\n"
    let streams = try (0..<2).map { _ in
      try server.opened(Array(request.utf8), to: ServedAssay.ownAddress)
    }
    func metrics() throws -> String { try server.ask("GET", "/metrics", headers: [header]).text }
    while try !metrics().contains("assay_event_streams 2\n") {
      try await Task.sleep(for: .milliseconds(50))
    }
    func health() throws -> ServedAssay.Answer {
      let bytes = Array("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
      return try #require(try server.raw(bytes, to: ServedAssay.ownAddress))
    }
    try Self.problem(try health(), 429, "serve.address")
    // This machine's own are not counted.
    #expect(try server.ask("GET", "/healthz").status == 200)
    for stream in streams { close(stream) }
    while try health().status != 200 { try await Task.sleep(for: .milliseconds(50)) }
    #expect(try server.ask("DELETE", place, headers: [header]).status == 204)
    #expect(server.log.contains("it listens on all addresses of this machine"))
    #expect(server.log.contains("without TLS, whoever is on the way can read"))
  }

  // MARK: Load

  @Test func `what is more than it can do is told to come again`() async throws {
    let server = try ServedAssay(["--workers", "1", "--queue", "1"])
    while try server.ask("GET", "/readyz").status != 200 { try await Task.sleep(for: .milliseconds(50)) }
    let picture = try ServedAssay.gallery("webui.png")
    let answers = try await withThrowingTaskGroup(of: ServedAssay.Answer.self) { group in
      for _ in 0..<12 {
        group.addTask { [server = UncheckedServer(server)] in
          try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
              continuation.resume(with: Result { try server.one.ask("POST", "/api/v1/scan", picture) })
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.allSatisfy { [200, 503].contains($0.status) })
    #expect(answers.contains { $0.status == 200 } && answers.contains { $0.status == 503 })
    for busy in answers where busy.status == 503 {
      try Self.problem(busy, 503, "serve.busy")
      #expect(busy.headers["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
    }
    #expect(try server.ask("POST", "/api/v1/scan", picture).status == 200)
  }

  /// Requests share nothing but the port.
  private struct UncheckedServer: @unchecked Sendable {
    let one: ServedAssay
    init(_ one: ServedAssay) { self.one = one }
  }

  @Test func `the end waits for what runs`() async throws {
    let server = try ServedAssay(["--workers", "1"])
    let shared = UncheckedServer(server)
    let files = try (0..<6).map { ("file", "\($0).png", try ServedAssay.gallery("webui.png")) }
    let answer = Task.detached {
      try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
          continuation.resume(with: Result { try shared.one.form("/api/v1/scan", files) })
        }
      }
    }
    while !server.log.contains("POST /api/v1/scan") { try await Task.sleep(for: .milliseconds(20)) }
    server.terminate()
    #expect(try await answer.value.text.split(separator: "\n").count == 6)
    #expect(server.waitUntilExit() == 0)
  }
}

/// What takes as long as a server's patience, beside the other tests.
struct ServePatienceTests {
  @Test func `whoever begins a request and does not go on counts among the slow`() throws {
    let server = try ServedAssay()
    func slow() throws -> Int? {
      let text = try server.ask("GET", "/metrics").text
      let line = text.split(separator: "\n").first { $0.hasPrefix("assay_connections_too_slow ") }
      return line?.split(separator: " ").last.flatMap { Int($0) }
    }
    #expect(try slow() == 0)
    // Nobody began anything on a connection without a word.
    let silent = try server.opened([])
    defer { close(silent) }
    let answer = try #require(try server.raw(Array("POST /api/v1/scan HTTP/1.1\r\nHost: loc".utf8)))
    try ServeCommandTests.problem(answer, 408, "serve.time")
    #expect(try slow() == 1)
  }
}
