public import Archives
public import ImageFormats

/// The pictures under some paths, those in archives included, in the order of ``FileWalk``; members in the order of their
/// archive.
///
/// What is named is opened where its first bytes are an archive's; in folders, what has an archive's name as well. Members
/// are read when they are asked for, one after the other.
public struct PictureWalk: IteratorProtocol, Sequence {
  private var files: FileWalk
  private var archive: ArchiveReader?
  private let limits: ReadLimits
  private let archiveLimits: ArchiveLimits
  private var skippedMembers = 0
  private var passedLinks = 0
  /// A picture that was handed over, before everything else.
  private var first: FoundFile?
  /// The archive under way, and whether it gave anything.
  private var current: (path: FilePath, gaveAny: Bool)?
  /// Archives that were read to the end and hold no picture.
  public private(set) var bareArchives: [BareArchive] = []

  /// An archive without pictures.
  public struct BareArchive: Sendable, Hashable {
    public let path: FilePath
    /// Files in it that are no pictures.
    public let others: Int
  }
  /// Archives so far.
  public private(set) var archives = 0

  public init(
    _ paths: [FilePath], limits: ReadLimits = .standard, archiveLimits: ArchiveLimits = .standard
  ) {
    files = FileWalk(paths, givesArchives: true)
    self.limits = limits
    self.archiveLimits = archiveLimits
  }

  /// A picture in memory, then those under some paths.
  ///
  /// - Parameter name: what it is called in results.
  public init(picture: ImageFile, name: FilePath, then paths: [FilePath], limits: ReadLimits = .standard) {
    self.init(paths, limits: limits)
    first = FoundFile(path: name, member: picture, fault: nil)
  }

  /// The pictures of an archive in memory, then those under some paths.
  ///
  /// - Parameter name: what names of the archive's members begin with.
  public init(archive: [UInt8], name: FilePath, then paths: [FilePath], limits: ReadLimits = .standard) {
    self.init(paths, limits: limits)
    self.archive = ArchiveReader(bytes: archive, name: name, fileLimits: limits)
    current = (name, false)
    archives = 1
  }

  /// Whether a file that begins so is an archive that is read.
  public static func opensArchive(_ head: [UInt8]) -> Bool { ArchiveKind(head: head) != nil }

  /// Files in folders, and members of archives, that are no images.
  public var skipped: Int { files.skipped + skippedMembers + (archive?.skipped ?? 0) }

  /// Links in archives that have an image's name, and are passed over.
  public var links: Int { passedLinks + (archive?.links ?? 0) }

  public mutating func next() -> FoundFile? {
    if let given = first {
      first = nil
      return given
    }
    while true {
      if let archive {
        if let member = archive.next() {
          current?.gaveAny = true
          return FoundFile(
            path: member.path, member: member.file, fault: member.fault, warnings: member.warnings)
        }
        if let current, !current.gaveAny {
          bareArchives.append(BareArchive(path: current.path, others: archive.skipped))
        }
        skippedMembers += archive.skipped
        passedLinks += archive.links
        self.archive = nil
      }
      guard let path = files.next() else { return nil }
      guard Self.isArchive(path) else { return FoundFile(path) }
      archives += 1
      current = (path, false)
      archive = ArchiveReader(path: path, limits: archiveLimits, fileLimits: limits)
    }
  }

  /// How many pictures there are, without reading them; 0 where an archive is among them, as only reading it would tell,
  /// and where the task is cancelled.
  public static func count(_ paths: [FilePath]) -> Int {
    var count = 0
    for path in FileWalk(paths, givesArchives: true) {
      if Task.isCancelled || isArchive(path) { return 0 }
      count += 1
    }
    return count
  }

  /// What has a picture's name is a picture, or a fault that is told as one.
  package static func isArchive(_ path: FilePath) -> Bool {
    if let ending = path.fileExtension, FileWalk.extensions.contains(ending) { return false }
    return ArchiveReader.kind(of: path) != nil
  }
}
