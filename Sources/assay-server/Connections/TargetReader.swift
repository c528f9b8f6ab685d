import NIOCore
import NIOHTTP1
import Requests

/// Brings the target and the field Host of every request into one form, before anything else looks at them: what comes after
/// it knows paths only, and would take the first of two fields Host.
final class TargetReader: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    do throws(Problem) {
      let target = try RequestTarget(
        head.uri, hosts: head.headers["Host"], needsHost: head.version == .http1_1)
      head.uri = target.path
      if let authority = target.authority { head.headers.replaceOrAdd(name: "Host", value: authority) }
      context.fireChannelRead(wrapInboundOut(.head(head)))
    } catch {
      // The gate behind it answers.
      context.fireErrorCaught(error)
    }
  }
}
