import Foundation

/// Bytes of unknown or declared encoding as text.
enum TextDecoding {
  static func latin1(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text)
  }

  /// UTF-8 when it is valid, else Latin-1: many writers put UTF-8 where Latin-1 or ASCII is prescribed.
  static func guess(_ bytes: ArraySlice<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
  }

  /// UTF-16 without a byte-order mark; unpaired surrogates become U+FFFD.
  static func utf16(_ bytes: ArraySlice<UInt8>, _ order: ByteOrder) -> String {
    let (high, low) = order == .bigEndian ? (0, 1) : (1, 0)
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
      units.append(UInt16(bytes[index + high]) << 8 | UInt16(bytes[index + low]))
      index += 2
    }
    while units.last == 0 { units.removeLast() }
    return String(decoding: units, as: UTF16.self)
  }

  /// ISO-2022-JP or Shift JIS; nil when the bytes are neither.
  static func japanese(_ bytes: ArraySlice<UInt8>) -> String? {
    String(bytes: bytes, encoding: .iso2022JP) ?? String(bytes: bytes, encoding: .shiftJIS)
  }

  /// Without the zeros and spaces that pad it.
  static func unpadded(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let last = bytes.last, last == 0 || last == 0x20 { bytes.removeLast() }
    return bytes
  }
}
