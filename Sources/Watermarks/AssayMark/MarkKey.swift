import Crypto

/// The secret that places and scrambles a mark.
///
/// Whoever has the key can read the mark, write it, and remove it more easily than others can. The open key
/// stands in this source: marks under it say where a picture came from to everybody, and keep nothing secret.
public struct MarkKey: Sendable, Hashable {
  private let bytes: [UInt8]

  /// A key from any number of bytes; what they hold is hashed, so their length is free.
  public init(bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// The key that Assay uses when none is given.
  public static let open = MarkKey(bytes: "assay open watermark key 1".utf8)

  /// Numbers that only this key gives, one sequence a label.
  package func stream(_ label: String, context: [UInt8] = []) -> KeyStream {
    KeyStream(key: SymmetricKey(data: bytes), label: Array(label.utf8) + [0] + context)
  }
}

/// HMAC-SHA-256 in counter mode: block i is HMAC(key, i as four big-endian bytes ‖ label ‖ 0 ‖ context).
package struct KeyStream {
  private let key: SymmetricKey
  private let label: [UInt8]
  private var counter: UInt32 = 0
  private var block: [UInt8] = []

  init(key: SymmetricKey, label: [UInt8]) {
    self.key = key
    self.label = label
  }

  /// The next byte.
  package mutating func byte() -> UInt8 {
    if block.isEmpty {
      let head = (0..<4).reversed().map { UInt8(truncatingIfNeeded: counter >> (8 * $0)) }
      // Reversed, so that taking from the end gives the digest's first byte first.
      block = HMAC<SHA256>.authenticationCode(for: head + label, using: key).reversed()
      counter += 1
    }
    return block.removeLast()
  }

  /// The next four bytes, big-endian.
  mutating func word() -> UInt32 {
    (0..<4).reduce(0) { value, _ in value << 8 | UInt32(byte()) }
  }

  /// A number in 0..<bound, each equally likely.
  mutating func below(_ bound: Int) -> Int {
    let bound = UInt32(bound)
    let limit = UInt32.max - UInt32.max % bound
    while true {
      let candidate = word()
      if candidate < limit { return Int(candidate % bound) }
    }
  }

  /// The numbers 0..<count in a keyed order (Fisher and Yates).
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) { order.swapAt(index, below(index + 1)) }
    return order
  }
}
