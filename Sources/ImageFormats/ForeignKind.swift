/// Kinds of files that are no pictures and are often taken for one, with the way to the picture in them.
public enum ForeignKind: Sendable, Hashable, CaseIterable {
  case pdf, video, audio, webPage, archive, text

  /// As people call it.
  public var name: String {
    switch self {
    case .pdf: "a PDF document"
    case .video: "a video"
    case .audio: "a sound file"
    case .webPage: "a saved web page"
    case .archive: "an archive (ZIP, tar or the like)"
    case .text: "a text"
    }
  }

  /// What to do to get at a picture.
  public var advice: String {
    switch self {
    case .pdf: "take the pictures out of it, for example with 'pdfimages -all FILE picture'"
    case .video: "take a frame out of it, for example with 'ffmpeg -i FILE -frames:v 1 frame.png'"
    case .audio: "give a picture"
    case .webPage: "open the picture alone in the browser, and save it"
    case .archive: "unpack it, and give the pictures in it"
    case .text: "give a picture"
    }
  }

  /// Whether such files can carry signed Content Credentials of their own.
  public var mayBeSigned: Bool {
    switch self {
    case .pdf, .video, .audio: true
    case .webPage, .archive, .text: false
    }
  }

  /// By the first bytes; nil for pictures, and for what begins as none of these.
  ///
  /// - Parameter bytes: the file, or its first ``UnreadKind/headLength`` bytes.
  public init?(_ bytes: [UInt8]) {
    let head = Array(bytes.prefix(UnreadKind.headLength))
    func starts(_ text: StaticString, at offset: Int = 0) -> Bool { head.matches(text, at: offset) }
    guard !head.isEmpty, ImageFormat(magic: head) == nil, UnreadKind(head: head, fileExtension: nil) == nil
    else { return nil }
    let trimmed = head.drop { [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
    let beginning = String(decoding: trimmed.prefix(64), as: UTF8.self).lowercased()
    if starts("%PDF-") {
      self = .pdf
    } else if starts("ftypM4A ", at: 4) || starts("ID3") || starts("fLaC") || starts("OggS")
      || starts("RIFF") && starts("WAVE", at: 8)
    {
      self = .audio
    } else if ["ftyp", "moov", "mdat", "wide"].contains(where: { head.dropFirst(4).starts(with: $0.utf8) })
      || head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) || starts("RIFF") && starts("AVI ", at: 8)
      || starts("FLV") || head.starts(with: [0, 0, 1, 0xBA])
    {
      self = .video
    } else if Self.archives.contains(where: { head.starts(with: $0) }) || starts("Rar!") || starts("BZh")
      || starts("ustar", at: 257)
    {
      self = .archive
    } else if beginning.hasPrefix("<!doctype html") || beginning.hasPrefix("<html") {
      self = .webPage
    } else if Self.isText(head) {
      self = .text
    } else {
      return nil
    }
  }

  /// How archives and compressed streams begin: zip (also one that is empty), 7z, gzip, xz, Zstandard, LZ4.
  private static let archives: [[UInt8]] = [
    [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6], [0x37, 0x7A, 0xBC, 0xAF], [0x1F, 0x8B],
    [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], [0x28, 0xB5, 0x2F, 0xFD], [4, 0x22, 0x4D, 0x18],
  ]

  /// Whether the bytes are UTF-8 without anything that steers; a character that the end cuts is no fault.
  private static func isText(_ head: [UInt8]) -> Bool {
    guard head.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0C, 0x0D].contains($0) }) else { return false }
    return (0..<4).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
  }
}
