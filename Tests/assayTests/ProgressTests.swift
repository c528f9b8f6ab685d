import Foundation
import ImageFormats
import Images
import TestSupport
import Testing

/// What commands tell on the way, and what an interrupt leaves.
struct ProgressTests {
  /// A terminal for standard error, as `script` gives one: what is written to it.
  private static func onTerminal(_ words: [String]) throws -> (status: Int32, text: String)? {
    let folder = try ScratchFolder()
    let log = folder.url.appending(path: "log").path
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/script") else { return nil }
    let command = ([CommandLineTool.program.path] + words).map { "'\($0)'" }.joined(separator: " ")
    let result = try CommandLineTool.run(
      ["-q", "-e", "-c", command, log], program: URL(filePath: "/usr/bin/script"))
    return (result.status, String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self))
  }

  /// A picture whose trial of a watermark takes some seconds.
  private static func slowPicture(_ folder: ScratchFolder) throws -> String {
    let path = folder.url.appending(path: "slow.png").path
    let side = 1600
    var random = SplitMix(state: 1)
    let pixels = (0..<(side * side * 3)).map { index in
      UInt8(truncatingIfNeeded: 64 + index / (3 * side) / 8 + Int(random.next() % 48))
    }
    try writeAtomically(
      ImageEncoder.png(Image(width: side, height: side, colorModel: .rgb, pixels: pixels)), to: path,
      overwrite: false)
    return path
  }

  @Test func `a terminal shows a bar that never goes back and is never full before the end`() throws {
    let folder = try ScratchFolder()
    guard let (status, text) = try Self.onTerminal(["watermark", "test", try Self.slowPicture(folder)]) else {
      return
    }
    #expect(status == 0)
    let percents = text.matches(of: #/\[#*-*\] +(\d+) %/#).compactMap { Int($0.1) }
    #expect(percents.count > 3, "\(text.prefix(400))")
    #expect(percents == percents.sorted() && (percents.last ?? 0) < 100)
    #expect(text.contains(" changes, "))
    // Nothing of the bar is left in front of the results.
    let end = try #require(text.range(of: "read after"))
    #expect(text[..<end.lowerBound].contains("\r\u{1B}[K"))
  }

  @Test func `elsewhere lines are written, and with --quiet nothing is`() throws {
    let folder = try ScratchFolder()
    let picture = try Self.slowPicture(folder)
    let loud = try CommandLineTool.run(["watermark", "test", picture], keepsProgress: true)
    #expect(loud.status == 0)
    #expect(loud.errors.contains(#/^\d+ %  trying \d+ of \d+ changes/#), "\(loud.errors)")
    #expect(!loud.errors.contains("\u{1B}") && !loud.errors.contains("\r"))
    let quiet = try CommandLineTool.run(["watermark", "test", picture, "--quiet"], keepsProgress: true)
    #expect(quiet.status == 0 && quiet.errors.isEmpty && quiet.output == loud.output, "\(quiet.errors)")
    #expect(try CommandLineTool.run(["--help"]).output.contains("--quiet"))
  }

  @Test func `who started it without Ctrl-C, as a script's background does, is not interrupted`() throws {
    let folder = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "trap '' INT; exec \"$0\" watermark test \"$1\"", CommandLineTool.program.path,
      try Self.slowPicture(folder),
    ]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    // Its first word tells that it is up.
    _ = errors.fileHandleForReading.availableData
    process.interrupt()
    _ = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
  }

  @Test func `lines of a scan say that an archive does not tell how many there are`() throws {
    let folder = try ScratchFolder()
    let picture = URL(filePath: try Self.slowPicture(folder))
    for number in 0..<12 {
      try FileManager.default.copyItem(at: picture, to: folder.url.appending(path: "\(number).png"))
    }
    let packed = try CommandLineTool.run(
      ["sh", "-c", "cd '\(folder.url.path)' && tar cf set.tar [0-9]*.png"],
      program: URL(filePath: "/usr/bin/env"))
    #expect(packed.status == 0)
    let result = try CommandLineTool.run(
      ["scan", folder.url.path + "/set.tar", "--workers", "1", "--json"], keepsProgress: true)
    // A fast machine is done before the first line.
    guard result.errors.contains("scanning") else { return }
    #expect(result.errors.contains("of how many is not known before archives are read"), "\(result.errors)")
  }

  @Test func `an interrupt ends a command that counts nothing with 130 and leaves no half file`() throws {
    let folder = try ScratchFolder()
    let picture = try Self.slowPicture(folder)
    let target = folder.url.appending(path: "large.png").path
    let process = Process()
    process.executableURL = CommandLineTool.program
    process.arguments = ["upscale", picture, "--scale", "2", "-o", target]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    // Its first word tells that it is up.
    var told = errors.fileHandleForReading.availableData
    process.interrupt()
    process.waitUntilExit()
    told += errors.fileHandleForReading.readDataToEndOfFile()
    let text = String(decoding: told, as: UTF8.self)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130, "\(text)")
    #expect(text.hasSuffix("interrupted\n"), "\(text)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["slow.png"])
  }
}
