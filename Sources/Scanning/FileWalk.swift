import Archives
public import ImageFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files under some paths: each path as it comes, the content of folders in the order of their names' bytes.
///
/// A file that is named is given whatever it is. In folders, files count that have an image's extension or an
/// image's first bytes, also those of kinds that Assay does not read; links to files are followed, links to folders are not, so no loop can trap the walk.
/// A file that several of the paths lead to is given once.
/// Memory: one listing a level, and the names given so far where there are several paths.
public struct FileWalk: IteratorProtocol, Sequence {
  private var roots: [FilePath]
  private var nextRoot = 0
  /// Listings that are under way, the innermost last; reversed, so that the next entry is the last.
  private var stack: [[FilePath]] = []
  /// Files in folders that are no images.
  public private(set) var skipped = 0
  /// The names given so far, without empty parts and `.`.
  private var given: Set<[[UInt8]]> = []
  private let givesArchives: Bool

  /// - Parameter givesArchives: whether files in folders that have an archive's name are given too.
  public init(_ paths: [FilePath], givesArchives: Bool = false) {
    roots = paths
    self.givesArchives = givesArchives
  }

  public mutating func next() -> FilePath? {
    while let path = nextFound() {
      guard roots.count > 1 else { return path }
      let parts = path.bytes.split(separator: 0x2F, omittingEmptySubsequences: true).map([UInt8].init)
      let start: [[UInt8]] = path.bytes.first == 0x2F ? [[]] : []
      if given.insert(start + parts.filter { $0 != [0x2E] }).inserted { return path }
    }
    return nil
  }

  private mutating func nextFound() -> FilePath? {
    while true {
      if let path = stack.last?.last {
        stack[stack.count - 1].removeLast()
        switch Self.kind(of: path, followingLinks: false) {
        case .folder:
          if !enter(path) { return path }
        case .link:
          // A link that leads nowhere, or round in a circle, is reported when it is opened.
          if Self.kind(of: path, followingLinks: true) != .folder, isImage(path) { return path }
        case .file, .other, nil: if isImage(path) { return path }
        }
      } else if !stack.isEmpty {
        stack.removeLast()
      } else if nextRoot < roots.count {
        let path = roots[nextRoot]
        nextRoot += 1
        guard Self.kind(of: path, followingLinks: true) == .folder, enter(path) else { return path }
      } else {
        return nil
      }
    }
  }

  /// Lists a folder; false if it cannot be listed, and is then given as a file so that opening it tells why.
  private mutating func enter(_ folder: FilePath) -> Bool {
    guard let names = Self.names(in: folder) else { return false }
    let sorted = names.sorted { $1.lexicographicallyPrecedes($0) }
    stack.append(sorted.map { folder.appending(FilePath(bytes: $0)) })
    return true
  }

  private mutating func isImage(_ path: FilePath) -> Bool {
    if Self.counts(path, givesArchives: givesArchives) { return true }
    skipped += 1
    return false
  }

  /// Whether a file in a folder counts.
  package static func counts(_ path: FilePath, givesArchives: Bool) -> Bool {
    // What macOS lays beside a file on other disks has the file's ending.
    if path.lastComponent.bytes.starts(with: Array("._".utf8)),
      fileHead(path, UnreadKind.headLength)?.bytes.starts(with: ArchiveReader.appleDouble) == true
    {
      return false
    }
    if let ending = path.fileExtension, Self.extensions.contains(ending) { return true }
    if givesArchives, ArchiveKind.isNamed(path), ArchiveReader.kind(of: path) != nil { return true }
    let head = fileHead(path, UnreadKind.headLength)?.bytes ?? []
    // A picture of a kind that is not read is given too, so that a report can name it.
    return ImageFormat(magic: head) != nil || UnreadKind(head: head, fileExtension: path.fileExtension) != nil
  }

  /// The folders in a folder, links left out.
  package static func folders(in folder: FilePath) -> [FilePath] {
    (names(in: folder) ?? []).map { folder.appending(FilePath(bytes: $0)) }.filter {
      kind(of: $0, followingLinks: false) == .folder
    }
  }

  static let extensions = Set(ImageFormat.allCases.flatMap(\.fileExtensions))
}

/// What the system says of paths.
extension FileWalk {
  private enum Kind { case file, folder, link, other }

  private static func cString(_ path: FilePath) -> [CChar] { path.bytes.map { CChar(bitPattern: $0) } + [0] }

  /// Nil if there is nothing of that name.
  private static func kind(of path: FilePath, followingLinks: Bool) -> Kind? {
    var status = stat()
    // SAFETY: the name ends in zero, and both outlive the call.
    let code = unsafe followingLinks ? stat(cString(path), &status) : lstat(cString(path), &status)
    guard code == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    default: return .other
    }
  }

  /// The names in a folder but for itself and its parent; nil if it cannot be listed.
  private static func names(in folder: FilePath) -> [[UInt8]]? {
    // SAFETY: the name ends in zero and outlives the call; the stream is closed below.
    guard let stream = unsafe opendir(cString(folder)) else { return nil }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    // SAFETY: an entry is valid until the next call on this stream; its name ends in zero and is copied.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: UInt8.self, capacity: 1) { start in
          unsafe Array(
            UnsafeBufferPointer(start: start, count: strlen(UnsafePointer<CChar>(OpaquePointer(start)))))
        }
      }
      if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
    }
    return names
  }
}
