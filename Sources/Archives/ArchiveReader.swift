import CArchives
import Diagnostics
public import ImageFormats

/// The pictures of one archive, one after the other, as the archive has them.
///
/// Nothing is unpacked to the disk. Memory: the members of one sample, which are told by their key (the name up to its
/// first dot, as WebDataset has it), so that what lies beside a picture is there when it is looked at; 8 bytes a member
/// for its name; and each archive within the archive whole, up to ``ArchiveLimits/maxNestedBytes``.
///
/// In a folder the same files count: those with an image's extension or first bytes.
@safe public final class ArchiveReader: IteratorProtocol {
  private let limits: ArchiveLimits
  private let fileLimits: ReadLimits
  /// Archives under way, the innermost last.
  private var open: [OpenArchive] = []
  /// Members that wait to be given.
  private var ready: [ArchiveMember] = []
  /// The sample under way.
  private var sample: [Held] = []
  private var key: [UInt8]?
  private var heldBytes = 0
  /// Bytes of content of all archives so far.
  private var total = 0
  private var start: FilePath?
  /// The archive's bytes, where it is no file.
  private var startBytes: [UInt8]?
  /// Members that are no images.
  public private(set) var skipped = 0
  /// Of those, links with an image's name: what one leads to is a member of its own, or outside of the archive.
  public private(set) var links = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)

  /// A member of a sample: a picture, or what may lie beside one.
  private struct Held {
    var path: FilePath
    var bytes: [UInt8]
    var isPicture: Bool
    var fault: ImageFormatError?
    var warnings: [String]
  }

  /// Samples are a picture and what belongs to it; names that share their beginning for other reasons are not held longer.
  private static let sampleMembers = 16
  private static let sampleBytes = 64 << 20

  /// - Parameters:
  ///   - path: of the archive.
  ///   - limits: what it may cost.
  ///   - fileLimits: what one picture may cost.
  public init(
    path: FilePath, limits: ArchiveLimits = .standard, fileLimits: ReadLimits = .standard
  ) {
    self.limits = limits
    self.fileLimits = fileLimits
    start = path
  }

  /// - Parameters:
  ///   - bytes: a whole archive.
  ///   - name: what its members' names begin with.
  public init(
    bytes: [UInt8], name: FilePath, limits: ArchiveLimits = .standard, fileLimits: ReadLimits = .standard
  ) {
    self.limits = limits
    self.fileLimits = fileLimits
    (start, startBytes) = (name, bytes)
  }

  deinit { unsafe buffer.deallocate() }

  /// The kind of a file; nil where it is no archive, or cannot be read.
  public static func kind(of path: FilePath) -> ArchiveKind? {
    fileHead(path, ArchiveKind.headLength).flatMap { kind(of: path, head: $0.bytes) }
  }

  private static func kind(of path: FilePath, head: [UInt8]) -> ArchiveKind? {
    if let kind = ArchiveKind(head: head) { return kind }
    // A tar without members is nothing but zeros: its name alone tells it from a picture that was wiped out.
    let isEmptyTar =
      path.fileExtension == "tar" && head.count == ArchiveKind.headLength && head.allSatisfy { $0 == 0 }
    return isEmptyTar ? .tar : nil
  }

  public func next() -> ArchiveMember? {
    if let path = start, let bytes = startBytes {
      (start, startBytes) = (nil, nil)
      enter(path, .memory(bytes), Array(bytes.prefix(ArchiveKind.headLength)), size: bytes.count)
    } else if let path = start {
      start = nil
      let head = fileHead(path, ArchiveKind.headLength)
      enter(path, .file, head?.bytes ?? [], size: head?.size ?? 0)
    }
    while true {
      if !ready.isEmpty { return ready.removeFirst() }
      guard let archive = open.last else { return nil }
      step(archive)
    }
  }

  private func enter(_ path: FilePath, _ source: OpenArchive.Source, _ head: [UInt8], size: Int) {
    do throws(ImageFormatError) {
      open.append(
        try OpenArchive(
          path: path, source: source,
          kind: Self.kind(of: path, head: head) ?? .compressed, size: size,
          depth: open.count + 1))
    } catch {
      ready.append(ArchiveMember(path: path, fault: error))
    }
  }

  /// Takes one step in the innermost archive.
  private func step(_ archive: OpenArchive) {
    passOver(archive)
    if let excess = excess(of: archive) {
      leave(archive, excess)
      return
    }
    switch archive.next() {
    case .end:
      giveSample()
      open.removeLast()
    case .fatal(let words):
      leave(
        archive,
        fault(
          "archive.damaged", archive.path,
          "the archive ends early or is damaged behind its first \(archive.members) members: \(words)",
          "fetch it again; what could be read before is reported"))
    case .damage(let words):
      if !archive.isAmongDamage {
        giveSample()
        ready.append(
          ArchiveMember(
            path: archive.path,
            fault: fault(
              "archive.damaged", archive.path,
              "a part of the archive behind its first \(archive.members) members is damaged: \(words)",
              "fetch it again; the members behind the damage are reported")))
      }
      archive.isAmongDamage = true
    case .member(let name, let size, let kind, let isEncrypted):
      guard archive.members <= limits.maxMembers else {
        let fault = fault(
          "archive.count", archive.path, "the archive has more than \(limits.maxMembers) members",
          Self.trustedRemedy)
        return leave(archive, fault)
      }
      archive.isAmongDamage = false
      take(name, size, kind, isEncrypted, archive)
    }
  }

  /// Ends the innermost archive with a word why.
  private func leave(_ archive: OpenArchive, _ reason: ImageFormatError) {
    giveSample()
    ready.append(ArchiveMember(path: archive.path, fault: reason))
    open.removeLast()
  }

  /// The first bytes of an AppleDouble file (RFC 1740): a file's resources, which zips made on macOS hold beside it.
  public static let appleDouble: [UInt8] = [0x00, 0x05, 0x16, 0x07]

  private static let trustedRemedy = "if it can be trusted, unpack it and give the folder"

  private func excess(of archive: OpenArchive) -> ImageFormatError? {
    let unpacked = archive.unpacked
    if unpacked > limits.ratioStart, unpacked / max(1, archive.size) >= limits.maxRatio {
      return fault(
        "archive.ratio", archive.path,
        "the archive unpacks to more than \(limits.maxRatio) times its size, as those do that are made to fill disks",
        Self.trustedRemedy)
    }
    if total > limits.maxTotal {
      return fault(
        "archive.total", archive.path, "the archive holds more than \(limits.maxTotal) bytes",
        Self.trustedRemedy)
    }
    return nil
  }

  /// Unpacks what is left of a member in a stream, piece by piece, until the archive has given more than it may: the library
  /// would unpack it whole on the way to the next.
  private func passOver(_ archive: OpenArchive) {
    guard archive.kind == .compressed, archive.members > 0 else { return }
    var rest: [UInt8] = []
    while excess(of: archive) == nil, unsafe archive.read(buffer, into: &rest).goesOn { rest = [] }
  }

  private func take(
    _ name: [UInt8]?, _ size: Int?, _ kind: assay_member_kind, _ isEncrypted: Bool, _ archive: OpenArchive
  ) {
    guard kind == ASSAY_MEMBER_FILE else {
      // A link's target is a member of its own, or outside; folders hold nothing.
      if kind != ASSAY_MEMBER_FOLDER { skipped += 1 }
      if kind == ASSAY_MEMBER_LINK, let ending = FilePath(bytes: name ?? []).fileExtension,
        Self.imageExtensions.contains(ending)
      {
        links += 1
      }
      return
    }
    let (name, warnings) = Self.cleaned(name ?? Array("member \(archive.members)".utf8), archive)
    let path = FilePath(bytes: archive.path.bytes + Array("!/".utf8) + name)
    let isNamed = path.fileExtension.map(Self.imageExtensions.contains) ?? false
    let isArchive = ArchiveKind.isNamed(path)
    guard !isEncrypted else {
      guard isNamed || isArchive else {
        skipped += 1
        return
      }
      give(
        path,
        fault("archive.encrypted", path, "the member is encrypted", "unpack the archive with its password"))
      return
    }
    if let size, size > fileLimits.maxFileBytes, isNamed || isArchive {
      give(
        path,
        fault(
          "file.size", path, "the member has \(size) bytes, the limit is \(fileLimits.maxFileBytes)",
          "raise the limit, or cut the file"))
      return
    }
    if isArchive, archive.depth >= limits.maxDepth {
      give(
        path,
        fault(
          "archive.depth", path, "archives are opened \(limits.maxDepth) deep, and this one lies deeper",
          "unpack the outer archive, and give the inner one"))
      return
    }
    let isCompanion = path.fileExtension == "c2pa"
    let content = read(
      size, archive, limit: isArchive ? limits.maxNestedBytes : fileLimits.maxFileBytes
    ) { head in
      guard !head.starts(with: Self.appleDouble) else { return false }
      return isNamed || isArchive || isCompanion || ImageFormat(magic: head) != nil
        || UnreadKind(head: head, fileExtension: path.fileExtension) != nil
    }
    guard let content else {
      skipped += 1
      return
    }
    // The archive has given more than it may: the next step leaves it, and says why.
    if content.isCut, excess(of: archive) != nil { return }
    if isArchive {
      giveSample()
      if let words = content.fault {
        give(path, Self.damaged(path, words, content.bytes.count))
      } else if content.isCut {
        give(
          path,
          fault(
            "archive.nested", path,
            "an archive within another is held in memory, and this one has more than \(limits.maxNestedBytes) bytes",
            "unpack the outer archive, and give the inner one"))
      } else {
        enter(
          path, .memory(content.bytes), Array(content.bytes.prefix(ArchiveKind.headLength)),
          size: content.bytes.count)
      }
    } else if content.isCut {
      give(
        path,
        fault(
          "file.size", path, "the member has more than \(fileLimits.maxFileBytes) bytes",
          "raise the limit, or cut the file"))
    } else {
      hold(
        Held(
          path: path, bytes: content.bytes, isPicture: !isCompanion,
          fault: content.fault.map { Self.damaged(path, $0, content.bytes.count) }, warnings: warnings))
    }
    if content.fault != nil, !recover(archive) {
      leave(
        archive,
        fault(
          "archive.damaged", archive.path,
          "the archive cannot be read on behind the damaged member \(FilePath(bytes: name).display)",
          "fetch it again; what could be read before is reported"))
    }
  }

  /// Whether the archive goes on behind a member that is damaged: a zip is opened again there.
  private func recover(_ archive: OpenArchive) -> Bool {
    switch archive.kind {
    case .zip: archive.reopen()
    // The rest of a damaged stream is gone; what the library still gives of a plain tar is asked for.
    case .tar: true
    case .sevenZip, .compressed: false
    }
  }

  private struct Content {
    var bytes: [UInt8]
    var fault: String?
    /// Whether there is more than the limit.
    var isCut = false
  }

  /// The content of the member, or nil where its first bytes are not wanted.
  private func read(
    _ size: Int?, _ archive: OpenArchive, limit: Int, isWanted: ([UInt8]) -> Bool
  ) -> Content? {
    var content = Content(bytes: [])
    // What a header claims is believed up to some megabytes.
    content.bytes.reserveCapacity(min(size ?? 0, limit, 16 << 20))
    var isDecided = false
    while true {
      let before = content.bytes.count
      let (goesOn, words) = unsafe archive.read(buffer, into: &content.bytes)
      total += content.bytes.count - before
      if !isDecided, !goesOn || content.bytes.count >= UnreadKind.headLength {
        guard isWanted(Array(content.bytes.prefix(UnreadKind.headLength))) else { return nil }
        isDecided = true
      }
      content.fault = words
      guard goesOn else { return content }
      // The next step says why the archive is left.
      if content.bytes.count > limit || excess(of: archive) != nil {
        content.isCut = true
        content.bytes = []
        return content
      }
    }
  }

  private func hold(_ held: Held) {
    let name = held.path.lastComponent.bytes
    let stem = name.firstIndex(of: UInt8(ascii: ".")).map { name[..<$0] } ?? name[...]
    let key = Array(held.path.bytes.dropLast(name.count)) + stem
    if key != self.key || sample.count >= Self.sampleMembers
      || heldBytes + held.bytes.count > Self.sampleBytes
    {
      giveSample()
      self.key = key
    }
    sample.append(held)
    heldBytes += held.bytes.count
  }

  /// Gives the pictures of the sample, each with all of it beside.
  private func giveSample() {
    guard !sample.isEmpty else { return }
    let pictures = sample.filter(\.isPicture)
    for store in sample where !store.isPicture {
      let stem = store.path.bytes.dropLast("c2pa".utf8.count)
      if pictures.contains(where: { $0.path.bytes.starts(with: stem) }) { continue }
      // Its picture came before or comes later, and was or will be read without it.
      ready.append(
        ArchiveMember(
          path: store.path,
          fault: fault(
            "archive.sidecar", store.path,
            "the store of Content Credentials does not follow or precede its picture in the archive, and was not read with it",
            "unpack the archive and give the folder, or sort its members by name")))
    }
    let beside = Dictionary(sample.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    for picture in pictures {
      ready.append(
        ArchiveMember(
          path: picture.path,
          file: ImageFile(
            bytes: picture.bytes, path: picture.path, companions: beside, limits: fileLimits),
          fault: picture.fault, warnings: picture.warnings))
    }
    sample = []
    heldBytes = 0
    key = nil
  }

  /// Gives a member that cannot be looked at, behind the sample before it.
  private func give(_ path: FilePath, _ fault: ImageFormatError) {
    giveSample()
    ready.append(ArchiveMember(path: path, fault: fault))
  }

  /// The name without empty parts and `.`, and what is odd about it.
  private static func cleaned(_ name: [UInt8], _ archive: OpenArchive) -> (name: [UInt8], warnings: [String])
  {
    var warnings: [String] = []
    let parts = name.split(separator: UInt8(ascii: "/"))
    if name.first == UInt8(ascii: "/") {
      warnings.append("the archive gives this member a place of its own on the disk (an absolute name)")
    }
    if parts.contains(where: { $0.elementsEqual("..".utf8) }) {
      warnings.append("the archive places this member outside of itself (a name with ..)")
    }
    let plain = Array(parts.filter { !$0.elementsEqual(".".utf8) }.joined(separator: [UInt8(ascii: "/")]))
    if !archive.names.insert(plain.hashValue).inserted {
      warnings.append("the archive holds an earlier member of the same name; unpacking keeps the later one")
    }
    return (plain, warnings)
  }

  private static func damaged(_ path: FilePath, _ words: String, _ count: Int) -> ImageFormatError {
    ImageFormatError(
      code: "archive.member", location: .init(file: path.display),
      message: "the member is damaged in the archive; \(count) bytes of it could be read: \(words)",
      remedy: "fetch the archive again")
  }

  private func fault(
    _ code: String, _ path: FilePath, _ message: String, _ remedy: String
  ) -> ImageFormatError {
    ImageFormatError(code: code, location: .init(file: path.display), message: message, remedy: remedy)
  }

  private static let imageExtensions = Set(ImageFormat.allCases.flatMap(\.fileExtensions))
}
