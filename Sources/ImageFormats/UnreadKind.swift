import Foundation

/// Kinds of pictures that Assay knows by sight and does not read.
///
/// Naming them keeps a folder's report whole: a picture that was left out is told from a file that is none.
public enum UnreadKind: String, Sendable, Hashable, Codable, CaseIterable {
  case jpeg2000, jpegXR, miniHEIF, psd, tga, ico, svg, raw, pnm, openEXR, radiance, dds, qoi, xcf, pcx, flif,
    bpg,
    dicom, fits, djvu, farbfeld, wmf

  /// As people call it.
  public var name: String {
    switch self {
    case .jpeg2000: "JPEG 2000"
    case .jpegXR: "JPEG XR"
    case .miniHEIF: "HEIF in its low-overhead form"
    case .psd: "Photoshop document"
    case .tga: "TGA"
    case .ico: "icon"
    case .svg: "SVG"
    case .raw: "camera raw"
    case .pnm: "PNM"
    case .openEXR: "OpenEXR"
    case .radiance: "Radiance HDR"
    case .dds: "DDS"
    case .qoi: "QOI"
    case .xcf: "GIMP"
    case .pcx: "PCX"
    case .flif: "FLIF"
    case .bpg: "BPG"
    case .dicom: "DICOM"
    case .fits: "FITS"
    case .djvu: "DjVu"
    case .farbfeld: "farbfeld"
    case .wmf: "Windows metafile"
    }
  }

  /// How many of a file's first bytes are looked at.
  public static let headLength = 1024

  /// By the first bytes; TGA, which has none of its own, by its name and a header that fits.
  ///
  /// - Parameter head: as many of ``headLength`` bytes as the file has.
  public init?(head: some Collection<UInt8>, fileExtension: String?) {
    let head = Array(head.prefix(Self.headLength))
    func starts(_ text: StaticString, at offset: Int = 0) -> Bool { head.matches(text, at: offset) }
    func starts(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }

    if starts("jP  ", at: 4) || starts([0xFF, 0x4F, 0xFF, 0x51]) {
      self = .jpeg2000
    } else if starts([0x49, 0x49, 0xBC]) {
      self = .jpegXR
    } else if starts("ftypmif3", at: 4) {
      self = .miniHEIF
    } else if starts("8BPS") {
      self = .psd
    } else if Self.isRaw(head) {
      self = .raw
    } else if Self.isIcon(head) {
      self = .ico
    } else if head.first == 0x50, let kind = head.dropFirst().first, (0x31...0x37).contains(kind),
      head.count > 2,
      [0x20, 0x09, 0x0A, 0x0D, 0x23].contains(head[2])
    {
      self = .pnm
    } else if starts([0x76, 0x2F, 0x31, 0x01]) {
      self = .openEXR
    } else if starts("#?RADIANCE") || starts("#?RGBE") {
      self = .radiance
    } else if starts("DDS ") {
      self = .dds
    } else if starts("qoif") {
      self = .qoi
    } else if starts("gimp xcf") {
      self = .xcf
    } else if starts([0x0A]), head.count > 4, [0, 2, 3, 4, 5].contains(head[1]), head[2] == 1,
      [1, 2, 4, 8].contains(head[3]), fileExtension == "pcx"
    {
      self = .pcx
    } else if starts("FLIF") {
      self = .flif
    } else if starts([0x42, 0x50, 0x47, 0xFB]) {
      self = .bpg
    } else if starts("DICM", at: 128) {
      self = .dicom
    } else if starts("SIMPLE  =") {
      self = .fits
    } else if starts("AT&TFORM") {
      self = .djvu
    } else if starts("farbfeld") {
      self = .farbfeld
    } else if starts([0xD7, 0xCD, 0xC6, 0x9A]) || starts(" EMF", at: 40) {
      self = .wmf
    } else if Self.isSVG(head, fileExtension) {
      self = .svg
    } else if ["tga", "icb", "vda", "vst"].contains(fileExtension), Self.isTarga(head) {
      self = .tga
    } else {
      return nil
    }
  }

  /// Raw files with a signature of their own; those that are TIFF through and through are read as TIFF.
  private static func isRaw(_ head: [UInt8]) -> Bool {
    head.matches("ftypcrx ", at: 4) || head.matches("FUJIFILMCCD-RAW", at: 0) || head.matches("FOVb", at: 0)
      || head.matches("\0MRM", at: 0) || head.matches("HEAPCCDR", at: 6) || head.matches("IIRO", at: 0)
      || head.matches("IIRS", at: 0) || head.matches("MMOR", at: 0) || head.matches("IIU\0", at: 0)
      || head.matches("ARRI", at: 0) && head.count > 8 && head[4] == 0x12
  }

  /// An icon or cursor: a count, then entries of sixteen bytes whose fourth is zero.
  private static func isIcon(_ head: [UInt8]) -> Bool {
    guard head.u16(0) == 0, let kind = head.u16(2, .littleEndian), kind == 1 || kind == 2,
      let count = head.u16(4, .littleEndian), (1...256).contains(count), head.count >= 22, head[9] == 0,
      let size = head.u32(14, .littleEndian), let offset = head.u32(18, .littleEndian)
    else { return false }
    return size > 0 && offset >= 6 + 16 * count
  }

  /// An `svg` element among the first ones, in XML or compressed under its name.
  private static func isSVG(_ head: [UInt8], _ fileExtension: String?) -> Bool {
    if fileExtension == "svgz", head.starts(with: [0x1F, 0x8B]) { return true }
    guard let first = head.first(where: { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }),
      first == UInt8(ascii: "<")
    else { return false }
    let text = String(decoding: head, as: UTF8.self).lowercased()
    guard let place = text.range(of: "<svg") else { return fileExtension == "svg" }
    // A page of HTML may hold a drawing and is none.
    return !text[..<place.lowerBound].contains("<html") && !text[..<place.lowerBound].contains("<body")
  }

  /// Source: Truevision TGA File Format Specification 2.0.
  private static func isTarga(_ head: [UInt8]) -> Bool {
    guard head.count >= 18, head[1] <= 1, [1, 2, 3, 9, 10, 11, 32, 33].contains(head[2]),
      let width = head.u16(12, .littleEndian), let height = head.u16(14, .littleEndian)
    else { return false }
    return width > 0 && height > 0 && [8, 15, 16, 24, 32].contains(head[16])
  }
}
