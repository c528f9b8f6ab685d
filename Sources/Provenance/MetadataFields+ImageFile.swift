public import ImageFormats

extension MetadataFields {
  /// Gathers what a file says beside its pixels, from every container that Assay reads.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - container: its parts, for JPEG segments and trailers that are no metadata of a known kind.
  ///   - metadata: what was read from them.
  ///   - hidden: fields read from the pixels, see ``StealthText``.
  public init(
    file: ImageFile, container: ContainerMap, metadata: ImageMetadata, hidden: [MetadataField] = []
  ) {
    var fields: [MetadataField] = []
    for entry in metadata.texts where !Self.isWrapped(entry.keyword) {
      if let field = Self.exifProperty(entry) { fields.append(field) }
      fields.append(
        MetadataField(
          carrier: .text, name: entry.keyword, value: entry.text,
          place: FieldPlace(
            path: "\(entry.chunk) \(Quotation.of(entry.keyword, limit: 79))", bytes: entry.byteRange)))
    }
    for exif in metadata.exifBlocks { fields += Self.fields(of: exif) }
    for packet in metadata.xmp {
      let source = packet.source.trimmedBlanks
      for property in packet.properties {
        fields.append(
          MetadataField(
            carrier: .xmp, name: property.name, namespace: property.namespace, value: property.value,
            place: FieldPlace(
              path: (source == "XMP" ? "" : source + " ") + "XMP \(Quotation.of(property.path))",
              bytes: packet.byteRange)))
      }
    }
    for record in metadata.iptc {
      let number = "\(record.record):\(record.dataset)"
      let name = record.record == 2 ? Self.iptcNames[record.dataset] : nil
      fields.append(
        MetadataField(
          carrier: .iptc, name: name ?? number, value: record.text,
          place: FieldPlace(path: "IIM \(number)\(name.map { " \($0)" } ?? "")", bytes: record.byteRange)))
    }
    for comment in metadata.comments {
      fields.append(
        MetadataField(
          carrier: .comment, name: "", value: comment.text,
          place: FieldPlace(path: comment.source, bytes: comment.byteRange)))
    }
    fields += Self.loose(file, container)
    fields += SamsungTrailer.fields(file, container)
    self.init(fields + hidden)
  }

  /// XMP and profiles inside PNG texts are read as what they are.
  private static func isWrapped(_ keyword: String) -> Bool {
    keyword == "XML:com.adobe.xmp" || keyword.hasPrefix("Raw profile type")
  }

  /// A text under the name that ImageMagick gives an EXIF tag, `exif:Software`, as the tag that it was.
  ///
  /// ImageMagick keeps the tags of a block beside it, and writes them as texts where it lost the block. Values of
  /// bytes are lists of decimal codes.
  private static func exifProperty(_ entry: TextEntry) -> MetadataField? {
    let keyword = entry.keyword.lowercased()
    guard keyword.hasPrefix("exif:") || keyword.hasPrefix("tiff:"),
      let last = entry.keyword.split(separator: ":").last
    else { return nil }
    let tag = Dictionary(exifNames.values.map { ($0.lowercased(), $0) }, uniquingKeysWith: { a, _ in a })
    let name = tag[last.lowercased()] ?? String(last)
    var value = entry.text
    let codes = value.split(separator: ",").map { UInt8($0.trimmedBlanks) }
    if codes.count > 1, codes.allSatisfy({ $0 != nil }) {
      let bytes = codes.compactMap { $0 }
      value =
        (name == "UserComment" ? EXIF.userCommentText(bytes) : nil)
        ?? String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
    }
    return MetadataField(
      carrier: .exif, name: name, value: value,
      place: FieldPlace(
        path: "\(entry.chunk) \(Quotation.of(entry.keyword, limit: 79))", bytes: entry.byteRange))
  }

  private static let exifNames: [Int: String] = [
    EXIF.Tag.imageDescription: "ImageDescription", EXIF.Tag.make: "Make", EXIF.Tag.model: "Model",
    EXIF.Tag.software: "Software", 0x000B: "ProcessingSoftware", EXIF.Tag.artist: "Artist",
    EXIF.Tag.hostComputer: "HostComputer", EXIF.Tag.copyright: "Copyright", EXIF.Tag.dateTime: "DateTime",
    EXIF.Tag.exposureTime: "ExposureTime", EXIF.Tag.fNumber: "FNumber",
    EXIF.Tag.isoSpeed: "PhotographicSensitivity", EXIF.Tag.dateTimeOriginal: "DateTimeOriginal",
    EXIF.Tag.makerNote: "MakerNote", EXIF.Tag.focalLength: "FocalLength", EXIF.Tag.lensModel: "LensModel",
    EXIF.Tag.lensMake: "LensMake", EXIF.Tag.xpTitle: "XPTitle", EXIF.Tag.xpComment: "XPComment",
    EXIF.Tag.xpAuthor: "XPAuthor", EXIF.Tag.xpKeywords: "XPKeywords", EXIF.Tag.xpSubject: "XPSubject",
    0x010D: "DocumentName", 0x011D: "PageName", 0xC614: "UniqueCameraModel", 0xA430: "CameraOwnerName",
    EXIF.Tag.userComment: "UserComment",
  ]

  private static let iptcNames: [Int: String] = [
    5: "ObjectName", 25: "Keywords", 40: "SpecialInstructions", 65: "OriginatingProgram",
    70: "ProgramVersion",
    80: "By-line", 103: "OriginalTransmissionReference", 105: "Headline", 110: "Credit", 115: "Source",
    116: "CopyrightNotice", 120: "Caption-Abstract", 122: "Writer-Editor",
  ]

  private static func fields(of exif: EXIF) -> [MetadataField] {
    var fields: [MetadataField] = []
    func add(_ name: String, _ value: String, _ directory: String, _ range: Range<Int>) {
      fields.append(
        MetadataField(
          carrier: .exif, name: name, value: value,
          place: FieldPlace(path: "\(exif.source.trimmedBlanks) \(directory) \(name)", bytes: range)))
    }
    for entry in exif.entries where entry.tag != EXIF.Tag.userComment {
      let name = exifNames[entry.tag]
      switch entry.value {
      case .text(let text):
        add(
          name ?? "0x" + String(entry.tag, radix: 16, uppercase: true), text, entry.directory, entry.byteRange
        )
      case .bytes where name != nil:
        // A note is binary; what reads as text in its beginning is enough to tell whose it is.
        let text = exif.text(entry.tag, in: entry.directory) ?? ""
        add(name!, String(text.prefix(4096)), entry.directory, entry.byteRange)
      case .integers, .rationals, .reals: if let name { add(name, "", entry.directory, entry.byteRange) }
      case .bytes: break
      }
    }
    if let comment = exif.userComment { add("UserComment", comment.text, "Exif", comment.byteRange) }
    if let note = exif.makerNote, let manufacturer = note.manufacturer {
      add("MakerNoteManufacturer", manufacturer, "Exif", note.byteRange)
    }
    return fields
  }

  /// Parts of no known kind that hold JSON or the AIGC label: JPEG APP segments, RIFF and PNG chunks, a short
  /// trailer.
  private static func loose(_ file: ImageFile, _ container: ContainerMap) -> [MetadataField] {
    var places = container.segments.filter { segment in
      segment.payload.count <= 65_536
        && (segment.name.hasPrefix("APP")
          ? !knownSegments.contains { segment.identifier?.hasPrefix($0) ?? false }
          : container.format != .jpeg && !knownChunks.contains(segment.name) && container.format != .tiff)
    }.map { ($0.name, $0.payload) }
    if let trailing = container.trailing, trailing.count <= 65_536 { places.append(("trailer", trailing)) }
    return places.compactMap { name, range in
      let bytes = Array(file.bytes[range])
      guard bytes.contains(UInt8(ascii: "{")), bytes.holds("AIGC") || bytes.first == UInt8(ascii: "{"),
        let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      else { return nil }
      return MetadataField(
        carrier: .segment, name: name, value: text, place: FieldPlace(path: name, bytes: range))
    }
  }

  private static let knownSegments = [
    "JFIF", "JFXX", "Exif", "http://ns.adobe.com/", "ICC_PROFILE", "Photoshop", "MPF", "JP", "Adobe", "Ducky",
  ]
  private static let knownChunks: Set<String> = [
    "signature", "IHDR", "PLTE", "IDAT", "IEND", "tEXt", "zTXt", "iTXt", "iCCP", "eXIf", "caBX", "fdAT",
    "fcTL",
    "acTL", "gAMA", "cHRM", "sRGB", "pHYs", "tIME", "bKGD", "tRNS", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM",
    "ANMF",
    "EXIF", "XMP ", "ICCP", "C2PA", "ftyp", "meta", "mdat", "moov", "uuid",
  ]
}
