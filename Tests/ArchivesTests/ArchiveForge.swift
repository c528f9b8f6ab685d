import Foundation

/// Makes archives byte by byte, also such as no tool would make.
enum ArchiveForge {
  /// A member of a tar, padded to whole blocks.
  static func tarMember(_ name: String, _ content: [UInt8], type: Character = "0", link: String = "")
    -> [UInt8]
  {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ at: Int) { header.replaceSubrange(at..<at + text.utf8.count, with: text.utf8) }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, 0)
    put("0000644", 100)
    put(octal(0, 7), 108)
    put(octal(0, 7), 116)
    put(octal(type == "0" ? content.count : 0, 11), 124)
    put(octal(0, 11), 136)
    put("        ", 148)
    put(String(type), 156)
    put(link, 157)
    put("ustar\u{0}00", 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
    let padding = (512 - content.count % 512) % 512
    return header + content + [UInt8](repeating: 0, count: padding)
  }

  static func tar(_ members: [(String, [UInt8])]) -> [UInt8] {
    members.flatMap { tarMember($0.0, $0.1) } + [UInt8](repeating: 0, count: 1024)
  }

  /// A zip whose members are stored as they are.
  ///
  /// - Parameters:
  ///   - encrypted: names whose members say that they are.
  ///   - damaged: names whose checksums are wrong.
  static func zip(
    _ members: [(String, [UInt8])], encrypted: Set<String> = [], damaged: Set<String> = []
  ) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in members {
      let sum = Int(crc(content)) ^ (damaged.contains(name) ? 0xFF : 0)
      let common =
        little(20, 2) + little(encrypted.contains(name) ? 1 : 0x800, 2) + little(0, 2) + little(0, 2)
        + little(0x21, 2) + little(sum, 4) + little(content.count, 4) + little(content.count, 4)
        + little(name.utf8.count, 2) + little(0, 2)
      directory +=
        Array("PK\u{1}\u{2}".utf8) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2)
        + little(0, 4) + little(body.count, 4) + Array(name.utf8)
      body += Array("PK\u{3}\u{4}".utf8) + common + Array(name.utf8) + content
    }
    let end =
      Array("PK\u{5}\u{6}".utf8) + little(0, 4) + little(members.count, 2) + little(members.count, 2)
      + little(directory.count, 4) + little(body.count, 4) + little(0, 2)
    return body + directory + end
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 {
        let carries = crc & 1 == 1
        crc >>= 1
        if carries { crc ^= 0xEDB8_8320 }
      }
    }
    return ~crc
  }

  /// The same bytes through a program, `gzip` and its kin.
  static func compressed(_ bytes: [UInt8], by program: String, in folder: URL) throws -> [UInt8] {
    let file = folder.appending(path: UUID().uuidString)
    try Data(bytes).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program, "-c", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let result = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](result)
  }
}
