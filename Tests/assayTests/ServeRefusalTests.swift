import Foundation
import TestSupport
import Testing

/// What `assay serve` refuses, in words.
@Suite(.serialized)
struct ServeRefusalTests {
  @Test func `what is not as it should be is refused with its reason`() throws {
    let server = try ServedAssay(["--max-body", "1"])
    let scan = "/api/v1/scan"
    try expectProblem(try server.ask("GET", "/nothing"), 404, "serve.path")
    try expectProblem(try server.ask("GET", "/assets/..%2f..%2fetc%2fpasswd"), 404, "serve.path")
    try expectProblem(try server.ask("POST", scan, []), 400, "serve.picture")
    try expectProblem(try server.ask("POST", "\(scan)?only=magic", [1]), 400, "serve.value")
    try expectProblem(try server.ask("POST", "\(scan)?unknown=1", [1]), 400, "serve.query")
    try expectProblem(try server.ask("POST", scan, [1], type: "text/plain"), 415, "serve.type")
    try expectProblem(
      try server.ask("POST", scan, [1], headers: ["Content-Encoding: gzip"]), 415, "serve.encoding")
    try expectProblem(
      try server.ask("POST", scan, [UInt8](repeating: 0, count: 2 << 20)), 413, "serve.size")
    try expectProblem(
      try server.ask("POST", scan, [1], headers: ["Origin: https://example.org"]), 403, "serve.origin")
    try expectProblem(
      try server.ask("POST", scan, [1], headers: ["Sec-Fetch-Site: cross-site"]), 403, "serve.origin")
    try expectProblem(
      try server.ask("POST", scan, [1], type: "multipart/form-data"), 400, "serve.multipart")
    try expectProblem(
      try server.form(scan, (0..<1_000).map { ("file", "\($0)", [1]) }), 413, "serve.parts")
    try expectProblem(
      try server.ask("POST", "/api/v1/ledger", try ServedAssay.gallery("webui.png")), 409, "serve.ledger")
    // A name that leads to this machine from another site's page.
    let foreign = try #require(
      try server.raw(Array("GET / HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n".utf8)))
    try expectProblem(foreign, 421, "serve.host")
  }

  @Test func `a refusal names the place, and nothing that stands twice is taken`() throws {
    let server = try ServedAssay()
    func refused(_ path: String, _ json: String, _ code: String, _ place: String) throws {
      let answer = try server.ask("POST", path, Array(json.utf8), type: "application/json")
      try expectProblem(answer, 400, code)
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
      try expectProblem(answer, 400, "serve.query")
      #expect((try answer.object()["location"] as? [String: Any])?["path"] as? String == name)
    }
    let picture = try ServedAssay.gallery("webui.png")
    let twice = [("before", "a", picture), ("before", "b", picture), ("after", "c", picture)]
    try expectProblem(try server.form("/api/v1/compare", twice), 400, "serve.twice")
    // What is taken is what the document says.
    let document = try server.ask("GET", "/openapi.json").text
    #expect(document.contains("9223372036854775807"))
  }

  @Test func `what is no request is answered and ended`() throws {
    let server = try ServedAssay()
    func raw(_ text: String) throws -> ServedAssay.Answer { try #require(try server.raw(Array(text.utf8))) }
    try expectProblem(try raw("\u{16}\u{3}\u{1} nonsense\r\n\r\n"), 501, "serve.method")
    let long = String(repeating: "a", count: 40_000)
    try expectProblem(
      try raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: \(long)\r\n\r\n"), 431, "serve.headers")
    try expectProblem(
      try raw("POST /api/v1/scan HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
      400,
      "serve.http")
    try expectProblem(
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
      try expectProblem(answer, 401, "serve.token")
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
      try expectProblem(answer, status, code)
    }
  }

  @Test func `what a stranger sends is not read`() throws {
    let (server, _) = try ServedAssay.guarded()
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
      #expect(try begun(path, part("x", "") + part("token", ServedAssay.token)).status == 401, "\(path)")
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
    let shown = ("token", nil as String?, Array(ServedAssay.token.utf8))
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

  @Test func `what nobody can ask for or listen at is refused at the start`() throws {
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: "token").path
    try Data("\(ServedAssay.token)\n".utf8).write(to: URL(filePath: file))
    for (option, value, words) in [
      ("--names", "https://desk.example/scan", "write the name alone, desk.example"),
      ("--names", "ok.example,desk.example:8443", "write the name alone, desk.example"),
      ("--names", "[fe80::1]:8443", "write the name alone, fe80::1"),
      ("--names", "*.example", "there are no wildcards"), ("--names", "schreibtisch-ü.example", "xn--"),
      ("--names", "my desk", "write a name such as desk.example"), ("--names", " , ", "holds no name"),
      ("--host", "*", "write 0.0.0.0 for every address of this machine, or :: for those of IPv6 too"),
      ("--host", "0", "write 0.0.0.0"), ("--host", "", "write 0.0.0.0"),
      ("--host", "[::1]", "write ::1 alone"), ("--host", "127.0.0.1:80", "write 127.0.0.1 alone"),
      ("--host", "http://desk.example:80/", "write desk.example alone"),
    ] {
      let result = try CommandLineTool.run(["serve", "--port", "0", "--token-file", file, option, value])
      #expect(result.status == 64 && result.errors.contains(words), "\(option) \(value): \(result.errors)")
    }
    let nowhere = try CommandLineTool.run(["serve", "--port", "0", "--token-file", file, "--host", ":::"])
    #expect(
      nowhere.status == 1 && nowhere.errors.contains("is no address of this machine"), "\(nowhere.errors)")
    #expect(nowhere.errors.contains("fix: give --host an address of this machine, or 0.0.0.0"))
  }

  @Test func `a request names one host, in its field or in its target`() throws {
    let server = try ServedAssay()
    func raw(_ head: String) throws -> ServedAssay.Answer {
      try #require(try server.raw(Array("\(head)\r\nConnection: close\r\n\r\n".utf8)), "\(head)")
    }
    for (head, code) in [
      ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost", "serve.host.field"),
      ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: rebound.example", "serve.host.field"),
      ("GET http://localhost/healthz HTTP/1.1\r\nHost: a.example\r\nHost: b.example", "serve.host.field"),
      ("GET /healthz HTTP/1.1", "serve.host.field"),
      ("GET /healthz HTTP/1.1\r\nHost: local host", "serve.host.field"),
      ("GET /healthz HTTP/1.1\r\nHost: me@localhost", "serve.host.field"),
      ("GET ftp://localhost/healthz HTTP/1.1\r\nHost: localhost", "serve.target"),
      ("GET http://me@localhost/healthz HTTP/1.1\r\nHost: localhost", "serve.target"),
    ] {
      try expectProblem(try raw(head), 400, code)
    }
    // The target's host counts, whatever the field says.
    for head in [
      "GET http://localhost/healthz HTTP/1.1\r\nHost: rebound.example",
      "GET HTTP://127.0.0.1:\(server.port)/healthz?# HTTP/1.1\r\nHost: x",
      "GET http://[::1]/healthz HTTP/1.0", "GET https://localhost/healthz HTTP/1.1\r\nHost:",
    ] {
      #expect(try raw(head).status == 200, "\(head)")
    }
    #expect(try raw("GET http://localhost HTTP/1.1\r\nHost: localhost").text.hasPrefix("<!doctype html>"))
    for head in [
      "GET http://rebound.example/healthz HTTP/1.1\r\nHost: localhost", "GET /healthz HTTP/1.0",
      "GET /healthz HTTP/1.1\r\nHost:",
    ] {
      try expectProblem(try raw(head), 421, "serve.host")
    }
    let scan =
      "POST http://localhost/api/v1/scan?only=provenance HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    let answer = try server.raw(Array("\(scan)Origin: http://localhost\r\n\r\nnone".utf8))
    #expect(answer?.status == 200)
    let foreign = try server.raw(Array("\(scan)Origin: http://x\r\n\r\nnone".utf8))
    #expect(foreign?.status == 403)
    #expect(try server.ask("GET", "/healthz").status == 200)
  }

  @Test func `an object that is too long is told in its own measure`() throws {
    let server = try ServedAssay()
    let long = Array("{\"seed\":1\(String(repeating: " ", count: 70_000))}".utf8)
    let answer = try server.ask("POST", "/api/v1/generate/gan", long, type: "application/json")
    try expectProblem(answer, 413, "serve.size")
    #expect(answer.text.contains("64 KiB") && !answer.text.contains("--max-body"))
  }
}
