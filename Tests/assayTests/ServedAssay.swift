import Foundation
import TestSupport

/// `assay serve` as a process, and requests to it as bytes: what is no request can be sent too.
final class ServedAssay {
  struct Answer {
    var status: Int
    /// By names in small letters.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var type: String { String((headers["content-type"] ?? "").prefix { $0 != ";" }) }

    func object() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
    }
  }

  struct Failure: Error { var text: String }

  private let process = Process()
  private let errors: URL
  let port: UInt16
  /// What a person is told to open.
  let url: String

  init(_ arguments: [String] = []) throws {
    errors = FileManager.default.temporaryDirectory.appending(path: "assay-serve-\(UUID().uuidString)")
    try Data().write(to: errors)
    process.executableURL = CommandLineTool.program
    process.arguments = ["serve", "--port", "0", "--json"] + arguments
    process.currentDirectoryURL = TestPaths.root
    let output = Pipe()
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let line = output.fileHandleForReading.availableData
    guard let greeting = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
      greeting["schema"] as? String == "assay.serve/1", let url = greeting["url"] as? String,
      let number = url.split(separator: ":").last.flatMap({ UInt16($0) })
    else {
      process.terminate()
      throw Failure(text: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
    }
    port = number
    self.url = url
  }

  deinit {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: errors)
  }

  var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// Sends SIGTERM.
  func terminate() { process.terminate() }

  func waitUntilExit() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// An address of this machine beside loopback, in the network's order of bytes; nil where it has none.
  static let ownAddress: in_addr_t? = {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return nil }
    defer { freeifaddrs(first) }
    var next = first
    while let one = next?.pointee {
      next = one.ifa_next
      guard let address = one.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else { continue }
      let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        $0.pointee.sin_addr.s_addr
      }
      if UInt32(bigEndian: number) >> 24 != 127 { return number }
    }
    return nil
  }()

  /// Reads until the answer is whole: who was refused is listened to a while longer.
  ///
  /// - Parameter isLast: whether the server is told that nothing more comes.
  /// - Returns: nil where the server ended the connection without a word.
  func raw(_ bytes: [UInt8], to address: in_addr_t? = nil, isLast: Bool = false) throws -> Answer? {
    let connection = try opened(bytes, to: address)
    defer { close(connection) }
    if isLast { shutdown(connection, Int32(SHUT_WR)) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !Self.isWhole(answer) {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      answer += buffer[..<count]
    }
    return Self.answer(answer)
  }

  /// A connection on which this was sent; whoever asks for it closes it.
  func opened(_ bytes: [UInt8], to place: in_addr_t? = nil) throws -> Int32 {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = place ?? in_addr_t(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      let number = errno
      close(connection)
      throw Failure(text: "no connection: \(number)")
    }
    var limit = timeval(tv_sec: 100, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var rest = bytes[...]
    while !rest.isEmpty {
      // Whoever was refused may not be listened to any more.
      let sent = rest.withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { break }
      rest = rest.dropFirst(sent)
    }
    return connection
  }

  /// Whether the answer states a length and has it.
  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    guard let answer = answer(bytes), let length = answer.headers["content-length"].flatMap({ Int($0) })
    else {
      return false
    }
    return answer.body.count >= length
  }

  private static func answer(_ bytes: [UInt8]) -> Answer? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      return nil
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    var body = Array(bytes[end.upperBound...])
    if headers["transfer-encoding"] == "chunked" {
      var rest = body[...]
      body = []
      while let line = rest.firstRange(of: Array("\r\n".utf8)),
        let count = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), count > 0,
        rest.endIndex >= line.upperBound + count + 2
      {
        body += rest[line.upperBound..<(line.upperBound + count)]
        rest = rest[(line.upperBound + count + 2)...]
      }
    }
    return Answer(status: status, headers: headers, body: body)
  }

  /// A request with a body, on a connection of its own.
  func ask(
    _ method: String, _ path: String, _ body: [UInt8]? = nil, type: String? = nil, headers: [String] = []
  ) throws -> Answer {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
    if let type { head += "Content-Type: \(type)\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    for header in headers { head += header + "\r\n" }
    guard let answer = try raw(Array((head + "\r\n").utf8) + (body ?? [])) else {
      throw Failure(text: "\(method) \(path): no answer")
    }
    return answer
  }

  /// A form of files.
  ///
  /// - Parameter pieces: the length of the chunks that it is sent in; nil sends it whole.
  func form(
    _ path: String, _ files: [(field: String, name: String, bytes: [UInt8])], headers: [String] = [],
    pieces: Int? = nil
  ) throws -> Answer {
    var body: [UInt8] = []
    for file in files {
      body += Array(
        "--limit\r\nContent-Disposition: form-data; name=\"\(file.field)\"; filename=\"\(file.name)\"\r\n\r\n"
          .utf8)
      body += file.bytes + Array("\r\n".utf8)
    }
    body += Array("--limit--\r\n".utf8)
    let type = "multipart/form-data; boundary=limit"
    guard let pieces else { return try ask("POST", path, body, type: type, headers: headers) }
    var request = Array(
      "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
        .utf8)
    for start in stride(from: 0, to: body.count, by: pieces) {
      let piece = body[start..<min(body.count, start + pieces)]
      request += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
    }
    guard let answer = try raw(request + Array("0\r\n\r\n".utf8)) else {
      throw Failure(text: "\(path): no answer")
    }
    return answer
  }

  static func gallery(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/\(name)")))
  }
}
