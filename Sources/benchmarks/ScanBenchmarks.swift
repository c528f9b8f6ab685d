import Examiners
import Foundation
import ImageFormats
import Images
import Scanning

/// `assay scan --only provenance` on a folder of 200 files against `exiftool -r -json` on it.
///
/// The folder holds the gallery's pictures over and over; both programs are started anew for every run.
struct MetadataScanBenchmark: BenchmarkCase {
  let name = "scan.provenance"
  let title = "metadata of a folder of 200 small files, program start included"
  let goal: String? = "at least 10 times as fast as exiftool"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let folder = try Scratch.folder("provenance")
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
    var subjects: [BenchmarkSubject] = [
      .scan(folder, of: 200, ["--only", "provenance", "--json"], allowing: [0, 1])
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

/// Reading, decoding and judging a 1-megapixel JPEG by the trained detector, on one core.
struct DetectorBenchmark: BenchmarkCase {
  let name = "scan.detector"
  let title = "a 1-megapixel JPEG (1152×896, quality 90, 4:2:0), one core"
  let goal: String? = "decode and detector in at most 40 ms"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let bytes = try ImageEncoder.jpeg(GrainyPicture.image(width: 1152, height: 896), quality: 90)
    let examiner = DetectorExaminer()
    return [
      BenchmarkSubject(name: "decode + detector", pieces: 1) {
        let findings = try examiner.examine(Examination(ImageFile(bytes: bytes)))
        guard findings.aiProbability != nil else { throw BenchmarkError("the detector gave no probability") }
      }
    ]
  }
}

/// `assay scan --only detector` on a folder of 1-megapixel JPEGs.
struct DetectorScanBenchmark: BenchmarkCase {
  let name = "scan.detector.2"
  let title = "48 JPEGs of 1 megapixel on two workers, program start included"
  let goal: String? = "at most 25 ms a picture, that is 40 pictures a second"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let bytes = try ImageEncoder.jpeg(GrainyPicture.image(width: 1152, height: 896), quality: 90)
    let folder = try Scratch.folder("detector", of: 48, jpeg: bytes)
    return [.scan(folder, of: 48, ["--only", "detector", "--json", "--workers", "2"])]
  }
}

/// Reading, decoding and measuring a 1-megapixel JPEG, in this process on one core.
struct SpectraBenchmark: BenchmarkCase {
  let name = "scan.spectra"
  let title = "a 1-megapixel JPEG (1152×896, quality 90, 4:2:0), one core"
  let goal: String? = "decode and spectra in at most 10 ms"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let bytes = try ImageEncoder.jpeg(GrainyPicture.image(width: 1152, height: 896), quality: 90)
    let examiner = SpectraExaminer()
    let everything = FileScanner(examiners: ExaminerRegister.scan())
    return [
      BenchmarkSubject(name: "decode + spectra", pieces: 1) {
        let findings = try examiner.examine(Examination(ImageFile(bytes: bytes)))
        guard findings.evidence.contains(where: { $0.result == .found }) else {
          throw BenchmarkError("the spectrum was not measured")
        }
      },
      BenchmarkSubject(name: "decode + luminance", pieces: 1) {
        let plane = try ImageFile(bytes: bytes).decode().image.luminance()
        guard plane.width == 1152 else { throw BenchmarkError("the picture has another size") }
      },
      BenchmarkSubject(name: "every examiner, with the hashes of file and pixels", pieces: 1) {
        guard everything.scan(ImageFile(bytes: bytes)).result.error == nil else {
          throw BenchmarkError("the picture was not scanned")
        }
      },
    ]
  }
}

/// A full scan of larger pictures by the program, for the memory it takes.
struct ScanMemoryBenchmark: BenchmarkCase {
  let name = "scan.memory"
  let title = "a full scan of eight 6-megapixel JPEGs on two workers, program start included"
  /// 120 MB and 16 bytes a pixel of two pictures.
  let goal: String? = "peak memory of the program at most \((120_000_000 + 16 * 2 * 3000 * 2000) >> 20) MiB"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let bytes = try ImageEncoder.jpeg(GrainyPicture.image(width: 3000, height: 2000), quality: 90)
    let folder = try Scratch.folder("memory", of: 8, jpeg: bytes)
    return [.scan(folder, of: 8, ["--json", "--workers", "2"])]
  }
}

extension BenchmarkSubject {
  /// The program scans a folder and reports each of its files.
  fileprivate static func scan(
    _ folder: URL, of count: Int, _ options: [String], allowing codes: Set<Int32> = [0]
  ) -> BenchmarkSubject {
    BenchmarkSubject(name: "assay scan \(options.joined(separator: " "))", pieces: count) {
      let lines = try Command.run([Command.assay, "scan"] + options + [folder.path], allowing: codes)
      guard lines == count else { throw BenchmarkError("assay reported \(lines) of \(count) files") }
    }
  }
}

extension Scratch {
  /// A folder with some copies of a JPEG.
  fileprivate static func folder(_ name: String, of count: Int, jpeg bytes: [UInt8]) throws -> URL {
    let folder = try folder(name)
    for index in 0..<count { try Data(bytes).write(to: folder.appending(path: "\(index).jpg")) }
    return folder
  }
}

/// A picture of ramps and grain that compresses about as a photograph does.
enum GrainyPicture {
  static func image(width: Int, height: Int) -> Image {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    var state: UInt32 = 1
    for y in 0..<height {
      for x in 0..<width {
        state = state &* 1_664_525 &+ 1_013_904_223
        let grain = Int(state >> 28)
        for base in [x / 5, y / 4, (x + y) / 9] { pixels.append(UInt8(min(255, base % 240 + grain))) }
      }
    }
    return Image(width: width, height: height, colorModel: .rgb, pixels: pixels)
  }
}

struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Other programs.
enum Command {
  /// The program that was built beside this one.
  static var assay: String {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "assay").path
  }

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
