import ContentCredentials
import Crypto
import Foundation
import ImageFormats

/// Damage at every byte of one file's store, in the file.
struct StoreMutation {
  let path: String
  /// One in so many bytes inside embedded files is changed; 1: all.
  let insideStep: Int

  /// Bytes of larger stores take two values instead of four.
  static let smallStore = 20_000
  /// Inside embedded files the file is cut at one byte in so many.
  static let cutStep = 256

  /// What became of the changes.
  struct Tally: Codable, Sendable {
    var file: String
    var sha256: String
    var storeBytes = 0
    /// Those of them inside embedded files.
    var insideBytes = 0
    var insideStep: Int
    var changes = 0
    var cuts = 0
    /// Changes and cuts that left the state valid, with the same statement.
    var passed = 0
    /// Changes and cuts that left the state valid, with another statement.
    var lies: [String] = []
    /// Processor time of the slowest report.
    var slowestMilliseconds = 0.0
    /// MiB above the start.
    var memory: Double?
    var seconds = 0.0

    var reports: Int { changes + cuts }
  }

  /// - Parameter measuresMemory: whether nothing else runs in this process.
  /// - Returns: nil for a file without a store.
  func run(measuresMemory: Bool) throws -> Tally? {
    let file = try ImageFile(path: path).bytes
    let layout = AssetLayout(of: file)
    guard let store = layout.stores.first else { return nil }
    let container = layout.container == .sidecar ? 0..<file.count : store.container
    let inside = Self.embedded(store, layout.container, file)
    if measuresMemory { ResidentMemory.startPeak() }
    let before = ResidentMemory.now
    let begin = ContinuousClock.now
    var tally = Tally(
      file: path, sha256: SHA256.hash(data: file).hexadecimal, storeBytes: store.bytes.count,
      insideBytes: inside.count { $0 }, insideStep: insideStep)

    let reader = CredentialsReader()
    let original = try Self.statement(reader.report(on: file))

    func judge(_ bytes: [UInt8], _ what: @autoclosure () -> String) throws {
      let (report, time) = Self.timed { reader.report(on: bytes) }
      tally.slowestMilliseconds = max(tally.slowestMilliseconds, time * 1_000)
      guard report.state == .valid || report.state == .trusted else { return }
      if try Self.statement(report) == original { tally.passed += 1 } else { tally.lies.append(what()) }
    }
    let all: [(UInt8) -> UInt8] = [{ $0 ^ 0xFF }, { $0 ^ 0x01 }, { _ in 0x00 }, { _ in 0x7F }]
    let outside = all.prefix(store.bytes.count <= Self.smallStore ? 4 : 2)
    var changed = file
    for index in container {
      let value = file[index]
      let isInside = inside[index - container.lowerBound]
      if isInside && index % insideStep != 0 { continue }
      for other in isInside ? [value ^ 0xFF] : outside.map({ $0(value) }) where other != value {
        changed[index] = other
        try judge(changed, "byte \(index) set to \(other)")
        tally.changes += 1
      }
      changed[index] = value
      if !isInside || index % Self.cutStep == 0 {
        try judge(Array(file[..<index]), "cut at \(index)")
        tally.cuts += 1
      }
    }
    tally.memory = measuresMemory ? ResidentMemory.peak - before : nil
    tally.seconds = begin.duration(to: .now) / .seconds(1)
    return tally
  }

  // MARK: What a report says

  /// All that the signers state, of the picture and of what it was made from, as JSON.
  ///
  /// Time stamps are left out: they stand outside the signature, where anybody can take one away.
  private static func statement(_ report: CredentialsReport) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let manifests = report.manifests.map { manifest in
      var manifest = manifest
      (manifest.timeStamp, manifest.isTimeStampTrusted, manifest.deprecated) = (nil, false, [])
      manifest.timeStampFault = nil
      return manifest
    }
    return try encoder.encode(manifests) + encoder.encode(report.origin)
  }

  private static func timed(_ work: () -> CredentialsReport) -> (report: CredentialsReport, seconds: Double) {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    let report = work()
    return (report, now() - start)
  }

  // MARK: Embedded files

  /// Which bytes of the container are the content of embedded files, thumbnails as a rule; these are only hashed.
  private static func embedded(
    _ store: AssetLayout.LocatedStore, _ kind: AssetLayout.Container, _ file: [UInt8]
  ) -> [Bool] {
    let base = kind == .sidecar ? 0 : store.container.lowerBound
    var inside = [Bool](repeating: false, count: kind == .sidecar ? file.count : store.container.count)
    let places = places(of: store, kind, file)
    func walk(_ boxes: [JUMBFBox]) {
      for box in boxes {
        if box.type == "bidb" { for index in box.payload { places(index).map { inside[$0 - base] = true } } }
        walk(box.children)
      }
    }
    walk(JUMBFParser.parse(store.bytes).boxes)
    return inside
  }

  /// Where in the file a byte of the store stands; nil where that is not known.
  private static func places(
    of store: AssetLayout.LocatedStore, _ kind: AssetLayout.Container, _ file: [UInt8]
  ) -> (Int) -> Int? {
    if kind == .jpeg {
      let segments = JPEGLayout.segments(of: file, headOnly: true).segments.filter {
        store.container.contains($0.range.lowerBound)
      }
      let parts = segments.enumerated().flatMap { index, segment in
        Array(segment.payload.dropFirst(index == 0 ? 8 : 16))
      }
      return { parts.indices.contains($0) ? parts[$0] : nil }
    }
    // Elsewhere a store lies in one piece, and is a slice of the file.
    let isSlice = file.indices.contains(store.bytes.endIndex - 1) && file[store.bytes.indices] == store.bytes
    return { isSlice ? $0 : nil }
  }
}
