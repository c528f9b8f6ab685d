extension MetadataBuilder {
  /// EXIF and XMP items, XMP boxes and the profile of an AVIF or HEIC file.
  ///
  /// Source: ISO/IEC 14496-12 §8.11; ISO/IEC 23008-12 annex A.
  mutating func boxes(_ container: ContainerMap) {
    for box in container.segments where box.identifier == "be7acfcb-97a9-42e8-9c71-999491e3afac" {
      addXMP(bytes[box.payload], source: "uuid box", at: box.payload)
    }
    if let profile = colorProfile(container.segments) { metadata.iccProfile = profile }
    guard let meta = container.segments.first(where: { $0.name == "meta" }) else { return }
    let items = HEIFItems(bytes: bytes, meta: meta, limits: limits)
    for fault in items.faults { warn(fault.code, fault.range, fault.message) }
    for item in items.items where item.type == "Exif" || item.type == "mime" {
      guard let extent = item.extents.first else { continue }
      let isXMP =
        item.type == "mime"
        && (item.contentType == "application/rdf+xml" || XMPEncoding.beginsPacket(bytes[extent]))
      guard isXMP || item.type == "Exif" else { continue }
      // Nearly every writer keeps an item in one piece.
      if item.extents.count == 1 {
        if isXMP {
          addXMP(bytes[extent], source: "mime item", at: extent)
        } else {
          addItemEXIF(bytes, extent, container: nil)
        }
        continue
      }
      let total = item.extents.reduce(0) { $0 + $1.count }
      guard total <= limits.maxTextBytes else {
        warn("limit.text", extent, "item \(item.identifier) of \(total) bytes is over the limit")
        continue
      }
      let joined = item.extents.flatMap { bytes[$0] }
      if isXMP {
        addXMP(joined[...], source: "mime item", at: extent)
      } else {
        addItemEXIF(joined, 0..<joined.count, container: extent)
      }
    }
  }

  /// An Exif item begins with the distance to its TIFF header. Some writers leave it out, or count it from
  /// elsewhere; then the header itself is looked for.
  mutating func addItemEXIF(
    _ content: [UInt8], _ range: Range<Int>, source: String = "Exif item", container: Range<Int>?
  ) {
    if let skip = content.u32(range.lowerBound), skip <= range.count - 4 {
      let start = range.lowerBound + 4 + skip
      if EXIFReader.header(in: content, start..<range.upperBound, within: 0) != nil {
        addEXIF(content, start..<range.upperBound, source: source, container: container)
        return
      }
    }
    warn("exif.item", container ?? range, "the \(source) does not begin with the distance to its header")
    addEXIF(content, range, source: source, container: container)
  }

  /// The first `colr` box with a profile.
  private func colorProfile(_ segments: [Segment]) -> ICCProfile? {
    for segment in segments {
      if segment.name == "colr",
        bytes.matches("prof", at: segment.payload.lowerBound)
          || bytes.matches("rICC", at: segment.payload.lowerBound)
      {
        let range = (segment.payload.lowerBound + 4)..<segment.payload.upperBound
        return ICCProfile(ranges: [range], isDeflated: false, name: nil)
      }
      if let found = colorProfile(segment.children) { return found }
    }
    return nil
  }
}

/// The items of a HEIF file and where they lie.
struct HEIFItems {
  struct Item {
    var identifier: Int
    /// `hvc1`, `av01`, `grid`, `Exif`, `mime`.
    var type: String
    var contentType: String?
    var extents: [Range<Int>] = []
  }

  private(set) var items: [Item] = []
  private(set) var primary: Int?
  /// Where data begin, or should begin, that reach beyond the file's end; the first such place.
  private(set) var missing: Int?
  private(set) var faults: [TIFFReader.Fault] = []
  private let bytes: [UInt8]
  private let limits: ReadLimits

  init(bytes: [UInt8], meta: Segment, limits: ReadLimits) {
    self.bytes = bytes
    self.limits = limits
    for box in meta.children {
      switch box.name {
      case "iinf": for entry in box.children where entry.name == "infe" { readEntry(entry) }
      case "pitm":
        primary =
          bytes[box.payload].first == 0
          ? number(box.payload.lowerBound + 4, 2, box.payload.upperBound)
          : number(box.payload.lowerBound + 4, 4, box.payload.upperBound)
      default: break
      }
    }
    if let box = meta.children.first(where: { $0.name == "iloc" }) {
      readLocations(box, data: meta.children.first { $0.name == "idat" }?.payload)
    }
  }

  /// A big-endian number of 0, 2, 4 or 8 bytes that ends before `end`.
  private func number(_ offset: Int, _ size: Int, _ end: Int) -> Int? {
    guard offset + size <= end else { return nil }
    return switch size {
    case 0: 0
    case 2: bytes.u16(offset)
    case 4: bytes.u32(offset)
    case 8: bytes.u64(offset)
    default: nil
    }
  }

  private mutating func readEntry(_ box: Segment) {
    let (start, end) = (box.payload.lowerBound, box.payload.upperBound)
    guard start < end else { return }
    let wide = bytes[start] >= 3 ? 4 : 2
    guard bytes[start] >= 2, let identifier = number(start + 4, wide, end),
      let type = bytes.fourCC(start + 6 + wide),
      start + 10 + wide <= end
    else { return }
    var item = Item(identifier: identifier, type: type)
    if type == "mime", let nameEnd = bytes.firstIndex(of: 0, in: (start + 10 + wide)..<end) {
      let typeEnd = bytes.firstIndex(of: 0, in: (nameEnd + 1)..<end) ?? end
      item.contentType = TextDecoding.latin1(bytes[(nameEnd + 1)..<typeEnd])
    }
    items.append(item)
  }

  private mutating func readLocations(_ box: Segment, data: Range<Int>?) {
    let (start, end) = (box.payload.lowerBound, box.payload.upperBound)
    guard start + 8 <= end else { return }
    let version = bytes[start]
    let sizes = (Int(bytes[start + 4] >> 4), Int(bytes[start + 4] & 15), Int(bytes[start + 5] >> 4))
    let indexSize = version == 1 || version == 2 ? Int(bytes[start + 5] & 15) : 0
    let wide = version < 2 ? 2 : 4
    guard let count = number(start + 6, wide, end) else { return }
    let known = Dictionary(
      items.enumerated().map { ($0.element.identifier, $0.offset) }, uniquingKeysWith: { a, _ in a })
    var offset = start + 6 + wide
    var total = 0
    for _ in 0..<count {
      guard let identifier = number(offset, wide, end) else { return }
      offset += wide
      var method = 0
      if version == 1 || version == 2 {
        method = (number(offset, 2, end) ?? 0) & 15
        offset += 2
      }
      offset += 2
      guard let base = number(offset, sizes.2, end), let extents = number(offset + sizes.2, 2, end) else {
        return
      }
      offset += sizes.2 + 2
      for _ in 0..<extents {
        total += 1
        offset += indexSize
        guard total <= limits.maxSegments, let place = number(offset, sizes.0, end),
          let length = number(offset + sizes.0, sizes.1, end)
        else { return }
        offset += sizes.0 + sizes.1
        guard let index = known[identifier] else { continue }
        // Method 0 counts from the file's start, 1 within the idat box; 2 builds on other items.
        let whole = method == 0 ? 0..<bytes.count : method == 1 ? data ?? 0..<0 : 0..<0
        let (from, overflow) = base.addingReportingOverflow(place)
        guard !overflow, from <= whole.count, length <= whole.count - from else {
          if method == 0, !overflow { missing = min(missing ?? .max, from) }
          faults.append(
            .init(code: "heif.extent", range: box.range, message: "item \(identifier) lies outside the file"))
          // Of metadata the beginning is worth reading.
          if !overflow, from < whole.count, ["Exif", "mime"].contains(items[index].type) {
            items[index].extents.append((whole.lowerBound + from)..<whole.upperBound)
          }
          continue
        }
        let first = whole.lowerBound + from
        items[index].extents.append(first..<(length == 0 ? whole.upperBound : first + length))
      }
    }
  }
}
