/// Collects metadata from the parts of one file; each format adds its own method.
struct MetadataBuilder {
  let bytes: [UInt8]
  let file: String?
  let limits: ReadLimits
  var metadata: ImageMetadata
  /// Bytes that inflation may still make in this file.
  private var inflationLeft: Int
  /// Blocks told by their content: how deep the present one lies in others, and how many there were.
  var contentDepth = 0
  var contentCount = 0

  /// What is kept of a text that would inflate beyond the limits.
  private static let keptOfBomb = 64 << 10

  init(bytes: [UInt8], file: String?, limits: ReadLimits, format: ImageFormat) {
    self.bytes = bytes
    self.file = file
    self.limits = limits
    self.metadata = ImageMetadata(format: format)
    self.inflationLeft = limits.maxTotalTextBytes
  }

  mutating func warn(_ code: String, _ range: Range<Int>, _ message: String) {
    metadata.warnings.append(.warning(code, file: file, range, message))
  }

  /// Inflates what a chunk holds, within the file's bounds; warns by the chunk's name.
  mutating func inflate(
    _ content: ArraySlice<UInt8>, of chunk: String, at range: Range<Int>
  ) -> (content: [UInt8], isComplete: Bool) {
    let limit = min(limits.maxTextBytes, inflationLeft)
    let inflated = Inflate.inflate(content, limit: limit, keep: Self.keptOfBomb)
    switch inflated.outcome {
    case .whole:
      inflationLeft -= inflated.content.count
      return (inflated.content, true)
    case .overLimit:
      inflationLeft -= limit
      warn(
        "limit.text", range,
        "the \(chunk) at byte \(range.lowerBound) inflates to more than \(limit) bytes; only its beginning is read"
      )
      return (inflated.content, false)
    case .damaged:
      inflationLeft -= inflated.content.count
      warn(
        "inflate.damaged", range, "the deflated data of the \(chunk) at byte \(range.lowerBound) are damaged")
      return (inflated.content, false)
    }
  }

  /// Adds an EXIF block and what its tags hold of other kinds; `container` as for ``EXIFReader``.
  mutating func addEXIF(_ content: [UInt8], _ range: Range<Int>, source: String, container: Range<Int>? = nil)
  {
    var faults: [TIFFReader.Fault] = []
    var embedded: [EXIFReader.Embedded] = []
    let exif = EXIFReader.read(
      content, range, source: source, container: container, limits: limits, faults: &faults,
      embedded: &embedded)
    if let exif { metadata.exifBlocks.append(exif) }
    for fault in faults { warn("exif." + fault.code, fault.range, fault.message) }
    for value in embedded {
      // A block within a tag of a block would be no metadata that a program writes, but could go on for ever.
      if ContentKind(content[value.range]) == .exif { continue }
      addContent(
        content[value.range], source: "\(source) tag \(value.tag)", at: container ?? value.range,
        isPlain: container == nil)
    }
  }

  /// Adds an XMP packet that lies at `range` in the file or was made from those bytes.
  mutating func addXMP(_ content: ArraySlice<UInt8>, source: String, at range: Range<Int>) {
    guard content.count <= limits.maxTextBytes else {
      warn(
        "limit.text", range,
        "an XMP packet of \(content.count) bytes is over the limit of \(limits.maxTextBytes)")
      return
    }
    let result = RDFReader.read(content, limits: limits)
    if let limit = result.limit {
      warn("limit.xmp", range, "the XMP packet is not read to its end: \(limit)")
    }
    metadata.xmp.append(XMPPacket(source: source, byteRange: range, properties: result.properties))
  }

  /// Adds IPTC-IIM datasets. `container`: the file's bytes to report when `content` is not the file.
  ///
  /// Source: IPTC-NAA Information Interchange Model 4.2 §1.5.
  mutating func addIPTC(_ content: [UInt8], _ range: Range<Int>, container: Range<Int>? = nil) {
    var offset = range.lowerBound
    var isUTF8 = false
    while offset + 5 <= range.upperBound {
      // Zeros pad the block to an even or a fourfold length.
      guard content[offset] == 0x1C else {
        if content[offset] != 0 {
          warn("iptc.dataset", container ?? offset..<(offset + 1), "no IPTC dataset begins with this byte")
        }
        return
      }
      let (record, dataset) = (Int(content[offset + 1]), Int(content[offset + 2]))
      var length = content.u16(offset + 3) ?? 0
      var start = offset + 5
      if length & 0x8000 != 0 {
        // An extended dataset: the length of the length.
        let digits = length & 0x7FFF
        guard digits <= 4, start + digits <= range.upperBound else {
          warn("iptc.length", container ?? offset..<(offset + 5), "an IPTC dataset has an impossible length")
          return
        }
        length = content[start..<(start + digits)].reduce(0) { $0 << 8 | Int($1) }
        start += digits
      }
      guard length <= range.upperBound - start, metadata.iptc.count < limits.maxSegments else {
        warn(
          "iptc.length", container ?? offset..<(offset + 5),
          "IPTC dataset \(record):\(dataset) ends after its block")
        return
      }
      let value = content[start..<(start + length)]
      if record == 1, dataset == 90 { isUTF8 = value.elementsEqual([0x1B, 0x25, 0x47]) }
      metadata.iptc.append(
        IPTCRecord(
          record: record, dataset: dataset,
          text: isUTF8 ? String(decoding: value, as: UTF8.self) : TextDecoding.guess(value),
          byteRange: container ?? start..<(start + length)))
      offset = start + length
    }
  }

  /// Adds Photoshop's image resources and what they hold of IPTC, EXIF and XMP.
  ///
  /// Source: Adobe Photoshop File Formats Specification, Image Resource Section.
  mutating func addPhotoshop(_ content: [UInt8], _ range: Range<Int>, container: Range<Int>? = nil) {
    var offset = range.lowerBound
    while offset + 12 <= range.upperBound {
      guard ["8BIM", "8BPS", "AgHg", "DCSR", "MeSa", "PHUT"].contains(content.fourCC(offset)) else {
        warn("photoshop.resource", container ?? offset..<(offset + 4), "no Photoshop resource begins here")
        return
      }
      let identifier = content.u16(offset + 4) ?? 0
      // The name is a Pascal string, padded to an even length with its count.
      let nameEnd = offset + 6 + ((Int(content[offset + 6]) + 2) & ~1)
      guard let length = content.u32(nameEnd), nameEnd + 4 <= range.upperBound,
        length <= range.upperBound - nameEnd - 4, metadata.photoshop.count < limits.maxSegments
      else {
        warn(
          "photoshop.length", container ?? offset..<min(offset + 12, range.upperBound),
          "Photoshop resource \(identifier) ends after its block")
        return
      }
      let value = (nameEnd + 4)..<(nameEnd + 4 + length)
      metadata.photoshop.append(PhotoshopResource(identifier: identifier, byteRange: container ?? value))
      switch identifier {
      case 0x0404: addIPTC(content, value, container: container)
      case 0x0422: addEXIF(content, value, source: "8BIM", container: container)
      case 0x0424: addXMP(content[value], source: "8BIM", at: container ?? value)
      default: break
      }
      offset = value.upperBound + (length & 1)
    }
  }
}
