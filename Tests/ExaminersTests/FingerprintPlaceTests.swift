import Examiners
import ImageFormats
import Images
import Scanning
import TestSupport
import Testing

/// Where a fingerprint is, beside the detector's heat map.
struct FingerprintPlaceTests {
  @Test(arguments: ["google-edited.jpg", "aigc-label.webp"])
  func `a picture without a fingerprint gets no map and no region, and is read once`(name: String) throws {
    let file = try ImageFile(path: TestPaths.fixtures.appending(path: "gallery/\(name)").path)
    let examination = Examination(file, wishes: [.heatmap, .fingerprint])
    let tally = ReadingTally()
    let findings = try ReadingTally.$current.withValue(tally) {
      try FingerprintExaminer().examine(examination)
    }
    #expect(findings.drawings.isEmpty)
    #expect(findings.evidence.allSatisfy { $0.result != .found && $0.location == nil })
    #expect(tally.work.decodings == 1)
  }
}
