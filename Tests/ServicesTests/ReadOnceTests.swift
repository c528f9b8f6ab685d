import Audits
import Foundation
import ImageFormats
import Reports
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
}
