extension ContainerWalk {
  /// JPEG: markers with their segments up to EOI; a scan's entropy-coded data belong to its SOS.
  ///
  /// Source: ITU-T T.81 annex B.
  mutating func jpeg() {
    segments.append(Segment(name: "SOI", range: 0..<2, payload: 2..<2))
    var offset = 2
    while offset < bytes.count {
      guard let start = nextMarker(from: offset) else {
        warnCut("jpeg.truncated", from: offset, offset..<bytes.count, "the file ends without an EOI marker")
        return
      }
      if start > offset {
        warn("jpeg.marker", offset..<start, "\(start - offset) bytes between segments belong to none")
      }
      guard admit(at: start) else { return }
      // nextMarker found a code after the fill bytes.
      var code = start + 1
      while bytes[code] == 0xFF { code += 1 }
      let marker = bytes[code]
      let name = Self.markerName(marker)
      offset = code + 1
      switch marker {
      case 0xD9:
        segments.append(Segment(name: name, range: start..<offset, payload: offset..<offset))
        readMultiPicture()
        end(at: offset)
        return
      case 0xD0...0xD8, 0x01:
        segments.append(Segment(name: name, range: start..<offset, payload: offset..<offset))
        continue
      default: break
      }
      guard let length = bytes.u16(offset), length >= 2, length <= bytes.count - offset else {
        let declared = bytes.u16(offset) ?? 0
        let over = declared - (bytes.count - offset)
        let endsWithin = bytes.count - offset < 2
        // A byte that was changed within the picture makes a marker of it; the file's last two tell that its end is there.
        let hasEnd = segments.contains { $0.name == "SOS" } && bytes.suffix(2).elementsEqual([0xFF, 0xD9])
        if over > 0 || endsWithin, !hasEnd { noteCut(from: start) }
        warn(
          "jpeg.segment.length", offset..<min(offset + 2, bytes.count),
          endsWithin
            ? "the file ends within the header of the \(name) segment at byte \(start)"
            : over > 0
              ? "the \(name) segment at byte \(start) ends \(over) bytes after the file"
              : "the \(name) segment at byte \(start) has an impossible length of \(declared)")
        if over > 0, marker == 0xE1 || marker == 0xFE {
          // The packet may be whole: its padding is longer than it.
          let payload = (offset + 2)..<bytes.count
          segments.append(
            Segment(
              name: name, identifier: applicationIdentifier(marker, payload), range: start..<bytes.count,
              payload: payload))
        }
        return
      }
      let payload = (offset + 2)..<(offset + length)
      offset = payload.upperBound
      if marker == 0xDA { offset = endOfScan(from: offset) }
      segments.append(
        Segment(
          name: name, identifier: applicationIdentifier(marker, payload), range: start..<offset,
          payload: payload))
    }
    warnCut(
      "jpeg.truncated", from: bytes.count, bytes.count..<bytes.count, "the file ends without an EOI marker")
  }

  /// The next 0xFF that begins a marker.
  private func nextMarker(from offset: Int) -> Int? {
    var offset = offset
    while let place = bytes.firstIndex(of: 0xFF, in: offset..<bytes.count) {
      var code = place + 1
      while code < bytes.count, bytes[code] == 0xFF { code += 1 }
      guard code < bytes.count else { return nil }
      if bytes[code] != 0 { return place }
      offset = code + 1
    }
    return nil
  }

  /// Where the entropy-coded data end: at the next marker that is neither a stuffed zero nor a restart.
  private func endOfScan(from offset: Int) -> Int {
    var offset = offset
    while let place = bytes.firstIndex(of: 0xFF, in: offset..<bytes.count) {
      guard place + 1 < bytes.count else { return bytes.count }
      let code = bytes[place + 1]
      if code != 0, code != 0xFF, !(0xD0...0xD7).contains(code) { return place }
      offset = code == 0xFF ? place + 1 : place + 2
    }
    return bytes.count
  }

  static func markerName(_ marker: UInt8) -> String {
    switch marker {
    case 0xC4: "DHT"
    case 0xC8: "JPG"
    case 0xCC: "DAC"
    case 0xC0...0xCF: "SOF\(marker - 0xC0)"
    case 0xD0...0xD7: "RST\(marker - 0xD0)"
    case 0xD8: "SOI"
    case 0xD9: "EOI"
    case 0xDA: "SOS"
    case 0xDB: "DQT"
    case 0xDC: "DNL"
    case 0xDD: "DRI"
    case 0xDE: "DHP"
    case 0xDF: "EXP"
    case 0xE0...0xEF: "APP\(marker - 0xE0)"
    case 0xFE: "COM"
    case 0x01: "TEM"
    default: "FF" + String(marker, radix: 16, uppercase: true)
    }
  }

  /// The text before the first zero of an APPn segment: `JFIF`, `Exif`, `ICC_PROFILE`, a namespace.
  private func applicationIdentifier(_ marker: UInt8, _ payload: Range<Int>) -> String? {
    guard (0xE0...0xEF).contains(marker) else { return nil }
    if marker == 0xEB, bytes.matches("JP", at: payload.lowerBound) { return "JP" }
    let head = payload.prefix(40)
    let end = bytes.firstIndex(of: 0, in: head) ?? head.upperBound
    let text = bytes[head.lowerBound..<end].prefix { (0x20...0x7E).contains($0) }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }

  /// Adds the pictures of a multi-picture file as children of its APP2 index.
  ///
  /// Source: CIPA DC-007 (Multi-Picture Format), §5.2.
  private mutating func readMultiPicture() {
    guard let index = segments.firstIndex(where: { $0.name == "APP2" && $0.identifier == "MPF" }) else {
      return
    }
    let base = segments[index].payload.lowerBound + 4
    let end = segments[index].payload.upperBound
    let order: ByteOrder = bytes.matches("II", at: base) ? .littleEndian : .bigEndian
    guard let first = bytes.u32(base + 4, order), first <= end - base,
      let count = bytes.u16(base + first, order)
    else { return }
    for entry in 0..<count {
      let place = base + first + 2 + entry * 12
      guard place + 12 <= end else { return }
      // 0xB002: sixteen bytes a picture, whose sizes and offsets count from the index's own TIFF header.
      guard bytes.u16(place, order) == 0xB002, let length = bytes.u32(place + 4, order),
        let offset = bytes.u32(place + 8, order), offset <= end - base, length <= end - base - offset
      else { continue }
      for picture in 0..<(length / 16) {
        let record = base + offset + picture * 16
        guard admit(at: record), let size = bytes.u32(record + 4, order), size > 0,
          let start = bytes.u32(record + 8, order)
        else { return }
        // The first picture is the file's own, with offset zero.
        let place = start == 0 ? 0 : base + start
        // Pillow declares too large a size from the third picture on; what there is counts.
        let end = min(place + size, bytes.count)
        if place + size > bytes.count {
          warn(
            "jpeg.mpf.range", record..<(record + 16),
            "picture \(picture + 1) of the multi-picture index ends \(place + size - bytes.count) bytes after the file"
          )
        }
        guard place < end else { continue }
        segments[index].children.append(
          Segment(
            name: "picture \(picture + 1)", range: place..<end, payload: place..<end))
      }
    }
  }
}
