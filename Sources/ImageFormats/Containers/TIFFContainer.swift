extension ContainerWalk {
  /// TIFF: directories of tagged entries, linked by offsets; BigTIFF as well.
  ///
  /// Source: TIFF 6.0 §2.
  mutating func tiff() {
    guard let reader = TIFFReader(bytes: bytes, base: 0, end: bytes.count) else {
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
  }
}
