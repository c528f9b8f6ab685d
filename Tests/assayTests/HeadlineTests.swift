import Foundation
import TestSupport
import Testing

/// What stands in the first line about a picture.
struct HeadlineTests {
  private static func lines(_ arguments: String...) throws -> [String] {
    let result = try CommandLineTool.run(["scan", "--brief"] + arguments)
    return result.lines.map(String.init)
  }

  @Test func `a line a picture, and a percentage only where measurements say AI`() throws {
    let pictures = "fixtures/audit-case/pictures"
    let lines = try Self.lines(pictures)
    #expect(lines.count == 28)
    for line in lines { #expect(line.hasPrefix(pictures + "/"), "\(line)") }
    for line in lines where line.contains("%") {
      #expect(line.contains("Measurements indicate AI origin"), "\(line)")
    }
  }

  @Test func `who asks less learns less: what was not asked is said`() throws {
    let line = try #require(try Self.lines("--only", "provenance", "fixtures/gallery/nothing.png").first)
    #expect(
      line.hasSuffix(
        "Nothing was found by what was asked (provenance), which proves nothing; not asked: watermark, spectra, detector."
      ), "\(line)")
    let all = try #require(try Self.lines("fixtures/gallery/nothing.png").first)
    #expect(!all.contains("not asked"))
  }

  @Test func `bytes and measurements are for those who ask`() throws {
    func output(_ more: String...) throws -> String {
      try CommandLineTool.run(["scan", "fixtures/gallery/comfyui.png"] + more).output
    }
    for word in ["bytes 33..<", "slope"] {
      #expect(try !output().contains(word))
      #expect(try output("--details").contains(word))
    }
    #expect(try CommandLineTool.run(["scan", "--brief", "--json", "x.png"]).status == 64)
  }
}
