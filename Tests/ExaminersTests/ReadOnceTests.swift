import Examiners
import Foundation
import ImageFormats
import Images
import Scanning
import TestSupport
import Testing

/// A picture is opened, walked, parsed and decoded once, however many examiners look at it.
struct ReadOnceTests {
  @Test func `what the detector judges is drawn as a heat map`() throws {
    var state: UInt32 = 7
    let pixels = (0..<512 * 512 * 3).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: 64 + state >> 25)
    }
    let image = Image(width: 512, height: 512, colorModel: .rgb, pixels: pixels)
    let file = ImageFile(bytes: try ImageEncoder.jpeg(image, quality: 90))
    let scanner = FileScanner(examiners: ExaminerRegister.scan([.detector]))
    let (scan, examination) = scanner.examine(file)
    #expect(scan.result.aiProbability != nil)
    #expect(scanner.drawings([.heatmap], of: examination).count == 1)
    #expect(scanner.drawings([.heatmap], of: examination).count == 1)
  }

  @Test(arguments: ["google-edited.jpg", "aigc-label.webp"])
  func `everything that looks at a file, and what is drawn of it, reads it once`(name: String) throws {
    let path = FilePath(TestPaths.fixtures.appending(path: "gallery/\(name)").path)
    let scanner = FileScanner(examiners: ExaminerRegister.audit())
    let tally = ReadingTally()
    let (scan, drawings) = try ReadingTally.$current.withValue(tally) {
      let (scan, examination) = scanner.examine(path)
      return (scan, scanner.drawings([.spectrum, .heatmap], of: try #require(examination)))
    }
    #expect(scan.result.error == nil)
    #expect(drawings.contains { $0.kind == .spectrum })
    #expect(drawings.contains { $0.kind == .heatmap } == (scan.result.aiProbability != nil))
    #expect(tally.work == .init(opens: 1, walks: 1, parses: 1, decodings: 1))
  }
}
