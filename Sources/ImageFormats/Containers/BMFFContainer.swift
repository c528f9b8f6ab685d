extension ContainerWalk {
  /// AVIF and HEIC: boxes within boxes.
  ///
  /// Source: ISO/IEC 14496-12 §4.2, ISO/IEC 23008-12.
  mutating func boxes() {
    let (found, stop) = boxes(in: 0..<bytes.count, nesting: 0)
    segments += found
    end(at: stop)
  }

  /// Boxes whose content is boxes, with the bytes before the first.
  private static let parents: [String: Int] = [
    "meta": 4, "iprp": 0, "ipco": 0, "moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "dinf": 0,
    "udta": 0, "edts": 0, "mvex": 0, "moof": 0, "traf": 0, "mfra": 0, "iref": 4, "grpl": 0, "jumb": 0,
  ]

  /// The boxes of a range and where the last one ended.
  private mutating func boxes(in range: Range<Int>, nesting: Int) -> ([Segment], Int) {
    var found: [Segment] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard admit(at: offset) else { break }
      guard range.upperBound - offset >= 8, let short = bytes.u32(offset), let name = bytes.fourCC(offset + 4)
      else {
        // What follows the last top-level box is reported as trailing bytes.
        if nesting > 0 { warn("bmff.box.header", offset..<range.upperBound, "these bytes are no box") }
        break
      }
      var (header, length) = (8, short)
      if short == 1 {
        guard let long = bytes.u64(offset + 8), range.upperBound - offset >= 16 else {
          warn(
            "bmff.box.length", offset..<(offset + 8),
            "the \(name) box at byte \(offset) has an impossible length")
          break
        }
        (header, length) = (16, long)
      } else if short == 0 {
        length = range.upperBound - offset
      }
      guard length >= header, length <= range.upperBound - offset else {
        let over = length - (range.upperBound - offset)
        warn(
          "bmff.box.length", offset..<(offset + 8),
          over > 0
            ? "the \(name) box at byte \(offset) ends \(over) bytes late"
            : "the \(name) box at byte \(offset) has an impossible length of \(length)")
        break
      }
      var payload = (offset + header)..<(offset + length)
      var identifier: String?
      if name == "uuid", payload.count >= 16 {
        identifier = Self.uuid(bytes[payload.prefix(16)])
        payload = (payload.lowerBound + 16)..<payload.upperBound
      }
      var segment = Segment(
        name: name, identifier: identifier, range: offset..<(offset + length), payload: payload)
      if let skip = childrenStart(name, payload) {
        if nesting + 1 >= limits.maxNesting {
          warn(
            "limit.nesting", segment.range,
            "boxes are nested deeper than \(limits.maxNesting); the inner ones are not read")
        } else {
          segment.children =
            boxes(in: (payload.lowerBound + skip)..<payload.upperBound, nesting: nesting + 1).0
        }
      }
      found.append(segment)
      offset += length
    }
    return (found, offset)
  }

  /// How many bytes of a parent's content come before its boxes; nil for a box without any.
  private func childrenStart(_ name: String, _ payload: Range<Int>) -> Int? {
    if name == "iinf" {
      // Version 0 counts its entries in 16 bits, others in 32.
      guard payload.count >= 6 else { return nil }
      let skip = bytes[payload.lowerBound] == 0 ? 6 : 8
      return skip <= payload.count ? skip : nil
    }
    guard let skip = Self.parents[name], skip <= payload.count else { return nil }
    // QuickTime's meta is a plain box: its first child's name stands where a full box has four bytes more.
    if name == "meta", bytes.matches("hdlr", at: payload.lowerBound + 4) { return 0 }
    return skip
  }

  private static func uuid(_ code: ArraySlice<UInt8>) -> String {
    let digits = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }
}
