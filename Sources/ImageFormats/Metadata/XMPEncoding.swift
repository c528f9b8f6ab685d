/// The encodings that XMP packets come in.
///
/// Source: XMP Specification Part 1 §7.3 (UTF-8, UTF-16 and UTF-32, either byte order).
enum XMPEncoding {
  /// The packet in UTF-8.
  ///
  /// A byte-order mark tells, or the zeros around the first `<`; anything else is taken for UTF-8.
  static func utf8(_ packet: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let head = Array(packet.prefix(4))
    guard head.count == 4 else { return packet }
    switch (head[0], head[1], head[2], head[3]) {
    case (0, 0, 0xFE, 0xFF): return utf32(packet.dropFirst(4), .bigEndian)
    case (0xFF, 0xFE, 0, 0): return utf32(packet.dropFirst(4), .littleEndian)
    case (0, 0, 0, 1...0x7F): return utf32(packet, .bigEndian)
    case (1...0x7F, 0, 0, 0): return utf32(packet, .littleEndian)
    case (0xFE, 0xFF, _, _): return utf16(packet.dropFirst(2), .bigEndian)
    case (0xFF, 0xFE, _, _): return utf16(packet.dropFirst(2), .littleEndian)
    case (0, 1...0x7F, _, _): return utf16(packet, .bigEndian)
    case (1...0x7F, 0, _, _): return utf16(packet, .littleEndian)
    default: return packet
    }
  }

  /// Whether these bytes begin as a packet does, blanks and a byte-order mark before it aside.
  static func beginsPacket(_ bytes: ArraySlice<UInt8>) -> Bool {
    let head = utf8(bytes.prefix(512))
    guard let first = head.first(where: { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }),
      first == UInt8(ascii: "<")
    else { return false }
    let text = String(decoding: head, as: UTF8.self)
    return text.contains("<?xpacket") || text.contains("<x:xmpmeta") || text.contains("<x:xapmeta")
      || text.contains("<rdf:RDF")
  }

  private static func utf16(_ packet: ArraySlice<UInt8>, _ order: ByteOrder) -> ArraySlice<UInt8> {
    Array(TextDecoding.utf16(packet, order).utf8)[...]
  }

  /// Units that are no scalars become U+FFFD.
  private static func utf32(_ packet: ArraySlice<UInt8>, _ order: ByteOrder) -> ArraySlice<UInt8> {
    var scalars = String.UnicodeScalarView()
    var index = packet.startIndex
    while index + 4 <= packet.endIndex {
      let unit = (0..<4).reduce(UInt32(0)) { value, offset in
        value << 8 | UInt32(packet[index + (order == .bigEndian ? offset : 3 - offset)])
      }
      scalars.append(Unicode.Scalar(unit) ?? "\u{FFFD}")
      index += 4
    }
    return Array(String(scalars).utf8)[...]
  }
}
