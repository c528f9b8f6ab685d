import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Images
import Scanning
import Testing

/// What a generator drew is written down, read back, and of no weight beyond that.
struct LabelExaminerTests {
  static let record = LabelRecord(
    text: "AI生成", heightShare: 0.0625, contrast: 12.5, isAtEdge: true,
    region: PixelRegion(x: 4, y: 100, width: 60, height: 20))

  /// A PNG whose XMP holds these properties.
  static func picture(_ properties: [(name: String, value: String)]) throws -> ImageFile {
    let image = Image(width: 8, height: 8, colorModel: .rgb, pixels: [UInt8](repeating: 90, count: 192))
    var writer = try MetadataWriter(ImageFile(bytes: try ImageEncoder.png(image)))
    let lines = properties.map { "<label:\($0.name)>\($0.value)</label:\($0.name)>" }.joined()
    try writer.setXMP(
      """
      <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
      <rdf:Description rdf:about="" xmlns:label="\(LabelRecord.namespace)">\(lines)</rdf:Description>\
      </rdf:RDF></x:xmpmeta>
      """)
    return ImageFile(bytes: writer.bytes)
  }

  static func evidence(_ properties: [(name: String, value: String)]) throws -> Evidence {
    try #require(
      try LabelExaminer().examine(Examination(picture(properties))).evidence.first)
  }

  @Test func `a record that was written is read back whole`() throws {
    let statement = LabelRecord.Statement.drawn(Self.record)
    #expect(LabelRecord.Statement(try Self.picture(statement.properties).metadata()) == statement)
    let none = LabelRecord.Statement.notDrawn
    #expect(LabelRecord.Statement(try Self.picture(none.properties).metadata()) == none)
  }

  @Test func `a label is found, absent or unknown, and decides nothing`() throws {
    let found = try Self.evidence(LabelRecord.Statement.drawn(Self.record).properties)
    #expect(found.result == .found && found.class == .context && found.origin == nil)
    #expect(found.label?.text == "AI生成" && found.location?.region == Self.record.region)
    #expect(try Self.evidence(LabelRecord.Statement.notDrawn.properties).result == .absent)
    #expect(try Self.evidence([]).result == .notEvaluated)
  }

  @Test(arguments: [
    [("Drawn", "True")], [("Drawn", "yes")],
    [
      ("Drawn", "True"), ("Text", "AI"), ("HeightShare", "7"), ("Contrast", "5"), ("AtEdge", "True"),
      ("Region", "0 0 1 1"),
    ],
    [
      ("Drawn", "True"), ("Text", "AI"), ("HeightShare", "nan"), ("Contrast", "5"), ("AtEdge", "True"),
      ("Region", "0 0 1 1"),
    ],
    [
      ("Drawn", "True"), ("Text", "AI"), ("HeightShare", "0.1"), ("Contrast", "5"), ("AtEdge", "True"),
      ("Region", "0 0 99999999999999999999 1"),
    ],
  ])
  func `a record that is not whole counts as none`(properties: [(String, String)]) throws {
    #expect(try Self.evidence(properties.map { (name: $0.0, value: $0.1) }).result == .notEvaluated)
  }
}
