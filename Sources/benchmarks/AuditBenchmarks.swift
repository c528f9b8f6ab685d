import Audits
import Foundation
import ImageFormats
import Synchronization

/// A ledger of a million entries: the whole chain recomputed, one file looked up, a batch entered.
struct LedgerBenchmark: BenchmarkCase {
  let name = "ledger"
  let title =
    "a ledger of 1,000,000 entries; per entry verified, per lookup, per entry added in batches of 64"
  let goal: String? = "verify at least 200,000 entries a second (0.005 ms), a lookup in at most 5 ms"
  let mostRuns = 3

  private static let entries = 1_000_000

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let folder = try Scratch.folder("ledger")
    let ledger = try Ledger(path: folder.appending(path: "ledger.sqlite").path)
    let time = Date(timeIntervalSince1970: 1_795_521_600)
    for start in stride(from: 0, to: Self.entries, by: 5_000) {
      try ledger.append((start..<start + 5_000).map(Self.record), at: time)
    }
    let added = Counter()
    return [
      BenchmarkSubject(name: "verify", pieces: Self.entries) {
        guard case .intact(let head) = try ledger.verify(), head.count >= Self.entries else {
          throw BenchmarkError("the chain does not verify")
        }
      },
      BenchmarkSubject(name: "lookup by SHA-256", pieces: 1_000) {
        for number in 0..<1_000 {
          let hash = Self.hash(number * 997)
          guard try ledger.entries(fileHash: hash).count == 1 else { throw BenchmarkError("not found") }
        }
      },
      BenchmarkSubject(name: "add", pieces: 640) {
        for _ in 0..<10 {
          let first = Self.entries + added.next() * 64
          try ledger.append((first..<first + 64).map(Self.record), at: time)
        }
      },
    ]
  }

  private static func hash(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 64 - digits.count) + digits
  }

  /// A result of the usual kind is about 600 bytes.
  private static func record(_ number: Int) -> LedgerEntry.Record {
    LedgerEntry.Record(
      file: "pictures/\(number).jpg", fileHash: hash(number), outcome: "noIndication",
      result: "{\"file\":\"pictures/\(number).jpg\",\"note\":\"" + String(repeating: "x", count: 550) + "\"}",
      tool: "assay 0.1.0 audit", operatorName: "desk")
  }
}

private final class Counter: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock { count in
      count += 1
      return count - 1
    }
  }
}

/// Ten thousand files audited in one run, page and JSON written.
struct AuditBenchmark: BenchmarkCase {
  let name = "audit"
  let title = "10,000 small JPEGs audited by five rule packs, page and JSON written, program start included"
  let goal: String? = "memory of the program at most 300 MB (286 MiB), the page at most 5 MB"
  let mostRuns = 1

  private static let files = 10_000

  func subjects(peers: URL?) throws -> [BenchmarkSubject] {
    let folder = try Scratch.folder("audit")
    let pictures = folder.appending(path: "pictures")
    for index in 0..<Self.files {
      let place = pictures.appending(path: "\(index / 500)")
      if index % 500 == 0 {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      }
      try Data(try Self.picture(index)).write(to: place.appending(path: "\(index).jpg"))
    }
    let output = folder.appending(path: "audit").path
    return [
      BenchmarkSubject(name: "assay audit", pieces: Self.files) {
        try Command.run(
          [
            Command.assay, "audit", pictures.path, "--rules", "eu,c2pa,cn,iptc,privacy", "--format",
            "html,json",
            "-o", output, "--force",
          ])
        let page =
          try FileManager.default.attributesOfItem(atPath: output + "/report.html")[.size] as? Int ?? 0
        guard page > 100_000, page <= 5_000_000 else { throw BenchmarkError("the page has \(page) bytes") }
        print("page \(page) bytes")
      }
    ]
  }

  /// Every third picture declares AI in its XMP, so that rules have something to say.
  private static func picture(_ index: Int) throws -> [UInt8] {
    let width = 96 + index % 40
    let jpeg = try ImageEncoder.jpeg(GrainyPicture.image(width: width, height: 80 + index % 23), quality: 85)
    var writer = try MetadataWriter(jpeg)
    let type = index % 3 == 0 ? "trainedAlgorithmicMedia" : "digitalCapture"
    try writer.setXMP(
      """
      <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
      <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
      xmlns:dc="http://purl.org/dc/elements/1.1/" dc:identifier="\(index)">\
      <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/\(type)\
      </Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>
      """)
    return writer.bytes
  }
}
