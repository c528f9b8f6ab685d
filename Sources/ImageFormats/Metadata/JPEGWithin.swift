/// The JPEG that a JPEG XL file was made from without loss, as far as its `jbrd` box keeps it: application segments and
/// comments, which no other box holds. EXIF, XMP and the profile stand in boxes of their own and are left out here.
///
/// The box begins with a header in bits, lowest first: the markers in order, the kinds and lengths of segments, tables and
/// scans. A Brotli stream with the segments' bytes follows. Pixels are not touched.
///
/// Source: ISO/IEC 18181-2:2024 annex A.
package struct JPEGWithin {
  /// A JPEG file of these segments alone, for readers of JPEG.
  package let head: [UInt8]

  /// Why its segments were not read.
  package enum Unread: Error {
    case damaged
    case limit(Int)
    case noBrotli

    package var words: String {
      switch self {
      case .damaged: "its description is damaged"
      case .limit(let bytes): "they are larger than \(bytes) bytes"
      case .noBrotli: "libbrotlidec is not installed"
      }
    }
  }

  /// The most bytes that segments and what stands behind the picture may have.
  private static let limit = 32 << 20

  /// - Parameter box: the content of the `jbrd` box.
  package init(_ box: ArraySlice<UInt8>) throws(Unread) {
    var header = Header(reader: BitReader(bytes: box))
    guard let sizes = header.read() else { throw .damaged }
    var total = 0
    for size in sizes.unknown + sizes.comments + sizes.others { total += size }
    guard total <= Self.limit else { throw .limit(Self.limit) }
    var head: [UInt8] = [0xFF, 0xD8]
    if total > 0 {
      let content: [UInt8]
      switch Brotli.decompress(box[header.reader.nextByte...], limit: total) {
      case .whole(let bytes): content = bytes
      case .damaged: throw .damaged
      case .notInstalled: throw .noBrotli
      }
      guard content.count == total else { throw .damaged }
      var offset = 0
      for size in sizes.unknown + sizes.comments {
        // Each begins with its marker's second byte and its length.
        guard let length = content.u16(offset + 1), length == size - 1 else { throw .damaged }
        head.append(0xFF)
        head += content[offset..<(offset + size)]
        offset += size
      }
    }
    self.head = head + [0xFF, 0xD9]
  }

  private struct Sizes {
    var unknown: [Int] = []
    var comments: [Int] = []
    var others: [Int] = []
  }

  /// The bits before the stream.
  private struct Header {
    var reader: BitReader

    /// The sizes of what the stream holds, in its order; nil for a header that is none.
    mutating func read() -> Sizes? {
      var sizes = Sizes()
      _ = reader.bits(1)
      var (applications, comments, scans, gaps, markers) = (0, 0, 0, 0, 0)
      var hasRestarts = false
      var marker = 0xC0
      while marker != 0xD9 {
        marker = reader.bits(6) + 0xC0
        markers += 1
        guard markers <= 16_384, !reader.isOver else { return nil }
        switch marker {
        case 0xE0...0xEF: applications += 1
        case 0xFE: comments += 1
        case 0xDA: scans += 1
        case 0xFF: gaps += 1
        case 0xDD: hasRestarts = true
        default: break
        }
      }
      for _ in 0..<applications {
        let kind = reader.number((0, 0), (0, 1), (1, 2), (2, 4))
        let size = reader.bits(16) + 1
        guard kind <= 3, size >= 3 else { return nil }
        if kind == 0 { sizes.unknown.append(size) }
      }
      for _ in 0..<comments {
        let size = reader.bits(16) + 1
        guard size >= 3 else { return nil }
        sizes.comments.append(size)
      }
      guard skipTables(), skipScans(scans, hasRestarts) else { return nil }
      for _ in 0..<gaps { sizes.others.append(reader.bits(16)) }
      sizes.others.append(reader.number((0, 0), (8, 1), (16, 257), (22, 65_793)))
      if reader.bits(1) == 1 {
        let padding = reader.bits(24)
        reader.skip(padding)
      }
      return reader.isOver ? nil : sizes
    }

    private mutating func skipTables() -> Bool {
      for _ in 0..<reader.number((0, 1), (0, 2), (0, 3), (0, 4)) { reader.skip(4) }
      let kind = reader.bits(2)
      let components = kind == 0 ? 1 : kind == 3 ? reader.number((0, 1), (0, 2), (0, 3), (0, 4)) : 3
      if kind == 3 { reader.skip(8 * components) }
      reader.skip(2 * components)
      for _ in 0..<reader.number((0, 4), (3, 2), (4, 10), (6, 26)) {
        reader.skip(4)
        var symbols = 0
        for _ in 0...16 { symbols += reader.number((0, 0), (0, 1), (3, 2), (8, 0)) }
        guard symbols <= 4 * 64 + 1 else { return false }
        for _ in 0..<symbols { _ = reader.number((2, 0), (2, 4), (4, 8), (8, 1)) }
      }
      return !reader.isOver
    }

    private mutating func skipScans(_ scans: Int, _ hasRestarts: Bool) -> Bool {
      for _ in 0..<scans {
        let components = reader.number((0, 1), (0, 2), (0, 3), (0, 4))
        reader.skip(20 + 6 * components)
        _ = reader.number((0, 0), (0, 1), (0, 2), (3, 3))
      }
      if hasRestarts { reader.skip(16) }
      for _ in 0..<scans {
        for _ in 0..<reader.number((0, 0), (2, 1), (4, 4), (16, 20)) {
          guard !reader.isOver else { return false }
          _ = reader.number((0, 0), (3, 1), (5, 9), (28, 41))
        }
        for _ in 0..<reader.number((0, 0), (2, 1), (4, 4), (16, 20)) {
          guard !reader.isOver else { return false }
          _ = reader.number((0, 1), (2, 2), (4, 5), (8, 20))
          _ = reader.number((0, 0), (3, 1), (5, 9), (28, 41))
        }
      }
      return !reader.isOver
    }
  }

  /// Bits of bytes, lowest first; zeros behind the end.
  private struct BitReader {
    let bytes: ArraySlice<UInt8>
    private var position = 0

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    var isOver: Bool { position > bytes.count * 8 }
    /// The first byte of which no bit was read.
    var nextByte: Int { bytes.startIndex + min((position + 7) / 8, bytes.count) }

    mutating func skip(_ count: Int) { position += count }

    mutating func bits(_ count: Int) -> Int {
      var value = 0
      for index in 0..<count {
        let byte = (position + index) / 8
        guard byte < bytes.count else { break }
        value |= Int(bytes[bytes.startIndex + byte] >> UInt8((position + index) % 8) & 1) << index
      }
      position += count
      return value
    }

    /// A number in one of four forms, which two bits choose: so many bits, and what is added to them.
    mutating func number(
      _ first: (Int, Int), _ second: (Int, Int), _ third: (Int, Int), _ fourth: (Int, Int)
    ) -> Int {
      let form =
        switch bits(2) {
        case 0: first
        case 1: second
        case 2: third
        default: fourth
        }
      return bits(form.0) + form.1
    }
  }
}

extension MetadataBuilder {
  /// What the JPEG within a JPEG XL file says in segments that have no box: IPTC datasets, further XMP, comments.
  mutating func jpegWithin(_ box: Segment) {
    let within: JPEGWithin
    do throws(JPEGWithin.Unread) {
      within = try JPEGWithin(bytes[box.payload])
    } catch {
      warn(
        "jxl.jbrd", box.range,
        "the file was made from a JPEG without loss, and that one's segments were not read: \(error.words)")
      return
    }
    var walk = ContainerWalk(bytes: within.head, file: file, limits: limits)
    walk.jpeg()
    var inner = MetadataBuilder(bytes: within.head, file: file, limits: limits, format: .jpeg)
    inner.jpeg(walk.segments)
    // Places within the compressed stream mean nothing to who looks at the file.
    for var packet in inner.metadata.xmp {
      packet.source = "jbrd \(packet.source)"
      packet.byteRange = box.range
      metadata.xmp.append(packet)
    }
    for var record in inner.metadata.iptc {
      record.byteRange = box.range
      metadata.iptc.append(record)
    }
    for var resource in inner.metadata.photoshop {
      resource.byteRange = box.range
      metadata.photoshop.append(resource)
    }
    for var comment in inner.metadata.comments {
      comment.source = "jbrd \(comment.source)"
      comment.byteRange = box.range
      metadata.comments.append(comment)
    }
    for fault in inner.metadata.warnings { warn(fault.code, box.range, fault.message) }
  }
}
