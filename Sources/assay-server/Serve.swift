import ArgumentParser
import Console
import Diagnostics
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import Metrics
import NIOCore
import Requests
import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#endif

/// The server behind `assay serve`.
@main
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay serve", abstract: "Serve a page for people and an API for programs on this machine.",
    discussion: ServeOptions.discussion, version: assayVersion)

  @OptionGroup var options: ServeOptions

  /// The first line on standard output with --json.
  private struct Greeting: Encodable {
    /// What a person on this machine can open.
    var url: String
    /// Where it listens.
    var host: String
    var port: Int
    var pid = ProcessInfo.processInfo.processIdentifier
  }

  @MainActor static func main() async {
    AddressSpace.refuseTooSmall()
    raiseFileLimit()
    await runReportingErrors(showsProgress: false)
  }

  func run() async throws {
    let settings = try ServerSettings(options)
    let metrics = PrometheusText()
    MetricsSystem.bootstrap(metrics)
    LoggingSystem.bootstrap { _ in ServerLog() }
    var logger = Logger(label: "assay")
    logger.logLevel = .info
    var quiet = Logger(label: "hummingbird")
    quiet.logLevel = .error
    let assets = try Assets()
    let core = try ServerCore(options, settings: settings, assets: assets)
    let endpoints = Self.endpoints(metrics, assets, settings)
    let document = try OpenAPIDocument(
      endpoints: endpoints, asksForToken: settings.token != nil, maxBody: settings.maxBody
    ).json()
    let dispatcher = Dispatcher(
      server: core, endpoints: endpoints + [Self.document(document)], logger: logger)
    var limits = ConnectionGate.Limits()
    limits.maxBody = settings.maxBody
    limits.asksForToken = settings.token != nil
    let gate = limits
    let json = options.json
    let http = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [ConnectionGate(gate, core.connections)],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 64)))
    let app = Application(
      responder: dispatcher,
      server: try settings.tls.map { try .tls(http, tlsConfiguration: $0) } ?? http,
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: "assay", backlog: 1024,
        reuseAddress: true,
        availableConnectionsDelegate: MaximumAvailableConnections(2_000)),
      services: [Tidying(core: core)],
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        let url = settings.url(port: port)
        if json {
          let greeting = Greeting(url: url, host: settings.host, port: port)
          Terminal.out((try? JSONLine.of(greeting, as: "assay.serve/1")) ?? "")
        } else {
          Terminal.out("\(url)\n")
        }
        for word in settings.words(port: port) { Terminal.error("note: \(TerminalText.escaping(word))\n") }
      }, logger: quiet)
    var configuration = ServiceGroupConfiguration(
      services: [app], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(120)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as IOError {
      let isTaken = [EADDRINUSE, EACCES].contains(error.errnoCode)
      throw ServeError(
        "serve.listen", "\(settings.host):\(settings.port) cannot be listened on: \(error.errnoText)",
        remedy: isTaken ? "choose another --port, or end what listens there" : Self.hostRemedy)
    } catch let error where error is SocketAddressError || error is SocketAddressError.UnknownHost {
      throw ServeError(
        "serve.listen", "\(settings.host) is no address of this machine and no name that leads to one",
        remedy: Self.hostRemedy)
    }
  }

  private static let hostRemedy = "give --host an address of this machine, or 0.0.0.0 for all of them"

  /// Everything that there is at any address, but the document that describes it.
  static func endpoints(_ metrics: PrometheusText, _ assets: Assets, _ settings: ServerSettings) -> [Endpoint]
  {
    PageEndpoints.all + assets.endpoints + ScanEndpoints.all + JobEndpoints.all + GenerateEndpoints.all
      + StudioEndpoints.all
      + ServiceEndpoints.all(metrics)
  }

  private static func document(_ json: String) -> Endpoint {
    Endpoint(
      method: .get, path: "/openapi.json", name: "document", summary: "", answers: [], isOpen: true,
      isListed: false
    ) { _ in Response(json: json) }
  }

  /// As many connections as the system allows.
  private static func raiseFileLimit() {
    #if canImport(Glibc)
      let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let files = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    // SAFETY: the structure is filled and read within the calls.
    guard unsafe getrlimit(files, &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    _ = unsafe setrlimit(files, &limit)
  }
}

extension IOError {
  /// What the system says of it.
  fileprivate var errnoText: String {
    // SAFETY: strerror gives a string that is valid until this thread's next call; it is copied here.
    unsafe String(cString: strerror(errnoCode))
  }
}

/// Lets go of what is over, and tells the jobs when the end comes.
private struct Tidying: Service {
  let core: ServerCore

  /// The memory of what was let go goes back to the system, which a burst would keep from it else.
  private static func giveBack() {
    #if canImport(Glibc)
      // Not among what the module for C has.
      typealias Trim = @convention(c) (Int) -> CInt
      guard let trim = unsafe dlsym(nil, "malloc_trim") else { return }
      // SAFETY: glibc's function of that name has this type, and may be called at any time.
      _ = unsafe unsafeBitCast(trim, to: Trim.self)(0)
    #endif
  }

  func run() async throws {
    await withGracefulShutdownHandler {
      while !Task.isCancelled, !core.isEnding {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(5)) }
        core.jobs.tidy()
        Self.giveBack()
      }
      // Who looks on at a job hears its end.
      while core.jobs.all.contains(where: { $0.ended == nil }), !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(100))
      }
    } onGracefulShutdown: {
      core.end()
    }
  }
}
