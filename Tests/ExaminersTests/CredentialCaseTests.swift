import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Images
import Scanning
import TestSupport
import Testing

/// What a scan makes of credentials that say less, or say it elsewhere, than a source type in a trusted claim.
struct CredentialCaseTests {
  private static func sign(_ change: (inout ClaimContent) -> Void) throws -> (
    bytes: [UInt8], trust: TrustSettings
  ) {
    let authority = try LocalAuthority(organization: "Test")
    let (key, pem) = try authority.issue(.es256, organization: "Studio", commonName: "Signer")
    let picture = try ImageEncoder.png(
      Image(width: 32, height: 32, colorModel: .rgb, pixels: [UInt8](repeating: 90, count: 32 * 32 * 3)))
    var content = ClaimContent(
      softwareAgent: "Editor", digitalSourceType: "http://c2pa.org/digitalsourcetype/empty")
    change(&content)
    let signer = ManifestSigner(try SigningCredential(key: key, certificatesPEM: pem))
    return (
      try signer.sign(picture, content),
      TrustSettings(signers: try TrustList(pem: authority.certificatePEM, name: "root"))
    )
  }

  @Test(
    .enabled(if: TestPaths.shared != nil, "skipped: no shared data"),
    arguments: [
      "c2pa-adobe-firefly/49a6b089bf.jpg", "c2pa-google/b17ac7e754.jpg", "c2pa-openai/507e6867e5.webp",
    ])
  func `what a generator states in its credentials alone is read there`(name: String) throws {
    let folder = try #require(TestPaths.shared).appending(path: "interop/metadata-wild")
    let result = Self.scan(
      try ImageFile(path: folder.appending(path: name).path), TrustSettings())
    #expect(result.outcome == .aiDeclared)
  }

  private static func scan(_ file: ImageFile, _ trust: TrustSettings) -> ScanResult {
    FileScanner(examiners: [ProvenanceExaminer(), CredentialsExaminer(trust: trust)]).scan(file).result
  }

  private static func evidence(_ result: ScanResult) throws -> Evidence {
    try #require(result.evidence.first { $0.method == "credentials.c2pa" })
  }

  @Test func `a generator that a trusted claim only names is declared, not verified`() throws {
    let changes: [(inout ClaimContent) -> Void] = [
      { $0.softwareAgent = "Midjourney" }, { $0.generatorName = "Adobe_Firefly" },
      {
        $0.softwareAgent = "Bing Image Creator"
        $0.description = "AI Generated Image"
      },
      { $0.description = "An AI-generated image" }, { $0.modelName = "a model" },
    ]
    for change in changes {
      let (bytes, trust) = try Self.sign(change)
      let result = Self.scan(ImageFile(bytes: bytes), trust)
      let evidence = try Self.evidence(result)
      #expect(evidence.class == .declared && evidence.strength == .medium, "\(evidence.summary)")
      #expect(evidence.reason != nil && evidence.origin != nil)
      #expect([.aiDeclared].contains(result.outcome), "\(evidence.summary): \(result.outcome)")
    }
  }

  @Test func `a program that is no generator declares nothing`() throws {
    let (bytes, trust) = try Self.sign { $0.description = "Painted in Ghent" }
    #expect(Self.scan(ImageFile(bytes: bytes), trust).outcome == .noIndication)
  }

  @Test func `a byte of a chunk's head changed leaves the statement and its place`() throws {
    var (bytes, trust) = try Self.sign { $0.digitalSourceType = DigitalSource.generated }
    let chunk = try #require(Data(bytes).range(of: Data("caBX".utf8))).lowerBound
    bytes[chunk] ^= 0x20
    let result = Self.scan(ImageFile(bytes: bytes), trust)
    // The picture's bytes are those that were signed: nothing of it was altered, only the head of the store's chunk.
    #expect(result.outcome == .aiDeclared)
    #expect(try Self.evidence(result).summary.contains("at CaBX at byte") == true)
  }

  // MARK: Shared cases

  /// What each file of `../shared/cases` must come out as under the root beside it, or none.
  static let cases: [(String, Outcome)] = [
    ("02-extra-exclusions/normal.jpg", .captureVerified),
    ("02-extra-exclusions/pixel-like.jpg", .captureVerified),
    ("03-tiff-never-verified/s.tif", .aiGeneratedVerified), ("04-bmff-update/upd.avif", .aiGeneratedVerified),
    ("04-bmff-update/update-dropped.avif", .altered), ("04-bmff-update/manifesx.avif", .altered),
    ("05-jpeg-sequence/multi-seq-from-0.jpg", .aiGeneratedVerified),
    ("05-jpeg-sequence/single-seq-from-0.jpg", .aiGeneratedVerified),
    ("05-jpeg-sequence/single-seq-le.jpg", .aiGeneratedVerified), ("06-jpeg-stray/stray.jpg", .altered),
    ("06-jpeg-stray/tem.jpg", .altered),
    ("07-adobe-generative-ai/generative-ai-assertion.jpg", .aiGeneratedVerified),
    ("07-adobe-generative-ai/third-party-created.jpg", .aiGeneratedVerified),
    ("08-ai-names-in-credentials/agent-midjourney.jpg", .aiDeclared),
    ("08-ai-names-in-credentials/bing-v1.jpg", .aiDeclared),
    ("08-ai-names-in-credentials/generator-name-ai.jpg", .aiDeclared),
    ("08-ai-names-in-credentials/l-ai-disclosure.jpg", .aiDeclared),
    ("16-sidecar-of-another/a.jpg", .aiGeneratedVerified), ("16-sidecar-of-another/a.png", .noIndication),
    ("16-sidecar-of-another/a.webp", .noIndication), ("30-ai-disclosure-trufo/trufo-ai.jpg", .aiDeclared),
    ("30-ai-disclosure-trufo/trufo-ai.avif", .aiDeclared),
    ("33-png-raw-profile-app11/im6-from-c2small-jpg.png", .altered),
    ("33-png-raw-profile-app11/back-to.jpg", .altered),
    ("35-gif-extensions-renamed/im6-c2small.gif", .altered),
    ("39-exif-holds-xmp-iim-c2pa/s-c2small.tif.png", .altered),
    ("39-exif-holds-xmp-iim-c2pa/s-c2small.tif.heic", .altered),
  ]

  @Test(
    .enabled(if: TestPaths.shared != nil, "skipped: no shared data"), arguments: CredentialCaseTests.cases)
  func `a public report's input answers as it must`(path: String, outcome: Outcome) throws {
    let file = try #require(TestPaths.shared).appending(path: "cases/\(path)")
    let root = file.deletingLastPathComponent().appending(path: "root.pem")
    var trust = TrustSettings()
    if let pem = try? String(contentsOf: root, encoding: .utf8) {
      trust.signers = try TrustList(pem: pem, name: "root")
    }
    let result = Self.scan(try ImageFile(path: FilePath(file.path)), trust)
    #expect(result.outcome == outcome, "\(result.evidence.map(\.summary))")
    // A damaged signature hides no declaration: all of these declare AI.
    if outcome == .altered { #expect(result.besides == .aiDeclared) }
    // Converters carry a store along to where the format keeps none: that is no change of a signed file.
    if ["im6-", "s-c2small"].contains(where: { file.lastPathComponent.hasPrefix($0) }) {
      #expect(result.alteration == .foreign)
    }
  }
}
