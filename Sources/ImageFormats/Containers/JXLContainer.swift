extension ContainerWalk {
  /// JPEG XL: boxes, or the codestream alone, which holds no metadata.
  ///
  /// Source: ISO/IEC 18181-2:2024 §9.
  mutating func jxl() {
    if bytes.matches("JXL ", at: 4) {
      let stop = topLevelBoxes()
      guard stop == bytes.count, cut == nil else { return }
      // The codestream stands in one box, or in several of which the last says that it is.
      let isWhole = segments.contains {
        $0.name == "jxlc"
          || $0.name == "jxlp" && !$0.payload.isEmpty && bytes[$0.payload.lowerBound] & 0x80 != 0
      }
      if !isWhole {
        warnCut("jxl.truncated", from: stop, stop..<stop, "the file ends before the end of its codestream")
      }
    } else {
      segments.append(Segment(name: "codestream", range: 0..<bytes.count, payload: 2..<bytes.count))
    }
  }
}

extension MetadataBuilder {
  /// The `Exif` and `xml ` boxes of a JPEG XL file, plain or within a `brob` box, which holds its kind in four
  /// characters and its content compressed by Brotli.
  ///
  /// Source: ISO/IEC 18181-2:2024 §9.4 to §9.6.
  mutating func jxl(_ segments: [Segment]) {
    var compressed = 0
    var hasJPEG = false
    for segment in segments {
      switch segment.name {
      case "Exif": addItemEXIF(bytes, segment.payload, source: "Exif box", container: nil)
      case "xml ": addXMP(bytes[segment.payload], source: "xml box", at: segment.payload)
      case "jbrd" where !hasJPEG:
        hasJPEG = true
        jpegWithin(segment)
      case "brob":
        guard let kind = bytes.fourCC(segment.payload.lowerBound), segment.payload.count > 4 else { continue }
        compressed += 1
        // Each may grow to the limit of a text; a picture has one of each kind.
        guard kind == "Exif" || kind == "xml ", compressed <= 8 else { continue }
        let packed = bytes[segment.payload].dropFirst(4)
        switch Brotli.decompress(packed, limit: limits.maxTextBytes) {
        case .whole(let content) where kind == "Exif":
          addItemEXIF(content, 0..<content.count, source: "brob Exif box", container: segment.range)
        case .whole(let content): addXMP(content[...], source: "brob xml box", at: segment.range)
        case .damaged:
          warn(
            "brotli.damaged", segment.range, "the compressed \(kind) box at byte \(segment.offset) is damaged"
          )
        case .notInstalled:
          warn(
            "brotli.missing", segment.range,
            "the compressed \(kind) box at byte \(segment.offset) was not read: libbrotlidec is not installed"
          )
        }
      default: break
      }
    }
  }
}
