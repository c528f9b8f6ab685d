extension ContainerWalk {
  /// WebP: one RIFF chunk of form `WEBP`; chunks are padded to even lengths.
  ///
  /// Source: RFC 9649 §2.
  mutating func webp() {
    segments.append(Segment(name: "RIFF", identifier: "WEBP", range: 0..<12, payload: 8..<12))
    let declared = (bytes.u32(4, .littleEndian) ?? 0) + 8
    let stop = min(declared, bytes.count)
    if declared > bytes.count {
      warn(
        "webp.riff.length", 4..<8, "the RIFF chunk ends \(declared - bytes.count) bytes after the file")
    }
    segments += chunks(in: 12..<max(12, stop), nesting: 0)
    end(at: max(12, stop))
  }

  private mutating func chunks(in range: Range<Int>, nesting: Int) -> [Segment] {
    var found: [Segment] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard admit(at: offset) else { break }
      guard range.upperBound - offset >= 8, let length = bytes.u32(offset + 4, .littleEndian) else {
        // A lone zero pads the chunk before it.
        if range.upperBound - offset > 1 {
          warn("webp.truncated", offset..<range.upperBound, "the file ends within a chunk header")
        }
        break
      }
      guard let name = bytes.fourCC(offset) ?? nulTerminatedName(offset) else {
        warn("webp.chunk.type", offset..<(offset + 4), "a chunk's type is not four characters")
        break
      }
      guard length <= range.upperBound - offset - 8 else {
        warn(
          "webp.chunk.length", (offset + 4)..<(offset + 8),
          "the \(name) chunk at byte \(offset) ends \(length - (range.upperBound - offset - 8)) bytes late")
        break
      }
      let payload = (offset + 8)..<(offset + 8 + length)
      let next = min(payload.upperBound + (length & 1), range.upperBound)
      var segment = Segment(name: name, range: offset..<next, payload: payload)
      // A frame of an animation: sixteen bytes of place and timing, then its own chunks.
      if name == "ANMF", nesting == 0, length >= 16 {
        segment.children = chunks(in: (payload.lowerBound + 16)..<payload.upperBound, nesting: 1)
      }
      found.append(segment)
      offset = next
    }
    return found
  }

  /// Some writers end `XMP` with a zero instead of a space.
  private func nulTerminatedName(_ offset: Int) -> String? {
    bytes.matches("XMP\0", at: offset) ? "XMP " : nil
  }
}
