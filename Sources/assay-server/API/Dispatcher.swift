import Console
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import Requests

/// What a request brings beside itself: whose it is.
struct ServerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The other end's address; nil where it has none.
  let address: String?
  let isLocal: Bool

  init(source: Source) {
    coreContext = .init(source: source)
    address = source.channel.remoteAddress?.ipAddress
    isLocal = address.map { $0 == "::1" || $0.hasPrefix("127.") || $0 == "::ffff:127.0.0.1" } ?? true
  }
}

/// Lets a request through to its endpoint, or tells why not; every answer leaves through here with the same headers.
struct Dispatcher: HTTPResponder {
  typealias Context = ServerContext

  let server: ServerCore
  let endpoints: [Endpoint]
  let logger: Logger

  func respond(to request: Request, context: Context) async throws -> Response {
    let start = ContinuousClock.now
    var route = "other"
    var response: Response
    do {
      let call = try self.call(request, &route)
      try admit(call, context)
      response = try await answer(call, context)
    } catch {
      let problem = Problem.of(error)
      if problem.status.code == 500 {
        logger.error("a fault of the server's own: \(problem.code), \(type(of: error))")
      }
      response =
        request.headers[.accept]?.contains("text/html") == true
          && (request.method == .get || request.headers[.contentType]?.hasPrefix(Call.formType) == true)
        ? server.pages.problem(problem) : problem.response
    }
    hold(&response)
    SecurityHeaders.add(to: &response)
    if request.method == .head {
      if let length = response.body.contentLength { response.headers[.contentLength] = String(length) }
      response.body = ResponseBody()
    }
    note(request, route, response, start.duration(to: .now))
    return response
  }

  /// Counts a large answer among what is held, until it was taken: whoever reads slowly holds it.
  private func hold(_ response: inout Response) {
    guard let length = response.body.contentLength, length > 256 << 10 else { return }
    let share = HeldShare(server.budget)
    guard share.grow(by: length) else {
      response = Problem.busy(5).response
      return
    }
    response.holding(share)
  }

  /// The endpoint of a request.
  private func call(_ request: Request, _ route: inout String) throws -> Call {
    let path = request.uri.path
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    var allowed: [HTTPRequest.Method] = []
    for endpoint in endpoints {
      guard let parts = endpoint.match(segments) else { continue }
      route = endpoint.path
      guard endpoint.method == request.method || endpoint.method == .get && request.method == .head else {
        allowed.append(endpoint.method)
        if endpoint.method == .get { allowed.append(.head) }
        continue
      }
      let query = try QueryValues(
        request.uri.queryParameters.lazy.map { (String($0), String($1)) },
        known: Set(endpoint.parameters.filter { $0.place == .query }.map(\.name)))
      return Call(request: request, server: server, endpoint: endpoint, parts: parts, query: query)
    }
    throw allowed.isEmpty ? Problem.notFound : Problem.method(allowed)
  }

  /// Whether the request may be answered at all.
  private func admit(_ call: Call, _ context: Context) throws {
    let request = call.request
    // A page of another site whose name leads to this machine cannot say that it meant this machine.
    let settings = server.settings
    if settings.isLoopback || !settings.names.isEmpty {
      let name = Self.name(request.head.authority ?? "")
      guard Self.isLoopbackName(name) || settings.names.contains(name) else {
        throw Problem(
          .misdirectedRequest, "serve.host", "this server does not answer to this name",
          remedy: "use 127.0.0.1 or localhost, or the name that the server was started for")
      }
    }
    if request.method != .get, request.method != .head {
      if let site = request.headers[.secFetchSite], !["same-origin", "none"].contains(site) {
        throw Self.foreign
      }
      if let origin = request.headers[.origin],
        origin.split(separator: "/").last.map(String.init) != request.head.authority
      {
        throw Self.foreign
      }
    }
    guard !call.endpoint.isOpen, let token = server.settings.token else { return }
    guard let given = request.headers[.authorization], given.lowercased().hasPrefix("bearer "),
      token.matches(String(given.dropFirst(7)))
    else {
      // A form without script has the token as its first field, and no header; it is looked at before the rest is read.
      if request.headers[.authorization] == nil, call.isForm,
        call.endpoint.path == "/" || call.endpoint.path == "/compare"
      {
        return
      }
      throw Problem.token
    }
  }

  private static let foreign = Problem(
    .forbidden, "serve.origin", "the request was made by a page of another site",
    remedy: "use the page that this server gives, or a program")

  /// The name without its port, in small letters.
  private static func name(_ authority: String) -> String {
    let name = authority.lowercased()
    return name.hasPrefix("[")
      ? String(name.dropFirst().prefix { $0 != "]" }) : String(name.prefix { $0 != ":" })
  }

  private static func isLoopbackName(_ name: String) -> Bool {
    if name == "localhost" || name == "::1" { return true }
    return ServeOptions.isLoopbackNumber(name)
  }

  private func answer(_ call: Call, _ context: Context) async throws -> Response {
    guard !context.isLocal, let address = context.address else {
      return try await call.endpoint.respond(call)
    }
    guard let place = server.addresses.enter(address) else {
      throw Problem(
        .tooManyRequests, "serve.address", "too many requests of this address are under way",
        remedy: "wait for their answers", headers: [.retryAfter: "1"])
    }
    var response = try await call.endpoint.respond(call)
    // A request is under way until its answer was taken: a stream of events, or an answer that is read slowly, counts.
    response.holding(place)
    return response
  }

  /// A line in the log and a count, which say nothing of what was sent.
  private func note(_ request: Request, _ route: String, _ response: Response, _ time: Duration) {
    let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
    let seconds = time / .seconds(1)
    Counter(
      label: "assay_http_requests_total",
      dimensions: [("method", method), ("route", route), ("status", String(response.status.code))]
    ).increment()
    Timer(label: "assay_http_request_seconds", dimensions: [("route", route)]).recordNanoseconds(
      Int64(seconds * 1e9))
    logger.info("\(method) \(route) \(response.status.code) \(Int(seconds * 1000)) ms")
  }

  private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .options, .patch]
}

extension Response {
  /// Keeps something until the answer was written or given up.
  fileprivate mutating func holding(_ share: some Sendable) {
    let body = self.body
    guard body.contentLength != 0 else { return }
    self.body = ResponseBody(contentLength: body.contentLength) { writer in
      defer { withExtendedLifetime(share) {} }
      try await body.write(writer)
    }
  }
}

extension Problem {
  static let token = Problem(
    .unauthorized, "serve.token", "the token is missing or wrong",
    remedy: "send the header 'Authorization: Bearer TOKEN'", headers: [.wwwAuthenticate: "Bearer"])
}

extension HTTPField.Name {
  static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
  static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
  static let crossOriginResourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
  static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
  static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
  static let assayIdentifier = HTTPField.Name("Assay-Identifier")!
}

/// What every answer tells the browser not to do.
enum SecurityHeaders {
  /// Of pages; everything comes from this server, nothing runs that stands in a page.
  private static let pagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  /// Of everything else, which is no page and shall not become one.
  private static let otherPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

  static func add(to response: inout Response) {
    let isPage =
      response.headers[.contentType]?.hasPrefix("text/html") == true
      && response.headers[.contentDisposition] == nil
    response.headers[.contentSecurityPolicy] = isPage ? pagePolicy : otherPolicy
    response.headers[.xContentTypeOptions] = "nosniff"
    // A form of this server's own pages says where it comes from, and to nobody else.
    response.headers[.referrerPolicy] = isPage ? "same-origin" : "no-referrer"
    response.headers[.crossOriginResourcePolicy] = "same-origin"
    response.headers[.crossOriginOpenerPolicy] = "same-origin"
    response.headers[.permissionsPolicy] =
      "camera=(self), accelerometer=(self), gyroscope=(self), xr-spatial-tracking=(self), fullscreen=(self), microphone=(), geolocation=()"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
  }
}

/// The token, as a digest: comparing two digests takes as long wherever they differ.
struct AccessToken: Sendable {
  private let digest: SHA256.Digest

  init(_ text: String) { digest = SHA256.hash(data: Array(text.utf8)) }

  func matches(_ text: String) -> Bool {
    // Digests of swift-crypto are compared in constant time.
    SHA256.hash(data: Array(text.utf8)) == digest
  }
}
