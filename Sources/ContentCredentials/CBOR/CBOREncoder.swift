/// Writes CBOR in the core deterministic form: shortest lengths and floats, map keys in bytewise order.
///
/// Source: RFC 8949 §4.2.1; C2PA 2.2 §10.2 asks it of claims.
package enum CBOREncoder {
  package static func encode(_ item: CBOR) -> [UInt8] {
    var output: [UInt8] = []
    append(item, to: &output)
    return output
  }

  private static func append(_ item: CBOR, to output: inout [UInt8]) {
    switch item {
    case .unsigned(let value): head(major: 0, value, to: &output)
    case .negative(let value): head(major: 1, value, to: &output)
    case .bytes(let bytes):
      head(major: 2, UInt64(bytes.count), to: &output)
      output += bytes
    case .text(let text):
      head(major: 3, UInt64(text.utf8.count), to: &output)
      output += text.utf8
    case .array(let items):
      head(major: 4, UInt64(items.count), to: &output)
      for item in items { append(item, to: &output) }
    case .map(let map):
      head(major: 5, UInt64(map.entries.count), to: &output)
      let entries = map.entries.map { (key: encode($0.key), value: $0.value) }
      for entry in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        output += entry.key
        append(entry.value, to: &output)
      }
    case .tagged(let tag, let item):
      head(major: 6, tag, to: &output)
      append(item, to: &output)
    case .bool(let value): output.append(value ? 0xF5 : 0xF4)
    case .null: output.append(0xF6)
    case .undefined: output.append(0xF7)
    case .simple(let value): head(major: 7, UInt64(value), to: &output)
    case .float(let value): float(value, to: &output)
    }
  }

  private static func head(major: UInt8, _ argument: UInt64, to output: inout [UInt8]) {
    let type = major << 5
    switch argument {
    case 0..<24: output.append(type | UInt8(argument))
    case 24...0xFF:
      output.append(type | 24)
      output.append(UInt8(argument))
    case 0x100...0xFFFF:
      output.append(type | 25)
      output.appendBigEndian(UInt16(argument))
    case 0x1_0000...0xFFFF_FFFF:
      output.append(type | 26)
      output.appendBigEndian(UInt32(argument))
    default:
      output.append(type | 27)
      output.appendBigEndian(argument)
    }
  }

  private static func float(_ value: Double, to output: inout [UInt8]) {
    if value.isNaN {
      output += [0xF9, 0x7E, 0x00]
    } else if let half = halfPrecision(value) {
      output.append(0xF9)
      output.appendBigEndian(half)
    } else if Double(Float(value)) == value {
      output.append(0xFA)
      output.appendBigEndian(Float(value).bitPattern)
    } else {
      output.append(0xFB)
      output.appendBigEndian(value.bitPattern)
    }
  }

  /// The binary16 bits of a value it holds exactly, NaN apart.
  private static func halfPrecision(_ value: Double) -> UInt16? {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let magnitude = value.magnitude
    if magnitude == 0 { return sign }
    if magnitude == .infinity { return sign | 0x7C00 }
    guard magnitude >= 0x1p-24, magnitude <= 65504 else { return nil }
    let exponent = max(Int(magnitude.exponent), -14)
    // The significand in units of the last of the ten fraction bits.
    let scaled = magnitude / Double(sign: .plus, exponent: exponent - 10, significand: 1)
    guard scaled == scaled.rounded() else { return nil }
    let units = UInt16(scaled)
    // A normal number's hidden bit carries into the exponent field; a subnormal's field is zero.
    return sign | (units < 1024 ? units : UInt16(exponent + 14) << 10 + units)
  }
}

extension [UInt8] {
  package mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    for shift in stride(from: type(of: value).bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}

extension RandomAccessCollection<UInt8> where Index == Int {
  /// A big-endian integer of `count` ≤ 8 bytes at an index; nil where the bytes end before.
  package func bigEndian(_ count: Int, at index: Int) -> Int? {
    guard index >= startIndex, count <= endIndex - index else { return nil }
    var value: UInt64 = 0
    for offset in 0..<count { value = value << 8 | UInt64(self[index + offset]) }
    return Int(exactly: value)
  }

  /// A little-endian integer of `count` ≤ 8 bytes at an index; nil where the bytes end before.
  package func littleEndian(_ count: Int, at index: Int) -> Int? {
    guard index >= startIndex, count <= endIndex - index else { return nil }
    var value: UInt64 = 0
    for offset in (0..<count).reversed() { value = value << 8 | UInt64(self[index + offset]) }
    return Int(exactly: value)
  }
}
