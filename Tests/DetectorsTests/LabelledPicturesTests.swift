import Detectors
import Evaluation
import Foundation
import Testing

struct LabelledPicturesTests {
  static func index(_ text: String) throws -> LabelledPictures {
    let file = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString).csv")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try LabelledPictures(path: file.path)
  }

  @Test func `pictures are read with their repository, whatever stands beside it`() throws {
    let pictures = try Self.index(
      """
      path,label,generator,subject,source,repo,width,height,split
      ai/a.png,ai,"one, or ""two\""",mixed,a,owner/name,640,480,val
      real/b.jpg,real,photo,mixed,b,other/name,12,13,train

      """)
    #expect(pictures.items.count == 2)
    let first = try #require(pictures.items.first)
    #expect(first.generator == "one, or \"two\"" && first.owner == "owner" && first.isValidation)
    #expect(first.width == 640 && first.height == 480 && !pictures.items[1].isValidation)
    #expect(pictures.file(of: first).hasSuffix("/ai/a.png"))
  }

  @Test func `what is missing is named`() throws {
    let column = #expect(throws: DetectorError.self) { try Self.index("path,label\na,b\n") }
    #expect(column?.message.contains("generator") == true)
    let line = #expect(throws: DetectorError.self) {
      try Self.index("path,label,generator,source,repo,split,width,height\na,b\n")
    }
    #expect(line?.message.contains("line 2") == true)
    #expect(throws: DetectorError.self) { try Self.index("") }
    #expect(throws: DetectorError.self) { try LabelledPictures(path: "/nowhere/index.csv") }
  }
}
