import Detectors
import Foundation
import ImageFormats
import Images

/// `assay scan --only provenance` on a folder of 200 files against `exiftool -r -json` on it.
///
/// The folder holds the gallery's pictures over and over; both programs are started anew for every run.
struct MetadataScanBenchmark: BenchmarkCase {
  let name = "scan.provenance"
  let title = "metadata of a folder of 200 small files, program start included"
  let goal: String? = "at least 10 times as fast as exiftool"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-bench-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let gallery = URL(filePath: "fixtures/gallery")
    let files = try FileManager.default.contentsOfDirectory(at: gallery, includingPropertiesForKeys: nil)
      .filter { ["png", "jpg", "webp"].contains($0.pathExtension) }.sorted { $0.path < $1.path }
    for index in 0..<200 {
      let source = files[index % files.count]
      let target = folder.appending(path: "\(index)-\(source.lastPathComponent)")
      if !FileManager.default.fileExists(atPath: target.path) {
        try FileManager.default.copyItem(at: source, to: target)
      }
    }
    let assay = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "assay")
      .path
    var subjects = [
      BenchmarkSubject(name: "assay scan --only provenance --json", pieces: 200) {
        let lines = try Command.run(
          [assay, "scan", "--only", "provenance", "--json", folder.path], allowing: [0, 1])
        guard lines == 200 else { throw BenchmarkError("assay reported \(lines) of 200 files") }
      }
    ]
    if Command.exists("exiftool") {
      subjects.append(
        BenchmarkSubject(name: "exiftool -r -json", pieces: 200) {
          let lines = try Command.run(["exiftool", "-q", "-r", "-json", folder.path], allowing: [0, 1])
          guard lines > 200 else { throw BenchmarkError("exiftool wrote \(lines) lines") }
        })
    }
    return subjects
  }
}

/// Reading, decoding and luminance of a 1-megapixel JPEG, in this process.
struct DecodeBenchmark: BenchmarkCase {
  let name = "scan.decode"
  let title = "decode and luminance of a 1-megapixel JPEG (1152×896, quality 90, 4:2:0), one core"
  let goal: String? = nil

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let (width, height) = (1152, 896)
    var pixels: [UInt8] = []
    var state: UInt32 = 1
    for y in 0..<height {
      for x in 0..<width {
        state = state &* 1_664_525 &+ 1_013_904_223
        let grain = Int(state >> 28)
        for base in [x / 5, y / 4, (x + y) / 9] { pixels.append(UInt8(min(255, base % 240 + grain))) }
      }
    }
    let bytes = try ImageEncoder.jpeg(
      Image(width: width, height: height, colorModel: .rgb, pixels: pixels), quality: 90)
    return [
      BenchmarkSubject(name: "decode + luminance", pieces: 1) {
        let plane = try ImageFile(bytes: bytes).decode().image.luminance()
        guard plane.width == width else { throw BenchmarkError("the picture has another size") }
      }
    ]
  }
}

struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Other programs.
enum Command {
  static func exists(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }

  /// Runs a program and counts the lines that it writes.
  @discardableResult
  static func run(_ arguments: [String], allowing statuses: Set<Int32> = [0]) throws -> Int {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard statuses.contains(process.terminationStatus) else {
      throw BenchmarkError("\(arguments[0]) exited with \(process.terminationStatus)")
    }
    return output.count { $0 == 0x0A }
  }
}
