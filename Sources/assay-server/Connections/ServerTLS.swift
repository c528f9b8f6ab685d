import Console
import Diagnostics
import Foundation
import HummingbirdTLS
import ImageFormats
import NIOSSL

/// The certificate and the key that the server shows under `https`, read once at the start.
enum ServerTLS {
  /// - Parameters:
  ///   - certificate: a PEM file with the server's certificate first and those that lead to its root behind it.
  ///   - key: a PEM file with its private key.
  ///   - now: for what the validity is held against.
  /// - Returns: the configuration, and a word about a certificate that programs will refuse for its dates.
  /// - Throws: ``ServeError`` `serve.certificate…` or `serve.key…`, which name the file; never anything of the key.
  static func configuration(
    certificate: String, key: String, now: Date = Date()
  ) throws -> (configuration: TLSConfiguration, word: String?) {
    let chain = try chain(certificate)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try privateKey(key)))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do {
      // The context holds key and certificate against each other.
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw ServeError(
        "serve.key.other", "the key does not belong to the first certificate of \(plain(certificate))",
        remedy:
          "name the key that the certificate was made for; of a chain, the server's own certificate comes first",
        location: FaultLocation(file: plain(key)))
    }
    return (configuration, chain.first.flatMap { word($0, plain(certificate), now) })
  }

  private static func plain(_ argument: String) -> String { RawArguments.path(argument).display }

  private static func chain(_ argument: String) throws -> [NIOSSLCertificate] {
    let bytes = try ImageFile(path: RawArguments.path(argument)).bytes
    guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
      throw ServeError(
        "serve.certificate.form", "the file holds no certificate in PEM",
        remedy: "name a file of blocks 'BEGIN CERTIFICATE', the server's own first, such as a fullchain.pem",
        location: FaultLocation(file: plain(argument)))
    }
    return chain
  }

  private static func privateKey(_ argument: String) throws -> NIOSSLPrivateKey {
    let path = RawArguments.path(argument)
    let location = FaultLocation(file: path.display)
    let bytes = try ImageFile(path: path).bytes
    // Whoever has the key can pass for this server; a group's is let through, as services are given keys so.
    let mode = mode(of: path)
    guard mode & 0o007 == 0 else {
      throw ServeError(
        "serve.key.open", "everybody on this machine can read or change the key (mode \(octal(mode)))",
        remedy: "take that away: chmod o= FILE, or chmod 600 FILE", location: location)
    }
    if let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { return key }
    let isLocked = bytes.firstRange(of: Array("ENCRYPTED".utf8)) != nil
    throw ServeError(
      isLocked ? "serve.key.locked" : "serve.key.form",
      isLocked ? "the key is locked with a passphrase" : "the file holds no private key in PEM",
      remedy: isLocked
        ? "name one without, which nobody else can read: openssl pkey -in FILE -out open.pem"
        : "name a file with a block 'BEGIN PRIVATE KEY'", location: location)
  }

  /// Its permissions; none where the system does not tell.
  private static func mode(of path: FilePath) -> Int {
    var status = stat()
    let name = (path.bytes + [0]).map { CChar(bitPattern: $0) }
    // SAFETY: the name ends in zero, and both live until the call returns.
    let result = unsafe name.withUnsafeBufferPointer { name in
      guard let start = name.baseAddress else { return CInt(-1) }
      return unsafe stat(start, &status)
    }
    return result == 0 ? Int(status.st_mode & 0o777) : 0
  }

  private static func octal(_ mode: Int) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }

  /// Days before its end from which on a certificate is spoken of.
  private static let shortly = 14.0

  private static func word(_ certificate: NIOSSLCertificate, _ file: String, _ now: Date) -> String? {
    func day(_ time: time_t) -> String {
      Date(timeIntervalSince1970: TimeInterval(time)).formatted(.iso8601.year().month().day())
    }
    let time = now.timeIntervalSince1970
    let (first, last) = (certificate.notValidBefore, certificate.notValidAfter)
    if time > TimeInterval(last) {
      return
        "\(file): the certificate ended on \(day(last)): browsers and programs refuse it until it is renewed"
    }
    if time < TimeInterval(first) {
      return "\(file): the certificate begins on \(day(first)): until then browsers and programs refuse it"
    }
    guard TimeInterval(last) - time < shortly * 86_400 else { return nil }
    return "\(file): the certificate ends on \(day(last)); renew it and start the server anew"
  }
}
