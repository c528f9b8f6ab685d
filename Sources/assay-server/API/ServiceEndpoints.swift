import Diagnostics
import Foundation
import HTTPTypes
import Hummingbird
import Metrics
import Requests
import Scanning
import Synchronization

/// What is told of the server itself.
enum ServiceEndpoints {
  static func all(_ metrics: PrometheusText) -> [Endpoint] {
    let health = ["application/json": Schemas.reference("Health")]
    return [
      Endpoint(
        method: .get, path: "/healthz", name: "health", summary: "Whether the server runs.",
        answers: [.init(status: .ok, about: "It does.", content: health)], isOpen: true
      ) { _ in Response(json: "{\"status\":\"ok\"}\n") },
      Endpoint(
        method: .get, path: "/readyz", name: "ready", summary: "Whether pictures are examined at once.",
        answers: [
          .init(status: .ok, about: "They are.", content: health),
          .init(
            status: .serviceUnavailable, about: "Not yet, or not any more.", content: Schemas.problemAnswer),
        ], isOpen: true
      ) { call in
        guard call.server.isReady else {
          throw Problem(
            .serviceUnavailable, "serve.ready", "the server is starting or ending", remedy: "ask again",
            headers: [.retryAfter: "1"])
        }
        return Response(json: "{\"status\":\"ready\"}\n")
      },
      Endpoint(
        method: .get, path: "/metrics", name: "metrics",
        summary: "Counts and times, as Prometheus reads them.",
        answers: [.init(status: .ok, about: "Text 0.0.4.", content: ["text/plain": ["type": "string"]])]
      ) { call in
        gauge(call.server)
        return Response(type: "text/plain; version=0.0.4; charset=utf-8", text: metrics.text())
      },
    ]
  }

  /// Values of this moment.
  private static func gauge(_ server: ServerCore) {
    let load = server.pool.load
    let values: [(String, Double)] = [
      ("assay_workers_running", Double(load.running)), ("assay_queue_waiting", Double(load.waiting)),
      ("assay_job_pictures_waiting", Double(load.background)), ("assay_jobs", Double(server.jobs.count)),
      ("assay_event_streams", Double(server.watchers.now)), ("assay_held_bytes", Double(server.budget.count)),
      ("assay_connections_opened", Double(server.connections.opened.load(ordering: .relaxed))),
      ("assay_connections_too_slow", Double(server.connections.slow.load(ordering: .relaxed))),
      ("assay_connections_malformed", Double(server.connections.malformed.load(ordering: .relaxed))),
      ("process_resident_memory_bytes", Double(residentBytes ?? 0)),
    ]
    for (name, value) in values { Meter(label: name).set(value) }
  }

  /// Bytes of memory that the process has; nil where the system does not tell.
  private static var residentBytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

/// How many pictures were worked on, by what was asked for and what came of it.
enum PictureCounts {
  enum Work: String {
    /// Examined: at `/api/v1/scan`, in a job, for a page without script, for a comparison, a report, the wall, the ledger.
    case scan, job, page, compare, report, wall, ledger
    /// Asked one thing.
    case credentials, watermark, inspect, drawing
    /// Made.
    case generate
  }

  /// - Parameter outcome: an ``Outcome`` for what was examined, a state of credentials, `found` or `absent`, `done`, or `made`.
  static func count(_ work: Work, _ outcome: String) {
    Counter(label: "assay_pictures_total", dimensions: [("work", work.rawValue), ("outcome", outcome)])
      .increment()
  }

  static func count(_ work: Work, _ outcome: Outcome) { count(work, outcome.rawValue) }

  /// Does one thing with a picture, and counts it among those that cannot be read where that fails.
  static func counting<Answer>(_ work: Work, _ body: () throws -> (Answer, outcome: String)) rethrows
    -> Answer
  {
    do {
      let (answer, outcome) = try body()
      count(work, outcome)
      return answer
    } catch {
      count(work, Outcome.unreadable)
      throw error
    }
  }
}
