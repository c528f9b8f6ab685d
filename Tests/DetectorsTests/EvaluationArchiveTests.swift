import Evaluation
import Foundation
import ImageFormats
import Images
import Testing

struct EvaluationArchiveTests {
  /// A tar of one drawn picture below each name.
  private static func tar(_ names: [String], at place: URL) throws {
    let noise = SpectralFeaturesSupport.noise(32, seed: 1)
    let picture = try ImageEncoder.png(noise)
    var bytes: [UInt8] = []
    for name in names {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, _ start: Int) {
        for (index, byte) in text.utf8.enumerated() { header[start + index] = byte }
      }
      func octal(_ number: Int, _ digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
      }
      put(name, 0)
      put("0000644", 100)
      put(octal(picture.count, 11), 124)
      put("ustar\u{0}00", 257)
      put("0", 156)
      put("        ", 148)
      put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
      bytes += header + picture + [UInt8](repeating: 0, count: (512 - picture.count % 512) % 512)
    }
    try Data(bytes + [UInt8](repeating: 0, count: 1024)).write(to: place)
  }

  @Test func `labels are those within an archive, wherever it lies itself`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-set-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for place in ["real", "ai", "real/ai"] {
      let holder = folder.appending(path: place)
      try FileManager.default.createDirectory(at: holder, withIntermediateDirectories: true)
      let archive = holder.appending(path: "set.tar")
      try Self.tar(["set/ai/one/a.png", "set/real/two/b.png", "real/c.png", "other/d.png"], at: archive)
      let set = try EvaluationSet(archive: FilePath(archive.path))
      #expect(set.pictures.map(\.isGenerated) == [true, false, false], "\(place)")
      #expect(set.pictures.map(\.source) == ["ai/one", "real/two", "real/real"])
      let read = try set.mapFiles { picture, file in file != nil && picture.longSide == 32 }
      #expect(read == [true, true, true])
    }
  }
}
