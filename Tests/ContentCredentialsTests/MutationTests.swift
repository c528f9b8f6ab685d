import ContentCredentials
import Foundation
import TestSupport
import Testing

/// Damage at every place of a store: a report each time, in bounded time, and no lie survives it.
///
/// `ASSAY_FULL_MUTATION=1` changes every byte of every file's store with all values below, as a run before a
/// release; without it bytes are left out so that the whole stays within seconds.
struct MutationTests {
  private static let isFull = ProcessInfo.processInfo.environment["ASSAY_FULL_MUTATION"] == "1"

  /// Files of one folder with a store, named by their path below the shared data.
  private static let interoperable: [String] = {
    guard let shared = TestPaths.shared else { return [] }
    guard isFull else {
      return [
        "valid-es256.webp", "valid-composite.jpg", "valid-timestamped.jpg", "valid-ingredient-inputTo.png",
      ]
      .map { "interop/c2pa-made/\($0)" }
    }
    let interop = shared.appending(path: "interop")
    let paths = FileManager.default.enumerator(atPath: interop.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in
      let isPicture = ["png", "jpg", "webp", "heic", "avif", "c2pa"].contains(
        URL(filePath: path).pathExtension)
      let url = interop.appending(path: path)
      return path.hasPrefix("c2pa-") && isPicture
        && (try? Data(contentsOf: url)).map { !AssetLayout(of: Array($0)).stores.isEmpty } ?? false
    }.sorted().map { "interop/\($0)" }
  }()

  @Test(
    .enabled(if: TestPaths.shared != nil, "skipped: no shared data"), arguments: MutationTests.interoperable)
  func `a store of others changed or cut at any byte gives a report`(path: String) throws {
    let bytes = Array(try Data(contentsOf: try #require(TestPaths.shared).appending(path: path)))
    // 61 and 7 share no factor with the sizes of fields.
    try Self.mutate(bytes, stride: Self.isFull ? 1 : 61)
  }

  @Test(arguments: [SigningAlgorithm.es256, .ed25519])
  func `a store of our own changed or cut at any byte gives a report`(algorithm: SigningAlgorithm) throws {
    let (signer, _) = try SigningTests.signer(algorithm)
    var content = ClaimContent(softwareAgent: "Gen", digitalSourceType: DigitalSource.generated)
    content.softBinding = .init(algorithm: "example", value: "1")
    content.trainingMining = .notAllowed
    try Self.mutate(try signer.sign(SigningTests.png, content), stride: Self.isFull ? 1 : 7)
  }

  /// - Parameter stride: bytes from one change to the next.
  private static func mutate(_ bytes: [UInt8], stride step: Int) throws {
    let reader = CredentialsReader()
    let original = reader.report(on: bytes)
    let container = try #require(AssetLayout(of: bytes).stores.first).container
    let range = container.isEmpty ? 0..<bytes.count : container
    var slowest = 0.0
    for index in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      for value in [bytes[index] ^ 0xFF, bytes[index] ^ 0x01, 0x00, 0x7F] where value != bytes[index] {
        var changed = bytes
        changed[index] = value
        let (report, seconds) = Self.timed { reader.report(on: changed) }
        slowest = max(slowest, seconds)
        guard report.state == .valid || report.state == .trusted else { continue }
        // What may change unseen is outside the signature: it must not alter what is said.
        let isSame =
          report.origin.kind == original.origin.kind
          && report.origin.digitalSourceType == original.origin.digitalSourceType
          && report.active?.actions == original.active?.actions
        #expect(isSame, "byte \(index) set to \(value) changes the statement unseen")
      }
      let (_, seconds) = Self.timed { reader.report(on: Array(bytes[..<index])) }
      slowest = max(slowest, seconds)
    }
    #expect(slowest < 1, "one report took \(slowest) s of processor time")
  }

  /// Processor time of this thread, which other work on the machine does not lengthen.
  private static func timed(_ work: () -> CredentialsReport) -> (CredentialsReport, seconds: Double) {
    let start = threadNanoseconds()
    let report = work()
    return (report, Double(threadNanoseconds() - start) / 1e9)
  }

  private static func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
