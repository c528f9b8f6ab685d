/// One part of a file: a PNG chunk, a JPEG marker segment, a RIFF chunk, a GIF block, a TIFF directory or an
/// ISO-BMFF box.
public struct Segment: Sendable, Hashable {
  /// As the format calls it: `IDAT`, `APP1`, `VP8X`, `meta`, `IFD0`.
  public var name: String
  /// What tells it from others of its name: `Exif`, a text chunk's keyword, a uuid box's UUID.
  public var identifier: String?
  /// All its bytes in the file, with header and checksum; a JPEG scan includes its entropy-coded data.
  public var range: Range<Int>
  /// Its content; for a JPEG segment what follows the length, identifier included.
  public var payload: Range<Int>
  public var children: [Segment]

  public init(
    name: String, identifier: String? = nil, range: Range<Int>, payload: Range<Int>, children: [Segment] = []
  ) {
    self.name = name
    self.identifier = identifier
    self.range = range
    self.payload = payload
    self.children = children
  }

  public var offset: Int { range.lowerBound }
  public var length: Int { range.count }
}

/// Every part of a file, in file order.
public struct ContainerMap: Sendable, Hashable {
  public var format: ImageFormat
  public var segments: [Segment]
  /// Bytes after the picture's end: after IEND, EOI, the RIFF chunk, the GIF trailer or the last box.
  ///
  /// The further pictures of a multi-picture JPEG lie here; the children of its MPF segment tell where.
  public var trailing: Range<Int>?
  /// What is wrong with the structure, each with its bytes; the parts before it are kept.
  public var warnings: [ImageFormatError]

  /// The part that the file's end cuts off, up to that end: the structure announces more bytes than are there. Empty where the
  /// file ends between two parts; nil where all that is announced is there, whatever else is wrong.
  ///
  /// Of a bare JPEG XL codestream nobody knows without decoding it, nor of what a last box "to the end of the file" lacks.
  public var cut: Range<Int>?

  /// Whether the file ends before what its structure announces.
  public var endsEarly: Bool { cut != nil }

  /// Whether bytes are missing that may have held metadata; those of a JPEG lie before its picture.
  public var mayLackMetadata: Bool {
    endsEarly && !(format == .jpeg && segments.contains { $0.name == "SOS" })
  }

  public init(
    format: ImageFormat, segments: [Segment], trailing: Range<Int>?, warnings: [ImageFormatError],
    cut: Range<Int>? = nil
  ) {
    self.format = format
    self.segments = segments
    self.trailing = trailing
    self.warnings = warnings
    self.cut = cut
  }

  /// The top-level parts of a name.
  public func segments(named name: String) -> [Segment] { segments.filter { $0.name == name } }

  /// The first part of a name at any depth, in file order.
  public func first(named name: String) -> Segment? {
    func search(_ segments: [Segment]) -> Segment? {
      for segment in segments {
        if segment.name == name { return segment }
        if let found = search(segment.children) { return found }
      }
      return nil
    }
    return search(segments)
  }
}

extension ImageFile {
  /// The container's parts, without decoding anything; walked when first asked for.
  ///
  /// A wrong length ends the walk there with a warning that names its bytes; what came before is kept.
  ///
  /// - Throws: ``ImageFormatError`` `format.empty` or `format.unknown`.
  public func container() throws(ImageFormatError) -> ContainerMap {
    let format = try knownFormat()
    return try memo.container { .success(walked(format)) }
  }

  private func walked(_ format: ImageFormat) -> ContainerMap {
    var walk = ContainerWalk(bytes: bytes, file: path?.display, limits: limits)
    switch format {
    case .png: walk.png()
    case .jpeg: walk.jpeg()
    case .webp: walk.webp()
    case .gif: walk.gif()
    case .tiff: walk.tiff()
    case .avif, .heic: walk.boxes()
    case .jxl: walk.jxl()
    case .bmp: walk.bmp()
    }
    return ContainerMap(
      format: format, segments: walk.segments, trailing: walk.trailing, warnings: walk.warnings, cut: walk.cut
    )
  }
}

/// The state of one walk; each format adds its own method.
struct ContainerWalk {
  let bytes: [UInt8]
  let file: String?
  let limits: ReadLimits
  var segments: [Segment] = []
  var trailing: Range<Int>?
  var warnings: [ImageFormatError] = []
  /// As ``ContainerMap/cut``.
  private(set) var cut: Range<Int>?
  /// Parts seen at any depth, for `limits.maxSegments`.
  var count = 0

  init(bytes: [UInt8], file: String?, limits: ReadLimits) {
    self.bytes = bytes
    self.file = file
    self.limits = limits
  }

  /// Notes a fault; the walk goes on or stops as the caller decides.
  mutating func warn(_ code: String, _ range: Range<Int>, _ message: String) {
    warnings.append(.warning(code, file: file, range, message))
  }

  /// Notes that the file ends before what its structure announces.
  ///
  /// - Parameter start: where the part begins that is not whole; the file's end where a part is missing altogether.
  mutating func noteCut(from start: Int) {
    cut = max(0, min(start, cut?.lowerBound ?? bytes.count, bytes.count))..<bytes.count
  }

  /// Notes the same, and warns of it.
  mutating func warnCut(_ code: String, from start: Int, _ range: Range<Int>, _ message: String) {
    noteCut(from: start)
    warn(code, range, message)
  }

  /// Counts one more part; false, with a warning, when the file has too many.
  mutating func admit(at offset: Int) -> Bool {
    count += 1
    if count == limits.maxSegments + 1 {
      warn(
        "limit.segments", offset..<offset,
        "the file has more than \(limits.maxSegments) parts; the rest is not read")
    }
    return count <= limits.maxSegments
  }

  /// Notes what follows the picture's end.
  mutating func end(at offset: Int) {
    if offset < bytes.count { trailing = offset..<bytes.count }
  }
}

extension ImageFormatError {
  /// A fault that reading survives.
  static func warning(_ code: String, file: String?, _ range: Range<Int>, _ message: String)
    -> ImageFormatError
  {
    ImageFormatError(
      code: code, location: .init(file: file, byteRange: range), message: message,
      remedy: "fetch the file again if it should be whole")
  }
}
