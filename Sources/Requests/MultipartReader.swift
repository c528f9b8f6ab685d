/// Reads `multipart/form-data` (RFC 7578) as it comes: each part stands in memory once.
///
/// Limits are checked before memory is asked for: the number of parts, the length of a part's head, and that nothing but the
/// boundary stands between them.
package struct MultipartReader {
  package struct Part: Equatable {
    package var name: String
    /// As the client gave it; a word for answers, never a path.
    package var fileName: String?
    package var bytes: [UInt8] = []
  }

  package static let longestHead = 8 << 10

  private enum State { case preamble, afterBoundary, head, bodyStart, body, done }

  private let delimiter: [UInt8]
  private let maxParts: Int
  private var state = State.preamble
  /// What is not taken yet; a line break goes before it, so that the first boundary is one like the others.
  private var rest: [UInt8] = [0x0D, 0x0A]
  private var current: Part?
  /// Those that are whole.
  package private(set) var parts: [Part] = []

  /// - Parameter contentType: the header's value.
  /// - Throws: ``Problem`` where it names no boundary.
  package init(contentType: String, maxParts: Int) throws(Problem) {
    guard let boundary = HeaderValue.parameter("boundary", in: contentType),
      (1...70).contains(boundary.utf8.count)
    else {
      throw Self.malformed("the content's type names no boundary")
    }
    delimiter = Array("\r\n--\(boundary)".utf8)
    self.maxParts = maxParts
  }

  private static func malformed(_ message: String) -> Problem {
    Problem(
      .badRequest, "serve.multipart", message, remedy: "send the files as multipart/form-data (RFC 7578)")
  }

  /// Takes the next bytes.
  package mutating func feed(_ bytes: some Sequence<UInt8>) throws(Problem) {
    rest += bytes
    while try step() {}
  }

  /// All parts.
  ///
  /// - Throws: ``Problem`` where the content ended before its last boundary.
  package consuming func finish() throws(Problem) -> [Part] {
    guard state == .done else { throw Self.malformed("the content ends before its last boundary") }
    return parts
  }

  /// Whether there was enough to take a step.
  private mutating func step() throws(Problem) -> Bool {
    switch state {
    case .preamble, .body:
      if let place = find(delimiter) {
        if state == .body {
          current?.bytes += rest[..<place]
          if let part = current { parts.append(part) }
          current = nil
        }
        rest.removeFirst(place + delimiter.count)
        state = .afterBoundary
        return true
      }
      // What could be the beginning of a boundary stays.
      let sure = rest.count - delimiter.count + 1
      if sure > 0 {
        if state == .body { current?.bytes += rest[..<sure] }
        rest.removeFirst(sure)
      }
      return false
    case .afterBoundary:
      guard rest.count >= 2 else { return false }
      if rest[0] == 0x2D, rest[1] == 0x2D {
        state = .done
      } else if rest[0] == 0x0D, rest[1] == 0x0A {
        rest.removeFirst(2)
        state = .head
      } else {
        throw Self.malformed("a boundary is followed by something else than a line break")
      }
      return true
    case .head:
      let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
      guard let place = find(end) else {
        guard rest.count < Self.longestHead + end.count else {
          throw Self.malformed("the head of a part is too long")
        }
        return false
      }
      guard place <= Self.longestHead else { throw Self.malformed("the head of a part is too long") }
      guard parts.count < maxParts else {
        throw Problem(
          .contentTooLarge, "serve.parts", "there are more than the \(maxParts) parts that are taken",
          remedy: "send fewer at once")
      }
      current = try Self.part(String(decoding: rest[..<place], as: UTF8.self))
      rest.removeFirst(place + end.count)
      state = .bodyStart
      return true
    case .bodyStart:
      // An empty part's boundary may begin with the line break that ended its head; pieces may part it.
      guard rest.count >= delimiter.count - 2 else { return false }
      if rest.starts(with: delimiter.dropFirst(2)) { rest.insert(contentsOf: [0x0D, 0x0A], at: 0) }
      state = .body
      return true
    case .done:
      rest.removeAll()
      return false
    }
  }

  private func find(_ pattern: [UInt8]) -> Int? {
    let last = rest.count - pattern.count
    guard last >= 0 else { return nil }
    var place = 0
    while place <= last {
      guard let next = rest[place...last].firstIndex(of: pattern[0]) else { return nil }
      if rest[next..<(next + pattern.count)].elementsEqual(pattern) { return next }
      place = next + 1
    }
    return nil
  }

  private static func part(_ head: String) throws(Problem) -> Part {
    let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-disposition:") }
    guard let line, let name = HeaderValue.parameter("name", in: String(line)) else {
      throw malformed("a part has no name")
    }
    return Part(name: name, fileName: HeaderValue.parameter("filename", in: String(line)))
  }
}
