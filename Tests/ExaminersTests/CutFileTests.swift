import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Scanning
import TestSupport
import Testing

struct CutFileTests {
  private static func fixture(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: TestPaths.fixtures.appending(path: path)))
  }

  private static func report(_ bytes: some Sequence<UInt8>) -> CredentialsReport {
    CredentialsExaminer.report(on: Examination(ImageFile(bytes: Array(bytes))), trust: TrustSettings())
  }

  /// Whoever lacks a file's end does not know that there were no credentials.
  @Test(arguments: ["gallery/nothing.png", "gallery/aigc-label.webp"])
  func `of a cut file nobody knows whether it carried credentials`(path: String) throws {
    let whole = try Self.fixture(path)
    #expect(!Self.report(whole).endsEarly)
    for missing in [2, 12, 40, whole.count / 2] {
      let cut = Array(whole.dropLast(missing))
      let report = Self.report(cut)
      #expect(report.state == .absent && report.endsEarly, "\(missing)")
      #expect(report.reason.contains("ends early"))
      let findings = try CredentialsExaminer().examine(Examination(ImageFile(bytes: cut)))
      #expect(findings.evidence.map(\.result) == [.notEvaluated])
    }
  }

  @Test func `in a JPEG they would lie before the picture`() throws {
    let whole = try Self.fixture("gallery/camera.jpg")
    #expect(!Self.report(whole.dropLast(2)).endsEarly)
    #expect(Self.report(whole.prefix(30)).endsEarly)
  }
}
