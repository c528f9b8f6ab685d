/// Turns a TIFF structure into an ``EXIF`` block.
enum EXIFReader {
  /// The value of a tag that holds metadata of another kind, in the bytes that were read.
  struct Embedded {
    var tag: Int
    var range: Range<Int>
  }

  /// XMP, IPTC, Photoshop's resources and the C2PA store.
  static let embeddedTags: Set<Int> = [EXIF.Tag.xmp, 33723, 34377, 0xCD41]

  /// How far from a block's start its TIFF header is looked for.
  private static let farthestHeader = 64

  /// Where the TIFF header of a block stands.
  ///
  /// Regular places are the block's start and behind `Exif` with two zeros, which some writers repeat. Others
  /// leave a length or an offset before it, or miscount one: then a header counts whose first directory
  /// begins within the block.
  static func header(
    in bytes: [UInt8], _ range: Range<Int>, within farthest: Int
  ) -> (base: Int, isRegular: Bool)? {
    var base = range.lowerBound
    for _ in 0..<4 where bytes.matches("Exif\0", at: base) { base += 6 }
    if TIFFReader(bytes: bytes, base: base, end: range.upperBound) != nil { return (base, true) }
    for offset in range.prefix(farthest + 1) {
      guard bytes.matches("II*\0", at: offset) || bytes.matches("MM\0*", at: offset) else { continue }
      let order: ByteOrder = bytes[offset] == 0x49 ? .littleEndian : .bigEndian
      if let first = bytes.u32(offset + 4, order), first >= 8, first < range.upperBound - offset {
        return (offset, false)
      }
    }
    return nil
  }

  /// - Parameters:
  ///   - bytes: the file, or the inflated block.
  ///   - range: the block; its TIFF header, or `Exif` and two zeros before it, stands at its start.
  ///   - container: the file's bytes to report when `bytes` is not the file; nil when it is.
  ///   - embedded: gets the values of tags that hold metadata of other kinds.
  /// - Returns: nil, with a fault, when no TIFF header stands there or nearby.
  static func read(
    _ bytes: [UInt8], _ range: Range<Int>, source: String, container: Range<Int>?, limits: ReadLimits,
    faults: inout [TIFFReader.Fault], embedded: inout [Embedded]
  ) -> EXIF? {
    guard let place = header(in: bytes, range, within: farthestHeader),
      var reader = TIFFReader(bytes: bytes, base: place.base, end: range.upperBound)
    else {
      faults.append(
        .init(code: "header", range: container ?? range, message: "the EXIF block has no TIFF header"))
      return nil
    }
    let base = place.base
    if !place.isRegular {
      faults.append(
        .init(
          code: "header", range: container ?? range,
          message: bytes[range].starts(with: [0, 0, 0, 0])
            ? "four zero bytes stand before the EXIF block, as JPEG XL, AVIF and HEIC have them and no other format; other readers may find nothing in it"
            : "the EXIF block's TIFF header stands at its byte \(base - range.lowerBound), not at its start"))
    }
    reader.readAll(limits: limits)
    faults += reader.faults.map { .init(code: $0.code, range: container ?? $0.range, message: $0.message) }
    var exif = EXIF(
      byteOrder: reader.order, byteRange: container ?? base..<range.upperBound, source: source, entries: [])
    for directory in reader.directories {
      for entry in directory.entries {
        let place = container ?? entry.valueRange
        exif.entries.append(
          EXIF.Entry(directory: directory.name, tag: entry.tag, value: value(entry, reader), byteRange: place)
        )
        if embeddedTags.contains(entry.tag), directory.name != "SubIFD", embedded.count < 64 {
          embedded.append(Embedded(tag: entry.tag, range: entry.valueRange))
        }
        switch (directory.name, entry.tag) {
        case (_, EXIF.Tag.makerNote) where exif.makerNote == nil:
          exif.makerNote = EXIF.MakerNote(
            byteRange: place, manufacturer: MakerNotes.manufacturer(bytes, entry.valueRange, reader.order))
        case (_, EXIF.Tag.userComment) where exif.userComment == nil:
          exif.userComment = userComment(bytes[entry.valueRange], reader.order, place)
        default: break
        }
      }
      if let offset = directory.entries.first(where: { $0.tag == EXIF.Tag.thumbnailOffset }),
        let length = directory.entries.first(where: { $0.tag == EXIF.Tag.thumbnailLength }),
        let first = reader.integers(offset).first, let count = reader.integers(length).first,
        container == nil, exif.thumbnail == nil, count > 0, first <= range.upperBound - base,
        count <= range.upperBound - base - first
      {
        exif.thumbnail = (base + first)..<(base + first + count)
      }
    }
    return exif
  }

  private static func value(_ entry: TIFFReader.Entry, _ reader: TIFFReader) -> EXIF.Value {
    let content = reader.bytes[entry.valueRange]
    switch entry.type {
    case 1 where (EXIF.Tag.xpTitle...EXIF.Tag.xpSubject).contains(entry.tag):
      return .text(TextDecoding.utf16(content, .littleEndian))
    case 1, 7: return .bytes(content)
    case 2, 129:
      // Copyright alone has two parts, the photographer's and the editor's.
      if entry.tag == EXIF.Tag.copyright {
        let parts = content.split(separator: 0).map { TextDecoding.guess(TextDecoding.unpadded($0)) }
        return .text(parts.filter { !$0.isEmpty }.joined(separator: "; "))
      }
      return .text(TextDecoding.guess(TextDecoding.unpadded(content.prefix { $0 != 0 })))
    case 5, 10:
      return .rationals(
        (0..<min(entry.count, 4096)).compactMap { index in
          let place = content.startIndex + index * 8
          guard let first = reader.bytes.u32(place, reader.order),
            let second = reader.bytes.u32(place + 4, reader.order)
          else { return nil }
          guard entry.type == 10 else { return EXIF.Rational(numerator: first, denominator: second) }
          return EXIF.Rational(
            numerator: Int(Int32(truncatingIfNeeded: first)),
            denominator: Int(Int32(truncatingIfNeeded: second)))
        })
    case 11:
      return .reals(
        (0..<min(entry.count, 4096)).compactMap { index in
          reader.bytes.u32(content.startIndex + index * 4, reader.order).map {
            Double(Float(bitPattern: UInt32($0)))
          }
        })
    case 12:
      return .reals(
        (0..<min(entry.count, 4096)).compactMap { index in
          let place = content.startIndex + index * 8
          guard let first = reader.bytes.u32(place, reader.order),
            let second = reader.bytes.u32(place + 4, reader.order)
          else { return nil }
          let (high, low) = reader.order == .bigEndian ? (first, second) : (second, first)
          return Double(bitPattern: UInt64(high) << 32 | UInt64(low))
        })
    default: return .integers(reader.integers(entry))
    }
  }

  /// Tag 37510: eight bytes name the encoding, though writers leave them out or do not keep to them.
  ///
  /// Source: Exif 2.32 §4.6.5, UserComment.
  static func userComment(
    _ content: ArraySlice<UInt8>, _ order: ByteOrder, _ place: Range<Int>
  ) -> EXIF.UserComment? {
    let bytes = Array(content)
    let text = TextDecoding.unpadded(content.dropFirst(8))
    let result: (String, EXIF.CommentEncoding)
    if bytes.matches("ASCII", at: 0) {
      result = (TextDecoding.guess(text), .ascii)
    } else if bytes.matches("UNICODE", at: 0) || bytes.matches("Unicode", at: 0) {
      result = (unicode(content.dropFirst(8), order), .unicode)
    } else if bytes.matches("JIS", at: 0) {
      result = (TextDecoding.japanese(text) ?? TextDecoding.guess(text), .jis)
    } else if bytes.count >= 8, bytes[..<8].allSatisfy({ $0 == 0 || $0 == 0x20 }) {
      result = (
        looksLikeUTF16(content.dropFirst(8))
          ? unicode(content.dropFirst(8), order) : TextDecoding.guess(text), .undefined
      )
    } else {
      result = (TextDecoding.guess(TextDecoding.unpadded(content)), .missing)
    }
    return result.0.isEmpty ? nil : EXIF.UserComment(text: result.0, encoding: result.1, byteRange: place)
  }

  /// UTF-16 in the order of its mark, or the one in which it reads as text; UTF-8 where a writer meant that.
  private static func unicode(_ bytes: ArraySlice<UInt8>, _ order: ByteOrder) -> String {
    let first = bytes.startIndex
    if bytes.count >= 2 {
      if bytes[first] == 0xFE, bytes[first + 1] == 0xFF {
        return TextDecoding.utf16(bytes.dropFirst(2), .bigEndian)
      }
      if bytes[first] == 0xFF, bytes[first + 1] == 0xFE {
        return TextDecoding.utf16(bytes.dropFirst(2), .littleEndian)
      }
    }
    let trimmed = TextDecoding.unpadded(bytes)
    if !looksLikeUTF16(bytes), !trimmed.contains(0), trimmed.count > 8,
      let text = String(validating: trimmed, as: UTF8.self)
    {
      return text
    }
    // The block's own order is not to be trusted; the order in which more of it is text is.
    let (big, little) = (likeness(bytes, .bigEndian), likeness(bytes, .littleEndian))
    return TextDecoding.utf16(bytes, big == little ? order : big > little ? .bigEndian : .littleEndian)
  }

  /// How much UTF-16 in an order looks like text: Latin letters count most, since swapped they are Han.
  private static func likeness(_ bytes: ArraySlice<UInt8>, _ order: ByteOrder) -> Int {
    TextDecoding.utf16(bytes.prefix(2048), order).utf16.reduce(0) { score, unit in
      switch unit {
      case 0x20...0x7E, 0x09, 0x0A, 0x0D: score + 3
      case 0xA0...0x6FF, 0x900...0xDFF, 0x2010...0x206F, 0x3000...0x30FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3,
        0xD800...0xDFFF, 0xFF00...0xFFEF:
        score + 1
      default: score - 2
      }
    }
  }

  /// Whether every second byte is mostly zero.
  private static func looksLikeUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
    let head = TextDecoding.unpadded(bytes).prefix(256)
    return head.count >= 4 && head.count(where: { $0 == 0 }) * 3 >= head.count
  }
}

extension EXIF {
  /// The text of tag 37510's value; nil when it is empty.
  ///
  /// - Parameter value: with the eight bytes that name its encoding, in a block of unknown byte order.
  public static func userCommentText(_ value: [UInt8]) -> String? {
    EXIFReader.userComment(value[...], .bigEndian, 0..<value.count)?.text
  }
}

/// Whose private note an EXIF block holds.
enum MakerNotes {
  /// Signatures with which the notes begin.
  private static let signatures: [(StaticString, String)] = [
    ("Nikon\0", "Nikon"), ("Apple iOS", "Apple"), ("OLYMP\0", "Olympus"), ("OLYMPUS\0", "Olympus"),
    ("OM SYSTEM\0", "OM Digital Solutions"), ("FUJIFILM", "Fujifilm"), ("GENERALE", "General Imaging"),
    ("Panasonic\0", "Panasonic"), ("SONY DSC ", "Sony"), ("SONY CAM ", "Sony"), ("SONY MOBILE", "Sony"),
    ("SONY PI", "Sony"), ("VHAB", "Sony"), ("LEICA", "Leica"), ("PENTAX ", "Pentax"), ("AOC\0", "Pentax"),
    ("SIGMA\0", "Sigma"), ("FOVEON", "Sigma"), ("RICOH\0", "Ricoh"), ("Ricoh", "Ricoh"), ("HUAWEI", "Huawei"),
    ("QVC\0", "Casio"), ("DCI\0", "Casio"), ("EPSON", "Epson"), ("KDK", "Kodak"), ("KC", "Kyocera"),
    ("MLT0", "Minolta"), ("HDRP", "Google"), ("Hasselblad", "Hasselblad"), ("XIAOMI", "Xiaomi"),
    ("[ae_dbg_info", "DJI"), ("PREMI", "Premier"), ("MKED", "Sony Ericsson"), ("HP", "HP"),
    ("REDMI", "Xiaomi"), ("STMN", "Samsung"), ("IIII", "Kodak"),
  ]

  static func manufacturer(_ bytes: [UInt8], _ range: Range<Int>, _ order: ByteOrder) -> String? {
    for (signature, name) in signatures
    where range.count >= signature.utf8CodeUnitCount && bytes.matches(signature, at: range.lowerBound) {
      return name
    }
    return directory(bytes, range, order)
  }

  /// Canon and Samsung write a directory without a signature; their first tags tell them.
  private static func directory(_ bytes: [UInt8], _ range: Range<Int>, _ order: ByteOrder) -> String? {
    guard range.count >= 14, let count = bytes.u16(range.lowerBound, order), (1...200).contains(count),
      2 + count * 12 <= range.count
    else { return nil }
    var tags: [Int: (type: Int, count: Int)] = [:]
    for index in 0..<count {
      let place = range.lowerBound + 2 + index * 12
      guard let tag = bytes.u16(place, order), let type = bytes.u16(place + 2, order),
        let values = bytes.u32(place + 4, order), (1...13).contains(type)
      else { return nil }
      tags[tag] = (type, values)
    }
    // Canon: camera settings and shot information as arrays of shorts, the picture type as text.
    if let settings = tags[1], let shot = tags[4], settings.type == 3, shot.type == 3, settings.count > 10 {
      return "Canon"
    }
    // Samsung: a version of four bytes and the device type.
    if let version = tags[1], version.type == 7, version.count == 4, tags[2]?.type == 4 { return "Samsung" }
    return nil
  }
}
