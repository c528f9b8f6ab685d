import Examiners
import Foundation
import ImageFormats
import Scanning
import TestSupport
import Testing

/// A picture is opened, walked, parsed and decoded once, however many examiners look at it.
struct ReadOnceTests {
  @Test(arguments: ["google-edited.jpg", "aigc-label.webp"])
  func `everything that looks at a file, and what is drawn of it, reads it once`(name: String) throws {
    let file = try ImageFile(path: TestPaths.fixtures.appending(path: "gallery/\(name)").path)
    let scanner = FileScanner(examiners: ExaminerRegister.audit())
    let (scan, examination) = scanner.examine(file)
    #expect(scan.result.error == nil)
    let drawings = scanner.drawings([.spectrum, .heatmap], of: examination)
    #expect(drawings.contains { $0.kind == .spectrum })
    #expect(file.work.walks == 1, "\(file.work)")
    #expect(file.work.parses == 1, "\(file.work)")
    #expect(file.work.decodings == 1, "\(file.work)")
  }
}
