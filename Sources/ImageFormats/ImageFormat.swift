/// The file formats that Assay reads.
public enum ImageFormat: String, Sendable, Hashable, Codable, CaseIterable {
  case png, jpeg, webp, gif, tiff, avif, heic, jxl, bmp

  /// The format that the first bytes name; nil when they name none of these.
  public init?(magic bytes: [UInt8]) {
    func starts(_ magic: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + magic.count && bytes[offset..<(offset + magic.count)].elementsEqual(magic)
    }
    func starts(_ magic: StaticString, at offset: Int = 0) -> Bool {
      starts(Array(magic.description.utf8), at: offset)
    }
    if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts("RIFF"), starts("WEBP", at: 8) {
      self = .webp
    } else if starts("GIF87a") || starts("GIF89a") {
      self = .gif
    } else if starts([0x49, 0x49, 0x2A, 0]) || starts([0x4D, 0x4D, 0, 0x2A])
      || starts([0x49, 0x49, 0x2B, 0]) || starts([0x4D, 0x4D, 0, 0x2B])
    {
      self = .tiff
    } else if starts([0, 0, 0, 12]) && starts("JXL ", at: 4) || starts([0xFF, 0x0A]) {
      self = .jxl
    } else if starts("BM"), BMPHeader.isHeaderSize(bytes.u32(14, .littleEndian)) {
      self = .bmp
    } else if starts("ftyp", at: 4), let format = Self.brand(bytes) {
      self = format
    } else {
      return nil
    }
  }

  /// AVIF or HEIC by the brands of the `ftyp` box: the major one decides, then the compatible ones.
  private static func brand(_ bytes: [UInt8]) -> ImageFormat? {
    guard bytes.count >= 16 else { return nil }
    let length = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
    var offset = 8
    var isGeneric = false
    while offset + 4 <= min(length, bytes.count, 256) {
      // The minor version lies between the major brand and the compatible ones.
      if offset != 12 {
        switch String(decoding: bytes[offset..<(offset + 4)], as: UTF8.self) {
        case "avif", "avis": return .avif
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs": return .heic
        // H.264, JPEG, JPEG 2000, VVC and uncompressed pictures come in the same boxes.
        case "mif1", "mif2", "msf1", "miaf", "avci", "avcs", "jpeg", "jpgs", "j2ki", "j2is", "vvic", "vvis",
          "evbi", "evmi", "unif":
          isGeneric = true
        default: break
        }
      }
      offset += 4
    }
    // Generic HEIF: the codec stands in the items; HEVC is the usual one.
    return isGeneric ? .heic : nil
  }

  /// The extensions that name this format, lower case, the usual one first.
  public var fileExtensions: [String] {
    switch self {
    case .png: ["png", "apng"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif", "mpo"]
    case .webp: ["webp"]
    case .gif: ["gif"]
    case .tiff: ["tif", "tiff", "dng"]
    case .avif: ["avif"]
    case .heic: ["heic", "heif", "hif"]
    case .jxl: ["jxl"]
    case .bmp: ["bmp", "dib"]
    }
  }
}
