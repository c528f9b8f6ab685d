import Diagnostics
import Foundation
import HTTPTypes
import Hummingbird
import Reports
import Requests

/// Many pictures at once: they are taken, examined in turn, and told of as they are done.
enum JobEndpoints {
  private static let id = Endpoint.Parameter(
    name: "id", place: .path, about: "The job's name, which nobody else knows.",
    schema: ["type": "string", "pattern": "^[0-9a-f]{32}$"])

  private static let unknown = Endpoint.Answer(
    status: .notFound, about: "There is no such job, or it was let go.", content: Schemas.problemAnswer)

  static let all: [Endpoint] = [
    Endpoint(
      method: .post, path: "/api/v1/jobs", name: "beginJob",
      summary: "Take up to 200 pictures and examine them in turn.", content: .pictures,
      answers: [
        .init(
          status: .accepted, about: "The job; Location is its address.",
          content: ["application/json": Schemas.reference("Job")],
          headers: ["Location": "The job's address."])
      ]
    ) { call in
      let files = try await call.pictures(most: call.server.settings.jobPictures)
      let job = try call.server.jobs.begin(files, call.server)
      return Response(
        .accepted, json: try JSONLine.of(job.progress), headers: [.location: "/api/v1/jobs/\(job.id)"])
    },
    Endpoint(
      method: .get, path: "/api/v1/jobs/{id}", name: "job", summary: "How far a job is.", parameters: [id],
      answers: [
        .init(status: .ok, about: "The job.", content: ["application/json": Schemas.reference("Job")]),
        unknown,
      ]
    ) { call in Response(json: try JSONLine.of(try job(call).progress)) },
    Endpoint(
      method: .delete, path: "/api/v1/jobs/{id}", name: "removeJob",
      summary: "End a job and forget its results.", parameters: [id],
      answers: [.init(status: .noContent, about: "It is gone."), unknown]
    ) { call in
      try job(call).cancel()
      _ = call.server.jobs.remove(call.parts["id"] ?? "")
      return Response(status: .noContent)
    },
    Endpoint(
      method: .get, path: "/api/v1/jobs/{id}/results", name: "jobResults",
      summary: "The results so far, a line each.", parameters: [id],
      answers: [
        .init(
          status: .ok, about: "Lines of assay.scan/1 in the order of the pictures.",
          content: [ScanEndpoints.lineType: ["type": "string"]]), unknown,
      ]
    ) { call in
      Response(
        type: ScanEndpoints.lineType,
        text: try job(call).results.map { try ScanLines.line($0.scan) }.joined())
    },
    Endpoint(
      method: .get, path: "/api/v1/jobs/{id}/events", name: "jobEvents",
      summary: "Server-sent events: progress, each result as it comes, and the end.",
      parameters: [
        id,
        .init(
          name: "as", about: "What a result event holds: a line of assay.scan/1, or its part of a page.",
          schema: ["enum": ["json", "html"], "default": "json"]),
      ],
      answers: [
        .init(
          status: .ok, about: "Events progress, result and end, each with an object as data.",
          content: [
            "text/event-stream": [
              "type": "object", "description": "One event.", "required": ["event", "data"],
              "properties": [
                "event": ["enum": ["progress", "result", "end"]],
                "data": [
                  "type": "string", "description": "An object in JSON: a Job, or a result with its index.",
                ],
                "id": ["type": "string", "description": "Of a result: its picture's place, from 0."],
              ],
            ]
          ]), unknown,
      ], respond: events),
  ]

  private static func job(_ call: Call) throws(Problem) -> Job {
    guard let job = call.server.jobs[call.parts["id"] ?? ""] else {
      throw Problem(
        .notFound, "serve.job", "there is no such job, or it was let go",
        remedy:
          "send the pictures again; results are kept for \(Int(JobStore.lifetime / .seconds(60))) minutes")
    }
    return job
  }

  private enum Form: String, CaseIterable { case json, html }

  @Sendable private static func events(_ call: Call) async throws -> Response {
    let job = try job(call)
    let form = try call.query.choice("as", Form.self) ?? .json
    let server = call.server
    // Whoever looks on costs a task; a thousand of them is a mistake or an attack.
    guard let place = server.watchers.enter() else { throw Problem.busy(10) }
    var fields = HTTPFields()
    fields[.contentType] = "text/event-stream"
    return Response(
      status: .ok, headers: fields,
      body: ResponseBody { writer in
        defer { withExtendedLifetime(place) {} }
        var seen = Set<Int>()
        while true {
          for (index, picture) in job.results(without: seen) {
            seen.insert(index)
            let value =
              switch form {
              case .json: "\"scan\":\(try ScanLines.line(picture.scan).dropLast())"
              case .html:
                "\"html\":\(try JSONLine.of(server.pages.article(picture, id: "\(job.id.prefix(8))-\(index)")).dropLast())"
              }
            try await writer.write(
              ByteBuffer(string: "event: result\nid: \(index)\ndata: {\"index\":\(index),\(value)}\n\n"))
          }
          let progress = job.progress
          try await writer.write(
            ByteBuffer(string: "event: progress\ndata: \(try JSONLine.of(progress))\n"))
          // Ended, and everything was told: a result that came since is taken in another round.
          if progress.state != "running", job.results(without: seen).isEmpty { break }
          await job.wait(past: progress.done)
        }
        try await writer.write(ByteBuffer(string: "event: end\ndata: \(try JSONLine.of(job.progress))\n"))
        try await writer.finish(nil)
      })
  }
}
