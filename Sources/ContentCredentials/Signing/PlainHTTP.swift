import Foundation

/// One POST over plain HTTP, bounded in size and time.
///
/// Enough for time-stamp authorities: their tokens are signed, so the transport adds nothing to trust. It
/// keeps an HTTP library, and all that loads with it, out of programs that never ask the network.
struct PlainHTTP {
  private let host: String
  private let port: String
  private let path: String

  /// - Throws: ``CredentialError`` `timestamp.url` for anything but `http://host[:port][/path]`.
  init(url: String) throws(CredentialError) {
    guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "http",
      let host = parts.host, !host.isEmpty, parts.user == nil,
      url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw CredentialError(
        "timestamp.url", "the address of the time-stamp authority is not one of http://",
        remedy: "give its http:// address; time stamps are signed, whatever brings them")
    }
    self.host = host.trimmingCharacters(in: ["[", "]"])
    port = String(parts.port ?? 80)
    let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
    path = (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath) + query
  }

  /// The body of a 200 answer.
  ///
  /// - Parameters:
  ///   - limit: bytes of the answer, header included.
  ///   - seconds: for the whole exchange after the name is resolved.
  func post(
    _ body: [UInt8], type: String, limit: Int, seconds: Int
  ) throws(CredentialError) -> [UInt8] {
    let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
    let socket = try connect(until: deadline)
    defer { close(socket) }
    // HTTP/1.0: the answer ends with the connection and is never chunked.
    let head =
      "POST \(path) HTTP/1.0\r\nHost: \(host)\r\nContent-Type: \(type)\r\n"
      + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    try send(Array(head.utf8) + body, to: socket, until: deadline)
    let answer = try receive(from: socket, limit: limit, until: deadline)
    guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else {
      throw fault("its answer has no header")
    }
    let status = String(decoding: answer.prefix { $0 != 0x0D }, as: UTF8.self).split(separator: " ")
    guard status.count >= 2, status[0].hasPrefix("HTTP/1."), status[1] == "200" else {
      throw fault("it answered \(status.dropFirst().first ?? "without a status")")
    }
    return Array(answer[end.upperBound...])
  }

  private func fault(_ what: String) -> CredentialError {
    CredentialError(
      "timestamp.http", "no time stamp from \(host): \(what)",
      remedy: "try again, name another authority, or sign without a time stamp")
  }

  private func connect(until deadline: ContinuousClock.Instant) throws(CredentialError) -> Int32 {
    // SAFETY: the struct is zero but for the kind of socket.
    var hints = unsafe addrinfo()
    #if canImport(Darwin)
      unsafe hints.ai_socktype = SOCK_STREAM
    #else
      unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    // SAFETY: both texts and both structs live through the call; the list is freed below, once.
    guard unsafe getaddrinfo(host, port, &hints, &list) == 0, let first = unsafe list else {
      throw fault("its name cannot be resolved")
    }
    defer { unsafe freeaddrinfo(first) }
    var next: UnsafeMutablePointer<addrinfo>? = unsafe first
    while let node = unsafe next {
      // SAFETY: nodes of the list live until it is freed.
      let address = unsafe node.pointee
      let socket = unsafe socket(address.ai_family, address.ai_socktype, address.ai_protocol)
      if socket >= 0 {
        if bound(socket, until: deadline),
          unsafe Foundation.connect(socket, address.ai_addr, address.ai_addrlen) == 0
        {
          return socket
        }
        close(socket)
      }
      unsafe next = address.ai_next
    }
    throw fault("it cannot be reached")
  }

  /// Sets the time left as the socket's limit; false when none is left.
  private func bound(_ socket: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    let left = ContinuousClock.now.duration(to: deadline).components.seconds
    guard left >= 0 else { return false }
    var time = timeval(tv_sec: Int(max(left, 1)), tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    // SAFETY: the struct lives through the calls and has the size that is named.
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      guard unsafe setsockopt(socket, SOL_SOCKET, option, &time, size) == 0 else { return false }
    }
    #if canImport(Darwin)
      var on: Int32 = 1
      unsafe setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
    return true
  }

  private func send(
    _ bytes: [UInt8], to socket: Int32, until deadline: ContinuousClock.Instant
  ) throws(CredentialError) {
    var sent = 0
    while sent < bytes.count {
      guard bound(socket, until: deadline) else { throw fault("it took too long") }
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      // SAFETY: the pointer and its count are those of the slice.
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe Foundation.send(socket, $0.baseAddress, $0.count, flags)
      }
      guard count > 0 else { throw fault("the connection broke") }
      sent += count
    }
  }

  private func receive(
    from socket: Int32, limit: Int, until deadline: ContinuousClock.Instant
  ) throws(CredentialError) -> [UInt8] {
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      guard bound(socket, until: deadline) else { throw fault("it took too long") }
      // SAFETY: the pointer and its count are those of the buffer.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
      guard count >= 0 else { throw fault("it took too long or the connection broke") }
      if count == 0 { return answer }
      answer += buffer[..<count]
      guard answer.count <= limit else { throw fault("its answer is larger than \(limit) bytes") }
    }
  }
}
