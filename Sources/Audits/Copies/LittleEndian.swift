import Foundation

/// Numbers as bytes of a file, the low one first.
enum LittleEndian {
  static func data<Number: FixedWidthInteger>(_ numbers: [Number]) -> Data {
    var bytes: [UInt8] = []
    let size = Number.bitWidth / 8
    bytes.reserveCapacity(size * numbers.count)
    for number in numbers {
      for byte in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
    }
    return Data(bytes)
  }

  /// - Precondition: so many numbers follow on the offset.
  static func values<Number: FixedWidthInteger>(
    _ bytes: [UInt8], from offset: Int, count: Int, as type: Number.Type
  ) -> [Number] {
    let size = Number.bitWidth / 8
    precondition(offset >= 0 && count >= 0 && offset + size * count <= bytes.count)
    // SAFETY: as many bytes are copied as the numbers take, and they lie within the array, by the line above.
    let numbers = unsafe [Number](unsafeUninitializedCapacity: count) { target, used in
      unsafe bytes.withUnsafeBytes { raw in
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: raw[offset..<(offset + size * count)]))
      }
      used = count
    }
    return Number(1).littleEndian == 1 ? numbers : numbers.map { Number(littleEndian: $0) }
  }
}
