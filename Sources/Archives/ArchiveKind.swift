public import ImageFormats

/// Kinds of archives that are read.
public enum ArchiveKind: Sendable, Hashable, CaseIterable {
  case tar, zip, sevenZip
  /// A compressed stream, in which a tar is expected.
  case compressed

  /// How many of a file's first bytes tell: a tar's sign stands at byte 257.
  public static let headLength = 512

  /// By the first bytes.
  ///
  /// - Parameter head: as many of ``headLength`` as there are.
  public init?(head: some Collection<UInt8>) {
    let head = Array(head.prefix(Self.headLength))
    if head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6]) {
      self = .zip
    } else if head.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) {
      self = .sevenZip
    } else if head.starts(with: [0x1F, 0x8B, 8]) || head.starts(with: Array("BZh".utf8))
      || head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) || head.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
      || head.starts(with: [4, 0x22, 0x4D, 0x18])
    {
      self = .compressed
    } else if Self.isTar(head) {
      self = .tar
    } else {
      return nil
    }
  }

  /// The sign of POSIX and GNU, or the checksum of what came before both.
  private static func isTar(_ head: [UInt8]) -> Bool {
    guard head.count == headLength else { return false }
    if head[257..<262].elementsEqual("ustar".utf8) { return true }
    let digits = head[148..<156].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard !digits.isEmpty, head[0] != 0, let stated = Int(String(decoding: digits, as: UTF8.self), radix: 8)
    else { return false }
    let sum = head.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(head[$1])) }
    return sum == stated
  }

  /// Whether a name is an archive's: what a folder is searched for, and what is opened within another archive.
  ///
  /// Documents of office programs are zip files too; they are opened where they are named, and not where they lie about.
  public static func isNamed(_ path: FilePath) -> Bool {
    guard let ending = path.fileExtension else { return false }
    if ["tar", "zip", "7z", "tgz", "tbz2", "txz", "tzst"].contains(ending) { return true }
    guard ["gz", "bz2", "xz", "zst", "lz4", "lzma"].contains(ending) else { return false }
    return FilePath(bytes: Array(path.bytes.dropLast(ending.utf8.count + 1))).fileExtension == "tar"
  }
}
