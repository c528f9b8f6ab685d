import Audits
import Console
import ContentCredentials
import Crypto
import Detectors
import Diagnostics
import Examiners
import Foundation
import ImageFormats
import Reports
import Scanning

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
  /// The rule packs that the results are judged by, with versions; entered, but no reason to scan again.
  let rules: String
  /// Both lists by name and content, as the ledger keeps them; hashed once, not for every file.
  private let trustName: String

  init(
    roots: [FilePath], trust: TrustSettings, workers: Int, ledger: Ledger?, operatorName: String,
    rules: String
  ) {
    self.rules = rules
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
    var files = 0
    /// How many of them came from the ledger.
    var reused = 0
    /// Files in the folders that are no images.
    var skipped = 0
  }

  /// - Parameter take: gets each result once, in the order of the walk.
  func run(_ take: (ScanResult) -> Void) async throws -> Outcome {
    let scanner = FileScanner(
      examiners: Examiners.all(Set(ExaminerKind.allCases), trust: trust) + Auditor.examiners,
      limits: .standard)
    let queue = ScanQueue(scanner: scanner, workers: workers)
    Interruption.watch()
    var count = FileWalk(roots)
    var total = 0
    while Terminal.errorIsTerminal, count.next() != nil { total += 1 }
    var progress = Progress(total: total)
    var outcome = Outcome()
    var entries = LedgerWriter(ledger: ledger)
    var walk = FileWalk(roots)
    try await queue.run {
      Interruption.isRequested ? nil : walk.next()
    } examine: { path in
      examine(path, scanner)
    } emit: { answer in
      take(answer.result)
      outcome.files += 1
      if answer.isKnown {
        outcome.reused += 1
      } else {
        try entries.add(answer.result, record(of: answer.result))
      }
      progress.advance()
    }
    try entries.finish()
    progress.finish()
    outcome.skipped = walk.skipped
    return outcome
  }

  private struct Answer: Sendable {
    let result: ScanResult
    /// Whether it is the ledger's.
    let isKnown: Bool
  }

  /// Reads a file once: its hash is looked up, and only bytes that the ledger lacks are scanned.
  private func examine(_ path: FilePath, _ scanner: FileScanner) -> Answer {
    guard let ledger, let file = try? ImageFile(path: path, limits: scanner.limits) else {
      return Answer(result: scanner.scan(path).result, isKnown: false)
    }
    let digest = SHA256.hash(data: file.bytes).hexadecimal
    if let known = known(path, digest, ledger) { return Answer(result: known, isKnown: true) }
    return Answer(result: scanner.scan(file, digest: digest).result, isKnown: false)
  }

  /// The ledger's latest result for the file's bytes, under its present name.
  ///
  /// A store beside the picture is not part of the picture's bytes: with one, before or now, nothing is known.
  private func known(_ path: FilePath, _ digest: String, _ ledger: Ledger) -> ScanResult? {
    let sidecar = CredentialsExaminer.sidecarPath(of: path)
    guard sidecar?.exists != true, let entries = try? ledger.entries(fileHash: digest) else { return nil }
    for entry in entries.reversed() {
      let record = entry.record
      guard record.tool == Self.tool, record.model == Self.model, record.trust == trustName,
        FilePath(record.file).fileExtension == path.fileExtension,
        var result = try? ScanLines.results(record.result, source: "ledger").first,
        !result.evidence.contains(where: { $0.detail["source"] == .string("sidecar") })
      else { continue }
      result.file = path.display
      return result
    }
    return nil
  }

  private func record(of result: ScanResult) throws -> LedgerEntry.Record {
    LedgerEntry.Record(
      file: result.file, fileHash: result.sha256 ?? "", outcome: result.outcome.rawValue,
      result: try ScanLines.line(result).trimmingCharacters(in: .newlines), tool: Self.tool,
      model: Self.model, rules: rules, trust: trustName, operatorName: operatorName)
  }

  private static let model = Detector.shipped?.identity ?? ""
}

/// Enters each result as it comes, so that a killed audit loses at most the file under examination; what a power
/// cut could take is flushed every two seconds, since a flush costs more than a small picture's scan.
private struct LedgerWriter {
  let ledger: Ledger?
  private var last = ContinuousClock.now
  private var isFlushed = true

  init(ledger: Ledger?) { self.ledger = ledger }

  mutating func add(_ result: ScanResult, _ record: @autoclosure () throws -> LedgerEntry.Record) throws {
    guard let ledger, result.sha256 != nil else { return }
    isFlushed = last.duration(to: .now) > .seconds(2)
    try ledger.append([try record()], at: Date(), durability: isFlushed ? .powerCut : .kill)
    if isFlushed { last = .now }
  }

  func finish() throws {
    if let ledger, !isFlushed { try ledger.flush() }
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
