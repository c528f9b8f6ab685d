extension MetadataBuilder {
  /// Text, EXIF, profiles and XMP of a PNG, wherever they stand between the signature and IEND.
  ///
  /// Source: PNG (Third Edition), W3C 2025, §11.3; raw profiles are ImageMagick's.
  mutating func png(_ segments: [Segment]) {
    for segment in segments {
      switch segment.name {
      case "tEXt", "zTXt", "iTXt": text(segment)
      case "eXIf", "exIf", "zxIf":
        addEXIF(bytes, segment.payload, source: segment.name)
      case "iCCP":
        let keywordEnd = bytes.firstIndex(of: 0, in: segment.payload) ?? segment.payload.upperBound
        let start = min(keywordEnd + 2, segment.payload.upperBound)
        metadata.iccProfile = ICCProfile(
          ranges: [start..<segment.payload.upperBound], isDeflated: true, name: segment.identifier)
      default: break
      }
    }
  }

  private mutating func text(_ segment: Segment) {
    guard let keyword = segment.identifier, let keywordEnd = bytes.firstIndex(of: 0, in: segment.payload)
    else {
      warn("png.text.keyword", segment.payload, "a \(segment.name) chunk has no keyword")
      return
    }
    var start = keywordEnd + 1
    var isDeflated = segment.name == "zTXt"
    var language: String?
    switch segment.name {
    case "zTXt": start += 1
    case "iTXt":
      guard start + 2 <= segment.payload.upperBound,
        let languageEnd = bytes.firstIndex(of: 0, in: (start + 2)..<segment.payload.upperBound),
        let translatedEnd = bytes.firstIndex(of: 0, in: (languageEnd + 1)..<segment.payload.upperBound)
      else {
        warn("png.text.itxt", segment.payload, "the iTXt chunk \(keyword) ends within its header")
        return
      }
      isDeflated = bytes[start] == 1
      language = TextDecoding.latin1(bytes[(start + 2)..<languageEnd])
      start = translatedEnd + 1
    default: break
    }
    let stored = bytes[min(start, segment.payload.upperBound)..<segment.payload.upperBound]
    var content = stored
    var isComplete = true
    if isDeflated {
      let inflated = inflate(stored, of: "\(segment.name) chunk \(keyword)", at: segment.range)
      content = inflated.content[...]
      isComplete = inflated.isComplete
    } else if stored.count > limits.maxTextBytes {
      warn(
        "limit.text", segment.range,
        "the \(segment.name) chunk \(keyword) has \(stored.count) bytes; only its beginning is read")
      content = stored.prefix(limits.maxTextBytes)
      isComplete = false
    }
    metadata.texts.append(
      TextEntry(
        keyword: keyword, text: TextDecoding.guess(content), chunk: segment.name, byteRange: segment.range,
        language: language.flatMap { $0.isEmpty ? nil : $0 }, isComplete: isComplete))
    if keyword.hasPrefix("Raw profile type ") {
      rawProfile(String(keyword.dropFirst(17)), content, segment)
    } else if keyword == "XML:com.adobe.xmp" || Self.holdsXMP(content) {
      addXMP(
        content, source: segment.name, at: isDeflated ? segment.range : stored.startIndex..<stored.endIndex)
    }
  }

  /// Whether a text under another keyword begins as a packet does.
  private static func holdsXMP(_ content: ArraySlice<UInt8>) -> Bool {
    guard let first = content.first(where: { $0 > 0x20 && $0 < 0x80 }), first == UInt8(ascii: "<") else {
      return false
    }
    let head = String(decoding: content.prefix(512), as: UTF8.self)
    return head.contains("<x:xmpmeta") || head.contains("<rdf:RDF") || head.contains("<?xpacket")
  }

  /// A newline, the profile's name, its length in decimal, and its bytes in hexadecimal lines.
  private mutating func rawProfile(_ kind: String, _ text: ArraySlice<UInt8>, _ segment: Segment) {
    let lines = text.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: true)
    guard lines.count == 3,
      let length = Int(String(decoding: lines[1], as: UTF8.self).filter { !$0.isWhitespace })
    else {
      warn("png.profile", segment.range, "the raw profile \(kind) is malformed")
      return
    }
    var content: [UInt8] = []
    content.reserveCapacity(min(max(length, 0), lines[2].count / 2))
    var high: UInt8?
    for byte in lines[2] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { continue }
      if let first = high {
        content.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    if content.count != length {
      warn(
        "png.profile", segment.range,
        "the raw profile \(kind) has \(content.count) bytes instead of \(length)")
    }
    let source = "Raw profile type \(kind)"
    switch kind.lowercased() {
    case "exif", "app1", "generic":
      if content.matches("http://ns.adobe.com/xap/1.0/\0", at: 0) {
        addXMP(content[29...], source: source, at: segment.range)
      } else {
        addEXIF(content, 0..<content.count, source: source, container: segment.range)
      }
    case "xmp": addXMP(content[...], source: source, at: segment.range)
    case "iptc", "8bim":
      if content.first == 0x1C {
        addIPTC(content, 0..<content.count, container: segment.range)
      } else {
        let start = content.matches("Photoshop 3.0\0", at: 0) ? 14 : 0
        addPhotoshop(content, start..<content.count, container: segment.range)
      }
    default: break
    }
  }
}
