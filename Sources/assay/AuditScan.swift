import Audits
import ContentCredentials
import Crypto
import Detectors
import Diagnostics
import Foundation
import ImageFormats
import Reports

/// Examines the files of an audit in order, and leaves out what a ledger holds already.
///
/// A file counts as known when the ledger has a result for its bytes by the same version, model and trust lists;
/// new results are entered as they come, so that an audit that was interrupted goes on where it stopped.
struct AuditScan {
  let roots: [FilePath]
  let trust: TrustSettings
  let workers: Int
  let ledger: Ledger?
  let operatorName: String
  /// Both lists by name and content, as the ledger keeps them; hashed once, not for every file.
  private let trustName: String

  init(roots: [FilePath], trust: TrustSettings, workers: Int, ledger: Ledger?, operatorName: String) {
    self.roots = roots
    self.trust = trust
    self.workers = workers
    self.ledger = ledger
    self.operatorName = operatorName
    trustName =
      "\(trust.signers.name) \(trust.signers.digest.prefix(16)); "
      + "\(trust.timeStampers.name) \(trust.timeStampers.digest.prefix(16))"
  }

  /// What distinguishes an audit's examination from a scan's; part of what the ledger matches by.
  private static let tool = "assay \(assayVersion) audit"

  struct Outcome {
    /// In the order of the walk.
    var results: [ScanResult] = []
    /// How many of them came from the ledger.
    var reused = 0
    /// Files in the folders that are no images.
    var skipped = 0
  }

  func run() async throws -> Outcome {
    let scanner = Scanner(
      examiners: Examiners.all(Set(ExaminerKind.allCases), trust: trust) + Auditor.examiners,
      limits: .standard)
    let queue = ScanQueue(scanner: scanner, workers: workers)
    Interruption.watch()
    var count = FileWalk(roots)
    var total = 0
    while Terminal.errorIsTerminal, count.next() != nil { total += 1 }
    var progress = Progress(total: total)
    var outcome = Outcome()
    var places: [Int] = []
    var results: [ScanResult?] = []
    var emitted = 0
    var entries = LedgerWriter(ledger: ledger)
    var walk = FileWalk(roots)
    try await queue.run {
      while !Interruption.isRequested, let path = walk.next() {
        if let known = known(path) {
          results.append(known)
          outcome.reused += 1
          progress.advance()
          continue
        }
        places.append(results.count)
        results.append(nil)
        return path
      }
      return nil
    } emit: { scan in
      results[places[emitted]] = scan.result
      emitted += 1
      try entries.add(scan.result, record(of: scan.result))
      progress.advance()
    }
    try entries.flush()
    progress.finish()
    outcome.results = results.compactMap { $0 }
    outcome.skipped = walk.skipped
    return outcome
  }

  /// The ledger's latest result for the file's bytes, under its present name.
  private func known(_ path: FilePath) -> ScanResult? {
    guard let ledger, let file = try? ImageFile(path: path), !Self.hasSidecar(path) else { return nil }
    let digest = SHA256.hash(data: file.bytes).hexadecimal
    guard let entries = try? ledger.entries(fileHash: digest) else { return nil }
    for entry in entries.reversed() {
      let record = entry.record
      guard record.tool == Self.tool, record.model == Self.model, record.trust == trustName,
        FilePath(record.file).fileExtension == path.fileExtension,
        var result = try? ScanLines.results(record.result, source: "ledger").first
      else { continue }
      result.file = path.display
      return result
    }
    return nil
  }

  /// A store beside the picture is not part of the picture's bytes.
  private static func hasSidecar(_ path: FilePath) -> Bool {
    guard let ending = path.fileExtension else { return false }
    let beside = FilePath(bytes: path.bytes.dropLast(ending.utf8.count) + Array("c2pa".utf8))
    return FileManager.default.fileExists(atPath: beside.display)
  }

  private func record(of result: ScanResult) throws -> LedgerEntry.Record {
    LedgerEntry.Record(
      file: result.file, fileHash: result.sha256 ?? "", outcome: result.outcome.rawValue,
      result: try ScanLines.line(result).trimmingCharacters(in: .newlines), tool: Self.tool,
      model: Self.model, trust: trustName, operatorName: operatorName)
  }

  private static let model =
    Detector.shipped.map { "\($0.card.trainedBy), \($0.card.steps) steps" } ?? ""
}

/// Enters results in batches: each costs one flush to the disk.
private struct LedgerWriter {
  let ledger: Ledger?
  private var waiting: [LedgerEntry.Record] = []
  private var last = ContinuousClock.now

  init(ledger: Ledger?) { self.ledger = ledger }

  mutating func add(_ result: ScanResult, _ record: @autoclosure () throws -> LedgerEntry.Record) throws {
    guard ledger != nil, result.sha256 != nil else { return }
    waiting.append(try record())
    if waiting.count >= 64 || last.duration(to: .now) > .seconds(2) { try flush() }
  }

  mutating func flush() throws {
    guard let ledger, !waiting.isEmpty else { return }
    try ledger.append(waiting, at: Date())
    waiting.removeAll(keepingCapacity: true)
    last = .now
  }
}

/// One line on a terminal: how many files are done, how fast, and how long the rest will take.
struct Progress {
  private let total: Int
  private let start = ContinuousClock.now
  private var done = 0
  private var shown = ContinuousClock.now

  init(total: Int) { self.total = total }

  mutating func advance() {
    done += 1
    guard Terminal.errorIsTerminal, shown.duration(to: .now) > .milliseconds(200) else { return }
    shown = .now
    Terminal.error(
      "\r\u{1B}[K" + Self.line(done: done, of: total, seconds: start.duration(to: .now) / .seconds(1)))
  }

  func finish() {
    if Terminal.errorIsTerminal { Terminal.error("\r\u{1B}[K") }
  }

  /// `1234 of 10000 files, 56 a second, 3 min left`.
  static func line(done: Int, of total: Int, seconds: Double) -> String {
    let rate = Double(done) / max(seconds, 0.001)
    let speed = rate >= 10 ? String(Int(rate.rounded())) : String((rate * 10).rounded() / 10)
    guard total > done, rate > 0 else { return "\(done) files, \(speed) a second" }
    let left = Double(total - done) / rate
    let time =
      left < 90
      ? "\(Int(left.rounded(.up))) s"
      : left < 5_400
        ? "\(Int((left / 60).rounded())) min" : "\(Int((left / 3_600).rounded())) h"
    return "\(done) of \(total) files, \(speed) a second, \(time) left"
  }
}
