import Diagnostics

/// Puts XMP, EXIF and PNG texts into a PNG, JPEG or WebP file and keeps every other byte.
///
/// What is set replaces what was there; the pixels are not touched, nor is what follows the picture's end.
public struct MetadataWriter: Sendable {
  /// The file as it is now.
  public private(set) var bytes: [UInt8]
  public let format: ImageFormat
  private let path: FilePath?

  /// - Throws: ``ImageFormatError`` `write.format` for another format, or the first fault of the container:
  ///   a broken file is not written to.
  public init(_ file: ImageFile) throws(ImageFormatError) {
    let container = try file.container()
    guard [.png, .jpeg, .webp].contains(container.format) else {
      throw file.error(
        "write.format", nil, "metadata cannot be written into \(container.format.rawValue) files",
        "convert the picture to PNG, JPEG or WebP")
    }
    // A wrong entry in the index of further pictures stays as wrong as it was.
    if let fault = container.warnings.first(where: { $0.code != "jpeg.mpf.range" }) { throw fault }
    self.bytes = file.bytes
    self.format = container.format
    self.path = file.path
  }

  /// - Throws: as above.
  public init(_ bytes: [UInt8]) throws(ImageFormatError) { try self.init(ImageFile(bytes: bytes)) }

  /// Sets the XMP packet, in UTF-8.
  ///
  /// - Throws: ``ImageFormatError`` `write.size` for a packet that the format cannot hold: 65502 bytes in JPEG; `write.header` for
  ///   a PNG or WebP whose header is not where it belongs.
  public mutating func setXMP(_ packet: String) throws(ImageFormatError) {
    let content = Array(packet.utf8)
    switch format {
    case .png:
      try setChunk(
        pngText("XML:com.adobe.xmp", content),
        replacing: { ["iTXt", "tEXt", "zTXt"].contains($0.name) && $0.identifier == "XML:com.adobe.xmp" })
    case .jpeg:
      let head = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
      try setSegment(
        head + content,
        replacing: { segment in
          segment.name == "APP1" && segment.identifier.map { $0.hasPrefix("http://ns.adobe.com/x") } ?? false
        })
    default: try setWebP("XMP ", content, flag: 0x04)
    }
  }

  /// Sets the EXIF block.
  ///
  /// - Parameter tiff: a TIFF structure, from its byte-order mark.
  /// - Throws: ``ImageFormatError`` `write.exif` when it is none, `write.size` for more than 65527 bytes in JPEG, `write.header`
  ///   as above.
  public mutating func setEXIF(_ tiff: [UInt8]) throws(ImageFormatError) {
    guard TIFFReader(bytes: tiff, base: 0, end: tiff.count) != nil else {
      throw error("write.exif", "the EXIF block has no TIFF header", "begin it with II*\\0 or MM\\0*")
    }
    switch format {
    case .png: try setChunk(pngChunk("eXIf", tiff), replacing: { $0.name == "eXIf" })
    case .jpeg:
      try setSegment(
        Array("Exif\0\0".utf8) + tiff, replacing: { $0.name == "APP1" && $0.identifier == "Exif" })
    default: try setWebP("EXIF", tiff, flag: 0x08)
    }
  }

  /// Sets the credit line of IPTC-IIM in a JPEG; what else a Photoshop block held goes with it.
  ///
  /// - Parameter text: 1...32 characters of printable ASCII, as the model limits them.
  /// - Throws: ``ImageFormatError`` `write.format` for other formats, `write.credit`.
  ///
  /// Source: IPTC-NAA Information Interchange Model 4.2, 2:110; Adobe Photoshop File Formats Specification, resource
  /// 0x0404.
  public mutating func setCredit(_ text: String) throws(ImageFormatError) {
    guard format == .jpeg else {
      throw error("write.format", "only JPEG files hold IPTC-IIM", "set XMP instead")
    }
    let content = Array(text.utf8)
    guard (1...32).contains(content.count), content.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw error("write.credit", "a credit line has 1 to 32 ASCII characters", "shorten it")
    }
    let records = [0x1C, 2, 110, 0, UInt8(content.count)] + content
    let resource =
      Array("8BIM".utf8) + [0x04, 0x04, 0, 0] + Self.bigEndian(records.count) + records
      + (records.count & 1 == 1 ? [0] : [])
    try setSegment(
      Array("Photoshop 3.0\0".utf8) + resource, marker: 0xED,
      replacing: { $0.name == "APP13" && $0.identifier?.hasPrefix("Photoshop 3.0") ?? false })
  }

  /// Sets a text of a PNG, as iTXt.
  ///
  /// - Parameter keyword: 1...79 Latin-1 characters.
  /// - Throws: ``ImageFormatError`` `write.format` for other formats, `write.keyword`.
  public mutating func setText(_ text: String, keyword: String) throws(ImageFormatError) {
    guard format == .png else {
      throw error("write.format", "only PNG files hold texts by keyword", "set XMP instead")
    }
    guard (1...79).contains(keyword.unicodeScalars.count),
      keyword.unicodeScalars.allSatisfy({
        (0x20...0x7E).contains($0.value) || (0xA1...0xFF).contains($0.value)
      })
    else {
      throw error("write.keyword", "a PNG keyword has 1 to 79 Latin-1 characters", "choose another keyword")
    }
    try setChunk(
      pngText(keyword, Array(text.utf8)),
      replacing: { ["iTXt", "tEXt", "zTXt"].contains($0.name) && $0.identifier == keyword })
  }

  private func error(_ code: String, _ message: String, _ remedy: String) -> ImageFormatError {
    ImageFormatError(
      code: code, location: FaultLocation(file: path?.display), message: message, remedy: remedy)
  }

  private func segments() throws(ImageFormatError) -> [Segment] {
    try ImageFile(bytes: bytes).container().segments
  }

  /// Puts new bytes in the place of the first part that matches, drops the others, or inserts at an offset.
  private mutating func replace(
    _ segments: [Segment], matching: (Segment) -> Bool, with new: [UInt8], insertingAt offset: Int
  ) {
    let old = segments.filter(matching)
    let place = old.first?.offset ?? offset
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + new.count)
    result += bytes[..<place]
    result += new
    var start = place
    for segment in old {
      result += bytes[start..<segment.offset]
      start = segment.range.upperBound
    }
    result += bytes[start...]
    bytes = result
  }

  // MARK: PNG

  private mutating func setChunk(
    _ chunk: [UInt8], replacing matches: (Segment) -> Bool
  ) throws(ImageFormatError) {
    let segments = try segments()
    guard let header = segments.dropFirst().first, header.name == "IHDR" else {
      throw error(
        "write.header", "the PNG does not begin with its header, the chunk IHDR",
        "save the picture anew first")
    }
    // After IHDR: texts may stand anywhere, EXIF and anything about colour must precede IDAT.
    replace(segments, matching: matches, with: chunk, insertingAt: header.range.upperBound)
  }

  private func pngText(_ keyword: String, _ content: [UInt8]) -> [UInt8] {
    let head = keyword.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    return pngChunk("iTXt", head + [0, 0, 0, 0, 0] + content)
  }

  private func pngChunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return Self.bigEndian(content.count) + body + Self.bigEndian(Int(CRC32.checksum(body)))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func littleEndian(_ value: Int) -> [UInt8] { bigEndian(value).reversed() }

  // MARK: JPEG

  private mutating func setSegment(
    _ content: [UInt8], marker: UInt8 = 0xE1, replacing matches: (Segment) -> Bool
  ) throws(ImageFormatError) {
    guard content.count <= 65533 else {
      throw error(
        "write.size", "a JPEG segment holds 65533 bytes, these are \(content.count)", "shorten the metadata")
    }
    let segments = try segments()
    let length = content.count + 2
    let segment = [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + content
    // JFIF comes first, then EXIF, then XMP.
    var offset = 2
    for segment in segments.dropFirst() {
      guard segment.name == "APP0" || segment.name == "APP1" && segment.identifier == "Exif" else { break }
      if content.starts(with: "Exif".utf8), segment.name == "APP1" { break }
      offset = segment.range.upperBound
    }
    replace(segments, matching: matches, with: segment, insertingAt: offset)
  }

  // MARK: WebP

  private mutating func setWebP(_ name: String, _ content: [UInt8], flag: UInt8) throws(ImageFormatError) {
    guard content.count <= 1 << 30 else {
      throw error("write.size", "a WebP chunk cannot hold \(content.count) bytes", "shorten the metadata")
    }
    try extendHeader()
    let segments = try segments()
    // The first chunk is VP8X now; its flags stand in its first byte.
    guard let header = segments.first(where: { $0.name == "VP8X" }), let flags = header.payload.first else {
      throw error("write.header", "the WebP's header, the chunk VP8X, is cut", "save the picture anew first")
    }
    bytes[flags] |= flag
    let chunk =
      Array(name.utf8) + Self.littleEndian(content.count) + content + (content.count & 1 == 1 ? [0] : [])
    // EXIF precedes XMP, and a C2PA store stays last.
    let later = name == "EXIF" ? ["XMP ", "C2PA"] : ["C2PA"]
    let last = segments.last?.range.upperBound ?? bytes.count
    let offset = segments.first { later.contains($0.name) }?.offset ?? last
    let before = bytes.count
    replace(segments, matching: { $0.name == name }, with: chunk, insertingAt: offset)
    let size = (bytes.u32(4, .littleEndian) ?? 0) + bytes.count - before
    bytes.replaceSubrange(4..<8, with: Self.littleEndian(size))
  }

  /// Gives a simple file the extended header that metadata need.
  private mutating func extendHeader() throws(ImageFormatError) {
    guard !bytes.matches("VP8X", at: 12) else { return }
    let header = try ImageFile(bytes: bytes).header()
    let alpha: UInt8 = header.colorModel == .rgba ? 0x10 : 0
    let sides = [header.width - 1, header.height - 1].flatMap { Self.littleEndian($0).prefix(3) }
    let chunk = Array("VP8X".utf8) + Self.littleEndian(10) + [alpha, 0, 0, 0] + sides
    let size = (bytes.u32(4, .littleEndian) ?? 0) + chunk.count
    bytes.insert(contentsOf: chunk, at: 12)
    bytes.replaceSubrange(4..<8, with: Self.littleEndian(size))
  }
}

/// The checksum of PNG chunks.
///
/// Source: PNG (Third Edition), W3C 2025, annex D.
enum CRC32 {
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8) }
    return ~crc
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }
}
