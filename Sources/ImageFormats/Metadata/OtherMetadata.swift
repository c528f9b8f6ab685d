extension MetadataBuilder {
  /// EXIF, XMP and the profile of a WebP.
  ///
  /// Source: RFC 9649 §2.7.1.
  mutating func webp(_ segments: [Segment]) {
    for segment in segments {
      switch segment.name {
      case "EXIF": addEXIF(bytes, segment.payload, source: "EXIF")
      case "XMP ": addXMP(bytes[segment.payload], source: "XMP ", at: segment.payload)
      case "ICCP": metadata.iccProfile = ICCProfile(ranges: [segment.payload], isDeflated: false, name: nil)
      case "RIFF", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "C2PA": break
      default: addContent(bytes[segment.payload], source: segment.name, at: segment.payload, isPlain: true)
      }
    }
  }

  /// Comments, XMP and the profile of a GIF.
  ///
  /// Source: GIF89a §24 and §26; XMP Specification Part 3 §1.1.2.
  mutating func gif(_ segments: [Segment]) {
    for segment in segments {
      let start = segment.payload.lowerBound
      switch (segment.name, segment.identifier) {
      case ("comment", _):
        let content = gifBlocks(bytes, from: start, limit: limits.maxTextBytes)
        metadata.comments.append(
          CommentEntry(text: TextDecoding.guess(content[...]), source: "comment", byteRange: segment.payload))
      case ("application", "XMP DataXMP"):
        // The packet stands without sub-blocks, and 258 bytes that lead any reader to the end follow it.
        let content = (start + 12)..<max(start + 12, segment.payload.upperBound - 258)
        addXMP(bytes[content], source: "application", at: content)
      case ("application", "ICCRGBG1012"):
        let ranges = blockRanges(from: start + 12, to: segment.payload.upperBound)
        metadata.iccProfile = ICCProfile(ranges: ranges, isDeflated: false, name: nil)
      case ("application", let name?) where !Self.knownApplications.contains(where: name.hasPrefix):
        let content = gifBlocks(bytes, from: start + 12, limit: limits.maxTextBytes)
        let source = "application \(name.prefix { $0.isASCII && $0 >= " " })"
        if !addContent(content[...], source: source, at: segment.payload, isPlain: false) {
          addBrokenPacket(content, source: source, at: segment.payload)
        }
      default: break
      }
    }
  }

  /// Adds what a copying program left of a GIF's XMP, if it is that.
  mutating func addBrokenPacket(_ content: [UInt8], source: String, at place: Range<Int>) {
    guard let packet = GIFPacket.restored(content) else { return }
    warn("xmp.letters", place, "the XMP packet lost letters when it was copied")
    addXMP(packet[...], source: source, at: place)
    guard let type = GIFPacket.sourceType(in: packet), let last = metadata.xmp.indices.last,
      !metadata.xmp[last].properties.contains(where: { $0.name == type.name && $0.value == type.value })
    else { return }
    metadata.xmp[last].properties.append(type)
  }

  /// Loop counts and the store, which Content Credentials read themselves.
  private static let knownApplications = ["NETSCAPE", "ANIMEXTS", "C2PA_GIF"]

  private func blockRanges(from offset: Int, to end: Int) -> [Range<Int>] {
    var (offset, ranges) = (offset, [Range<Int>]())
    while offset < end, bytes[offset] > 0 {
      let next = min(offset + 1 + Int(bytes[offset]), end)
      ranges.append((offset + 1)..<next)
      offset = next
    }
    return ranges
  }

  /// The directories of a TIFF file, and what some tags hold.
  mutating func tiff() {
    // The container's walk has reported the same faults.
    var faults: [TIFFReader.Fault] = []
    var embedded: [EXIFReader.Embedded] = []
    guard
      let exif = EXIFReader.read(
        bytes, 0..<bytes.count, source: "TIFF", container: nil, limits: limits, faults: &faults,
        embedded: &embedded)
    else { return }
    metadata.exifBlocks.append(exif)
    for entry in exif.entries where entry.directory == "IFD0" {
      switch entry.tag {
      case EXIF.Tag.xmp: addXMP(bytes[entry.byteRange], source: "tag 700", at: entry.byteRange)
      case 33723: addIPTC(bytes, entry.byteRange)
      case 34377: addPhotoshop(bytes, entry.byteRange)
      case 34675: metadata.iccProfile = ICCProfile(ranges: [entry.byteRange], isDeflated: false, name: nil)
      default: break
      }
    }
  }
}
