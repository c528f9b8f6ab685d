import Diagnostics
import Foundation
import HTTPTypes
import Hummingbird
import Requests
import Scanning

/// Those of the server itself, and how a problem becomes an answer.
extension Problem {
  /// An error of a library: what was sent cannot be worked on, or the machine fails where no client can help.
  init(_ error: any DiagnosableError) {
    // Names of the machine's files are not for a client: a failure has none.
    let failure = ScanResult.Failure(error)
    guard !Self.machines.contains(where: failure.code.hasPrefix) else {
      self.init(
        .internalServerError, failure.code, "the server cannot do this now",
        remedy: "tell whoever runs the server; its log has the code")
      return
    }
    self.init(.unprocessableContent, failure.code, failure.message, remedy: failure.remedy)
    location = failure.location
  }

  /// How codes of what is wrong with the machine begin.
  private static let machines = ["ledger.", "pdf."]

  var response: Response {
    var fields = headers
    fields[.contentType] = Self.mediaType
    return Response(status: status, headers: fields, body: ResponseBody(text: json))
  }

  static let notFound = Problem(
    .notFound, "serve.path", "there is nothing at this address", remedy: "see /openapi.json for what there is"
  )

  static func method(_ allowed: [HTTPRequest.Method]) -> Problem {
    let list = allowed.map(\.rawValue).joined(separator: ", ")
    return Problem(
      .methodNotAllowed, "serve.method", "this address takes \(list)", remedy: "use one of these methods",
      headers: [.allow: list])
  }

  /// - Parameter limit: bytes; below a MiB they are the content's own limit, which no option raises.
  static func tooLarge(_ limit: Int) -> Problem {
    let isOwn = limit < 1 << 20
    return Problem(
      .contentTooLarge, "serve.size",
      "the request is larger than the \(isOwn ? "\(limit >> 10) KiB" : "\(limit >> 20) MiB") that are taken",
      remedy: isOwn ? "send less" : "send less at once, or start the server with a larger --max-body")
  }

  static func busy(_ seconds: Int) -> Problem {
    Problem(
      .serviceUnavailable, "serve.busy", "all workers are busy, and enough is waiting for them",
      remedy: "try again in \(Plural.of(seconds, "second"))", headers: [.retryAfter: String(seconds)])
  }

  static func mediaType(_ taken: [String]) -> Problem {
    Problem(
      .unsupportedMediaType, "serve.type", "the content's type is none that is taken here",
      remedy: "send \(taken.joined(separator: " or "))")
  }

  /// Whatever went wrong, as an answer; what nobody foresaw is told without its words, which may hold names.
  static func of(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let full as WorkPool.Full: .busy(full.seconds)
    case let known as any DiagnosableError: Problem(known)
    default:
      Problem(
        .internalServerError, "serve.internal", "the server has a fault of its own",
        remedy: "report this as a bug")
    }
  }
}

extension ResponseBody {
  /// Bytes in pieces, so that a slow reader shows progress with each.
  init(bytes: [UInt8]) {
    guard bytes.count > 64 << 10 else {
      self.init(byteBuffer: ByteBuffer(bytes: bytes))
      return
    }
    self.init(contentLength: bytes.count) { writer in
      for start in stride(from: 0, to: bytes.count, by: 64 << 10) {
        try await writer.write(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + 64 << 10)]))
      }
      try await writer.finish(nil)
    }
  }

  init(text: String) { self.init(bytes: Array(text.utf8)) }
}

extension Response {
  init(
    _ status: HTTPResponse.Status = .ok, type: String, bytes: [UInt8], headers: HTTPFields = [:]
  ) {
    var fields = headers
    fields[.contentType] = type
    self.init(status: status, headers: fields, body: ResponseBody(bytes: bytes))
  }

  init(_ status: HTTPResponse.Status = .ok, type: String, text: String, headers: HTTPFields = [:]) {
    self.init(status, type: type, bytes: Array(text.utf8), headers: headers)
  }

  /// One JSON object.
  init(_ status: HTTPResponse.Status = .ok, json: String, headers: HTTPFields = [:]) {
    self.init(status, type: "application/json", text: json, headers: headers)
  }
}
