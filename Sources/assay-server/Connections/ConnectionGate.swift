import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Requests
import Synchronization

/// What one connection may cost in time, and how a request that is none is answered.
///
/// It stands between the parser and the server. Whoever begins a request and does not go on, sends a body without moving, or does
/// not read the answer, is parted from; time in which the server itself does not want to read is not counted against anybody.
final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  struct Limits: Sendable {
    /// Until a request's head is whole, and between two requests.
    var head = TimeAmount.seconds(30)
    /// Between two parts of a body while the server waits for it.
    var body = TimeAmount.seconds(30)
    /// A whole body.
    var wholeBody = TimeAmount.minutes(30)
    /// Between two parts of an answer that the client takes.
    var reading = TimeAmount.seconds(30)
    /// Bytes of a refused request that are read for the client to see why.
    var refusedBytes = 4 << 20
    /// The same of one that showed no right token: whoever that is gets little of the server's time.
    var strangerBytes = 1 << 20
    /// For both, in time.
    var refused = TimeAmount.seconds(5)
    /// Bytes of a body that is asked for.
    var maxBody = 64 << 20
    /// Requests that may be sent before the first is answered: a few bytes each ask for many.
    var ahead = 16
    /// Whether a request has to show a token.
    var asksForToken = false
  }

  private let limits: Limits
  private let counts: ConnectionCounts

  private var lastInbound = NIODeadline.now()
  private var bodyBegan = NIODeadline.now()
  private var lastProgress = NIODeadline.now()
  private var answered = NIODeadline.now()
  /// The server asked for more and got nothing yet.
  private var isWaitingToRead = false
  /// A head came and its end has not.
  private var isInBody = false
  /// Heads that came and are not answered to the end.
  private var open = 0
  private var hasBegunAnswer = false
  private var writesUnderWay = 0
  private var drained = 0
  /// The answer before was that the token is wrong.
  private var isStranger = false
  private var isEnding = false
  private let bytes = ByteWatch()
  private var timer: Scheduled<Void>?

  init(_ limits: Limits, _ counts: ConnectionCounts) {
    self.limits = limits
    self.counts = counts
  }

  func handlerAdded(context: ChannelHandlerContext) {
    // Before the parser, which says nothing of a head until it is whole.
    let pipeline = context.pipeline.syncOperations
    if let parser = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
      try? pipeline.addHandler(bytes, position: .before(parser))
      try? pipeline.addHandler(TargetReader(), position: .after(parser))
    }
    if context.channel.isActive { begin(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
  }

  private func begin(_ context: ChannelHandlerContext) {
    guard timer == nil else { return }
    counts.opened.wrappingAdd(1, ordering: .relaxed)
    lastInbound = .now()
    watch(context)
  }

  private func watch(_ context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) { [self] in
      if check(.now()) {
        // Between two requests there is nobody to be told; who began one and did not go on is.
        guard open > 0 || !isInBody && bytes.haveCome else { return end(context) }
        counts.slow.wrappingAdd(1, ordering: .relaxed)
        refuse(
          context,
          Problem(
            .requestTimeout, "serve.time", "the request did not go on",
            remedy: "send it again, without stopping within it"))
      } else {
        watch(context)
      }
    }
  }

  /// Whether the client has taken too long.
  private func check(_ now: NIODeadline) -> Bool {
    if writesUnderWay > 0 { return now - lastProgress > limits.reading }
    if isInBody, open == 0 { return now - answered > limits.refused }
    if isInBody {
      return isWaitingToRead && now - lastInbound > limits.body || now - bodyBegan > limits.wholeBody
    }
    return open == 0 && now - lastInbound > limits.head
  }

  // MARK: What comes in

  func read(context: ChannelHandlerContext) {
    if !isWaitingToRead {
      isWaitingToRead = true
      if isInBody { lastInbound = .now() }
    }
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isEnding else { return }
    lastInbound = .now()
    switch unwrapInboundIn(data) {
    case .head(let head):
      bytes.haveCome = false
      bodyBegan = lastInbound
      open += 1
      guard open <= limits.ahead else {
        counts.malformed.wrappingAdd(1, ordering: .relaxed)
        return end(context)
      }
      isInBody = true
      drained = 0
      if open == 1 { hasBegunAnswer = false }
      // Nobody is asked to go on whose token is not even there; who sends it in a form goes on by itself.
      if head.headerFields[.expect]?.lowercased() == "100-continue",
        head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= limits.maxBody,
        !limits.asksForToken || head.headerFields[.authorization] != nil
      {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    case .body(let part):
      if open == 0 {
        drained += part.readableBytes
        if drained > (isStranger ? limits.strangerBytes : limits.refusedBytes) {
          end(context)
          return
        }
      }
    case .end:
      isInBody = false
      bytes.haveCome = false
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isWaitingToRead = false
    context.fireChannelReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !isEnding else { return }
    // What the network did is the server's to hear; the rest is what the client sent.
    guard !(error is ChannelError), !(error is IOError) else { return context.fireErrorCaught(error) }
    counts.malformed.wrappingAdd(1, ordering: .relaxed)
    refuse(context, error as? Problem ?? Self.problem(error as? HTTPParserError))
  }

  /// What is told of a request that cannot be read.
  private static func problem(_ error: HTTPParserError?) -> Problem {
    switch error {
    case .headerOverflow?:
      Problem(
        .requestHeaderFieldsTooLarge, "serve.headers", "the request's head is larger than is taken",
        remedy: "send fewer and shorter header fields")
    case .invalidEOFState?:
      Problem(
        .badRequest, "serve.cut", "the request ends before its body does",
        remedy: "send as many bytes as Content-Length says, or the last chunk")
    case .invalidContentLength?:
      Problem(
        .badRequest, "serve.length", "Content-Length is no number of bytes",
        remedy: "send the number of bytes of the body, or none with chunks")
    case .invalidMethod?:
      Problem(
        .notImplemented, "serve.method", "this is no method of HTTP that is known here",
        remedy: "/openapi.json says which methods there are")
    default:
      Problem(
        .badRequest, "serve.http", "this is no HTTP request", remedy: "send a request as HTTP/1.1 has it")
    }
  }

  /// Answers in the server's place, where nothing was said yet, and ends the connection.
  private func refuse(_ context: ChannelHandlerContext, _ problem: Problem) {
    guard !isEnding else { return }
    guard open <= 1, !hasBegunAnswer, writesUnderWay == 0 else { return end(context) }
    isEnding = true
    let body = ByteBuffer(string: problem.json)
    var fields = problem.headers
    fields[.contentType] = Problem.mediaType
    fields[.contentLength] = String(body.readableBytes)
    fields[.connection] = "close"
    fields[.xContentTypeOptions] = "nosniff"
    context.write(
      wrapOutboundOut(.head(HTTPResponse(status: problem.status, headerFields: fields))), promise: nil)
    context.write(wrapOutboundOut(.body(body)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    end(context)
  }

  private func end(_ context: ChannelHandlerContext) {
    isEnding = true
    timer?.cancel()
    timer = nil
    context.close(promise: nil)
  }

  // MARK: What goes out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isEnding else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head):
      if head.status.kind != .informational {
        hasBegunAnswer = true
        isStranger = head.status == .unauthorized
      }
    case .body: break
    case .end:
      open -= 1
      hasBegunAnswer = false
      answered = .now()
      lastInbound = answered
    }
    if writesUnderWay == 0 { lastProgress = .now() }
    writesUnderWay += 1
    let promise = promise ?? context.eventLoop.makePromise()
    promise.futureResult.assumeIsolated().whenComplete { [self] _ in
      writesUnderWay -= 1
      lastProgress = .now()
    }
    context.write(data, promise: promise)
  }
}

/// Notes that bytes came of which the parser has not made a head yet.
private final class ByteWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Set back by the gate with every head and end; of a request that begins in the bytes in which another ends, the first
  /// ones do not count.
  var haveCome = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Some programs send a line break behind a request.
    let begins = unwrapInboundIn(data).readableBytesView.contains { $0 != 0x0D && $0 != 0x0A }
    haveCome = haveCome || begins
    context.fireChannelRead(data)
  }
}

/// What the metrics tell of connections.
final class ConnectionCounts: Sendable {
  let opened = Atomic<Int>(0)
  /// Parted from since they did not go on.
  let slow = Atomic<Int>(0)
  /// What was no request.
  let malformed = Atomic<Int>(0)
}

extension HTTPField.Name {
  static let xContentTypeOptions = HTTPField.Name("X-Content-Type-Options")!
}
