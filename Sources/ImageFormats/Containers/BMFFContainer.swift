extension ContainerWalk {
  /// AVIF and HEIC: boxes within boxes.
  ///
  /// Source: ISO/IEC 14496-12 §4.2, ISO/IEC 23008-12.
  mutating func boxes() {
    let stop = topLevelBoxes()
    // Damage is no end: only of a file whose boxes reach its end it can be said that some are missing.
    guard stop == bytes.count, cut == nil else { return }
    guard let meta = segments.first(where: { $0.name == "meta" }) else {
      if !segments.contains(where: { $0.name == "moov" || $0.name == "moof" }) {
        warnCut(
          "bmff.truncated", from: stop, stop..<stop,
          "the file ends before the boxes that describe its picture")
      }
      return
    }
    // A box of data that reaches "to the end of the file" has no length that could be missed; the items in it have. Where lengths
    // close all boxes, items outside the file are a writer's error.
    let data = segments.last { $0.name == "mdat" }
    let isOpen = data.map { bytes.u32($0.offset) == 0 } ?? true
    if isOpen, let missing = HEIFItems(bytes: bytes, meta: meta, limits: limits).missing {
      warnCut(
        "bmff.truncated", from: missing, min(missing, stop)..<stop,
        "the file ends within the data of its items")
    }
  }

  /// The boxes that fill a file.
  ///
  /// - Returns: where the last whole one ends.
  mutating func topLevelBoxes() -> Int {
    let (found, stop) = boxes(in: 0..<bytes.count, nesting: 0, isOpen: true)
    segments += found
    end(at: stop)
    return stop
  }

  /// Boxes whose content is boxes, with the bytes before the first.
  private static let parents: [String: Int] = [
    "meta": 4, "iprp": 0, "ipco": 0, "moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "dinf": 0,
    "udta": 0, "edts": 0, "mvex": 0, "moof": 0, "traf": 0, "mfra": 0, "iref": 4, "grpl": 0, "jumb": 0,
  ]

  /// The boxes of a range and where the last one ended.
  ///
  /// - Parameter isOpen: whether the range is as long as it is because the file ends there, not because a length says so.
  private mutating func boxes(in range: Range<Int>, nesting: Int, isOpen: Bool) -> ([Segment], Int) {
    var found: [Segment] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard admit(at: offset) else { break }
      guard range.upperBound - offset >= 8, let short = bytes.u32(offset), let name = bytes.fourCC(offset + 4)
      else {
        // What follows the last top-level box is reported as trailing bytes; too few for a header may have begun one.
        if isOpen, range.upperBound - offset < 8 {
          warnCut(
            "bmff.truncated", from: offset, offset..<range.upperBound,
            "the file ends within the header of a box")
        } else if nesting > 0 {
          warn("bmff.box.header", offset..<range.upperBound, "these bytes are no box")
        }
        break
      }
      var (header, length) = (8, short)
      if short == 1 {
        guard let long = bytes.u64(offset + 8), range.upperBound - offset >= 16 else {
          if isOpen, range.upperBound - offset < 16 { noteCut(from: offset) }
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
        if isOpen, over > 0 { noteCut(from: offset) }
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
            boxes(
              in: (payload.lowerBound + skip)..<payload.upperBound, nesting: nesting + 1,
              isOpen: isOpen && short == 0
            ).0
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
