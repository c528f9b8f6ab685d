extension ContainerWalk {
  /// PNG: an 8-byte signature, then chunks of length, type, data and CRC up to IEND.
  ///
  /// Source: PNG (Third Edition), W3C 2025, §5.3.
  mutating func png() {
    segments.append(Segment(name: "signature", range: 0..<8, payload: 0..<8))
    var offset = 8
    while offset < bytes.count {
      guard admit(at: offset) else { return }
      guard let length = bytes.u32(offset), bytes.count - offset >= 8 else {
        warnCut("png.truncated", from: offset, offset..<bytes.count, "the file ends within a chunk header")
        return
      }
      guard let name = chunkName(offset + 4) else {
        warn("png.chunk.type", (offset + 4)..<(offset + 8), "a chunk's type is not four letters")
        return
      }
      guard length <= 0x7FFF_FFFF, length + 12 <= bytes.count - offset else {
        if length <= 0x7FFF_FFFF { noteCut(from: offset) }
        warn(
          "png.chunk.length", offset..<(offset + 4),
          "the \(name) chunk at byte \(offset) ends \(length + 12 - (bytes.count - offset)) bytes after the file"
        )
        let payload = (offset + 8)..<bytes.count
        if Self.metadataChunks.contains(name) {
          segments.append(
            Segment(
              name: name, identifier: textKeyword(name, payload), range: offset..<bytes.count,
              payload: payload))
        }
        return
      }
      let payload = (offset + 8)..<(offset + 8 + length)
      segments.append(
        Segment(
          name: name, identifier: textKeyword(name, payload), range: offset..<(offset + 12 + length),
          payload: payload))
      offset += 12 + length
      if name == "IEND" {
        end(at: offset)
        return
      }
    }
    warnCut(
      "png.truncated", from: bytes.count, bytes.count..<bytes.count, "the file ends without an IEND chunk")
  }

  /// Chunks of which a beginning is worth reading.
  private static let metadataChunks: Set<String> = ["tEXt", "zTXt", "iTXt", "eXIf"]

  private func chunkName(_ offset: Int) -> String? {
    let name = bytes[offset..<(offset + 4)]
    guard name.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else { return nil }
    return String(decoding: name, as: UTF8.self)
  }

  /// The keyword of a text chunk, or the name of a profile: 1...79 Latin-1 bytes before a zero.
  private func textKeyword(_ name: String, _ payload: Range<Int>) -> String? {
    guard ["tEXt", "zTXt", "iTXt", "iCCP"].contains(name) else { return nil }
    let head = payload.prefix(80)
    guard let end = bytes.firstIndex(of: 0, in: head) else { return nil }
    return TextDecoding.latin1(bytes[head.lowerBound..<end])
  }
}
