import Foundation
import ImageFormats
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct `Files` {
  /// A folder of its own for each test, removed at the end.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func code(_ path: FilePath) -> String? {
    do throws(ImageFormatError) {
      _ = try ImageFile(path: path)
      return nil
    } catch {
      #expect(error.location.file == path.display)
      return error.code
    }
  }

  @Test func `what is no regular file is refused, and nothing hangs`() throws {
    try withFolder { folder in
      #expect(code(FilePath(folder + "/missing.png")) == "file.open")
      try FileManager.default.createDirectory(atPath: folder + "/x.png", withIntermediateDirectories: false)
      #expect(code(FilePath(folder + "/x.png")) == "file.kind")
      #expect(symlink("loop.png", folder + "/loop.png") == 0)
      #expect(code(FilePath(folder + "/loop.png")) == "file.open")
      #expect(mkfifo(folder + "/pipe.png", 0o600) == 0)
      #expect(code(FilePath(folder + "/pipe.png")) == "file.kind")
      #expect(code("/dev/zero") == "file.kind")
      #expect(code(FilePath(bytes: Array(folder.utf8) + [0x2F, 0, 0x61])) == "file.open")
    }
  }

  @Test func `an empty file and a foreign one are told apart`() throws {
    let empty = #expect(throws: ImageFormatError.self) { try ImageFile(bytes: [], name: "a.png").decode() }
    #expect(empty?.code == "format.empty")
    let foreign = #expect(throws: ImageFormatError.self) {
      try ImageFile(bytes: Array("%PDF-1.7".utf8)).decode()
    }
    #expect(foreign?.code == "format.unknown")
  }

  @Test func `an unreadable file says so, unless permissions do not bind this user`() throws {
    try withFolder { folder in
      let path = folder + "/secret.png"
      try Data([1, 2, 3]).write(to: URL(filePath: path))
      #expect(chmod(path, 0) == 0)
      #expect(code(FilePath(path)) == (geteuid() == 0 ? nil : "file.open"))
    }
  }

  @Test func `a file over the size limit is refused unread`() throws {
    try withFolder { folder in
      let path = folder + "/large.png"
      try Data(count: 11).write(to: URL(filePath: path))
      var limits = ReadLimits.standard
      limits.maxFileBytes = 10
      let error = #expect(throws: ImageFormatError.self) { try ImageFile(path: path, limits: limits) }
      #expect(error?.code == "file.size")
    }
  }

  @Test func `a name that is not UTF-8 opens its file`() throws {
    try withFolder { folder in
      let name = FilePath(folder).appending(FilePath(bytes: [0x63, 0xE9, 0x2E, 0x70, 0x6E, 0x67]))
      let content = try Fixtures.bytes("rgb8.png")
      do throws(ImageFormatError) {
        try writeAtomically(content, to: name, overwrite: false)
      } catch {
        // Some file systems take UTF-8 names only.
        return
      }
      let file = try ImageFile(path: name)
      #expect(file.bytes == content)
      #expect(file.extensionMatches == true)
      #expect(name.display.hasSuffix("/c\\xE9.png"))
    }
  }

  @Test func `two names that are not UTF-8 never look alike`() {
    #expect(FilePath(bytes: [0xE9]).display == "\\xE9")
    #expect(FilePath(bytes: [0xC3, 0xA9, 0xFF, 0x61]).display == "é\\xFFa")
    #expect(FilePath("猫.webp").display == "猫.webp")
    #expect(FilePath("/a/b.JPG").fileExtension == "jpg")
    #expect(FilePath("/a/.hidden").fileExtension == nil)
    #expect(FilePath("/a.b/c").fileExtension == nil)
  }

  @Test func `writing is whole or not at all, and asks before it replaces`() throws {
    try withFolder { folder in
      let path = folder + "/out.bin"
      try writeAtomically([1, 2], to: path, overwrite: false)
      let refused = #expect(throws: ImageFormatError.self) {
        try writeAtomically([3], to: path, overwrite: false)
      }
      #expect(refused?.code == "write.exists")
      #expect(try readFile(FilePath(path)) == [1, 2])
      try writeAtomically([], to: path, overwrite: true)
      #expect(try readFile(FilePath(path)) == [])
      #expect(throws: ImageFormatError.self) {
        try writeAtomically([1], to: folder + "/no/where", overwrite: true)
      }
      #expect(throws: ImageFormatError.self) { try writeAtomically([1], to: "", overwrite: true) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.bin"])
    }
  }

  #if os(Linux)
    @Test func `what one that was killed left is cleared away by the next that writes`() throws {
      try withFolder { folder in
        let path = folder + "/out.bin"
        try writeAtomically([1], to: path, overwrite: false)
        try FileManager.default.copyItem(atPath: path, toPath: path + ".assay-new")
        try writeAtomically([2], to: path, overwrite: true)
        #expect(try readFile(FilePath(path)) == [2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.bin"])
      }
    }

    @Test func `several may write one file at the same moment`() async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appending(path: "out.bin").path
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for round in 0..<50 {
              try writeAtomically([UInt8(writer), UInt8(round)], to: path, overwrite: true)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try readFile(FilePath(path)).last == 49)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.bin"])
    }

    /// What a kill at that moment would leave.
    @Test func `nothing lies beside a file that is being written`() throws {
      try withFolder { folder in
        let path = FilePath(folder + "/out.bin")
        for pass in 0..<2 {
          try writeAtomically(to: path, overwrite: true) { write in
            try write([1, 2, UInt8(pass)])
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names == (pass == 0 ? [] : ["out.bin"]))
          }
          #expect(try readFile(path) == [1, 2, UInt8(pass)])
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.bin"])
        }
      }
    }
  #endif

  @Test func `a file whose making fails leaves nothing, and a former one as it was`() throws {
    struct Stop: Error {}
    try withFolder { folder in
      let path = FilePath(folder + "/out.bin")
      for former in [[], ["out.bin"]] {
        #expect(throws: Stop.self) {
          try writeAtomically(to: path, overwrite: true) { write in
            try write([9])
            throw Stop()
          }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == former)
        try writeAtomically([1], to: path, overwrite: true)
      }
      #expect(try readFile(path) == [1])
    }
  }
}
