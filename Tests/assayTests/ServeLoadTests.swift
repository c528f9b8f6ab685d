import Foundation
import TestSupport
import Testing

/// What `assay serve` survives: many at once, and its end.
@Suite(.serialized)
struct ServeLoadTests {
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

  @Test(.enabled(if: ServedAssay.ownAddress != nil, "skipped: no address beside loopback"))
  func `streams of events count among an address's requests`() async throws {
    let (server, _) = try ServedAssay.guarded("--host", "0.0.0.0", "--per-address", "2", "--workers", "1")
    let header = "Authorization: Bearer \(ServedAssay.token)"
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
    try expectProblem(try health(), 429, "serve.address")
    // This machine's own are not counted.
    #expect(try server.ask("GET", "/healthz").status == 200)
    for stream in streams { close(stream) }
    while try health().status != 200 { try await Task.sleep(for: .milliseconds(50)) }
    #expect(try server.ask("DELETE", place, headers: [header]).status == 204)
    #expect(server.log.contains("it listens on all addresses of this machine"))
    #expect(server.log.contains("without TLS, whoever is on the way can read"))
  }

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
      try expectProblem(busy, 503, "serve.busy")
      #expect(busy.headers["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
    }
    #expect(try server.ask("POST", "/api/v1/scan", picture).status == 200)
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

  /// Requests share nothing but the port.
  private struct UncheckedServer: @unchecked Sendable {
    let one: ServedAssay
    init(_ one: ServedAssay) { self.one = one }
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
    try expectProblem(answer, 408, "serve.time")
    #expect(try slow() == 1)
  }
}
