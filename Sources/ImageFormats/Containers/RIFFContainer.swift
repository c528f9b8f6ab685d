extension ContainerWalk {
  /// WebP: one RIFF chunk of form `WEBP`; chunks are padded to even lengths.
  ///
  /// Source: RFC 9649 §2.
  mutating func webp() {
    segments.append(Segment(name: "RIFF", identifier: "WEBP", range: 0..<12, payload: 8..<12))
    let declared = (bytes.u32(4, .littleEndian) ?? 0) + 8
    let stop = min(declared, bytes.count)
    // A lone byte that is missing pads the last chunk, and some writers leave it out.
    if declared > bytes.count {
      warn(
        "webp.riff.length", 4..<8, "the RIFF chunk ends \(declared - bytes.count) bytes after the file")
    }
    segments += chunks(in: 12..<max(12, stop), nesting: 0)
    let last = segments.last
    let lacksPadding = declared == bytes.count + 1 && cut == nil && (last?.payload.count ?? 0) & 1 == 1
    if declared > bytes.count, !lacksPadding { noteCut(from: bytes.count) }
    end(at: max(12, stop))
    chunksBehindEnd(from: max(12, stop))
  }

  /// Chunks that a writer added without counting them in RIFF's size: readers that follow the chunks find them.
  private mutating func chunksBehindEnd(from start: Int) {
    var offset = start
    while offset < bytes.count, let name = bytes.fourCC(offset) ?? nulTerminatedName(offset),
      Self.chunkNames.contains(name), let length = bytes.u32(offset + 4, .littleEndian),
      length <= bytes.count - offset - 8, admit(at: offset)
    {
      warn(
        "webp.riff.size", offset..<(offset + 8),
        "the \(name.filter { $0 != " " }) chunk at byte \(offset) stands behind the end that RIFF's size gives"
      )
      let payload = (offset + 8)..<(offset + 8 + length)
      offset = min(payload.upperBound + (length & 1), bytes.count)
      segments.append(Segment(name: name, range: (payload.lowerBound - 8)..<offset, payload: payload))
    }
    if offset > start { trailing = offset < bytes.count ? offset..<bytes.count : nil }
  }

  private static let chunkNames: Set<String> = [
    "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP ",
  ]

  private mutating func chunks(in range: Range<Int>, nesting: Int) -> [Segment] {
    var found: [Segment] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard admit(at: offset) else { break }
      guard range.upperBound - offset >= 8, let length = bytes.u32(offset + 4, .littleEndian) else {
        // A lone zero pads the chunk before it.
        if range.upperBound - offset > 1 {
          // Within a frame, or where RIFF's size ends, these are bytes too many.
          if nesting == 0, hasCutRIFF { noteCut(from: offset) }
          warn("webp.truncated", offset..<range.upperBound, "the file ends within a chunk header")
        }
        break
      }
      guard let name = bytes.fourCC(offset) ?? nulTerminatedName(offset) else {
        warn("webp.chunk.type", offset..<(offset + 4), "a chunk's type is not four characters")
        break
      }
      guard length <= range.upperBound - offset - 8 else {
        if nesting == 0, length > bytes.count - offset - 8 { noteCut(from: offset) }
        warn(
          "webp.chunk.length", (offset + 4)..<(offset + 8),
          "the \(name) chunk at byte \(offset) ends \(length - (range.upperBound - offset - 8)) bytes late")
        // The packet may be whole: its padding is longer than it.
        if name == "XMP " || name == "EXIF" {
          found.append(
            Segment(name: name, range: offset..<range.upperBound, payload: (offset + 8)..<range.upperBound))
        }
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

  private var hasCutRIFF: Bool { (bytes.u32(4, .littleEndian) ?? 0) + 8 > bytes.count }

  /// Some writers end `XMP` with a zero instead of a space.
  private func nulTerminatedName(_ offset: Int) -> String? {
    bytes.matches("XMP\0", at: offset) ? "XMP " : nil
  }
}
