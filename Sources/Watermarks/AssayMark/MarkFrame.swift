/// What is coded: two bits of version, six of the payload's length, the payload, and a keyed check.
///
/// 120 bits: version (2, value 1) ‖ length − 1 (6) ‖ payload (64, zeros behind its end) ‖ check (48). The
/// check is the head of HMAC-SHA-256 over the rest, so it does a CRC's work and, unlike one, can't be made
/// without the key.
package struct MarkFrame: Sendable {
  static let payloadBits = 1...64
  static let version = 1
  static let checkBits = 48
  static let length = 72 + checkBits
  /// Bits that a word from a picture without a mark meets by chance only: check and version.
  package static let chanceBits = checkBits + 2
  package static let code = PolarCode(dimension: length)

  /// The frame's bits, or nil if the payload is empty or too long.
  package static func bits(of payload: Payload, key: MarkKey) -> [Bool]? {
    guard payloadBits.contains(payload.count) else { return nil }
    let head = version << 6 | (payload.count - 1)
    let body =
      (0..<8).map { head >> (7 - $0) & 1 == 1 } + payload.bits
      + [Bool](repeating: false, count: 64 - payload.count)
    return body + check(body, key: key)
  }

  /// The payload of a frame whose check, version and padding hold.
  package static func payload(of frame: [Bool], key: MarkKey) -> Payload? {
    let body = Array(frame[0..<72])
    let head = body[0..<8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
    let count = (head & 63) + 1
    guard head >> 6 == version, !body[(8 + count)...].contains(true),
      Array(frame[72...]) == check(body, key: key)
    else { return nil }
    return Payload(bits: Array(body[8..<8 + count]))
  }

  private static func check(_ body: [Bool], key: MarkKey) -> [Bool] {
    var stream = key.stream("check", context: body.map { $0 ? 1 : 0 })
    return (0..<checkBits / 8).flatMap { _ in
      let byte = stream.byte()
      return (0..<8).map { byte >> (7 - $0) & 1 == 1 }
    }
  }

  /// Where in its period a payload's tile starts, so that two marks in one picture lie apart.
  static func offset(of payload: Payload, key: MarkKey) -> (x: Int, y: Int) {
    var stream = key.stream("offset", context: payload.bits.map { $0 ? 1 : 0 })
    return (stream.below(MarkPattern.period), stream.below(MarkPattern.period))
  }
}
