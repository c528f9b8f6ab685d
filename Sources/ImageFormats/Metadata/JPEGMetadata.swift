extension MetadataBuilder {
  /// EXIF, XMP, Photoshop resources, profiles and comments of a JPEG.
  ///
  /// Source: Exif 2.32 §4.7; XMP Specification Part 3 §1.1.3; ICC.1:2022 annex B.4.
  mutating func jpeg(_ segments: [Segment]) {
    metadata.jpeg = JPEGDetails(bytes: bytes, segments: segments)
    var profile: [(number: Int, range: Range<Int>)] = []
    var photoshop: [Range<Int>] = []
    var extended: [String: [ExtendedPart]] = [:]
    var exif: [Range<Int>] = []
    for segment in segments {
      let (start, end) = (segment.payload.lowerBound, segment.payload.upperBound)
      switch (segment.name, segment.identifier) {
      case ("COM", _):
        let content = TextDecoding.unpadded(bytes[segment.payload])
        metadata.comments.append(
          CommentEntry(text: TextDecoding.guess(content), source: "COM", byteRange: segment.payload))
      case ("APP1", "Exif"):
        if !exif.isEmpty, !Self.beginsEXIF(bytes, segment.payload) {
          exif.append(min(start + 6, end)..<end)
        } else {
          readEXIF(exif)
          exif = [segment.payload]
        }
      case ("APP1", "http://ns.adobe.com/xap/1.0/"):
        let content = min(start + 29, end)..<end
        addXMP(bytes[content], source: "APP1", at: content)
      case ("APP1", let name?) where name.hasPrefix("http://ns.adobe.com/xmp/extension/"):
        // 35 bytes of name, then 32 of the digest, the whole length and this part's offset.
        guard let length = bytes.u32(start + 67), let offset = bytes.u32(start + 71), start + 75 <= end else {
          warn("xmp.extended", segment.payload, "a part of extended XMP ends within its header")
          continue
        }
        let digest = TextDecoding.latin1(bytes[(start + 35)..<(start + 67)])
        extended[digest, default: []].append(
          ExtendedPart(length: length, offset: offset, range: (start + 75)..<end))
      case ("APP1", let name):
        // A segment without a name of its own, or under another program's.
        let source = name == nil || name == "MM" || name == "II*" ? "APP1" : "APP1 \(name ?? "")"
        if !addContent(bytes[segment.payload], source: source, at: segment.payload, isPlain: true),
          EXIFReader.header(in: bytes, segment.payload, within: 16) != nil
        {
          addEXIF(bytes, segment.payload, source: source)
        } else if !bytes.matches("Exif", at: start),
          EXIFReader.header(in: bytes, segment.payload, within: 0) != nil
        {
          warn("exif.header", segment.payload, "the APP1 segment holds EXIF without the name Exif")
        }
      case ("APP2", "ICC_PROFILE"):
        if start + 14 <= end { profile.append((Int(bytes[start + 12]), (start + 14)..<end)) }
      case ("APP13", let name):
        let isNamed = name?.hasPrefix("Photoshop 3.0") ?? false
        switch ContentKind(bytes[segment.payload]) {
        case .iptc(let start):
          let datasets = (segment.payload.lowerBound + start)..<end
          warn(
            "iptc.resource", datasets,
            "the APP13 segment holds IPTC datasets without Photoshop's resource around them")
          addIPTC(bytes, datasets)
        case .photoshop where !isNamed: addPhotoshop(bytes, segment.payload)
        default: if isNamed { photoshop.append(min(start + 14, end)..<end) }
        }
      default: break
      }
    }
    readEXIF(exif)
    if !profile.isEmpty {
      let ordered = profile.enumerated().sorted {
        ($0.element.number, $0.offset) < ($1.element.number, $1.offset)
      }
      metadata.iccProfile = ICCProfile(ranges: ordered.map(\.element.range), isDeflated: false, name: nil)
    }
    readPhotoshop(photoshop)
    for (digest, parts) in extended.sorted(by: { $0.key < $1.key }) { readExtended(digest, parts) }
  }

  private struct ExtendedPart {
    var length: Int
    var offset: Int
    var range: Range<Int>
  }

  /// Whether a segment named Exif begins a block, in contrast to going on with one.
  private static func beginsEXIF(_ bytes: [UInt8], _ payload: Range<Int>) -> Bool {
    EXIFReader.header(in: bytes, payload, within: 0) != nil
  }

  /// Reads one EXIF block. Blocks over 64 KiB go on in the segments that follow, as ExifTool and Pillow's
  /// users write them; the standard has no such rule.
  private mutating func readEXIF(_ ranges: [Range<Int>]) {
    guard let first = ranges.first, let last = ranges.last else { return }
    if ranges.count == 1 {
      addEXIF(bytes, first, source: "APP1")
      return
    }
    let total = ranges.reduce(0) { $0 + $1.count }
    guard total <= limits.maxTextBytes else {
      warn("limit.text", first, "an EXIF block of \(total) bytes is over the limit")
      addEXIF(bytes, first, source: "APP1")
      return
    }
    let joined = ranges.flatMap { bytes[$0] }
    addEXIF(joined, 0..<joined.count, source: "APP1", container: first.lowerBound..<last.upperBound)
  }

  /// Resources over 64 KiB continue in the next segment, so several are read as one.
  private mutating func readPhotoshop(_ ranges: [Range<Int>]) {
    guard let first = ranges.first, let last = ranges.last else { return }
    if ranges.count == 1 {
      addPhotoshop(bytes, first)
      return
    }
    let total = ranges.reduce(0) { $0 + $1.count }
    guard total <= limits.maxTextBytes else {
      warn("limit.text", first, "Photoshop resources of \(total) bytes are over the limit")
      return
    }
    let joined = ranges.flatMap { bytes[$0] }
    addPhotoshop(joined, 0..<joined.count, container: first.lowerBound..<last.upperBound)
  }

  /// Puts the parts of a packet over 64 KiB together and checks it against the digest that names it.
  private mutating func readExtended(_ digest: String, _ parts: [ExtendedPart]) {
    let parts = parts.sorted { $0.offset < $1.offset }
    guard let whole = parts.first?.length, let first = parts.map(\.range.lowerBound).min(),
      let last = parts.map(\.range.upperBound).max()
    else { return }
    guard whole <= limits.maxTextBytes else {
      warn(
        "limit.text", first..<last,
        "extended XMP of \(whole) bytes is over the limit of \(limits.maxTextBytes)")
      return
    }
    var content: [UInt8] = []
    var missing = 0
    for part in parts where part.offset < whole {
      if part.offset > content.count {
        // Blanks stand for what is missing, so that what follows is still read.
        missing += part.offset - content.count
        content += repeatElement(0x20, count: part.offset - content.count)
      }
      // Overlapping parts repeat what is there.
      let fresh = bytes[part.range].dropFirst(content.count - part.offset)
      content += fresh.prefix(max(0, whole - content.count))
    }
    missing += max(0, whole - content.count)
    if missing > 0 {
      warn("xmp.extended", first..<last, "extended XMP has \(whole - missing) of its \(whole) bytes")
    } else if MD5.hexadecimal(content) != digest.uppercased() {
      warn("xmp.extended", first..<last, "extended XMP does not have the digest that names it")
    }
    addXMP(content[...], source: "APP1 extended", at: first..<last)
  }
}
