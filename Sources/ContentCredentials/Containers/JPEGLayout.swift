/// JPEG: the store is spread over APP11 segments of at most 64 KiB (C2PA 2.2 A.3.1; ISO/IEC 19566-5 D.2).
package enum JPEGLayout {
  package struct Segment {
    package var marker: UInt8
    /// Marker, length and payload; the entropy-coded data after SOS and RSTn too.
    package var range: Range<Int>
    package var payload: Range<Int>
  }

  /// Marker segments in file order.
  ///
  /// - Parameter headOnly: stop before the entropy-coded data, which a store never follows.
  /// - Returns: the segments and the index after the last whole one.
  package static func segments(of file: [UInt8], headOnly: Bool) -> (segments: [Segment], end: Int) {
    var segments = [Segment(marker: 0xD8, range: 0..<2, payload: 2..<2)]
    var position = 2
    while position + 1 < file.count, file[position] == 0xFF {
      let marker = file[position + 1]
      switch marker {
      case 0xFF:  // Fill byte: belongs to the segment after it.
        position += 1
      case 0xD9:
        segments.append(
          Segment(marker: marker, range: position..<position + 2, payload: position + 2..<position + 2))
        return (segments, position + 2)
      case 0xD0...0xD7:
        let end = entropyEnd(in: file, from: position + 2)
        segments.append(
          Segment(marker: marker, range: position..<end, payload: position + 2..<position + 2))
        position = end
      default:
        guard let length = file.bigEndian(2, at: position + 2), length >= 2,
          length <= file.count - position - 2
        else { return (segments, position) }
        if headOnly && marker == 0xDA { return (segments, position) }
        let payload = position + 4..<position + 2 + length
        let end = marker == 0xDA ? entropyEnd(in: file, from: payload.upperBound) : payload.upperBound
        segments.append(Segment(marker: marker, range: position..<end, payload: payload))
        position = end
      }
    }
    return (segments, position)
  }

  /// The index of the first marker after entropy-coded data.
  private static func entropyEnd(in file: [UInt8], from start: Int) -> Int {
    var position = start
    while position + 1 < file.count {
      if file[position] == 0xFF, file[position + 1] != 0, file[position + 1] != 0xFF { return position }
      position += 1
    }
    return file.count
  }

  static func locate(in file: [UInt8], _ layout: inout AssetLayout) {
    for group in storeGroups(in: segments(of: file, headOnly: true).segments, file) {
      guard let first = group.segments.first, let last = group.segments.last else { continue }
      var store: [UInt8] = []
      for (index, segment) in group.segments.enumerated() {
        // CI, En and Z take 8 bytes; every continuation repeats the 8 bytes of LBox and TBox.
        store += file[segment.payload].dropFirst(index == 0 ? 8 : 16)
      }
      if !group.isContiguous {
        layout.faults.append(
          MalformedStructure(
            "APP11 segments of the store do not follow each other", at: first.range.lowerBound))
      }
      layout.stores.append(
        .init(bytes: store[...], container: first.range.lowerBound..<last.range.upperBound))
    }
  }

  private struct StoreGroup {
    var segments: [Segment]
    var isContiguous = true
  }

  /// The APP11 segments of each C2PA store; JPEG 360 and JPEG XT boxes in the same marker are passed over.
  private static func storeGroups(in segments: [Segment], _ file: [UInt8]) -> [StoreGroup] {
    var groups: [StoreGroup] = []
    for segment in segments where segment.marker == 0xEB && segment.payload.count >= 16 {
      let start = segment.payload.lowerBound
      guard file[start] == 0x4A, file[start + 1] == 0x50, let sequence = file.bigEndian(4, at: start + 4)
      else {
        continue
      }
      if sequence == 1 {
        guard isStore(file[start + 8..<segment.payload.upperBound]) else { continue }
        groups.append(StoreGroup(segments: [segment]))
      } else if let group = groups.last, group.segments.count == sequence - 1,
        file[group.segments[0].payload.lowerBound..<group.segments[0].payload.lowerBound + 4]
          == file[start..<start + 4]
      {
        groups[groups.count - 1].isContiguous =
          group.isContiguous && group.segments[sequence - 2].range.upperBound == segment.range.lowerBound
        groups[groups.count - 1].segments.append(segment)
      }
    }
    return groups
  }

  /// Whether JUMBF bytes open a superbox of the manifest store's type: the letters `c2pa` alone prove nothing.
  private static func isStore(_ bytes: ArraySlice<UInt8>) -> Bool {
    let header = bytes.bigEndian(4, at: bytes.startIndex) == 1 ? 16 : 8
    // The outer type is left to the parser: a damaged one is a malformed store, not an absent one.
    return bytes.dropFirst(header + 4).starts(with: FourCC("jumd").bytes + JUMBFType.store.bytes)
  }

  static func boxes(of file: [UInt8]) -> [NamedBox] {
    let (segments, end) = segments(of: file, headOnly: false)
    let stores = storeGroups(in: segments, file).flatMap(\.segments)
    var boxes: [NamedBox] = []
    for segment in segments {
      if stores.contains(where: { $0.range == segment.range }) {
        // The segments of a store are one box.
        if let last = boxes.last, last.name == NamedBox.store {
          boxes[boxes.count - 1].range = last.range.lowerBound..<segment.range.upperBound
        } else {
          boxes.append(NamedBox(name: NamedBox.store, range: segment.range))
        }
      } else {
        boxes.append(NamedBox(name: name(of: segment.marker), range: segment.range))
      }
    }
    if end < file.count { boxes.append(NamedBox(name: NamedBox.stray, range: end..<file.count)) }
    return boxes
  }

  private static func name(of marker: UInt8) -> String {
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
    case 0xF0...0xFD: "JPG\(marker - 0xF0)"
    case 0xFE: "COM"
    default: NamedBox.stray
    }
  }
}
