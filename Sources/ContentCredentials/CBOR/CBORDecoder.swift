/// Reads CBOR from untrusted bytes.
///
/// Bounded in depth and in items; every length is held against what is left of the buffer before anything is
/// allocated. Indefinite lengths are read, as signers of 2021–2023 wrote them. Duplicate keys are refused:
/// two readers could see two different claims.
///
/// Source: RFC 8949 §3, §5.
package struct CBORDecoder {
  /// Nesting and size bounds; a C2PA claim stays below 8 levels and a few hundred items.
  package struct Limits: Sendable {
    package var depth = 48
    package var items = 1_000_000
    package static let standard = Limits()
  }

  private let buffer: ArraySlice<UInt8>
  private var position: Int
  private var itemsLeft: Int
  private let limits: Limits

  private init(_ buffer: ArraySlice<UInt8>, limits: Limits) {
    self.buffer = buffer
    self.limits = limits
    position = buffer.startIndex
    itemsLeft = limits.items
  }

  /// The one item that fills the buffer.
  package static func decode(
    _ buffer: ArraySlice<UInt8>, limits: Limits = .standard
  ) throws(MalformedStructure) -> CBOR {
    let (item, end) = try decodePrefix(buffer, limits: limits)
    guard end == buffer.endIndex else { throw MalformedStructure("bytes follow the CBOR item", at: end) }
    return item
  }

  /// The first item of the buffer and the index after it.
  static func decodePrefix(
    _ buffer: ArraySlice<UInt8>, limits: Limits = .standard
  ) throws(MalformedStructure) -> (item: CBOR, end: Int) {
    var decoder = CBORDecoder(buffer, limits: limits)
    let item = try decoder.item(depth: 0)
    return (item, decoder.position)
  }

  // MARK: Items

  private mutating func item(depth: Int) throws(MalformedStructure) -> CBOR {
    let start = position
    guard depth < limits.depth else { throw MalformedStructure("CBOR nests too deeply", at: start) }
    guard itemsLeft > 0 else { throw MalformedStructure("CBOR has too many items", at: start) }
    itemsLeft -= 1

    let initial = try byte()
    let major = initial >> 5
    let info = initial & 0x1F
    if major == 7 { return try simpleOrFloat(info, at: start) }
    let argument = try self.argument(info, at: start)

    switch major {
    case 0: return .unsigned(try definite(argument, at: start))
    case 1: return .negative(try definite(argument, at: start))
    case 2: return .bytes(try string(argument, major: 2, at: start))
    case 3:
      let bytes = try string(argument, major: 3, at: start)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw MalformedStructure("CBOR text is not UTF-8", at: start)
      }
      return .text(text)
    case 4: return .array(try array(argument, depth: depth, at: start))
    case 5: return .map(try map(argument, depth: depth, at: start))
    default: return .tagged(try definite(argument, at: start), try item(depth: depth + 1))
    }
  }

  private mutating func array(
    _ count: UInt64?, depth: Int, at start: Int
  ) throws(MalformedStructure) -> [CBOR] {
    var items: [CBOR] = []
    if let count {
      items.reserveCapacity(try bounded(count, bytesPerItem: 1, at: start))
      for _ in 0..<count { items.append(try item(depth: depth + 1)) }
    } else {
      while try !takeBreak() { items.append(try item(depth: depth + 1)) }
    }
    return items
  }

  private mutating func map(
    _ count: UInt64?, depth: Int, at start: Int
  ) throws(MalformedStructure) -> CBORMap {
    var entries: [CBORMap.Entry] = []
    var seen = Set<CBOR>()
    if let count { entries.reserveCapacity(try bounded(count, bytesPerItem: 2, at: start)) }
    var remaining = count
    while true {
      if let remaining, remaining == 0 { break }
      if remaining == nil, try takeBreak() { break }
      let at = position
      let key = try item(depth: depth + 1)
      guard seen.insert(key).inserted else { throw MalformedStructure("CBOR map repeats a key", at: at) }
      entries.append(CBORMap.Entry(key: key, value: try item(depth: depth + 1)))
      remaining = remaining.map { $0 - 1 }
    }
    return CBORMap(entries)
  }

  /// A byte or text string; chunks of an indefinite one are joined.
  private mutating func string(
    _ length: UInt64?, major: UInt8, at start: Int
  ) throws(MalformedStructure) -> ArraySlice<UInt8> {
    if let length {
      let count = try bounded(length, bytesPerItem: 1, at: start)
      defer { position += count }
      return buffer[position..<position + count]
    }
    var joined: [UInt8] = []
    while try !takeBreak() {
      let at = position
      let initial = try byte()
      guard initial >> 5 == major, let length = try argument(initial & 0x1F, at: at) else {
        throw MalformedStructure("CBOR string chunk has another type", at: at)
      }
      joined += try string(length, major: major, at: at)
    }
    return joined[...]
  }

  private mutating func simpleOrFloat(_ info: UInt8, at start: Int) throws(MalformedStructure) -> CBOR {
    switch info {
    case 20: return .bool(false)
    case 21: return .bool(true)
    case 22: return .null
    case 23: return .undefined
    case 24:
      let value = try byte()
      guard value >= 32 else { throw MalformedStructure("CBOR simple value is not minimal", at: start) }
      return .simple(value)
    case 25: return .float(Double(halfPrecision: UInt16(try integer(bytes: 2))))
    case 26: return .float(Double(Float(bitPattern: UInt32(try integer(bytes: 4)))))
    case 27: return .float(Double(bitPattern: try integer(bytes: 8)))
    case 28...30: throw MalformedStructure("CBOR uses a reserved length", at: start)
    case 31: throw MalformedStructure("CBOR break outside a string, array or map", at: start)
    default: return .simple(info)
    }
  }

  // MARK: Bytes

  /// The argument of an initial byte; nil marks an indefinite length.
  private mutating func argument(_ info: UInt8, at start: Int) throws(MalformedStructure) -> UInt64? {
    switch info {
    case 0..<24: return UInt64(info)
    case 24...27: return try integer(bytes: 1 << Int(info - 24))
    case 31: return nil
    default: throw MalformedStructure("CBOR uses a reserved length", at: start)
    }
  }

  private func definite(_ argument: UInt64?, at start: Int) throws(MalformedStructure) -> UInt64 {
    guard let argument else { throw MalformedStructure("CBOR number has no length", at: start) }
    return argument
  }

  /// A count that the rest of the buffer can hold.
  private func bounded(
    _ count: UInt64, bytesPerItem: Int, at start: Int
  ) throws(MalformedStructure) -> Int {
    guard let count = Int(exactly: count), count <= (buffer.endIndex - position) / bytesPerItem else {
      throw MalformedStructure("CBOR length exceeds its buffer", at: start)
    }
    return count
  }

  private mutating func takeBreak() throws(MalformedStructure) -> Bool {
    guard position < buffer.endIndex else { throw MalformedStructure("CBOR ends early", at: position) }
    guard buffer[position] == 0xFF else { return false }
    position += 1
    return true
  }

  private mutating func byte() throws(MalformedStructure) -> UInt8 {
    guard position < buffer.endIndex else { throw MalformedStructure("CBOR ends early", at: position) }
    defer { position += 1 }
    return buffer[position]
  }

  private mutating func integer(bytes count: Int) throws(MalformedStructure) -> UInt64 {
    guard buffer.endIndex - position >= count else {
      throw MalformedStructure("CBOR ends early", at: position)
    }
    var value: UInt64 = 0
    for _ in 0..<count {
      value = value << 8 | UInt64(buffer[position])
      position += 1
    }
    return value
  }
}

extension Double {
  /// A value from IEEE 754 binary16, which not every platform's `Float16` reads.
  fileprivate init(halfPrecision bits: UInt16) {
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Double(bits & 0x3FF)
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    self = bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
