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

  @Test func `archives without pictures are named, with how much else is in them`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let zip = Data([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))
    let zeros = Data(count: 10_240)
    for (name, data) in [("a.zip", zip), ("b.tar", zeros), ("c.jpg", zeros)] {
      try data.write(to: folder.appending(path: name))
    }
    var walk = PictureWalk([FilePath(folder.path)])
    var found: [String] = []
    while let file = walk.next() { found.append(file.path.lastComponent.display) }
    // What is nothing but zeros is an empty tar where its name says tar, and a picture that was wiped out else.
    #expect(found == ["c.jpg"])
    #expect(walk.bareArchives.map(\.path.lastComponent.display) == ["a.zip", "b.tar"])
    #expect(walk.bareArchives.allSatisfy { $0.others == 0 })
  }

  @Test func `a picture that is handed over comes before the rest`() throws {
    let picture = ImageFile(bytes: [1, 2, 3])
    var walk = PictureWalk(picture: picture, name: "-", then: [FilePath("/nowhere.png")])
    #expect(walk.next()?.member?.bytes == [1, 2, 3])
    #expect(walk.next()?.path.display == "/nowhere.png")
    #expect(walk.next() == nil)
  }
}
