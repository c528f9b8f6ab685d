import Foundation
import ImageFormats
import Images
import Provenance
import TestSupport
import Testing

struct MutationTests {
  static let files = GalleryTests.expected.keys.sorted()

  /// Reads everything; what matters is that it ends.
  static func read(_ bytes: [UInt8]) {
    let file = ImageFile(bytes: bytes)
    guard let container = try? file.container() else { return }
    let signs = ProvenanceReader.signs(
      in: file, container: container, metadata: file.metadata(in: container),
      image: { try file.decode().image })
    for sign in signs {
      if let range = sign.place.bytes { #expect(range.upperBound <= bytes.count) }
    }
  }

  @Test(arguments: files)
  func `a mutated file neither traps nor hangs`(name: String) throws {
    let original = try Array(Data(contentsOf: GalleryTests.folder.appending(path: name)))
    let seed = name.utf8.reduce(UInt64(7)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    var random = SplitMix(state: seed)
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes[place] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &random)!
        default: bytes.remove(at: place)
        }
        if bytes.isEmpty { break }
      }
      Self.read(bytes)
    }
  }

  @Test(arguments: ["comfyui.png", "google-edited.jpg", "aigc-label.webp", "samsung-edit.jpg", "webui.webp"])
  func `a file cut at every byte is read to its cut`(name: String) throws {
    let original = try Array(Data(contentsOf: GalleryTests.folder.appending(path: name)))
    for length in 0..<original.count { Self.read(Array(original.prefix(length))) }
  }
}
