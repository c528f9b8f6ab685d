extension ContainerWalk {
  /// TIFF: directories of tagged entries, linked by offsets; BigTIFF as well.
  ///
  /// Source: TIFF 6.0 §2.
  mutating func tiff() {
    guard let reader = TIFFReader(bytes: bytes, base: 0, end: bytes.count) else {
      if bytes.count < 16 { noteCut(from: 0) }
      warn("tiff.header", 0..<min(16, bytes.count), "the TIFF header is malformed")
      return
    }
    segments.append(Segment(name: "header", range: 0..<reader.headerLength, payload: 0..<reader.headerLength))
    var directories = reader
    directories.readAll(limits: limits)
    for directory in directories.directories {
      guard admit(at: directory.range.lowerBound) else { break }
      segments.append(
        Segment(
          name: directory.name, range: directory.range, payload: directory.range,
          children: directory.entries.filter {
            !$0.valueRange.isEmpty && !directory.range.contains($0.valueRange.lowerBound)
          }.map {
            Segment(name: "tag \($0.tag)", range: $0.valueRange, payload: $0.valueRange)
          }))
    }
    for fault in directories.faults { warn("tiff." + fault.code, fault.range, fault.message) }
    if let missing = directories.missing { noteCut(from: missing) }
    if let start = directories.directories.compactMap({ Self.unfinishedData(of: $0, directories) }).min() {
      warnCut(
        "tiff.truncated", from: start, min(start, bytes.count)..<bytes.count,
        "the file ends within its pixels")
    }
  }

  /// The tags that say where strips, tiles and a JPEG begin, and how long they are.
  private static let data = [(273, 279), (324, 325), (513, 514)]

  /// Where the first strip or tile begins that reaches beyond the file.
  private static func unfinishedData(of directory: TIFFReader.Directory, _ reader: TIFFReader) -> Int? {
    var first: Int?
    for (offsets, lengths) in data {
      guard let offsets = directory.entries.first(where: { $0.tag == offsets }),
        let lengths = directory.entries.first(where: { $0.tag == lengths })
      else { continue }
      for (start, length) in zip(reader.integers(offsets), reader.integers(lengths)) where length > 0 {
        let (end, overflow) = start.addingReportingOverflow(length)
        if !overflow, start > 0, end > reader.end { first = min(first ?? .max, start) }
      }
    }
    return first
  }
}
