import Foundation
import ImageFormats
import TestSupport
import Testing

/// What `assay serve` answers.
@Suite(.serialized)
struct ServeAnswerTests {
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
    try expectProblem(
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
    try expectProblem(
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
    try expectProblem(try server.ask("GET", place), 404, "serve.job")
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
        try expectProblem(answer, 405, "serve.method")
        #expect(answer.headers["allow"] != nil)
      }
    }
    for name in ["healthz", "readyz", "metrics"] { #expect(paths["/\(name)"] != nil) }
    #expect(try server.ask("GET", "/metrics").text.contains("assay_http_requests_total{"))
  }

  /// Addresses that the document has not: pages for people, what they load, and itself.
  private static let unlisted: Set<String> = [
    "/", "/studio", "/panorama", "/compare", "/assets/\\(name)", "/openapi.json",
  ]

  @Test func `the document and what is answered are the same, address by address`() throws {
    // Those that stand in the server's sources.
    let folder = TestPaths.root.appending(path: "Sources/assay-server")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".swift")
    }
    var written: Set<String> = []
    for file in files {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      for match in text.matches(of: /(?:path: |page\(\.\w+, )"(\/[^"]*)"/) { written.insert(String(match.1)) }
    }
    let scratch = try ScratchFolder()
    let server = try ServedAssay(["--ledger", scratch.url.appending(path: "desk.sqlite").path])
    let document = try server.ask("GET", "/openapi.json").object()
    let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
    #expect(written.subtracting(paths.keys) == Self.unlisted)
    #expect(Set(paths.keys).isSubset(of: written))

    // A request to each that is as the document has it.
    let picture = try ServedAssay.gallery("webui.png")
    let place = try #require(try server.form("/api/v1/jobs", [("file", "a", picture)]).headers["location"])
    func json(_ path: String, _ text: String) throws -> ServedAssay.Answer {
      try server.ask("POST", path, Array(text.utf8), type: "application/json")
    }
    let requests: [String: () throws -> ServedAssay.Answer] = [
      "POST /api/v1/scan": { try server.ask("POST", "/api/v1/scan?only=provenance,spectra&name=a", picture) },
      "POST /api/v1/credentials/verify": {
        try server.ask("POST", "/api/v1/credentials/verify?name=a", picture)
      },
      "POST /api/v1/watermark/read": { try server.ask("POST", "/api/v1/watermark/read?name=a", picture) },
      "POST /api/v1/inspect": { try server.ask("POST", "/api/v1/inspect?name=a", picture) },
      "POST /api/v1/compare": {
        try server.form("/api/v1/compare", [("before", "a", picture), ("after", "b", picture)])
      },
      "POST /api/v1/report": { try server.ask("POST", "/api/v1/report?format=md&name=a", picture) },
      "POST /api/v1/drawings": { try server.ask("POST", "/api/v1/drawings?kind=heatmap", picture) },
      "POST /api/v1/ledger": { try server.ask("POST", "/api/v1/ledger?name=a", picture) },
      "POST /api/v1/wall": {
        try server.ask(
          "POST",
          "/api/v1/wall?jpeg=80&scale=0.9&crop=0.9&turn=1&screenshot=true&strip=true&only=provenance", picture
        )
      },
      "POST /api/v1/jobs": {
        try server.form("/api/v1/jobs", [("file", "a", picture), ("file", "b", picture)])
      },
      "GET /api/v1/jobs/{id}": { try server.ask("GET", place) },
      "GET /api/v1/jobs/{id}/events": { try server.ask("GET", "\(place)/events?as=html") },
      "GET /api/v1/jobs/{id}/results": { try server.ask("GET", "\(place)/results") },
      // Of a job of its own, as the others ask for theirs.
      "DELETE /api/v1/jobs/{id}": {
        let own = try #require(try server.form("/api/v1/jobs", [("file", "a", picture)]).headers["location"])
        return try server.ask("DELETE", own)
      },
      "GET /api/v1/generate/models": { try server.ask("GET", "/api/v1/generate/models") },
      "POST /api/v1/generate/gan": {
        try json(
          "/api/v1/generate/gan?format=jpeg&quality=80&label=AI", #"{"seed":3,"index":1,"truncation":0.7}"#)
      },
      "POST /api/v1/generate/morph": {
        try json("/api/v1/generate/morph?format=webp", #"{"parts":[{"seed":1,"weight":1}]}"#)
      },
      "POST /api/v1/generate/panorama": { try json("/api/v1/generate/panorama?format=jpeg", #"{"seed":4}"#) },
      "POST /api/v1/generate/landscape": {
        try server.ask("POST", "/api/v1/generate/landscape?input=photo", picture)
      },
      "POST /api/v1/generate/style": {
        try server.form("/api/v1/generate/style", [("content", "a", picture), ("style", "b", picture)])
      },
      "POST /api/v1/generate/upscale": {
        try server.ask("POST", "/api/v1/generate/upscale?scale=2", picture)
      },
      "GET /healthz": { try server.ask("GET", "/healthz") },
      "GET /readyz": { try server.ask("GET", "/readyz") },
      "GET /metrics": { try server.ask("GET", "/metrics") },
    ]
    let operations = paths.flatMap { path, operations in
      operations.map { method, operation in
        (name: "\(method.uppercased()) \(path)", operation: operation)
      }
    }
    #expect(Set(operations.map(\.name)) == Set(requests.keys))
    for (name, operation) in operations.sorted(by: { $0.name < $1.name }) {
      guard let request = requests[name] else { continue }
      let answer = try request()
      #expect(answer.status < 300, "\(name): \(answer.status) \(answer.text.prefix(300))")
      let answers = operation["responses"] as? [String: [String: Any]] ?? [:]
      let told = try #require(answers["\(answer.status)"], "\(name)")
      let content = told["content"] as? [String: Any] ?? [:]
      #expect(content.isEmpty ? answer.body.isEmpty : content[answer.type] != nil, "\(name): \(answer.type)")
      for field in (told["headers"] as? [String: Any] ?? [:]).keys {
        #expect(answer.headers[field.lowercased()] != nil, "\(name): \(field)")
      }
      // What may go wrong anywhere is told of everywhere.
      for status in ["400", "408", "421", "429", "431", "500", "503"] {
        #expect(answers[status] != nil, "\(name): \(status)")
      }
    }
  }

  @Test func `what could not be judged has nothing to lay over it`() throws {
    let server = try ServedAssay()
    func kinds(_ bytes: [UInt8]) throws -> [String] {
      let place = try #require(try server.form("/api/v1/jobs", [("file", "a", bytes)]).headers["location"])
      let html = try server.ask("GET", "\(place)/events?as=html").text
      return ["heatmap", "spectrum"].filter { html.contains("value=\\\"\($0)\\\"") }
    }
    func noise(_ width: Int, _ height: Int) throws -> [UInt8] {
      let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
      return try ImageEncoder.png(.init(width: width, height: height, colorModel: .rgb, pixels: pixels))
    }
    #expect(try kinds(noise(50, 40)) == [])
    #expect(try kinds(noise(100, 90)) == ["spectrum"])
    #expect(try kinds(ServedAssay.gallery("webui.png")) == ["heatmap", "spectrum"])
  }
}
