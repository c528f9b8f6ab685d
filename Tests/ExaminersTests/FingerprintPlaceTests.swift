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

  @Test func `crops are searched for unless the detector sees no sign of generation, and that is said`()
    throws
  {
    let detector = DetectorExaminer()
    var quiet = 0
    for name in ["google-edited.jpg", "aigc-label.webp"] {
      let file = try ImageFile(path: TestPaths.fixtures.appending(path: "gallery/\(name)").path)
      let examination = Examination(file)
      let opinion = try #require(try detector.examine(examination).evidence.first)
      let evidence = try #require(
        try FingerprintExaminer(detector: detector).examine(examination).evidence.first)
      let isSpared = evidence.reason?.contains("only the whole picture") == true
      #expect(isSpared == (opinion.result == .absent && evidence.result == .absent), "\(name)")
      if isSpared { quiet += 1 }
      let alone = try #require(try FingerprintExaminer().examine(Examination(file)).evidence.first)
      #expect(alone.reason?.contains("only the whole picture") != true)
    }
    #expect(quiet > 0)
  }
}
