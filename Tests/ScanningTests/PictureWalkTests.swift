import Foundation
import ImageFormats
import Scanning
import Testing

struct PictureWalkTests {
  @Test func `pictures are counted, and nobody knows how many an archive holds`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["a.jpg", "b.png"] { try Data([1]).write(to: folder.appending(path: name)) }
    let path = FilePath(folder.path)
    #expect(PictureWalk.count([path]) == 2)
    // An empty zip.
    let zip = folder.appending(path: "c.zip")
    try Data([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)).write(to: zip)
    #expect(PictureWalk.count([path]) == 0 && PictureWalk.count([FilePath(zip.path)]) == 0)
  }
}
