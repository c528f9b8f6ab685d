import ImageFormats

/// Samsung's trailer after the picture's end, and in HEIC's `sefd` box.
///
/// Data blocks `[u16 0][u16 type][u32 nameLength][name][payload]`, then `SEFH`, u32 version, u32 count, count
/// entries `[u16 0][u16 type][u32 offset back from SEFH][u32 size]`, u32 length of the directory, `SEFT`.
/// All little-endian.
enum SamsungTrailer {
  /// One field a block, at most 64, with the payload's text of at most 64 KiB.
  static func fields(_ file: ImageFile, _ container: ContainerMap) -> [MetadataField] {
    let bytes = file.bytes
    var ranges: [Range<Int>] = []
    if let trailing = container.trailing { ranges.append(trailing) }
    if let box = container.first(named: "sefd") { ranges.append(box.payload) }
    for range in ranges {
      guard let directory = directory(in: range, bytes) else { continue }
      return blocks(directory, within: range, bytes).map { name, payload in
        let content = bytes[payload].prefix(65_536)
        return MetadataField(
          carrier: .trailer, name: name, value: String(decoding: content, as: UTF8.self),
          place: FieldPlace(path: "SEFT \(Quotation.of(name, limit: 60))", bytes: payload))
      }
    }
    return []
  }

  /// Where `SEFH` stands: as many bytes before the end as the length before `SEFT` says.
  private static func directory(in range: Range<Int>, _ bytes: [UInt8]) -> Int? {
    guard range.count >= 24 else { return nil }
    // Other writers may have appended something; the last mark within 64 KiB of the end counts.
    let floor = max(range.lowerBound + 16, range.upperBound - 65_536)
    for end in stride(from: range.upperBound, through: floor + 8, by: -1) {
      guard bytes.word(end - 4, as: "SEFT"), let length = bytes.little32(end - 8) else { continue }
      let start = end - 8 - length
      if length <= end - 8 - range.lowerBound, bytes.word(start, as: "SEFH") { return start }
    }
    return nil
  }

  private static func blocks(
    _ directory: Int, within range: Range<Int>, _ bytes: [UInt8]
  ) -> [(name: String, payload: Range<Int>)] {
    guard let count = bytes.little32(directory + 8) else { return [] }
    var blocks: [(name: String, payload: Range<Int>)] = []
    for index in 0..<min(count, 64) {
      let entry = directory + 12 + index * 12
      guard let back = bytes.little32(entry + 4), let size = bytes.little32(entry + 8),
        back <= directory - range.lowerBound, size >= 8, size <= back
      else { continue }
      let start = directory - back
      guard let length = bytes.little32(start + 4), length <= min(size - 8, 256) else { continue }
      let name = String(decoding: bytes[(start + 8)..<(start + 8 + length)], as: UTF8.self)
      blocks.append((name, (start + 8 + length)..<(start + size)))
    }
    return blocks
  }
}

extension [UInt8] {
  fileprivate func little32(_ offset: Int) -> Int? {
    guard offset >= 0, offset <= count - 4 else { return nil }
    return Int(self[offset]) | Int(self[offset + 1]) << 8 | Int(self[offset + 2]) << 16 | Int(
      self[offset + 3]) << 24
  }

  fileprivate func word(_ offset: Int, as text: String) -> Bool {
    offset >= 0 && offset <= count - 4 && self[offset..<(offset + 4)].elementsEqual(text.utf8)
  }
}
