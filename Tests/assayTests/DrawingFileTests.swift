import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// Drawings that commands write: as large as the picture, with what their colours and places stand for.
struct DrawingFileTests {
  private static func size(_ path: String) throws -> (width: Int, height: Int) {
    let header = try ImageFile(path: path).header()
    return (header.width, header.height)
  }

  @Test func `a heat map is as large as its picture, with a legend below, and is told of`() throws {
    let folder = try ScratchFolder()
    var random = SplitMix(state: 3)
    let (width, height) = (1_500, 400)
    let pixels = (0..<width * height * 3).map {
      UInt8(truncatingIfNeeded: 90 + $0 % 7 * 9 + Int(random.next() % 60))
    }
    let path = folder.url.appending(path: "wide.png").path
    try writeAtomically(
      ImageEncoder.png(Image(width: width, height: height, colorModel: .rgb, pixels: pixels)), to: path,
      overwrite: false)
    let maps = folder.url.appending(path: "maps").path
    let result = try CommandLineTool.run(["scan", path, "--only", "detector", "--heatmap", maps])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("1 heat map in \(maps)\n"), "\(result.errors)")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: maps).first)
    let size = try Self.size(maps + "/" + name)
    #expect(size.width == width && (height + 20...height + 60).contains(size.height), "\(size)")
    // The band runs from blue to orange, and words stand below it.
    let image = try ImageFile(path: maps + "/" + name).decode().image
    let band = image.cropped(x: 0, y: height + 2, width: width, height: 1).pixels8
    #expect(band[2] > band[0] && band[3 * width - 3] > band[3 * width - 1])
    let below = image.cropped(x: 0, y: height + 12, width: width, height: size.height - height - 12).pixels8
    #expect(below.contains(0) && below.contains(255))
  }

  @Test func `a sheet's pictures have their numbers below them`() throws {
    let folder = try ScratchFolder()
    let plain = try CommandLineTool.run([
      "generate", "gan", "--model", "landscapes", "--seed", "7", "--count", "2", "--grid", "-o",
      folder.url.path,
    ])
    #expect(plain.status == 0, "\(plain.errors)")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).first)
    let image = try ImageFile(path: folder.url.appending(path: name).path).decode().image
    #expect(image.width == 258 && image.height == 138, "\(image.width)×\(image.height)")
    // Dark on white, in the middle below each.
    for left in [0, 130] {
      let number = image.cropped(x: left + 56, y: 129, width: 16, height: 9).pixels8
      #expect(number.count { $0 < 60 } > 20 && number.count { $0 > 200 } > 100)
    }
  }

  @Test func `what is no drawing is refused, with the way to give a photo`() throws {
    let folder = try ScratchFolder()
    let output = folder.url.path + "/o.png"
    let refused = try CommandLineTool.run(["translate", "fixtures/gallery/camera.jpg", "-o", output])
    #expect(
      refused.status == 1 && refused.errors.contains("this is no drawing of dark lines"), "\(refused.errors)")
    #expect(refused.errors.contains("--input photo"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
