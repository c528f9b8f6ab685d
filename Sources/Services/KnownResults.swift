import Audits
import ContentCredentials
import Detectors
import Diagnostics
import Fingerprints
import Foundation
import ImageFormats
import Reports
import Scanning

/// What a ledger holds already of the files of an audit, and how new results are entered.
///
/// A file counts as known when the ledger has a result for its bytes by the same version, model and trust lists.
struct KnownResults: Sendable {
  private let ledger: Ledger?
  private let operatorName: String
  /// The rule packs that the results are judged by, with versions; entered, but no reason to scan again.
  private let rules: String
  /// Both lists by name and content, as the ledger keeps them; hashed once, not for every file.
  private let trustName: String

  /// What distinguishes an audit's examination from a scan's; part of what the ledger matches by.
  ///
  /// The number of the table of verdicts is part of it: results of an older table say something else of the same signs.
  private static let tool = "assay \(assayVersion) audit, verdicts 3"
  /// The detector, and fingerprints of the user's own.
  private let model: String

  init(
    ledger: Ledger?, trust: TrustSettings, packs: [RulePack], fingerprints: [Fingerprint] = [],
    operatorName: String
  ) throws {
    self.ledger = ledger
    model = Self.model(fingerprints)
    self.operatorName = operatorName
    rules = packs.map { "\($0.id) \($0.version)" }.joined(separator: ", ")
    trustName =
      "\(trust.signers.name) \(trust.signers.digest.prefix(16)); "
      + "\(trust.timeStampers.name) \(trust.timeStampers.digest.prefix(16))"
  }

  /// Names the detector, and fingerprints of the user's own.
  static func model(_ fingerprints: [Fingerprint]) -> String {
    let own = fingerprints.map { "\($0.id) \($0.card.picturesDigest.prefix(16))" }
    return ([Detector.shipped?.identity ?? ""] + own).joined(separator: "; ")
  }

  var hasLedger: Bool { ledger != nil }

  /// The ledger's latest result for the file's bytes, under its present name.
  func result(_ file: ImageFile, _ path: FilePath, _ digest: String) -> ScanResult? {
    for record in records(file, path, digest).reversed()
    where FilePath(record.file).fileExtension == path.fileExtension {
      guard var result = try? ScanLines.results(record.result, source: "ledger").first,
        !result.evidence.contains(where: { $0.credentials?.source == "sidecar" })
      else { continue }
      result.file = path.display
      return result
    }
    return nil
  }

  /// Whether the ledger holds the file's bytes under this very name, examined as they would be now.
  func isEntered(_ file: ImageFile, _ path: FilePath, _ digest: String) -> Bool {
    records(file, path, digest).contains { $0.file == path.display }
  }

  /// What the ledger holds of the file's bytes, examined as they would be now.
  ///
  /// A store beside the picture is not part of the picture's bytes: with one, before or now, nothing is known.
  private func records(_ file: ImageFile, _ path: FilePath, _ digest: String) -> [LedgerEntry.Record] {
    guard let ledger, Sidecar.path(of: path).flatMap(file.neighbour) == nil,
      let entries = try? ledger.entries(fileHash: digest)
    else { return [] }
    return entries.map(\.record).filter {
      $0.tool == Self.tool && $0.model == model && $0.trust == trustName
    }
  }

  func record(of result: ScanResult) throws -> LedgerEntry.Record {
    LedgerEntry.Record(
      file: result.file, fileHash: result.sha256 ?? "", outcome: result.outcome.rawValue,
      result: try ScanLines.line(result).trimmingCharacters(in: .newlines), tool: Self.tool,
      model: model, rules: rules, trust: trustName, operatorName: operatorName)
  }
}

/// Enters each result as it comes, so that a killed audit loses at most the file under examination; what a power
/// cut could take is flushed every two seconds, since a flush costs more than a small picture's scan.
struct LedgerWriter {
  private let ledger: Ledger?
  private var last = ContinuousClock.now
  private var isFlushed = true

  init(ledger: Ledger?) { self.ledger = ledger }

  mutating func add(_ result: ScanResult, _ record: @autoclosure () throws -> LedgerEntry.Record) throws {
    guard let ledger, result.sha256 != nil else { return }
    isFlushed = last.duration(to: .now) > .seconds(2)
    try ledger.append([try record()], at: Date(), durability: isFlushed ? .powerCut : .kill)
    if isFlushed { last = .now }
  }

  /// Flushes what a power cut could take; of no cost where there is nothing.
  mutating func flush() throws {
    try finish()
    isFlushed = true
  }

  func finish() throws {
    if let ledger, !isFlushed { try ledger.flush() }
  }
}
