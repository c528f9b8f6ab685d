/// The bits that a mark carries, first bit first.
///
/// Bytes and hexadecimal digits are read most significant bit first. A length that is no multiple of
/// four is padded with zeros on the right in ``hex``, so the bit count must travel beside it.
public struct Payload: Sendable, Hashable {
  public let bits: [Bool]

  public init(bits: [Bool]) {
    self.bits = bits
  }

  /// Eight bits a byte, most significant first.
  public init(bytes: some Sequence<UInt8>) {
    bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 == 1 } }
  }

  /// The UTF-8 bytes of a text.
  public init(text: String) {
    self.init(bytes: text.utf8)
  }

  /// Four bits a digit, either case; nil if any other character stands there.
  public init?(hex: String) {
    var bits: [Bool] = []
    bits.reserveCapacity(hex.utf8.count * 4)
    for character in hex {
      guard character.isASCII, let digit = character.hexDigitValue else { return nil }
      for shift in (0..<4).reversed() { bits.append(digit >> shift & 1 == 1) }
    }
    self.bits = bits
  }

  /// A string of zeros and ones; nil if any other character stands there.
  public init?(binary: String) {
    var bits: [Bool] = []
    bits.reserveCapacity(binary.utf8.count)
    for character in binary {
      guard character == "0" || character == "1" else { return nil }
      bits.append(character == "1")
    }
    self.bits = bits
  }

  public var count: Int { bits.count }

  /// Lower-case digits, padded with zero bits on the right to whole digits.
  public var hex: String {
    let digits = Array("0123456789abcdef")
    return String(
      stride(from: 0, to: bits.count, by: 4).map { start in
        digits[
          (start..<start + 4).reduce(0) { value, index in
            value << 1 | (index < bits.count && bits[index] ? 1 : 0)
          }]
      })
  }

  /// Zeros and ones, one character a bit.
  public var binary: String { String(bits.map { $0 ? "1" : "0" }) }
}
