extension MetadataBuilder {
  /// Text, EXIF, profiles and XMP of a PNG, wherever they stand between the signature and IEND.
  ///
  /// Source: PNG (Third Edition), W3C 2025, §11.3; raw profiles are ImageMagick's.
  mutating func png(_ segments: [Segment]) {
    for segment in segments {
      switch segment.name {
      case "tEXt", "zTXt", "iTXt": text(segment)
      case "eXIf", "exIf": addEXIF(bytes, segment.payload, source: segment.name)
      case "zxIf": deflatedEXIF(segment)
      case "iCCP":
        let keywordEnd = bytes.firstIndex(of: 0, in: segment.payload) ?? segment.payload.upperBound
        let start = min(keywordEnd + 2, segment.payload.upperBound)
        metadata.iccProfile = ICCProfile(
          ranges: [start..<segment.payload.upperBound], isDeflated: true, name: segment.identifier)
      default:
        // Other chunks are a program's own; some hold what a chunk of the standard should.
        if !Self.standardChunks.contains(segment.name) {
          addContent(bytes[segment.payload], source: segment.name, at: segment.payload, isPlain: true)
        }
      }
    }
  }

  private static let standardChunks: Set<String> = [
    "signature", "IHDR", "PLTE", "IDAT", "IEND", "caBX", "acTL", "fcTL", "fdAT", "cICP", "mDCV", "cLLI",
  ]

  /// A zero for the method, the length in four bytes, and the block deflated.
  ///
  /// Source: the proposal of 2017 that eXIf came from, as ExifTool 12 reads and writes it.
  private mutating func deflatedEXIF(_ segment: Segment) {
    let start = segment.payload.lowerBound
    guard segment.payload.count > 5, bytes[start] == 0 else {
      addEXIF(bytes, segment.payload, source: segment.name)
      return
    }
    let inflated = inflate(
      bytes[(start + 5)..<segment.payload.upperBound], of: "zxIf chunk", at: segment.range)
    addEXIF(inflated.content, 0..<inflated.content.count, source: segment.name, container: segment.range)
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
    } else if keyword == "XML:com.adobe.xmp" || XMPEncoding.beginsPacket(content) {
      addXMP(
        content, source: segment.name, at: isDeflated ? segment.range : stored.startIndex..<stored.endIndex)
    }
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
    // What the profile is called differs from program to program, and `app1` may be EXIF or XMP.
    if addContent(content[...], source: source, at: segment.range, isPlain: false) { return }
    switch kind.lowercased() {
    case "exif", "app1", "generic":
      addEXIF(content, 0..<content.count, source: source, container: segment.range)
    case "xmp": addXMP(content[...], source: source, at: segment.range)
    case let name where name.hasPrefix("gif:"):
      addBrokenPacket(content, source: source, at: segment.range)
    case "iptc", "8bim":
      let start = content.matches("Photoshop 3.0\0", at: 0) ? 14 : 0
      addPhotoshop(content, start..<content.count, container: segment.range)
    default: break
    }
  }
}
