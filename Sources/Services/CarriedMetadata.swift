import ImageFormats

/// What a marked file keeps of its input's metadata, and the names of what it does not.
struct CarriedMetadata {
  private let metadata: ImageMetadata
  private let packets: [String]
  private let hasCredentials: Bool
  /// A TIFF block whose orientation says that nothing need be turned, as the pixels were.
  private let exif: [UInt8]?

  /// - Throws: ``ImageFormatError`` for what is no image.
  init(of source: ImageFile) throws {
    let container = try source.container()
    metadata = source.metadata(in: container)
    // A packet that PNG holds deflated is taken from its text entry.
    let texts = metadata.texts.filter { $0.keyword == Self.xmpKeyword && $0.isComplete }.map(\.text)
    packets =
      texts + metadata.xmp.compactMap { String(validating: source.bytes[$0.byteRange], as: UTF8.self) }
    exif = Self.uprightEXIF(in: container, of: source, metadata: metadata)
    hasCredentials =
      container.first(named: "caBX") != nil || container.first(named: "C2PA") != nil
      || container.segments.contains { $0.name == "APP11" }
      || container.segments.contains { $0.name == "uuid" && $0.identifier?.hasPrefix("d8fec3d6") == true }
  }

  /// The first EXIF block that stands in the file as it is: not deflated, not written as text.
  private static func uprightEXIF(in container: ContainerMap, of source: ImageFile, metadata: ImageMetadata)
    -> [UInt8]?
  {
    let segment = container.segments.first { segment in
      ["eXIf", "EXIF"].contains(segment.name) || (segment.name == "APP1" && segment.identifier == "Exif")
    }
    guard var range = segment?.payload, range.upperBound <= source.bytes.count else { return nil }
    if source.bytes[range].starts(with: Array("Exif\0\0".utf8)) {
      range = range.lowerBound + 6..<range.upperBound
    }
    var block = Array(source.bytes[range])
    for entry in metadata.exif?.entries ?? [] where entry.tag == 0x0112 && entry.byteRange.count >= 2 {
      guard range.contains(entry.byteRange) else { return nil }
      let at = entry.byteRange.lowerBound - range.lowerBound
      let isLittle = block[0] == UInt8(ascii: "I")
      (block[at], block[at + 1]) = isLittle ? (1, 0) : (0, 1)
    }
    return block
  }

  private static let xmpKeyword = "XML:com.adobe.xmp"

  /// Adds what can be kept.
  ///
  /// - Returns: the file, and what of the input is not in it.
  /// - Throws: ``ImageFormatError`` when `bytes` is no PNG, JPEG or WebP.
  func put(into bytes: [UInt8]) throws -> (bytes: [UInt8], lost: [String]) {
    var writer = try MetadataWriter(bytes)
    var lost: [String] = []
    if let packet = packets.first(where: { $0.contains("<") && $0.contains("RDF") }) {
      do { try writer.setXMP(packet) } catch { lost.append("XMP (\(error.message))") }
    } else if !metadata.xmp.isEmpty {
      lost.append("XMP")
    }
    if metadata.xmp.count > 1 { lost.append("XMP beyond the first packet") }
    var texts = 0
    for entry in metadata.texts where entry.keyword != Self.xmpKeyword {
      // Raw profiles are EXIF and the like in disguise.
      guard entry.isComplete, !entry.keyword.hasPrefix("Raw profile"), writer.format == .png,
        (try? writer.setText(entry.text, keyword: entry.keyword)) != nil
      else {
        texts += 1
        continue
      }
    }
    if texts > 0 { lost.append("\(texts) PNG text\(texts == 1 ? "" : "s")") }
    if let exif, (try? writer.setEXIF(exif)) != nil {
      if metadata.exifBlocks.count > 1 { lost.append("EXIF beyond the first block") }
    } else if metadata.exif != nil {
      lost.append("EXIF")
    }
    if !metadata.iptc.isEmpty { lost.append("IPTC") }
    if !metadata.comments.isEmpty { lost.append("comments") }
    if metadata.iccProfile != nil { lost.append("the colour profile") }
    if hasCredentials {
      lost.append("Content Credentials (they would no longer match the pixels; sign the output anew)")
    }
    return (writer.bytes, lost)
  }
}
