import Foundation
import ImageFormats
import Images
import Watermarks

/// Reading `dwtDct` and `dwtDctSvd` marks, against the library that made them known.
///
/// The library is told method and length; Assay is told nothing, and weighs every way of embedding.
struct WatermarkReadBenchmark: BenchmarkCase {
  let name = "watermark.read"
  let title =
    "open marks in a decoded 1-megapixel picture (1152×896): ours blind, the library told what to read"
  let goal: String? =
    "marked pictures at least 10 times as fast as invisible-watermark; an unmarked one in 52 ms"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    guard let payload = Payload(hex: "b3ec907bb19e") else { throw BenchmarkError("the payload is no number") }
    let plain = GrainyPicture.image(width: 1152, height: 896)
    let reader = DWTReader()
    let ownGrid = AssayMark(effort: .ownGrid)
    let peer = try peers.map { try PythonPeer($0, script: "Tests/Peers/time_watermarks.py") }
    var subjects: [BenchmarkSubject] = []
    for method in [DWTMethod.dwtDct, .dwtDctSvd] {
      let marked = try DWTScheme(method).embed(payload, in: plain)
      subjects.append(
        BenchmarkSubject(name: "assay, \(method.rawValue)") {
          guard reader.read(marked).marks.first?.payload == payload else {
            throw BenchmarkError("the mark was not read")
          }
        })
      guard let peer else { continue }
      let path = try Scratch.folder(name).appending(path: "\(method.rawValue).png").path
      try Data(ImageEncoder.png(marked)).write(to: URL(filePath: path))
      subjects.append(
        BenchmarkSubject(name: "invisible-watermark 0.2.0, \(method.rawValue)") {
          let bits = try await peer.ask("\(method.rawValue)\t\(payload.count)\t\(path)")
          guard bits.count == payload.count else { throw BenchmarkError("the library answered \(bits)") }
        })
    }
    subjects.append(
      BenchmarkSubject(name: "assay, unmarked: both schemes, any cut") {
        guard !reader.read(plain).found else { throw BenchmarkError("a mark was read that is not there") }
      })
    subjects.append(
      BenchmarkSubject(name: "assay, unmarked: Assay's own mark on its own grid") {
        guard !ownGrid.read(plain).found else { throw BenchmarkError("a mark was read that is not there") }
      })
    return subjects
  }
}

/// A Python program that answers line by line, so that its start is not timed.
actor PythonPeer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(_ python: URL, script: String) throws {
    process.executableURL = python
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit { process.terminate() }

  /// Sends a line and waits for the answer's.
  func ask(_ line: String) throws -> String {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    var answer = Data()
    while answer.last != 0x0A {
      let part = output.fileHandleForReading.availableData
      guard !part.isEmpty else { throw BenchmarkError("the peer ended") }
      answer += part
    }
    return String(decoding: answer.dropLast(), as: UTF8.self)
  }
}
