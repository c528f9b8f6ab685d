import Foundation
import ImageFormats
import Images
import TestSupport

/// `fixtures/formats` and what is expected of its files.
enum Fixtures {
  static let folder = TestPaths.fixtures.appending(path: "formats")

  struct Expected: Decodable {
    var width: Int?
    var height: Int?
    var bitDepth: Int?
    var colorModel: String?
    var frames: Int?
    var fnv1a64: String?
    var decoded: String?
    var tolerance: Int?
    var icc: Int?
    var pictures: Int?
    var jpeg: JPEG?
    var metadata: Metadata?

    struct JPEG: Decodable {
      var quality: Int
      var progressive: Bool
      var huffman: String
      var subsampling: String
    }

    struct Metadata: Decodable {
      var texts: [[String]]?
      var xmp: [[String]]?
      var exif: [String: String]?
      var userComment: [String]?
      var makerNote: String?
      var iptc: [IPTC]?
      var comments: [String]?
      var orientation: Int?
      var trailing: Int?
      var profile: Int?
      var noProfile: Bool?
      var warnings: [String]?
    }

    /// `[record, dataset, text]`.
    struct IPTC: Decodable, Equatable {
      var record: Int
      var dataset: Int
      var text: String

      init(record: Int, dataset: Int, text: String) {
        (self.record, self.dataset, self.text) = (record, dataset, text)
      }

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        record = try list.decode(Int.self)
        dataset = try list.decode(Int.self)
        text = try list.decode(String.self)
      }
    }
  }

  static let expected: [String: Expected] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "expected.json")) else { return [:] }
    return (try? JSONDecoder().decode([String: Expected].self, from: data)) ?? [:]
  }()

  static var names: [String] { expected.keys.sorted() }
  static var withPixels: [String] { names.filter { expected[$0]?.width != nil } }
  static var withMetadata: [String] { names.filter { expected[$0]?.metadata != nil } }

  static func bytes(_ name: String) throws -> [UInt8] {
    try ImageFile(path: folder.appending(path: name).path).bytes
  }

  /// 64-bit FNV-1a over the samples, 16-bit ones little-endian.
  static func hash(_ image: Image) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    switch image.samples {
    case .eight(let pixels): pixels.forEach(add)
    case .sixteen(let pixels):
      for sample in pixels {
        add(UInt8(sample & 255))
        add(UInt8(sample >> 8))
      }
    }
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
