/// A text of a PNG file: tEXt, zTXt or iTXt.
public struct TextEntry: Sendable, Hashable {
  public var keyword: String
  public var text: String
  /// The chunk's type: `tEXt`, `zTXt` or `iTXt`.
  public var chunk: String
  /// The whole chunk in the file.
  public var byteRange: Range<Int>
  /// The language tag of an iTXt, when it has one.
  public var language: String?
  /// False when the deflated text was cut at a limit or damaged; ``text`` is then its beginning.
  public var isComplete: Bool
}

/// A free comment: a JPEG COM segment or a GIF comment extension.
public struct CommentEntry: Sendable, Hashable {
  public var text: String
  /// `COM` or `comment`.
  public var source: String
  public var byteRange: Range<Int>
}

/// One dataset of IPTC-IIM.
public struct IPTCRecord: Sendable, Hashable {
  /// 1 envelope, 2 application.
  public var record: Int
  /// Such as 110 Credit, 40 SpecialInstructions, 103 OriginalTransmissionReference.
  public var dataset: Int
  public var text: String
  public var byteRange: Range<Int>
}

/// Where an embedded colour profile lies.
public struct ICCProfile: Sendable, Hashable {
  /// The bytes of the profile in the file, in order; compressed where ``isDeflated``.
  public var ranges: [Range<Int>]
  public var isDeflated: Bool
  /// The name that PNG gives it.
  public var name: String?

  /// The profile itself; nil when it is over `limit` bytes or damaged.
  public func content(in bytes: [UInt8], limit: Int = 8 << 20) -> [UInt8]? {
    var content: [UInt8] = []
    for range in ranges where bytes.contains(range) {
      guard content.count + range.count <= limit else { return nil }
      content += bytes[range]
    }
    guard isDeflated else { return content.isEmpty ? nil : content }
    let inflated = Inflate.inflate(content[...], limit: limit, keep: 0)
    guard case .whole = inflated.outcome else { return nil }
    return inflated.content
  }
}

/// Everything that a file says about itself apart from its pixels.
public struct ImageMetadata: Sendable, Hashable {
  public var format: ImageFormat
  /// PNG texts, in file order, XMP and raw profiles included.
  public var texts: [TextEntry] = []
  /// The first EXIF block.
  public var exif: EXIF? { exifBlocks.first }
  /// All EXIF blocks, in file order.
  public var exifBlocks: [EXIF] = []
  public var xmp: [XMPPacket] = []
  public var iptc: [IPTCRecord] = []
  public var comments: [CommentEntry] = []
  public var iccProfile: ICCProfile?
  /// Photoshop image resources: identifier and content in the file.
  public var photoshop: [PhotoshopResource] = []
  /// C2PA stores that converters left in places which the format does not give them.
  public var carriedStores: [CarriedStore] = []
  /// How the picture was compressed, for JPEG files.
  public var jpeg: JPEGDetails?
  /// Bytes after the picture's end.
  public var trailing: Range<Int>?
  /// Faults of the container and of the metadata; what could be read was.
  public var warnings: [ImageFormatError] = []

  public init(format: ImageFormat) { self.format = format }

  /// How the pixels are to be turned for viewing, 1...8.
  ///
  /// Always 1 for AVIF, HEIC and JPEG XL, whose own rotation is part of decoding and whose EXIF value repeats it.
  public var orientation: Int { [.avif, .heic, .jxl].contains(format) ? 1 : exif?.orientation ?? 1 }

  /// The values of an XMP property in all packets.
  public func xmpValues(namespace: String, name: String) -> [String] {
    xmp.flatMap { $0.values(namespace: namespace, name: name) }
  }
}

/// One image resource of Photoshop.
public struct PhotoshopResource: Sendable, Hashable {
  public var identifier: Int
  /// Its content in the file; all of the segments where it is spread over several.
  public var byteRange: Range<Int>
}

extension ImageFile {
  /// All metadata, read tolerantly when first asked for: what is broken becomes a warning, the rest is read.
  ///
  /// - Throws: ``ImageFormatError`` `format.empty` or `format.unknown`.
  public func metadata() throws(ImageFormatError) -> ImageMetadata {
    let container = try container()
    return memo.metadata { metadata(in: container) }
  }

  /// Reads all metadata of a file whose container was walked before.
  public func metadata(in container: ContainerMap) -> ImageMetadata {
    var builder = MetadataBuilder(bytes: bytes, file: path?.display, limits: limits, format: container.format)
    builder.metadata.warnings = container.warnings
    builder.metadata.trailing = container.trailing
    switch container.format {
    case .png: builder.png(container.segments)
    case .jpeg: builder.jpeg(container.segments)
    case .webp: builder.webp(container.segments)
    case .gif: builder.gif(container.segments)
    case .tiff: builder.tiff()
    case .avif, .heic: builder.boxes(container)
    case .jxl: builder.jxl(container.segments)
    case .bmp: break
    }
    return builder.metadata
  }
}
