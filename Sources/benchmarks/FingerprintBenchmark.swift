import Fingerprints
import Foundation
import Images

/// Every shipped fingerprint looked for in a picture of a megapixel, on one core, from its pixels on.
///
/// The picture carries none, so that the search goes through all of its stages. Beside it the same steps by NumPy, SciPy
/// and Pillow, which must come to the same T.
struct FingerprintBenchmark: BenchmarkCase {
  let effort: FingerprintReader.Effort

  var name: String { effort == .whole ? "fingerprint.whole" : "fingerprint.search" }
  var title: String {
    "all shipped fingerprints in a picture of 1 megapixel (1152×896), one core, "
      + (effort == .whole
        ? "the whole picture as it is" : "every stage: turned and mirrored, cells of collages, crops")
  }
  var goal: String? {
    "at most \(effort == .whole ? 25 : 120) ms, and a third of NumPy's and pocketfft's time"
  }

  static let (width, height) = (1152, 896)
  static let folder = "Sources/Fingerprints/Resources"

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let image = GrainyPicture.image(width: Self.width, height: Self.height)
    let reader = try FingerprintReader.shipped(effort: effort)
    guard let expected = reader.read(image).nearest?.statistic else {
      throw BenchmarkError("the picture is taken for one that carries a fingerprint")
    }
    var subjects = [
      BenchmarkSubject(
        name: "Assay",
        work: {
          guard reader.read(image).nearest?.statistic == expected else {
            throw BenchmarkError("two readings of one picture differ")
          }
        })
    ]
    guard let peers else { return subjects }
    let file = try Scratch.folder("fingerprint").appending(path: "picture.rgb")
    let bytes = image.planes().map { plane in plane.values.map { UInt8($0) } }
    try Data((0..<image.pixelCount).flatMap { pixel in bytes.map { $0[pixel] } }).write(to: file)
    let peer = try PeerProcess(
      python: peers,
      arguments: [
        "Tests/Peers/bench_fingerprints.py", file.path, "\(Self.width)", "\(Self.height)", Self.folder,
      ])
    let command = effort == .whole ? "whole" : "search"
    subjects.append(
      BenchmarkSubject(
        name: "NumPy, SciPy (pocketfft), Pillow", processor: { try await peer.ask("clock")[0] },
        work: {
          let statistic = try await peer.ask(command)[0]
          guard abs(statistic - expected) < 0.02 else {
            throw BenchmarkError("the peer's T is \(statistic), ours \(expected)")
          }
        }))
    return subjects
  }
}
