public import Audits
public import ContentCredentials
import Detectors
import Diagnostics
import Examiners
public import Fingerprints
import Foundation
public import ImageFormats
public import Reports
public import Scanning

/// An audit from files, or from results of scans, to a report.
///
/// Each picture is read, walked and decoded once: what the report shows of it is drawn from the same examination. A
/// task that is cancelled takes no further file; what was begun is finished and, where there is a ledger, entered.
public struct AuditJob: Sendable {
  /// What is audited.
  public enum Source: Sendable {
    /// Files, folders and archives.
    case files([FilePath])
    /// A picture or an archive that was handed over, called "-", then files, folders and archives.
    case handedOver(Handover, then: [FilePath])
    /// Lines of `assay.scan/1` in a file.
    case results(path: String)
  }

  /// What another program gives.
  public enum Handover: Sendable {
    case picture(ImageFile)
    case archive([UInt8])
  }

  public var source: Source
  public var packs: [RulePack]
  public var project: ProjectManifest?
  /// Facts of the domain `report`.
  public var report: Facts
  public var trust: TrustSettings
  /// Looked for beside those that ship.
  public var fingerprints: [Fingerprint] = []
  /// Files examined at once.
  public var workers: Int
  /// Holds what was examined before, and takes what is examined now.
  public var ledger: Ledger?
  /// Who examines, as the ledger keeps it.
  public var operatorName: String
  /// How many of the files that need attention get pictures.
  public var pictureLimit: Int

  /// The packs that rules are taken from where nobody names any.
  public static let usualPacks = ["c2pa", "iptc", "privacy"]

  public init(
    source: Source, packs: [RulePack], project: ProjectManifest? = nil, report: Facts = Facts(),
    trust: TrustSettings = TrustSettings(), workers: Int, ledger: Ledger? = nil,
    operatorName: String, pictureLimit: Int = 0
  ) {
    self.source = source
    self.packs = packs
    self.project = project
    self.report = report
    self.trust = trust
    self.workers = workers
    self.ledger = ledger
    self.operatorName = operatorName
    self.pictureLimit = pictureLimit
  }

  /// What happens on the way.
  public enum Event: Sendable {
    /// How many files there are, 0 where nobody knows; before the first is examined.
    case counted(Int)
    /// One more file is done.
    case examined(ScanResult)
    /// Pictures of a file are made that was not examined in this run.
    case drawing(done: Int, of: Int)
  }

  /// What came of it.
  public struct Outcome: Sendable {
    public var audit: Audit
    /// Pictures of files that need attention, by file name.
    public var pictures: [String: [ReportPicture]] = [:]
    public var files = 0
    /// How many of them came from the ledger.
    public var reused = 0
    /// Files in the folders that are no images.
    public var skipped = 0
    /// Links in archives that have an image's name, and were passed over.
    public var links = 0
    /// Archives that hold no picture.
    public var bareArchives: [PictureWalk.BareArchive] = []
    /// Whether the task was cancelled before all was examined.
    public var wasInterrupted = false
  }

  /// - Parameter notify: called in the order of the files, never twice at once.
  /// - Throws: what reading results, and writing the ledger, throw.
  public func run(_ notify: (Event) -> Void = { _ in }) async throws -> Outcome {
    var auditor = Auditor(packs: packs, project: project, report: report)
    let judge = auditor
    let scanner = FileScanner(examiners: ExaminerRegister.audit(trust: trust, fingerprints: fingerprints))
    let shelf = PictureShelf(
      limit: pictureLimit, scanner: scanner, ledger: ledger, fingerprints: fingerprints,
      judge: judge.judge)
    var paths: [FilePath] = []
    var count = (files: 0, reused: 0, skipped: 0)
    var (links, bare): (Int, [PictureWalk.BareArchive]) = (0, [])
    switch source {
    case .results(let path):
      try ScanLines.read(atPath: path) { result in
        auditor.add(result)
        paths.append(FilePath(result.file))
        count.files += 1
      }
    case .files, .handedOver:
      var walk = walk(limits: scanner.limits)
      let isHandedOver = if case .handedOver = source { true } else { false }
      notify(.counted(total))
      let known = try KnownResults(
        ledger: ledger, trust: trust, packs: packs, fingerprints: fingerprints, operatorName: operatorName)
      var entries = LedgerWriter(ledger: ledger)
      let queue = ScanQueue(scanner: scanner, workers: workers)
      try await queue.run(
        next: { walk.next() },
        examine: { (found: FoundFile) in
          Self.answer(
            found, scanner, known, shelf, isHandedOver: isHandedOver && Self.isHandedOver(found.path))
        },
        emit: { answer in
          auditor.add(answer.result, early: answer.early)
          paths.append(answer.path)
          count.files += 1
          if answer.isKnown {
            count.reused += 1
          } else {
            try entries.add(answer.result, known.record(of: answer.result))
          }
          notify(.examined(answer.result))
        })
      try entries.finish()
      count.skipped = walk.skipped
      (links, bare) = (walk.links, walk.bareArchives)
    }
    var outcome = Outcome(audit: auditor.finish(), wasInterrupted: Task.isCancelled)
    (outcome.files, outcome.reused, outcome.skipped) = count
    (outcome.links, outcome.bareArchives) = (links, bare)
    if pictureLimit > 0, !outcome.wasInterrupted {
      outcome.pictures = try await pictures(outcome.audit, paths, shelf, notify)
    }
    return outcome
  }

  private func walk(limits: ReadLimits) -> PictureWalk {
    switch source {
    case .results: PictureWalk([], limits: limits)
    case .files(let roots): PictureWalk(roots, limits: limits)
    case .handedOver(.picture(let picture), let rest):
      PictureWalk(picture: picture, name: Self.handedOver, then: rest, limits: limits)
    case .handedOver(.archive(let bytes), let rest):
      PictureWalk(archive: bytes, name: Self.handedOver, then: rest, limits: limits)
    }
  }

  /// How many files there are; 0 where nobody knows.
  private var total: Int {
    switch source {
    case .results, .handedOver(.archive, _): 0
    case .files(let roots): PictureWalk.count(roots)
    case .handedOver(.picture, let rest):
      rest.isEmpty ? 1 : PictureWalk.count(rest).nonzero.map { $0 + 1 } ?? 0
    }
  }

  /// What is handed over is called so, and its members behind it.
  private static let handedOver = FilePath("-")

  private static func isHandedOver(_ path: FilePath) -> Bool {
    path == handedOver || path.bytes.starts(with: Array("-!/".utf8))
  }

  private struct Answer: Sendable {
    let path: FilePath
    let result: ScanResult
    var early: EarlyJudgements?
    /// Whether it is the ledger's.
    var isKnown = false
  }

  /// Reads a file once: its hash is looked up, and only bytes that the ledger lacks are scanned.
  private static func answer(
    _ found: FoundFile, _ scanner: FileScanner, _ known: KnownResults, _ shelf: PictureShelf,
    isHandedOver: Bool
  ) -> Answer {
    let path = found.path
    guard known.hasLedger, let file = try? found.open(limits: scanner.limits) else {
      let (scan, examination) = scanner.examine(found)
      let early = examination.flatMap { shelf.offer(scan.result, $0, path: path) }
      return Answer(path: path, result: scan.result, early: early)
    }
    let digest = file.sha256
    if found.warnings.isEmpty, let result = known.result(file, path, digest) {
      // It cannot be opened once more for the report's pictures.
      let early = isHandedOver ? shelf.offer(result, Examination(file), path: path) : nil
      return Answer(path: path, result: result, early: early, isKnown: true)
    }
    let (scan, examination) = scanner.examine(file, found, digest: digest)
    let early = examination.flatMap { shelf.offer(scan.result, $0, path: path) }
    return Answer(path: path, result: scan.result, early: early)
  }

  /// The pictures of the files that need attention most, made now where the examination was not in this run; of members
  /// that the ledger knew, by reading their archives once more up to the last of them.
  private func pictures(
    _ audit: Audit, _ paths: [FilePath], _ shelf: PictureShelf, _ notify: (Event) -> Void
  ) async throws -> [String: [ReportPicture]] {
    let wanted = audit.attention.prefix(pictureLimit)
    let isHandedOver = if case .handedOver = source { true } else { false }
    var pictures: [String: [ReportPicture]] = [:]
    var missing: [Int] = []
    for index in wanted {
      let item = audit.items[index]
      if let made = shelf.pictures(of: paths[index], sha256: item.scan.sha256) {
        pictures[item.file] = made
      } else if !(isHandedOver && Self.isHandedOver(paths[index])) {
        missing.append(index)
      }
    }
    let members = missing.filter { !paths[$0].exists }
    missing.removeAll(where: members.contains)
    var rest = missing[...]
    var done = 0
    let total = missing.count + members.count
    try await OrderedTasks.run(
      workers: workers, next: { rest.popFirst() },
      make: { index -> [ReportPicture]? in
        guard let file = try? ImageFile(path: paths[index]),
          let made = shelf.draw(audit.items[index].scan, Examination(file))
        else { return nil }
        shelf.keep(made, of: file.sha256)
        return made
      },
      emit: { made in
        if let made { pictures[audit.items[missing[done]].file] = made }
        done += 1
        notify(.drawing(done: done, of: total))
      })
    var awaited = Dictionary(members.map { (paths[$0], $0) }, uniquingKeysWith: { first, _ in first })
    var walk = PictureWalk(Set(members.compactMap { Self.archive(of: paths[$0]) }).sorted(by: Self.isBefore))
    while !awaited.isEmpty, !Task.isCancelled, let found = walk.next() {
      // Of members with one name, that which was judged.
      guard let index = awaited[found.path], let file = found.member,
        file.sha256 == audit.items[index].scan.sha256
      else { continue }
      awaited[found.path] = nil
      if let made = shelf.draw(audit.items[index].scan, Examination(file)) {
        shelf.keep(made, of: file.sha256)
        pictures[audit.items[index].file] = made
      }
      done += 1
      notify(.drawing(done: done, of: total))
    }
    return pictures
  }

  private static func isBefore(_ first: FilePath, _ second: FilePath) -> Bool {
    first.bytes.lexicographicallyPrecedes(second.bytes)
  }

  /// The archive on the disk that a member's name begins with: `a.tar` of `a.tar!/b.zip!/c.png`.
  private static func archive(of member: FilePath) -> FilePath? {
    let bytes = member.bytes
    for index in bytes.indices.dropLast() where bytes[index] == 0x21 && bytes[index + 1] == 0x2F {
      let outer = FilePath(bytes: Array(bytes[..<index]))
      if outer.exists { return outer }
    }
    return nil
  }
}

extension Int {
  /// Nil for 0.
  fileprivate var nonzero: Int? { self == 0 ? nil : self }
}
