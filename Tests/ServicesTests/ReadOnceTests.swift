import Audits
import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Reports
import Scanning
import Services
import TestSupport
import Testing

/// An audit opens, walks, parses and decodes a file once, and asks each rule of it once, with pictures and without.
struct ReadOnceTests {
  @Test(arguments: [
    ("gallery/google-edited.jpg", 0), ("gallery/google-edited.jpg", 24), ("gallery/aigc-label.webp", 24),
    ("gallery/nothing.png", 24),
  ])
  func `an audit of one file does each thing once`(name: String, pictures: Int) async throws {
    let path = FilePath(TestPaths.fixtures.appending(path: name).path)
    let packs = try ["eu", "c2pa", "iptc", "privacy"].map { try RulePackLibrary.pack(named: $0) }
    let job = AuditJob(
      source: .files([path]), packs: packs, workers: 2, operatorName: "test", pictureLimit: pictures)
    let (reading, judging) = (ReadingTally(), JudgementTally())
    let outcome = try await ReadingTally.$current.withValue(reading) {
      try await JudgementTally.$current.withValue(judging) { try await job.run() }
    }
    #expect(outcome.files == 1)
    #expect(reading.work == .init(opens: 1, walks: 1, parses: 1, decodings: 1))
    #expect(judging.count == packs.flatMap(\.rules).count { $0.scope == .file })
    let isUrgent = outcome.audit.items[0].urgency != nil
    #expect(outcome.pictures.isEmpty == !(isUrgent && pictures > 0))
  }

  /// The page without script shows a picture and gives a report on it, from one examination.
  @Test func `a report that is made picture by picture gives what it examined, and does each thing once`()
    throws
  {
    let text = try ReportText.english
    let header = ReportHeader(
      title: "t", question: "q", time: "2026-11-30T12:00:00Z", clock: "given", operatorName: "o",
      toolVersion: "1", command: "c", system: "s", references: [])
    let reports = PictureReport(
      packs: try AuditJob.usualPacks.map { try RulePackLibrary.pack(named: $0) }, header: header, text: text,
      trust: TrustSettings())
    let file = try ImageFile(path: TestPaths.fixtures.appending(path: "gallery/google-edited.jpg").path)
    let reading = ReadingTally()
    var making = reports.begin()
    let (scan, examination) = ReadingTally.$current.withValue(reading) { making.add(file) }
    #expect(reading.work == .init(opens: 0, walks: 1, parses: 1, decodings: 1))
    // What the scan says is a plain scan's; the report has what rules ask for beside it.
    let plain = FileScanner(examiners: ExaminerRegister.scan()).scan(file).result
    #expect(scan.result == plain)
    let item = try #require(making.finish().items.first)
    #expect(item.scan.outcome == plain.outcome && item.scan.evidence.count > plain.evidence.count)
    #expect(Array(item.scan.evidence.prefix(plain.evidence.count)) == plain.evidence)
    // Nothing is decoded for what the page shows beside it.
    _ = try ReadingTally.$current.withValue(reading) { try examination.decoded() }
    #expect(reading.work.decodings == 1)
  }

  /// Whoever asks for the whole report behind a scan gets what the examiner validated.
  @Test func `credentials are validated once for a scan and for the page`() throws {
    let file = try ImageFile(
      path: TestPaths.fixtures.appending(path: "audit-case/pictures/generated/full.png").path)
    let first = TrustSettings()
    let scanner = FileScanner(examiners: ExaminerRegister.scan([.provenance], trust: first))
    let (scan, examination) = scanner.examine(file)
    let detail = try #require(scan.result.evidence.compactMap(\.credentials).first)
    // Under another trust list a second validation would say something else.
    func list(_ name: String) throws -> TrustList {
      let file = TestPaths.fixtures.appending(path: "audit-case/trust/\(name).pem")
      return try TrustList(pem: String(contentsOf: file, encoding: .utf8), name: name)
    }
    let other = TrustSettings(signers: try list("signers"), timeStampers: try list("tsa"))
    let report = try CredentialsJob.report(of: examination, other)
    #expect(report.state.rawValue == detail.state)
    #expect(try CredentialsJob.report(on: file, other).state.rawValue != detail.state)
  }
}
