import Archives
import Foundation
import ImageFormats
import TestSupport
import Testing

struct ArchiveReaderTests {
  private static let picture = [UInt8](
    (try? Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/webui.png"))) ?? Data())
  private static let other = [UInt8](
    (try? Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/camera.jpg"))) ?? Data())

  private final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
  }

  private struct Reading {
    var members: [ArchiveMember]
    var skipped: Int
    /// The names behind the archive's own.
    var names: [String] {
      members.map { String($0.path.display.split(separator: "!", maxSplits: 1).last ?? "") }
    }
    var codes: [String?] { members.map { $0.fault?.code } }
  }

  private static func read(
    _ bytes: [UInt8], name: String = "a.tar", limits: ArchiveLimits = .standard,
    fileLimits: ReadLimits = .standard
  ) throws -> Reading {
    let folder = try Folder()
    let file = folder.url.appending(path: name)
    try Data(bytes).write(to: file)
    let reader = ArchiveReader(path: FilePath(file.path), limits: limits, fileLimits: fileLimits)
    var members: [ArchiveMember] = []
    while let member = reader.next() { members.append(member) }
    return Reading(members: members, skipped: reader.skipped)
  }

  @Test(arguments: ["tar", "zip", "tar.gz", "tar.bz2", "tar.xz"])
  func `members come with their bytes and names, and what is no picture is counted`(kind: String) throws {
    let members = [
      ("a/1.png", Self.picture), ("notes.txt", Array("text".utf8)), ("b/ä €.jpg", Self.other),
      ("without-ending", Self.picture),
    ]
    let programs = ["tar.gz": "gzip", "tar.bz2": "bzip2", "tar.xz": "xz"]
    var bytes = kind == "zip" ? ArchiveForge.zip(members) : ArchiveForge.tar(members)
    if let program = programs[kind] {
      let folder = try Folder()
      bytes = try ArchiveForge.compressed(bytes, by: program, in: folder.url)
      guard !bytes.isEmpty else { return }
    }
    let reading = try Self.read(bytes, name: "set.\(kind)")
    #expect(reading.names == ["/a/1.png", "/b/ä €.jpg", "/without-ending"])
    #expect(reading.members.map { $0.file?.bytes } == [Self.picture, Self.other, Self.picture])
    #expect(reading.members.allSatisfy { $0.fault == nil && $0.warnings.isEmpty })
    #expect(reading.skipped == 1)
  }

  @Test func `names that are no UTF-8 keep their bytes`() throws {
    // One letter of Latin-1, and the checksum that goes with it.
    var bytes = ArchiveForge.tar([("_.png", Self.picture)])
    let change = 0xE9 - Int(bytes[0])
    bytes[0] = 0xE9
    let stated = Int(String(decoding: bytes[148..<154], as: UTF8.self), radix: 8) ?? 0
    let digits = String(stated + change, radix: 8)
    bytes.replaceSubrange(
      148..<154, with: (String(repeating: "0", count: 6 - digits.count) + digits).utf8)
    let reading = try Self.read(bytes)
    #expect(reading.members.first?.path.lastComponent.bytes == [0xE9] + Array(".png".utf8))
  }

  @Test func `an archive within an archive is opened, and one within that is told`() throws {
    let inner = ArchiveForge.zip([("deep.png", Self.picture)])
    let middle = ArchiveForge.tar([("1.jpg", Self.other), ("inner.zip", inner)])
    let reading = try Self.read(ArchiveForge.tar([("middle.tar", middle), ("2.png", Self.picture)]))
    #expect(reading.names == ["/middle.tar!/1.jpg", "/middle.tar!/inner.zip", "/2.png"])
    #expect(reading.codes == [nil, "archive.depth", nil])
    let two = try Self.read(ArchiveForge.zip([("inner.zip", inner)]), name: "a.zip")
    #expect(two.names == ["/inner.zip!/deep.png"])
    #expect(two.members.first?.file?.bytes == Self.picture)
    var limits = ArchiveLimits.standard
    limits.maxNestedBytes = 100
    let small = try Self.read(ArchiveForge.zip([("inner.zip", inner)]), name: "a.zip", limits: limits)
    #expect(small.codes == ["archive.nested"])
  }

  @Test func `what lies beside a picture in the archive comes with it`() throws {
    let store: [UInt8] = [1, 2, 3]
    let reading = try Self.read(
      ArchiveForge.tar([
        ("s/001.c2pa", store), ("s/001.jpg", Self.other), ("s/001.json", Array("{}".utf8)),
        ("s/002.jpg", Self.other), ("t/001.jpg", Self.other),
      ]))
    #expect(reading.names == ["/s/001.jpg", "/s/002.jpg", "/t/001.jpg"])
    let beside = reading.members.map { member in
      let name = FilePath(bytes: member.path.bytes.dropLast(3) + Array("c2pa".utf8))
      return member.file?.neighbour(name)?.bytes
    }
    #expect(beside == [store, nil, nil])
    #expect(reading.codes == [nil, nil, nil])
  }

  @Test func `a store apart from its picture is told`() throws {
    let reading = try Self.read(
      ArchiveForge.tar([("1.jpg", Self.other), ("2.jpg", Self.other), ("1.c2pa", [1])]))
    #expect(reading.codes == [nil, nil, "archive.sidecar"])
  }

  @Test func `absolute names, names that climb and names that come twice have a warning each`() throws {
    let reading = try Self.read(
      ArchiveForge.tar([
        ("/etc/1.png", Self.picture), ("../../2.png", Self.picture), ("./3.png", Self.picture),
        ("3.png", Self.picture),
      ]))
    #expect(reading.names == ["/etc/1.png", "/../../2.png", "/3.png", "/3.png"])
    let words = reading.members.map { $0.warnings.first ?? "" }
    #expect(words[0].contains("absolute"))
    #expect(words[1].contains(".."))
    #expect(words[2].isEmpty)
    #expect(words[3].contains("same name"))
    #expect(reading.members.allSatisfy { $0.file != nil })
  }

  @Test func `encrypted members of a zip are told, and the others read`() throws {
    let bytes = ArchiveForge.zip(
      [("1.png", Self.picture), ("2.png", Self.picture), ("notes.txt", [1])],
      encrypted: ["1.png", "notes.txt"])
    let reading = try Self.read(bytes, name: "a.zip")
    #expect(reading.codes == ["archive.encrypted", nil])
    #expect(reading.skipped == 1)
  }

  @Test func `a damaged member is given with what could be read of it, and the rest follows`() throws {
    let bytes = ArchiveForge.zip(
      [("1.png", Self.picture), ("2.png", Self.picture), ("3.jpg", Self.other)], damaged: ["2.png"])
    let reading = try Self.read(bytes, name: "a.zip")
    #expect(reading.names == ["/1.png", "/2.png", "/3.jpg"])
    #expect(reading.codes == [nil, "archive.member", nil])
    #expect(reading.members[2].file?.bytes == Self.other)
  }

  @Test func `a tar whose header is overwritten goes on at the next that can be read`() throws {
    var bytes = ArchiveForge.tar([
      ("1.png", Self.picture), ("2.png", Self.picture), ("3.jpg", Self.other),
    ])
    let second = 512 + (Self.picture.count + 511) / 512 * 512
    bytes.replaceSubrange(second..<second + 512, with: [UInt8](repeating: 0xAA, count: 512))
    let reading = try Self.read(bytes)
    #expect(reading.names.contains("/1.png") && reading.names.contains("/3.jpg"))
    #expect(reading.codes.filter { $0 == "archive.damaged" }.count == 1)
  }

  @Test func `cut at any block, an archive gives what is whole and says that it ends early`() throws {
    let whole = ArchiveForge.tar([("1.png", Self.picture), ("2.jpg", Self.other)])
    let folder = try Folder()
    let packed = try ArchiveForge.compressed(whole, by: "gzip", in: folder.url)
    for (bytes, name) in [
      (whole, "a.tar"), (packed, "a.tar.gz"),
      (ArchiveForge.zip([("1.png", Self.picture), ("2.jpg", Self.other)]), "a.zip"),
    ] {
      for length in stride(from: 1, to: bytes.count - 1500, by: 509) {
        let reading = try Self.read(Array(bytes.prefix(length)), name: name)
        #expect(reading.codes.contains { $0 != nil }, "\(name) cut at \(length) says nothing")
        for member in reading.members where member.fault == nil {
          let content = member.file?.bytes
          #expect(content == Self.picture || content == Self.other, "\(name) cut at \(length)")
        }
      }
    }
  }

  @Test func `what macOS lays beside a file is no picture`() throws {
    let double = ArchiveReader.appleDouble + [0, 2, 0, 0] + [UInt8](repeating: 0, count: 60)
    let reading = try Self.read(
      ArchiveForge.zip([("1.png", Self.picture), ("__MACOSX/._1.png", double)]), name: "a.zip")
    #expect(reading.names == ["/1.png"] && reading.codes == [nil] && reading.skipped == 1)
  }

  @Test func `what unpacks without end is left`() throws {
    let folder = try Folder()
    let zeros = ArchiveForge.tar([
      ("zeros.png", [UInt8](repeating: 0, count: 24 << 20)), ("1.png", Self.picture),
    ])
    let bytes = try ArchiveForge.compressed(zeros, by: "gzip", in: folder.url)
    var limits = ArchiveLimits.standard
    limits.ratioStart = 1 << 20
    let reading = try Self.read(bytes, name: "a.tar.gz", limits: limits)
    #expect(reading.codes.contains("archive.ratio"))
    #expect(!reading.names.contains("/1.png"))
    // What is passed over is unpacked too, and counts.
    let hidden = ArchiveForge.tar([
      ("zeros.txt", [UInt8](repeating: 0, count: 24 << 20)), ("1.png", Self.picture),
    ])
    let passed = try Self.read(
      try ArchiveForge.compressed(hidden, by: "gzip", in: folder.url), name: "a.tar.gz", limits: limits)
    #expect(passed.codes == ["archive.ratio"])
    limits = .standard
    limits.maxMembers = 2
    let many = try Self.read(
      ArchiveForge.tar((0..<5).map { ("\($0).png", Self.picture) }), limits: limits)
    #expect(many.codes == [nil, nil, "archive.count"])
    limits = .standard
    limits.maxTotal = 2 * Self.picture.count
    let large = try Self.read(
      ArchiveForge.tar((0..<5).map { ("\($0).png", Self.picture) }), limits: limits)
    #expect(large.codes.last == "archive.total")
    var small = ReadLimits.standard
    small.maxFileBytes = 100
    let long = try Self.read(ArchiveForge.tar([("1.png", Self.picture)]), fileLimits: small)
    #expect(long.codes == ["file.size"])
  }

  @Test func `links are passed over: what they lead to is a member itself`() throws {
    let bytes =
      ArchiveForge.tarMember("1.png", Self.picture)
      + ArchiveForge.tarMember("2.png", [], type: "1", link: "1.png")
      + ArchiveForge.tarMember("3.png", [], type: "2", link: "/etc/passwd")
      + [UInt8](repeating: 0, count: 1024)
    let reading = try Self.read(bytes)
    #expect(reading.names == ["/1.png"])
    #expect(reading.skipped == 2)
  }

  @Test func `a compressed file that holds no tar says so`() throws {
    let folder = try Folder()
    let bytes = try ArchiveForge.compressed(Array("some text".utf8), by: "gzip", in: folder.url)
    let reading = try Self.read(bytes, name: "notes.gz")
    #expect(reading.members.count == 1)
    #expect(["archive.open", "archive.damaged"].contains(reading.codes[0] ?? ""))
  }

  @Test func `kinds are told by the first bytes`() {
    let tar = ArchiveForge.tar([("1.png", [1])])
    #expect(ArchiveKind(head: tar) == .tar)
    // As it was before POSIX: the checksum alone.
    var old = tar
    let change = old[257..<265].reduce(0) { $0 + Int($1) }
    old.replaceSubrange(257..<265, with: [UInt8](repeating: 0, count: 8))
    let stated = (Int(String(decoding: old[148..<154], as: UTF8.self), radix: 8) ?? 0) - change
    let digits = String(stated, radix: 8)
    old.replaceSubrange(148..<154, with: (String(repeating: "0", count: 6 - digits.count) + digits).utf8)
    #expect(ArchiveKind(head: old) == .tar)
    #expect(ArchiveKind(head: Self.picture) == nil)
    #expect(ArchiveKind(head: [UInt8](repeating: 0, count: 512)) == nil)
    #expect(ArchiveKind.isNamed("a/b.tar.gz") && ArchiveKind.isNamed("x.ZIP") && ArchiveKind.isNamed("s.tgz"))
    #expect(!ArchiveKind.isNamed("letter.docx") && !ArchiveKind.isNamed("log.gz"))
  }
}
