import ImageFormats
public import Images

/// Text hidden in the lowest bits of the pixels, as NovelAI and a WebUI extension hide it ("stealth pnginfo").
///
/// Pixels are read column by column, the lowest bit of alpha, or of red, green and blue in turn; bits are
/// packed high bit first. 15 bytes name the scheme, four bytes (big-endian) the length in bits, then the
/// text follows, plain or as gzip.
///
/// Source: NovelAI/novelai-image-metadata.
public enum StealthText {
  struct Scheme: Sendable {
    let name: String
    let usesAlpha: Bool
    let isDeflated: Bool
  }

  static let schemes = [
    Scheme(name: "stealth_pnginfo", usesAlpha: true, isDeflated: false),
    Scheme(name: "stealth_pngcomp", usesAlpha: true, isDeflated: true),
    Scheme(name: "stealth_rgbinfo", usesAlpha: false, isDeflated: false),
    Scheme(name: "stealth_rgbcomp", usesAlpha: false, isDeflated: true),
  ]

  /// The hidden text as a field; nil if there is none.
  ///
  /// - Parameter limit: the most bytes of text after inflation; longer ones count as none.
  public static func field(in image: Image, limit: Int = 8 << 20) -> MetadataField? {
    guard case .eight(let pixels) = image.samples else { return nil }
    for usesAlpha in [true, false] where image.channels == 4 || !usesAlpha && image.channels == 3 {
      var reader = BitReader(pixels: pixels, image: image, usesAlpha: usesAlpha)
      guard let head = reader.bytes(15) else { continue }
      let name = String(decoding: head, as: UTF8.self)
      guard let scheme = schemes.first(where: { $0.name == name && $0.usesAlpha == usesAlpha }),
        let lengthBytes = reader.bytes(4)
      else { continue }
      // The length is compared with what the picture can hold before anything of that size is made.
      let bits = lengthBytes.reduce(0) { $0 << 8 | Int($1) }
      guard bits > 0, bits % 8 == 0, bits <= reader.remaining, bits / 8 <= limit,
        let payload = reader.bytes(bits / 8)
      else { continue }
      guard let text = text(payload, scheme, limit: limit) else { continue }
      return MetadataField(
        carrier: .pixels, name: scheme.name, value: text,
        place: FieldPlace(path: "pixels, lowest bits of \(usesAlpha ? "alpha" : "colour"): \(scheme.name)"))
    }
    return nil
  }

  private static func text(_ payload: [UInt8], _ scheme: Scheme, limit: Int) -> String? {
    guard scheme.isDeflated else { return String(validating: payload, as: UTF8.self) }
    let (content, outcome) = Inflate.inflate(payload[...], limit: limit, keep: 0)
    guard case .whole = outcome else { return nil }
    return String(validating: content, as: UTF8.self)
  }

  /// Whether a file could hold such text, at a small part of the cost of decoding it.
  ///
  /// For a PNG of 8-bit RGB or RGBA the first rows are inflated and the first hidden byte is compared; a
  /// lossless WebP has no such short cut. Lossy files cannot hold it.
  static func isPossible(_ file: ImageFile, _ container: ContainerMap) -> Bool {
    switch container.format {
    case .png: return PNGRows(file.bytes, container).map(mayStart) ?? true
    case .webp: return container.first(named: "VP8L") != nil
    case .bmp, .jxl: return true
    case .jpeg, .gif, .tiff, .avif, .heic: return false
    }
  }

  /// Whether the first eight pixels of the left column begin with the letter s.
  private static func mayStart(_ rows: PNGRows) -> Bool {
    guard rows.channels == 3 || rows.channels == 4 else { return false }
    guard rows.height >= 8 else { return true }
    guard let column = rows.leftColumn(8) else { return false }
    let letter = UInt8(ascii: "s")
    let alpha = column.map { $0.last! & 1 }.reduce(UInt8(0)) { $0 << 1 | $1 }
    let colour = column.flatMap { $0.prefix(3) }.prefix(8).map { $0 & 1 }.reduce(UInt8(0)) { $0 << 1 | $1 }
    return rows.channels == 4 && alpha == letter || colour == letter
  }

  private struct BitReader {
    let pixels: [UInt8]
    let width: Int
    let height: Int
    let channels: Int
    let lanes: [Int]
    var position = 0

    init(pixels: [UInt8], image: Image, usesAlpha: Bool) {
      self.pixels = pixels
      width = image.width
      height = image.height
      channels = image.channels
      lanes = usesAlpha ? [3] : [0, 1, 2]
    }

    var remaining: Int { width * height * lanes.count - position }

    mutating func bytes(_ count: Int) -> [UInt8]? {
      guard count * 8 <= remaining else { return nil }
      var result: [UInt8] = []
      result.reserveCapacity(count)
      for _ in 0..<count {
        var byte: UInt8 = 0
        for _ in 0..<8 {
          let (pixel, lane) = position.quotientAndRemainder(dividingBy: lanes.count)
          let (x, y) = pixel.quotientAndRemainder(dividingBy: height)
          byte = byte << 1 | pixels[(y * width + x) * channels + lanes[lane]] & 1
          position += 1
        }
        result.append(byte)
      }
      return result
    }
  }
}

/// The first rows of an 8-bit, non-interlaced PNG, without decoding the rest.
struct PNGRows {
  let width: Int
  let height: Int
  let channels: Int
  private let data: [Range<Int>]
  private let bytes: [UInt8]

  /// Nil for other depths and interlaced files.
  init?(_ bytes: [UInt8], _ container: ContainerMap) {
    guard let header = container.segments(named: "IHDR").first?.payload, header.count >= 13 else {
      return nil
    }
    let fields = Array(bytes[header])
    func number(_ offset: Int) -> Int { fields[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
    guard fields[8] == 8, fields[12] == 0, let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][Int(fields[9])]
    else {
      return nil
    }
    width = number(0)
    height = number(4)
    self.channels = channels
    data = container.segments(named: "IDAT").map(\.payload)
    self.bytes = bytes
  }

  /// The leftmost pixel of each of the first `count` rows; nil if the data do not reach or are damaged.
  func leftColumn(_ count: Int) -> [[UInt8]]? {
    let (rowLength, overflow) = width.multipliedReportingOverflow(by: channels)
    guard !overflow, rowLength > 0, rowLength < 1 << 24 else { return nil }
    let needed = (rowLength + 1) * (count - 1) + 1 + channels
    // Deflate never grows data by more than a few bytes a block.
    let inputLimit = needed + needed / 500 + 1024
    var input: [UInt8] = []
    for range in data {
      guard input.count < inputLimit else { break }
      input += bytes[range].prefix(inputLimit - input.count)
    }
    let (content, _) = Inflate.inflate(input[...], limit: needed, keep: needed)
    guard content.count >= needed else { return nil }
    var column: [[UInt8]] = []
    var above = [UInt8](repeating: 0, count: channels)
    for row in 0..<count {
      let start = row * (rowLength + 1)
      let filter = content[start]
      var pixel = Array(content[(start + 1)..<(start + 1 + channels)])
      // There is nothing to the left: Sub predicts 0, Up and Paeth the pixel above, Average half of it.
      for lane in 0..<channels {
        switch filter {
        case 2, 4: pixel[lane] &+= above[lane]
        case 3: pixel[lane] &+= above[lane] / 2
        default: break
        }
      }
      column.append(pixel)
      above = pixel
    }
    return column
  }
}
