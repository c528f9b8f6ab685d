import CArchives
import ImageFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One archive under way: the library's handle, and what is counted of it.
@safe final class OpenArchive {
  /// Of the archive, as its members' names begin with it.
  let path: FilePath
  let kind: ArchiveKind
  /// Bytes of the archive itself.
  let size: Int
  let depth: Int
  /// Members so far, folders included.
  var members = 0
  /// Bytes of content that were read.
  var content = 0
  /// Hashes of the names so far: 8 bytes a member.
  var names: Set<Int> = []
  /// Whether the last thing that came was damage, which is told once a stretch.
  var isAmongDamage = false
  /// Times that the archive was opened anew behind a damaged member, and members that were passed anew for it.
  var reopenings = 0
  private var passedAgain = 0
  private static let mostPassedAgain = 10_000_000

  private var handle: OpaquePointer
  private let source: Source

  enum Source {
    case file
    case memory([UInt8])
  }

  /// What `next` found.
  enum Step {
    case member(name: [UInt8]?, size: Int?, kind: assay_member_kind, isEncrypted: Bool)
    case damage(String)
    case fatal(String)
    case end
  }

  /// - Throws: ``ImageFormatError`` `archive.open`.
  init(
    path: FilePath, source: Source, kind: ArchiveKind, size: Int, depth: Int
  ) throws(ImageFormatError) {
    (self.path, self.source, self.kind) = (path, source, kind)
    (self.size, self.depth) = (size, depth)
    unsafe handle = try Self.open(path, source)
  }

  deinit { unsafe assay_archive_close(handle) }

  private static func open(_ path: FilePath, _ source: Source) throws(ImageFormatError) -> OpaquePointer {
    var message = [CChar](repeating: 0, count: 256)
    let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: the name ends in zero; 256 characters are there for the message. An array that is held in `source` keeps
    // its storage while nobody writes to it, and nobody can: the handle is closed before the array is let go.
    let handle: OpaquePointer? =
      switch source {
      case .file: unsafe assay_archive_open_file(name, &message)
      case .memory(let bytes):
        unsafe bytes.withUnsafeBytes { unsafe assay_archive_open_memory($0.baseAddress, $0.count, &message) }
      }
    guard let handle = unsafe handle else {
      let words = String(
        decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw ImageFormatError(
        code: "archive.open", location: .init(file: path.display),
        message: "the archive cannot be opened: \(words)",
        remedy: words.contains("not installed")
          ? "install libarchive (Debian: libarchive13)"
          : "fetch it again, or unpack it and give the folder; tar (also compressed), zip and 7z are read")
    }
    return unsafe handle
  }

  private var message: String {
    // SAFETY: the text ends in zero and lives as long as the handle; it is copied.
    unsafe String(cString: assay_archive_message(handle))
  }

  func next() -> Step {
    var member = unsafe assay_member()
    // SAFETY: the handle is open; the name is valid until the next call and is copied.
    switch unsafe assay_archive_next(handle, &member) {
    case ASSAY_ARCHIVE_OK: break
    case ASSAY_ARCHIVE_END: return .end
    case ASSAY_ARCHIVE_DAMAGED: return .damage(message)
    default: return .fatal(message)
    }
    members += 1
    var name: [UInt8]?
    if let start = unsafe member.name {
      name = unsafe Array(UnsafeBufferPointer(start: start, count: strlen(start))).map {
        UInt8(bitPattern: $0)
      }
    }
    let size = unsafe member.size
    return .member(
      name: name, size: size < 0 ? nil : Int(clamping: size), kind: unsafe member.kind,
      isEncrypted: unsafe member.is_encrypted != 0)
  }

  /// Reads on in the member.
  ///
  /// - Returns: whether it goes on; a fault's words beside what came before it.
  func read(_ buffer: UnsafeMutableRawBufferPointer, into bytes: inout [UInt8]) -> (
    goesOn: Bool, fault: String?
  ) {
    var count = 0
    // SAFETY: at most the buffer's size is written, and only what was written is taken.
    let status = unsafe assay_archive_read(handle, buffer.baseAddress, buffer.count, &count)
    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    content += count
    return status == ASSAY_ARCHIVE_OK ? (count > 0, nil) : (false, message)
  }

  /// Bytes of content, those included that a compressed stream had to unpack in order to pass them over.
  var unpacked: Int {
    // SAFETY: the handle is open.
    Swift.max(content, Int(clamping: unsafe assay_archive_inflated(handle)))
  }

  /// Opens the archive again behind the members so far; false where that cannot be done.
  ///
  /// In a zip every member can be found without those before it, but the library ends at the first that is damaged.
  func reopen() -> Bool {
    passedAgain += members
    guard reopenings < 1000, passedAgain <= Self.mostPassedAgain,
      let again = unsafe try? Self.open(path, source)
    else { return false }
    reopenings += 1
    unsafe assay_archive_close(handle)
    unsafe handle = again
    let reached = members
    members = 0
    while members < reached {
      guard case .member = next() else { return false }
    }
    return true
  }
}
