import Examiners
import ImageFormats
import Scanning
import TestSupport
import Testing

struct MissingDetectorTests {
  /// Packages leave the encoder to one of its own: whoever lacks it reads how to get it with each picture.
  @Test func `a detector that is not installed is said to be missing, and how to get it`() throws {
    let detector = DetectorExaminer(
      detector: .failure(
        .init(
          code: "detector.encoder", message: "the trained detector is not installed", remedy: "install it")))
    let file = try ImageFile(path: TestPaths.fixtures.appending(path: "gallery/google-edited.jpg").path)
    let findings = try detector.examine(Examination(file))
    let evidence = try #require(findings.evidence.first)
    #expect(findings.evidence.count == 1 && evidence.result == .notEvaluated)
    #expect(evidence.reason == "the trained detector is not installed (install it)")
  }
}
