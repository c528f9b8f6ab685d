#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The order of the bytes of a number.
public enum ByteOrder: String, Sendable, Hashable, Codable {
  case littleEndian, bigEndian
}

/// Checked reading: nil where the bytes do not reach, never a trap, whatever the offset.
extension [UInt8] {
  func contains(_ range: Range<Int>) -> Bool { range.lowerBound >= 0 && range.upperBound <= count }

  func u16(_ offset: Int, _ order: ByteOrder = .bigEndian) -> Int? {
    guard offset >= 0, offset <= count - 2 else { return nil }
    let (a, b) = (Int(self[offset]), Int(self[offset + 1]))
    return order == .bigEndian ? a << 8 | b : b << 8 | a
  }

  func u32(_ offset: Int, _ order: ByteOrder = .bigEndian) -> Int? {
    guard offset >= 0, offset <= count - 4 else { return nil }
    let (a, b) = (Int(self[offset]), Int(self[offset + 1]))
    let (c, d) = (Int(self[offset + 2]), Int(self[offset + 3]))
    return order == .bigEndian ? a << 24 | b << 16 | c << 8 | d : d << 24 | c << 16 | b << 8 | a
  }

  /// nil also for values over `Int.max`, which no offset or length can have.
  func u64(_ offset: Int, _ order: ByteOrder = .bigEndian) -> Int? {
    guard offset <= count - 8, let first = u32(offset, order), let second = u32(offset + 4, order) else {
      return nil
    }
    let (high, low) = order == .bigEndian ? (first, second) : (second, first)
    return high < 1 << 31 ? high << 32 | low : nil
  }

  /// Whether these ASCII characters stand at the offset.
  func matches(_ text: StaticString, at offset: Int) -> Bool {
    guard offset >= 0, offset <= count - text.utf8CodeUnitCount else { return false }
    // SAFETY: a StaticString lives forever and has `utf8CodeUnitCount` bytes.
    return text.withUTF8Buffer { expected in
      for index in 0..<expected.count where unsafe expected[index] != self[offset + index] { return false }
      return true
    }
  }

  /// The first place of a byte within a range.
  package func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    let range = range.clamped(to: 0..<count)
    guard !range.isEmpty else { return nil }
    // SAFETY: the range was clamped to the array, which memchr reads and does not keep.
    return unsafe withUnsafeBytes { buffer in
      let start = unsafe buffer.baseAddress! + range.lowerBound
      guard let found = unsafe memchr(start, Int32(byte), range.count) else { return nil }
      return unsafe range.lowerBound + (UnsafeRawPointer(found) - start)
    }
  }

  /// The first place within a range where these ASCII characters stand.
  package func firstIndex(of text: StaticString, in range: Range<Int>) -> Int? {
    guard let first = Swift.String(describing: text).utf8.first else { return nil }
    var start = range.lowerBound
    while let place = firstIndex(of: first, in: start..<range.upperBound) {
      if place + text.utf8CodeUnitCount <= range.upperBound, matches(text, at: place) { return place }
      start = place + 1
    }
    return nil
  }

  /// Four bytes as text when all are printable ASCII.
  func fourCC(_ offset: Int) -> String? {
    guard offset >= 0, offset <= count - 4 else { return nil }
    let code = self[offset..<(offset + 4)]
    guard code.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
    return String(decoding: code, as: UTF8.self)
  }
}
