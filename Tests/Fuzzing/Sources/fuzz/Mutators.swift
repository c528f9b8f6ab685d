import LibFuzzer

/// Whose inputs are made.
nonisolated(unsafe) var current = readers[0]

/// libFuzzer asks this for every new input. Two of three keep the structure: a part is taken out, doubled, moved or changed
/// inside, and lengths and checksums are made anew; the third is libFuzzer's own and may break anything.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
  var random = SplitMix(state: UInt64(seed))
  let plain = { LLVMFuzzerMutate(bytes, count, most) }
  guard random.next() % 3 != 0, current.structure != .plain else { return plain() }
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  guard var parts = Parts(input, as: current.structure), !parts.items.isEmpty else { return plain() }
  parts.change(&random)
  let output = parts.joined()
  guard !output.isEmpty, output.count <= most else { return plain() }
  for (index, byte) in output.enumerated() { bytes[index] = byte }
  return output.count
}

/// A file as its parts.
struct Parts {
  /// What stands before the first part, and behind the last.
  var head: [UInt8] = []
  var items: [(kind: [UInt8], content: [UInt8])] = []
  var tail: [UInt8] = []
  private let structure: Reader.Structure

  /// Nil for bytes that have no such structure.
  init?(_ bytes: [UInt8], as structure: Reader.Structure) {
    self.structure = structure
    switch structure {
    case .plain: return nil
    case .png:
      guard bytes.count > 8 else { return nil }
      head = Array(bytes[..<8])
      walk(bytes, from: 8, kind: 4..<8, content: 8, trailing: 4) {
        Self.number(bytes, $0, 4, bigEndian: true)
      }
    case .riff:
      guard bytes.count > 12 else { return nil }
      head = Array(bytes[..<12])
      walk(bytes, from: 12, kind: 0..<4, content: 8, trailing: 0, padded: true) {
        Self.number(bytes, $0 + 4, 4, bigEndian: false)
      }
    case .bmff:
      walk(bytes, from: 0, kind: 4..<8, content: 8, trailing: 0) {
        let length = Self.number(bytes, $0, 4, bigEndian: true)
        return length < 8 ? bytes.count - $0 - 8 : length - 8
      }
    case .jpeg:
      guard bytes.count > 4 else { return nil }
      head = Array(bytes[..<2])
      var place = 2
      while place + 4 <= bytes.count, bytes[place] == 0xFF, bytes[place + 1] != 0xDA {
        let length = Self.number(bytes, place + 2, 2, bigEndian: true)
        guard length >= 2, place + 2 + length <= bytes.count else { break }
        items.append((Array(bytes[place..<place + 2]), Array(bytes[place + 4..<place + 2 + length])))
        place += 2 + length
      }
      tail = Array(bytes[place...])
    case .tar:
      // A header of 512 bytes, then its content in blocks of as many.
      var place = 0
      while place + 512 <= bytes.count {
        let size = bytes[place + 124..<place + 135].reduce(0) { $0 << 3 | Int($1 & 7) } & 0xFFFF_FFFF
        let end = min(bytes.count, place + 512 + (size + 511) / 512 * 512)
        items.append((Array(bytes[place..<place + 512]), Array(bytes[place + 512..<end])))
        place = end
      }
      tail = Array(bytes[place...])
    case .cbor:
      // Items side by side: each head with what it holds directly.
      var place = 0
      while place < bytes.count {
        let length = Self.itemLength(bytes, place)
        items.append(([], Array(bytes[place..<min(bytes.count, place + length)])))
        place += length
      }
    }
  }

  private mutating func walk(
    _ bytes: [UInt8], from start: Int, kind: Range<Int>, content: Int, trailing: Int, padded: Bool = false,
    length: (Int) -> Int
  ) {
    var place = start
    while place + content + trailing <= bytes.count {
      let size = length(place)
      guard size >= 0, place + content + size + trailing <= bytes.count else { break }
      let inside = place + content..<place + content + size
      items.append((Array(bytes[place + kind.lowerBound..<place + kind.upperBound]), Array(bytes[inside])))
      place = inside.upperBound + trailing + (padded ? size & 1 : 0)
    }
    tail = Array(bytes[min(place, bytes.count)...])
  }

  mutating func change(_ random: inout SplitMix) {
    let index = Int(random.next() % UInt64(items.count))
    switch random.next() % 8 {
    case 0: items.remove(at: index)
    case 1: items.insert(items[index], at: Int(random.next() % UInt64(items.count + 1)))
    case 2: items.swapAt(index, Int(random.next() % UInt64(items.count)))
    case 3 where structure == .tar: items[index].kind = Self.mutated(items[index].kind, most: 512)
    case 3 where !items[index].kind.isEmpty:
      items[index].kind = items[Int(random.next() % UInt64(items.count))].kind
    default: items[index].content = Self.mutated(items[index].content)
    }
  }

  /// libFuzzer's own change, with its dictionary and what comparisons told it, inside one part.
  private static func mutated(_ content: [UInt8], most: Int? = nil) -> [UInt8] {
    let most = most ?? content.count + 64
    return [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      _ = buffer.initialize(from: content)
      for place in content.count..<most { buffer.initializeElement(at: place, to: 0) }
      count = LLVMFuzzerMutate(buffer.baseAddress, content.count, most)
    }
  }

  /// With its sum made anew: the bytes of the header, those of the sum taken as blanks, in octal.
  private static func tarHeader(_ header: [UInt8]) -> [UInt8] {
    var header = header + [UInt8](repeating: 0, count: 512 - header.count)
    header.replaceSubrange(148..<156, with: Array("        ".utf8))
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    header.replaceSubrange(
      148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum + "\0 ").utf8))
    return header
  }

  func joined() -> [UInt8] {
    var bytes = head
    for (kind, content) in items {
      switch structure {
      case .png: bytes += PNGParts.chunk(kind, content)
      case .riff:
        bytes +=
          kind + Self.bytes(content.count, 4).reversed() + content + (content.count & 1 == 0 ? [] : [0])
      case .bmff: bytes += Self.bytes(content.count + 8, 4) + kind + content
      case .jpeg: bytes += kind + Self.bytes(min(content.count, 65_533) + 2, 2) + content.prefix(65_533)
      case .tar: bytes += Self.tarHeader(kind) + content
      case .cbor, .plain: bytes += content
      }
    }
    bytes += tail
    if structure == .riff, bytes.count >= 8 {
      bytes.replaceSubrange(4..<8, with: Self.bytes(bytes.count - 8, 4).reversed())
    }
    return bytes
  }

  static func number(_ bytes: [UInt8], _ place: Int, _ count: Int, bigEndian: Bool) -> Int {
    guard place + count <= bytes.count else { return -1 }
    let part = bytes[place..<place + count]
    return (bigEndian ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }

  static func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// Bytes of a CBOR item's head, with those of a string.
  private static func itemLength(_ bytes: [UInt8], _ place: Int) -> Int {
    let major = bytes[place] >> 5
    let short = Int(bytes[place] & 31)
    let size = [24: 1, 25: 2, 26: 4, 27: 8][short] ?? 0
    guard major == 2 || major == 3 else { return 1 + size }
    let length = size == 0 ? short : number(bytes, place + 1, min(size, 4), bigEndian: true)
    return 1 + size + max(0, min(length, bytes.count))
  }
}

struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
