public import Audits
import Crypto
import Diagnostics
import Examiners
public import Foundation
public import ImageFormats
import Images
import Reports
import Scanning

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Looks for earlier copies of a picture among the pictures of a folder, or among those that a ledger tells of.
public struct CopySearchJob: Sendable {
  /// Where copies are looked for.
  public enum Place: Sendable {
    case folder(FilePath)
    case ledger(Ledger, path: String)
  }

  public enum Event: Sendable {
    /// How many pictures are new to the index, or changed; before the first is read.
    case counted(Int)
    case read
  }

  /// What a refreshed index holds, and what could not be read for it.
  public struct Refresh: Sendable {
    public var pictures = 0
    public var added = 0
    public var removed = 0
    /// New pictures that could not be read; they are in the index, so that they are not tried again until they change.
    public var unreadable = 0
    /// Archives in the folder, whose pictures take no part.
    public var archives = 0
    public var wasInterrupted = false
  }

  private let place: Place
  private let index: CopyIndex
  private let workers: Int

  /// - Parameter indexPath: where the index is kept.
  /// - Throws: `AuditError` for an index that cannot be used; `copies.place` for one of another place, whose pictures a
  ///   search would take for this one's, and a refresh would remove.
  public init(place: Place, indexPath: String, workers: Int) throws {
    self.place = place
    self.workers = workers
    index = try CopyIndex(path: indexPath)
    let name =
      switch place {
      case .folder(let folder): "folder \(Self.full(folder.display))"
      case .ledger(_, let path): "ledger \(Self.full(path))"
      }
    if let kept = try index.note("place") {
      guard kept == name else {
        throw AuditError(
          code: "copies.place", location: FaultLocation(file: indexPath),
          message: "this is the index of another place: \(kept)",
          remedy: "name an index of its own for each place, or remove the file: it is made again")
      }
    } else {
      try index.keep(name, as: "place")
    }
  }

  private static func full(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Where the index of a place is kept unless its user says so: under `$XDG_CACHE_HOME` or `~/.cache`, by the place's
  /// full path. The folder is made.
  public static func indexPath(
    of place: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> String {
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? (environment["HOME"] ?? "") + "/.cache"
    let folder = base + "/assay/copies"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder + "/" + String(SHA256.hash(data: Data(full(place).utf8)).hexadecimal.prefix(24)) + ".sqlite"
  }

  // MARK: Refreshing

  /// Brings the index up to what the place holds now: only what is new or was changed is read.
  ///
  /// - Parameter notify: never called twice at once.
  public func refresh(_ notify: (Event) -> Void = { _ in }) async throws -> Refresh {
    switch place {
    case .folder(let folder): try await refresh(folder, notify)
    case .ledger(let ledger, _): try await refresh(ledger, notify)
    }
  }

  /// Entries kept at once: an interrupt loses at most these.
  private static let batch = 256

  private func refresh(_ folder: FilePath, _ notify: (Event) -> Void) async throws -> Refresh {
    let known = try index.known()
    var seen = Set<Data>()
    var fresh: [FilePath] = []
    var archives = 0
    for path in FileWalk([folder], givesArchives: true) where !Task.isCancelled {
      if PictureWalk.isArchive(path) {
        archives += 1
        continue
      }
      let key = Data(path.bytes)
      seen.insert(key)
      if let before = known[key], let now = Self.stamp(path), before == now { continue }
      fresh.append(path)
    }
    var refresh = Refresh(archives: archives)
    guard !Task.isCancelled else {
      refresh.wasInterrupted = true
      return refresh
    }
    notify(.counted(fresh.count))
    var rest = fresh[...]
    var waiting: [CopyIndex.Entry] = []
    try await ScanQueue(scanner: FileScanner(examiners: []), workers: workers).run(
      next: { rest.popFirst() }, examine: { Self.entry(of: $0) },
      emit: { entry in
        refresh.added += 1
        refresh.unreadable += entry.sha256.isEmpty ? 1 : 0
        waiting.append(entry)
        if waiting.count >= Self.batch {
          try index.update(adding: waiting)
          waiting = []
        }
        notify(.read)
      })
    try index.update(adding: waiting)
    refresh.wasInterrupted = Task.isCancelled
    guard !refresh.wasInterrupted else { return refresh }
    let gone = known.keys.filter { !seen.contains($0) }
    refresh.removed = gone.count
    try index.update(adding: [], removing: Array(gone))
    refresh.pictures = try index.count()
    return refresh
  }

  /// Pictures of entries that are new since the ledger was read last: from the file where it is still what it was, else
  /// by the coarse hash that an audit's entry holds.
  private func refresh(_ ledger: Ledger, _ notify: (Event) -> Void) async throws -> Refresh {
    var refresh = Refresh()
    var start = try index.note("sequence").flatMap(Int.init) ?? 0
    // Each entry's hash covers all before it: another ledger at this path, or one that was set back, has another here.
    if start > 0, try ledger.entries(from: start, limit: 1).first?.hash.hexadecimal != index.note("hash") {
      let known = try index.known()
      refresh.removed = known.count
      // First of all: an interrupt behind it leaves nothing that would be taken for read.
      try index.keep("0", as: "sequence")
      try index.update(adding: [], removing: Array(known.keys))
      start = 0
    }
    let end = try ledger.head().count
    notify(.counted(max(0, end - start)))
    var next = start + 1
    while next <= end, !Task.isCancelled {
      let entries = try ledger.entries(from: next, limit: Self.batch)
      guard let last = entries.last else { break }
      var rest = entries[...]
      var found: [Data: CopyIndex.Entry] = [:]
      try await ScanQueue(scanner: FileScanner(examiners: []), workers: workers).run(
        next: { rest.popFirst().map { FilePath($0.record.file) } },
        examine: { Self.entry(of: $0) },
        emit: { read in
          let record = entries[found.count].record
          var entry = CopyIndex.Entry(
            key: Data("\(entries[found.count].sequence)".utf8), file: record.file, sha256: record.fileHash,
            mark: nil)
          if read.sha256 == record.fileHash {
            entry.mark = read.mark
          } else {
            entry.coarse = Self.coarse(record.result)
          }
          found[entry.key] = entry
          notify(.read)
        })
      guard !Task.isCancelled else { break }
      // Of one file's entries the first is kept: the others tell of the same picture.
      let all = entries.compactMap { found[Data("\($0.sequence)".utf8)] }.filter { !$0.sha256.isEmpty }
      try index.update(
        adding: all.map { entry in
          var entry = entry
          entry.key = Data(entry.sha256.utf8)
          return entry
        })
      refresh.added += all.count
      // The hash first: with the sequence of before it, an index that was left between them is made anew.
      try index.keep(last.hash.hexadecimal, as: "hash")
      try index.keep(String(last.sequence), as: "sequence")
      next = last.sequence + 1
    }
    refresh.wasInterrupted = Task.isCancelled
    refresh.pictures = try index.count()
    return refresh
  }

  private static func coarse(_ result: String) -> PerceptualHash? {
    guard result.contains("perceptualHash"),
      let scan = try? ScanLines.results(result, source: "ledger").first
    else { return nil }
    return PerceptualHashExaminer.hash(in: scan.evidence)
  }

  /// Size and time of change; nil for what is not there.
  private static func stamp(_ path: FilePath) -> (size: Int, modified: Int)? {
    var status = stat()
    // SAFETY: the name ends in zero, and both outlive the call.
    guard unsafe stat(path.bytes.map { CChar(bitPattern: $0) } + [0], &status) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return (Int(status.st_size), time.tv_sec * 1_000_000_000 + time.tv_nsec)
  }

  private static func entry(of path: FilePath) -> CopyIndex.Entry {
    let stamp = stamp(path)
    var entry = CopyIndex.Entry(
      key: Data(path.bytes), file: path.display, size: stamp?.size ?? 0, modified: stamp?.modified ?? 0,
      sha256: "", mark: nil)
    guard let file = try? ImageFile(path: path) else { return entry }
    entry.sha256 = file.sha256
    entry.mark = (try? view(of: file))?.mark
    return entry
  }

  /// The picture as it is meant to be seen: a copy may be stored turned.
  private static func view(of file: ImageFile) throws -> CopyView {
    CopyView(upright(try file.decode(allowingDamage: true)))
  }

  private static func upright(_ decoded: DecodedImage) -> Plane {
    decoded.image.oriented(decoded.orientation).luminance()
  }

  // MARK: Searching

  /// A copy, with what the ledger says of it.
  public struct Found: Sendable {
    public var match: CopyIndex.Match
    /// Empty where the place is a folder.
    public var entries: [LedgerEntry]
  }

  public struct Answer: Sendable {
    public var copies: [Found] = []
    /// How many pictures they were looked for among.
    public var pictures = 0
    /// False for a picture that is too flat to be told from others: only the same file is found.
    public var isComparable = true
  }

  /// Looks the picture up.
  ///
  /// - Throws: `ImageFormatError` for a picture that cannot be read.
  public func search(_ path: FilePath) throws -> Answer {
    let file = try ImageFile(path: path)
    let decoded = try file.decode(allowingDamage: true)
    let luminance = Self.upright(decoded)
    let view = CopyView(luminance)
    // Coarse hashes are of the pixels as they are stored.
    let coarse = PerceptualHash(decoded.orientation == 1 ? luminance : decoded.image.luminance())
    var answer = Answer(pictures: try index.count(), isComparable: view.mark != nil)
    let matches = try index.copies(
      of: file.sha256, view, coarse: answer.isComparable ? coarse : nil, in: try index.load())
    for match in matches where !isItself(match, path) {
      var found = Found(match: match, entries: [])
      if case .ledger(let ledger, _) = place {
        found.entries = try ledger.entries(fileHash: match.entry.sha256)
      }
      answer.copies.append(found)
    }
    return answer
  }

  /// Whether it is the very file that is looked for, and no copy of it.
  private func isItself(_ match: CopyIndex.Match, _ path: FilePath) -> Bool {
    guard case .folder = place else { return false }
    func full(_ name: String) -> String {
      URL(filePath: name).resolvingSymlinksInPath().standardizedFileURL.path
    }
    return full(match.entry.file) == full(path.display)
  }
}
