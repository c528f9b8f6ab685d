/// Reads the directories of a TIFF structure: a TIFF file or an EXIF block.
///
/// Offsets count from `base`. Nothing outside `base..<end` is touched, every directory is read once, and the
/// number of entries is bounded, whatever the offsets say.
struct TIFFReader {
  /// One entry; the value stays where it is.
  struct Entry {
    var tag: Int
    /// 1...18 as in TIFF 6.0 and BigTIFF.
    var type: Int
    var count: Int
    /// The value's bytes in `bytes`.
    var valueRange: Range<Int>
  }

  struct Directory {
    /// `IFD0`, `IFD1`, `Exif`, `GPS`, `Interop`, `SubIFD`.
    var name: String
    var range: Range<Int>
    var entries: [Entry]
  }

  struct Fault {
    var code: String
    var range: Range<Int>
    var message: String
  }

  let bytes: [UInt8]
  let base: Int
  let end: Int
  let order: ByteOrder
  let isBig: Bool
  private(set) var directories: [Directory] = []
  private(set) var faults: [Fault] = []
  /// Where something begins, or should begin, that reaches beyond the data; the first such place.
  private(set) var missing: Int?
  private var visited: Set<Int> = []
  private var entryCount = 0

  var headerLength: Int { isBig ? 16 : 8 }

  /// nil when no TIFF header stands at `base`.
  init?(bytes: [UInt8], base: Int, end: Int) {
    guard base >= 0, end <= bytes.count, end - base >= 8 else { return nil }
    if bytes.matches("II", at: base) {
      order = .littleEndian
    } else if bytes.matches("MM", at: base) {
      order = .bigEndian
    } else {
      return nil
    }
    switch bytes.u16(base + 2, order) {
    // Panasonic and Olympus raw files have other numbers, but the same structure.
    case 42, 0x55, 0x4F52, 0x5352: isBig = false
    case 43 where end - base >= 16: isBig = true
    default: return nil
    }
    self.bytes = bytes
    self.base = base
    self.end = end
  }

  mutating func readAll(limits: ReadLimits) {
    var next = isBig ? bytes.u64(base + 8, order) : bytes.u32(base + 4, order)
    var index = 0
    while let offset = next, offset != 0 {
      next = readDirectory(at: offset, name: "IFD\(index)", nesting: 0, limits: limits)
      index += 1
    }
  }

  /// Reads one directory and those below it; gives the offset of the next in the chain.
  private mutating func readDirectory(at offset: Int, name: String, nesting: Int, limits: ReadLimits) -> Int?
  {
    let (start, overflow) = base.addingReportingOverflow(offset)
    let (countLength, entryLength, nextLength) = isBig ? (8, 20, 8) : (2, 12, 4)
    guard !overflow, start < end, let count = isBig ? bytes.u64(start, order) : bytes.u16(start, order),
      start + countLength <= end
    else {
      if !overflow { miss(from: start) }
      fault("ifd.offset", base..<min(base + headerLength, end), "the \(name) directory lies outside the data")
      return nil
    }
    guard visited.insert(offset).inserted else {
      fault("ifd.loop", start..<(start + countLength), "the \(name) directory was read before")
      return nil
    }
    guard nesting < limits.maxNesting else {
      fault(
        "ifd.nesting", start..<(start + countLength),
        "directories are nested deeper than \(limits.maxNesting)")
      return nil
    }
    let fitting = (end - start - countLength) / entryLength
    if count > fitting {
      miss(from: start)
      fault(
        "ifd.count", start..<(start + countLength),
        "the \(name) directory declares \(count) entries, \(fitting) fit in the data")
    }
    var directory = Directory(name: name, range: start..<start, entries: [])
    var children: [(Int, String)] = []
    for index in 0..<min(count, fitting) {
      entryCount += 1
      guard entryCount <= limits.maxSegments else {
        fault("ifd.count", start..<(start + countLength), "there are more than \(limits.maxSegments) entries")
        break
      }
      let place = start + countLength + index * entryLength
      guard let entry = readEntry(at: place, in: name) else { continue }
      directory.entries.append(entry)
      if let child = Self.childName(entry.tag) {
        for offset in integers(entry).prefix(64) { children.append((offset, child)) }
      }
    }
    let stop = start + countLength + min(count, fitting) * entryLength
    directory.range = start..<min(stop + nextLength, end)
    directories.append(directory)
    for (offset, child) in children {
      _ = readDirectory(at: offset, name: child, nesting: nesting + 1, limits: limits)
    }
    guard stop + nextLength <= end else { return nil }
    return isBig ? bytes.u64(stop, order) : bytes.u32(stop, order)
  }

  private mutating func readEntry(at place: Int, in directory: String) -> Entry? {
    guard let tag = bytes.u16(place, order), let type = bytes.u16(place + 2, order),
      let count = isBig ? bytes.u64(place + 4, order) : bytes.u32(place + 4, order)
    else { return nil }
    let size = Self.size(ofType: type)
    let (length, overflow) = count.multipliedReportingOverflow(by: size)
    guard size > 0, !overflow else {
      fault("ifd.type", place..<(place + 12), "tag \(tag) in \(directory) has the unknown type \(type)")
      return nil
    }
    let (field, inline) = isBig ? (place + 12, 8) : (place + 8, 4)
    if length <= inline {
      return Entry(tag: tag, type: type, count: count, valueRange: field..<(field + length))
    }
    guard let offset = isBig ? bytes.u64(field, order) : bytes.u32(field, order), offset <= end - base,
      length <= end - base - offset
    else {
      if let offset = isBig ? bytes.u64(field, order) : bytes.u32(field, order) {
        miss(from: base.addingReportingOverflow(offset).partialValue)
      }
      fault(
        "ifd.value", place..<(place + 12), "the value of tag \(tag) in \(directory) lies outside the data")
      return nil
    }
    return Entry(tag: tag, type: type, count: count, valueRange: (base + offset)..<(base + offset + length))
  }

  private mutating func miss(from start: Int) {
    if start >= base { missing = min(missing ?? .max, start) }
  }

  private mutating func fault(_ code: String, _ range: Range<Int>, _ message: String) {
    // One broken block may hold thousands of faults; a few tell the story.
    if faults.count < 20 { faults.append(Fault(code: code, range: range, message: message)) }
  }

  /// At most 4096 whole numbers of an entry, empty for other types.
  func integers(_ entry: Entry) -> [Int] {
    (0..<min(entry.count, 4096)).compactMap { index in
      let place = entry.valueRange.lowerBound + index * Self.size(ofType: entry.type)
      switch entry.type {
      case 1, 7: return Int(bytes[place])
      case 6: return Int(Int8(bitPattern: bytes[place]))
      case 3: return bytes.u16(place, order)
      case 8: return bytes.u16(place, order).map { Int(Int16(truncatingIfNeeded: $0)) }
      case 4, 13: return bytes.u32(place, order)
      case 9: return bytes.u32(place, order).map { Int(Int32(truncatingIfNeeded: $0)) }
      case 16, 17, 18: return bytes.u64(place, order)
      default: return nil
      }
    }
  }

  /// Bytes of one value of a type; 0 for a type that does not exist.
  static func size(ofType type: Int) -> Int {
    switch type {
    case 1, 2, 6, 7, 129: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 0
    }
  }

  private static func childName(_ tag: Int) -> String? {
    switch tag {
    case 34665: "Exif"
    case 34853: "GPS"
    case 40965: "Interop"
    case 330: "SubIFD"
    default: nil
    }
  }
}
