import Images

/// The headers of a BMP file: what its pixels are and where they lie.
///
/// Source: Microsoft, "Bitmap Storage" and `BITMAPINFOHEADER` to `BITMAPV5HEADER`; OS/2's header of 12 bytes.
struct BMPHeader {
  /// How the rows are stored.
  enum Coding: Equatable {
    case rows
    /// Run lengths of 8- or 4-bit indices.
    case runs
    case unsupported(String)
  }

  /// One channel of a pixel: where its bits are, and the largest value that they give.
  struct Mask {
    var shift: Int
    var peak: UInt32

    init(_ bits: UInt32) {
      shift = bits == 0 ? 0 : bits.trailingZeroBitCount
      peak = bits == 0 ? 0 : bits >> UInt32(shift)
    }

    func sample(_ pixel: UInt32) -> UInt8 {
      peak == 0 ? 0 : UInt8(truncatingIfNeeded: UInt64((pixel >> UInt32(shift)) & peak) * 255 / UInt64(peak))
    }
  }

  let file: ImageFile
  var bytes: [UInt8] { file.bytes }
  let headerSize: Int
  let width: Int
  let height: Int
  let isTopDown: Bool
  /// Bits per pixel: 1, 2, 4, 8, 16, 24 or 32.
  let bits: Int
  let coding: Coding
  /// Red, green, blue and alpha; an alpha of no bits is opaque.
  let masks: [Mask]
  /// Red, green and blue of each index.
  let palette: [[UInt8]]
  /// Where the pixels begin.
  let dataOffset: Int

  var hasAlpha: Bool { masks[3].peak > 0 }
  /// Bytes of a row, padded to four.
  var stride: Int { (width * bits + 31) / 32 * 4 }

  /// Whether a header of that many bytes exists.
  static func isHeaderSize(_ size: Int?) -> Bool {
    size.map { [12, 16, 40, 52, 56, 64, 108, 124].contains($0) } ?? false
  }

  init(_ file: ImageFile) throws(ImageFormatError) {
    let bytes = file.bytes
    func fault(_ message: String, _ range: Range<Int>) -> ImageFormatError {
      file.error("bmp.header", range, message, "fetch the file again from its source")
    }
    guard let headerSize = bytes.u32(14, .littleEndian), Self.isHeaderSize(headerSize),
      bytes.count >= 14 + headerSize, let dataOffset = bytes.u32(10, .littleEndian)
    else { throw fault("the file ends within its header", 0..<min(bytes.count, 54)) }
    let isOS2 = headerSize == 12
    let width = isOS2 ? bytes.u16(18, .littleEndian)! : Self.signed(bytes.u32(18, .littleEndian)!)
    let height = isOS2 ? bytes.u16(20, .littleEndian)! : Self.signed(bytes.u32(22, .littleEndian)!)
    let bits = bytes.u16(isOS2 ? 24 : 28, .littleEndian)!
    let method = headerSize >= 40 ? bytes.u32(30, .littleEndian)! : 0
    guard width > 0, height != 0, height > -(1 << 31) else {
      throw fault("the header describes no picture", 18..<26)
    }
    guard [1, 2, 4, 8, 16, 24, 32].contains(bits) || [4, 5].contains(method) else {
      throw fault("the header declares \(bits) bits a pixel", 28..<30)
    }
    self.file = file
    self.headerSize = headerSize
    self.width = width
    self.height = abs(height)
    self.isTopDown = height < 0
    self.bits = bits
    self.dataOffset = dataOffset
    coding =
      switch method {
      case 0, 3, 6: .rows
      case 1 where bits == 8: .runs
      case 2 where bits == 4: .runs
      case 4: .unsupported("JPEG within BMP")
      case 5: .unsupported("PNG within BMP")
      default: .unsupported("BMP compression \(method)")
      }
    masks = Self.masks(bytes, headerSize: headerSize, bits: bits, method: method)
    let maskBytes = headerSize == 40 && method == 3 ? 12 : headerSize == 40 && method == 6 ? 16 : 0
    palette = Self.palette(
      bytes, from: 14 + headerSize + maskBytes, to: dataOffset, bits: bits, entry: isOS2 ? 3 : 4,
      used: headerSize >= 40 ? bytes.u32(46, .littleEndian)! : 0)
  }

  private static func signed(_ value: Int) -> Int { Int(Int32(truncatingIfNeeded: value)) }

  private static func masks(_ bytes: [UInt8], headerSize: Int, bits: Int, method: Int) -> [Mask] {
    var values: [UInt32] = bits == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0xFF0000, 0xFF00, 0xFF, 0]
    if method == 3 || method == 6, bits == 16 || bits == 32 {
      // They follow the plain header and are part of the longer ones.
      let hasAlpha = method == 6 || headerSize >= 56
      for index in 0..<(hasAlpha ? 4 : 3) {
        if let mask = bytes.u32(54 + 4 * index, .littleEndian) { values[index] = UInt32(mask) }
      }
    }
    return values.map(Mask.init)
  }

  private static func palette(
    _ bytes: [UInt8], from start: Int, to end: Int, bits: Int, entry: Int, used: Int
  ) -> [[UInt8]] {
    guard bits <= 8 else { return [] }
    let end = end > start ? min(end, bytes.count) : bytes.count
    let most = 1 << bits
    let count = min(used > 0 ? min(used, most) : most, max(0, end - start) / entry)
    return (0..<count).map { index in
      let place = start + index * entry
      return [bytes[place + 2], bytes[place + 1], bytes[place]]
    }
  }

  /// The shape of the decoded picture, within the limits.
  func shape(limits: ReadLimits) throws(ImageFormatError) -> Codecs.Shape {
    if case .unsupported(let name) = coding {
      throw file.error("bmp.unsupported", nil, "coded as \(name)", "convert the picture to PNG")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= limits.maxPixels else {
      throw file.error(
        "limit.pixels", nil, "\(width) × \(height) pixels are declared, the limit is \(limits.maxPixels)",
        "reduce the picture first, or raise the limit")
    }
    return Codecs.Shape(
      width: width, height: height, colorModel: hasAlpha ? .rgba : .rgb, bits: 8,
      sourceBits: bits == 16 ? 5 : min(bits, 8), frames: 1, bytes: pixels * (hasAlpha ? 4 : 3))
  }
}

extension ContainerWalk {
  /// BMP: two headers, a palette and the pixels.
  mutating func bmp() {
    segments.append(Segment(name: "header", range: 0..<14, payload: 2..<14))
    guard let header = try? BMPHeader(ImageFile(bytes: bytes)) else {
      if bytes.count < 14 + (bytes.u32(14, .littleEndian) ?? 40) { noteCut(from: 0) }
      warn("bmp.header", 0..<min(54, bytes.count), "the header describes no picture")
      return
    }
    let start = min(max(header.dataOffset, 14 + header.headerSize), bytes.count)
    let info = 14..<(14 + header.headerSize)
    segments.append(Segment(name: "info", range: info, payload: info))
    if start > info.upperBound {
      segments.append(
        Segment(name: "palette", range: info.upperBound..<start, payload: info.upperBound..<start))
    }
    let (declared, overflow) = header.stride.multipliedReportingOverflow(by: header.height)
    var end = bytes.count
    if header.coding == .rows, !overflow {
      if declared > bytes.count - start {
        warnCut("bmp.truncated", from: start, start..<bytes.count, "the file ends within its pixels")
      } else {
        end = start + declared
      }
    } else if let size = bytes.u32(34, .littleEndian), size > 0, header.headerSize >= 40 {
      if size <= bytes.count - start {
        end = start + size
      } else {
        warnCut("bmp.truncated", from: start, start..<bytes.count, "the file ends within its pixels")
      }
    }
    segments.append(Segment(name: "pixels", range: start..<end, payload: start..<end))
    self.end(at: end)
  }
}
