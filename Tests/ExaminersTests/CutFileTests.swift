import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Scanning
import TestSupport
import Testing

/// Whoever lacks a file's end does not know that there were no credentials, nor that somebody changed them.
struct CutFileTests {
  private static func fixture(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: TestPaths.fixtures.appending(path: path)))
  }

  private static func report(_ bytes: some Sequence<UInt8>) -> CredentialsReport {
    CredentialsExaminer.report(on: Examination(ImageFile(bytes: Array(bytes))), trust: TrustSettings())
  }

  @Test(arguments: [
    "gallery/nothing.png", "gallery/aigc-label.webp", "formats/plain.gif", "formats/lossy.avif",
    "formats/lossy.heic",
    "formats/rgb8.tif", "formats/rgba8-bigtiff.tif", "other-formats/metadata.jxl", "other-formats/rgb24.bmp",
  ])
  func `of a cut file nobody knows whether it carried credentials`(path: String) throws {
    let whole = try Self.fixture(path)
    #expect(Self.report(whole).state == .absent)
    for missing in [2, 12, 40, whole.count / 2] {
      let cut = Array(whole.dropLast(missing))
      let report = Self.report(cut)
      #expect(report.state == .undetermined, "\(missing)")
      #expect(report.reason.contains("ends early"))
      let findings = try CredentialsExaminer().examine(Examination(ImageFile(bytes: cut)))
      #expect(findings.evidence.map(\.result) == [.notEvaluated])
      #expect(findings.evidence.allSatisfy { !$0.summary.contains("no Content Credentials") })
      let metadata = try ProvenanceExaminer().examine(Examination(ImageFile(bytes: cut))).evidence
      #expect(metadata.allSatisfy { $0.result != .absent })
    }
  }

  @Test func `in a JPEG they would lie before the picture`() throws {
    let whole = try Self.fixture("gallery/camera.jpg")
    #expect(Self.report(whole.dropLast(2)).state == .absent)
    #expect(Self.report(whole.prefix(30)).state == .undetermined)
    #expect(try ImageFile(bytes: whole.dropLast(2)).container().endsEarly)
  }

  // MARK: Files with credentials

  static let signed = [
    "credentials/kinds/signed.png", "credentials/kinds/update.png", "credentials/kinds/signed.gif",
    "credentials/kinds/signed.tif", "credentials/kinds/signed.avif", "credentials/kinds/merkle-leaves.avif",
    "credentials/kinds/merkle-root.avif", "credentials/containers/signed.webp",
    "credentials/containers/signed.heic",
    "credentials/containers/signed.jxl", "credentials/updates/update.avif", "credentials/updates/update.gif",
    "credentials/updates/update.jpg", "credentials/updates/update.tif", "credentials/updates/update.webp",
    "credentials/kinds/compressed.c2pa", "credentials/transcoded/from-jpeg.jxl", "other-media/film.avi",
    "other-media/film.mov", "other-media/film.mp4", "other-media/fragments.mp4", "other-media/page.pdf",
    "other-media/sound.m4a", "other-media/sound.mp3", "other-media/sound.wav", "labels/pictures/drawn.jpg",
  ]

  /// Before the store, within it, behind it, in the pixels, and at every byte of the first and last.
  private static func cuts(of count: Int) -> [Int] {
    let all = Array(1...min(64, count - 1)) + (1..<80).map { count * $0 / 80 } + (1...20).map { count - $0 }
    return Set(all.filter { $0 > 0 && $0 < count }).sorted()
  }

  @Test(arguments: signed)
  func `a signed file that is cut anywhere is never said to be without credentials, nor changed`(path: String)
    throws
  {
    let whole = try Self.fixture(path)
    #expect(Self.report(whole).state != .absent)
    // Behind the tag of a sound nothing says how long it was, and of a RIFF file the last byte only pads.
    let isOpen = path.hasSuffix("mp3")
    let pads = path.hasSuffix("webp") || path.hasSuffix("wav") || path.hasSuffix("avi")
    for end in Self.cuts(of: whole.count) where !(pads && end == whole.count - 1) {
      let report = Self.report(whole.prefix(end))
      let isCut = report.state == .invalid && report.fault == .cut && report.reason.contains("ends early")
      #expect(
        report.state == .undetermined || isCut || isOpen && report.state == .invalid,
        "\(end): \(report.state), \(report.reason)")
      if report.state == .undetermined { #expect(report.fault == nil && report.isBound == nil) }
      let findings = CredentialsExaminer.findingsForTests(of: Array(whole.prefix(end)))
      let alterations = Set(findings.compactMap(\.alteration))
      if !isOpen { #expect(alterations.isSubset(of: [.cut]), "\(end): \(alterations)") }
      #expect(findings.allSatisfy { $0.result != .absent }, "\(end)")
    }
  }

  @Test func `of a store that is not there to its end is told what it states, and that nobody can check it`()
    throws
  {
    let whole = try Self.fixture("credentials/kinds/update.png")
    let store = try #require(CredentialsReader.store(in: whole)).count
    let report = Self.report(whole.prefix(33 + 8 + store - 200))
    #expect(report.state == .undetermined && report.reason.contains("within its Content Credentials"))
    #expect(report.codes(.failure) == ["general.error"])
    #expect(report.origin.kind == .generated)
    let evidence = CredentialsExaminer.findingsForTests(of: Array(whole.prefix(33 + 8 + store - 200)))
    #expect(evidence.map(\.origin) == [.generated] && evidence.map(\.alteration) == [nil])
  }

  @Test func `a damaged length in a whole file is no cut`() throws {
    let whole = try Self.fixture("credentials/kinds/signed.png")
    var changed = whole
    // The length of the store's own box, within a chunk that is whole.
    let start = try #require(whole.firstRange(of: Array("jumb".utf8))).lowerBound - 4
    changed[start] = 0x7F
    let report = Self.report(changed)
    #expect(report.state == .malformed && report.fault == .damaged)
  }

  // MARK: The JPEG within a JPEG XL

  @Test func `the credentials of a JPEG in a JPEG XL are told as that one's`() throws {
    let whole = try Self.fixture("credentials/transcoded/from-jpeg.jxl")
    let root = try String(
      contentsOf: TestPaths.fixtures.appending(path: "credentials/transcoded/root.pem"), encoding: .utf8)
    let trust = TrustSettings(
      signers: try TrustList(pem: root, name: "root"), now: Date(timeIntervalSince1970: 1_796_103_000))
    let examination = Examination(ImageFile(bytes: whole))
    let report = CredentialsExaminer.report(on: examination, trust: trust)
    #expect(report.state == .undetermined && report.fault == nil && report.isBound == nil, "\(report.reason)")
    #expect(report.reason.contains("the JPEG that the file was made from without loss"))
    #expect(report.origin.kind == .generated && report.origin.isSignerTrusted)
    #expect(report.place?.contains("jbrd") == true)
    let metadata = try examination.metadata()
    #expect(metadata.iptc.filter { $0.dataset == 80 }.map(\.text) == ["Anna", "Ben"])
    #expect(metadata.iptc.contains { $0.dataset == 110 && $0.text == "Made with Google AI" })
    #expect(metadata.comments.map(\.text) == ["a comment"])
    // One byte of the compressed stream: what it held nobody knows, and so nobody says that it held nothing.
    let box = try #require(try examination.container().segments.first { $0.name == "jbrd" })
    var damaged = whole
    damaged[box.payload.upperBound - 200] ^= 0x55
    let unread = Self.report(damaged)
    #expect(
      [.undetermined, .invalid, .malformed].contains(unread.state) && unread.state != .absent,
      "\(unread.state)")
    var headless = whole
    headless.replaceSubrange(box.payload.prefix(12), with: [UInt8](repeating: 0xFF, count: 12))
    let unknown = Self.report(headless)
    #expect(
      unknown.state == .undetermined && unknown.reason.contains("was not examined"), "\(unknown.reason)")
    #expect(try ImageFile(bytes: headless).metadata().warnings.contains { $0.code == "jxl.jbrd" })
  }

  // MARK: Whole files

  /// Those that are cut on purpose.
  private static let cutFiles: Set = ["gallery/cut.jpg", "audit-case/pictures/tampered/cut.png"]

  @Test func `no whole file ends early`() throws {
    var count = 0
    let folders = [TestPaths.fixtures] + [TestPaths.shared?.appending(path: "interop")].compactMap(\.self)
    for folder in folders {
      let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      for name in names.sorted() {
        guard
          ImageFormat.allCases.contains(where: {
            $0.fileExtensions.contains((name as NSString).pathExtension)
          }),
          let file = try? ImageFile(path: folder.appending(path: name).path), let map = try? file.container()
        else { continue }
        count += 1
        let isKnown = Self.cutFiles.contains(name) || name.contains("malformed") || name.contains("truncated")
        if !isKnown { #expect(!map.endsEarly, "\(name): \(map.warnings.map(\.message))") }
      }
    }
    #expect(count > 100)
  }
}

extension CredentialsExaminer {
  fileprivate static func findingsForTests(of bytes: [UInt8]) -> [Evidence] {
    (try? CredentialsExaminer().examine(Examination(ImageFile(bytes: bytes))).evidence) ?? []
  }
}
