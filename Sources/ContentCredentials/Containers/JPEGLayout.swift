import ImageFormats

/// JPEG: the store is spread over APP11 segments of at most 64 KiB (C2PA 2.2 A.3.1; ISO/IEC 19566-5 D.2).
package enum JPEGLayout {
  package struct Segment {
    package var marker: UInt8
    /// Marker, length and payload; the entropy-coded data after SOS and RSTn too.
    package var range: Range<Int>
    package var payload: Range<Int>
  }

  /// Stands for bytes that belong to no segment.
  private static let stray: UInt8 = 0x00

  /// Marker segments in file order. Bytes between them, or a marker with an impossible length, do not end the walk: what
  /// they are is a segment without a marker.
  ///
  /// - Parameter headOnly: stop before the entropy-coded data, which a store never follows.
  /// - Returns: the segments and the index after the last whole one.
  package static func segments(of file: [UInt8], headOnly: Bool) -> (segments: [Segment], end: Int) {
    var segments = [Segment(marker: 0xD8, range: 0..<2, payload: 2..<2)]
    var position = 2
    /// Where bytes begin that belong to no segment.
    var gap: Int?
    func append(_ marker: UInt8, payload: Range<Int>, end: Int) {
      if let start = gap {
        segments.append(Segment(marker: stray, range: start..<position, payload: start..<position))
        gap = nil
      }
      segments.append(Segment(marker: marker, range: position..<end, payload: payload))
      position = end
    }
    while position + 1 < file.count {
      guard file[position] == 0xFF else {
        gap = gap ?? position
        position = file.firstIndex(of: 0xFF, in: position..<file.count) ?? file.count
        continue
      }
      let marker = file[position + 1]
      switch marker {
      case 0xFF:  // Fill byte: belongs to the segment after it.
        position += 1
      case 0x00:  // A stuffed byte outside of entropy-coded data.
        gap = gap ?? position
        position += 2
      case 0x01:  // TEM has no length.
        append(marker, payload: position + 2..<position + 2, end: position + 2)
      case 0xD9:
        append(marker, payload: position + 2..<position + 2, end: position + 2)
        return (segments, position)
      case 0xD0...0xD7:
        append(
          marker, payload: position + 2..<position + 2, end: entropyEnd(in: file, from: position + 2))
      default:
        guard let length = file.bigEndian(2, at: position + 2), length >= 2,
          length <= file.count - position - 2
        else {
          gap = gap ?? position
          position += 2
          continue
        }
        if headOnly && marker == 0xDA { return (segments, position) }
        let payload = position + 4..<position + 2 + length
        append(
          marker, payload: payload,
          end: marker == 0xDA ? entropyEnd(in: file, from: payload.upperBound) : payload.upperBound)
      }
    }
    return (segments, gap ?? position)
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

  static func boxes(of file: [UInt8]) -> [NamedBox] {
    let (segments, end) = segments(of: file, headOnly: false)
    let stores = storeParts(in: segments, file)
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

  /// Segments that hold no pixels and change none: EXIF and XMP, IPTC, comments.
  static func metadata(of file: [UInt8]) -> [NamedBox] {
    segments(of: file, headOnly: false).segments.filter { [0xE1, 0xED, 0xFE].contains($0.marker) }
      .map { NamedBox(name: name(of: $0.marker), range: $0.range) }
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
