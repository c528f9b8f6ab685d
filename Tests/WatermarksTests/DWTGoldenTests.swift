import Foundation
import Images
import TestSupport
import Testing
import Watermarks

/// What invisible-watermark 0.2.0 wrote; see Tests/Peers/make_watermark_vectors.py.
private struct Golden: Codable {
  var cases: [Case]

  struct Case: Codable, CustomTestStringConvertible {
    var kind: Carrier
    var width: Int
    var height: Int
    var seed: Int
    var method: String
    var payload: String
    var carrier: String
    var marked: String
    var libraryReads: String

    var testDescription: String { "\(method) \(kind.rawValue) \(width)×\(height)" }
  }

  static func load() throws -> Golden {
    let url = TestPaths.fixtures.appending(path: "watermarks/dwt-golden.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

struct DWTGoldenTests {
  @Test func `every byte is the one that invisible-watermark writes`() throws {
    let golden = try Golden.load()
    #expect(golden.cases.count == 128)
    for item in golden.cases {
      let image = item.kind.image(width: item.width, height: item.height, seed: item.seed)
      #expect(checksum(image.pixels8) == item.carrier, "carrier \(item.testDescription)")
      let method = try #require(DWTMethod(rawValue: item.method))
      let payload = try #require(Payload(binary: item.payload))
      let marked = try DWTScheme(method).embed(payload, in: image)
      #expect(checksum(marked.pixels8) == item.marked, "marked \(item.testDescription)")
    }
  }
}
