import ContentCredentials
import Examiners
import Foundation
import ImageFormats
import Images
import Scanning
import Testing

/// What becomes of Content Credentials in a scan, with files signed here.
struct CredentialsExaminerTests {
  private struct Maker {
    var signer: ManifestSigner
    var trust: TrustSettings

    init() throws {
      let authority = try LocalAuthority(organization: "Test")
      let (key, pem) = try authority.issue(.es256, organization: "Studio", commonName: "Signer")
      signer = ManifestSigner(try SigningCredential(key: key, certificatesPEM: pem))
      trust = TrustSettings(signers: try TrustList(pem: authority.certificatePEM, name: "root"))
    }

    func sign(_ source: String, xmp: String? = nil) throws -> [UInt8] {
      let pixels = (0..<(32 * 32 * 3)).map { UInt8(truncatingIfNeeded: $0 * 7) }
      var picture = try ImageEncoder.png(
        Image(width: 32, height: 32, colorModel: .rgb, pixels: pixels))
      if let xmp {
        var writer = try MetadataWriter(picture)
        try writer.setXMP(xmp)
        picture = writer.bytes
      }
      var content = ClaimContent(softwareAgent: "Gen", digitalSourceType: source)
      content.softBinding = .init(algorithm: "org.example.mark", value: [0x00, 0xFF, 0x10])
      return try signer.sign(picture, content)
    }

    func scan(_ bytes: [UInt8], trusting: Bool = true) -> ScanResult {
      let credentials = CredentialsExaminer(trust: trusting ? trust : TrustSettings())
      return FileScanner(examiners: [ProvenanceExaminer(), credentials]).scan(ImageFile(bytes: bytes)).result
    }
  }

  private static func evidence(_ result: ScanResult) throws -> Evidence {
    try #require(result.evidence.first { $0.method == "credentials.c2pa" })
  }

  @Test(arguments: [
    (DigitalSource.generated, Outcome.aiGeneratedVerified), (DigitalSource.editedWithAI, .aiEditedVerified),
    (DigitalSource.captured, .captureVerified),
  ])
  func `a trusted signer's word is verified`(source: String, outcome: Outcome) throws {
    let maker = try Maker()
    let result = maker.scan(try maker.sign(source))
    #expect(result.outcome == outcome)
    #expect(try Self.evidence(result).class == .verified)
    #expect(try Self.evidence(result).reason == nil)
    #expect(try Self.evidence(result).credentials?.softBindings == ["00ff10"])
  }

  @Test func `an unknown signer's word is a declaration with a reservation`() throws {
    let maker = try Maker()
    let result = maker.scan(try maker.sign(DigitalSource.generated), trusting: false)
    #expect(result.outcome == .aiDeclared)
    #expect(try Self.evidence(result).class == .declared)
    #expect(
      try Self.evidence(result).reason == "signed by Studio (the signature holds); no trust list is in use"
    )
  }

  @Test func `an unknown signer's capture proves nothing`() throws {
    let maker = try Maker()
    let result = maker.scan(try maker.sign(DigitalSource.captured), trusting: false)
    #expect(result.outcome == .noIndication)
  }

  @Test(arguments: [DigitalSource.generated, DigitalSource.captured])
  func `a file changed after signing warns and verifies nothing`(source: String) throws {
    let maker = try Maker()
    var bytes = try maker.sign(source)
    // A byte appended after the picture: the binding covers it.
    bytes.append(0)
    let result = maker.scan(bytes)
    #expect(result.warnings.contains { $0.contains("changed after signing") })
    #expect(result.outcome == .altered && result.alteration == .changed)
    #expect(result.besides == (source == DigitalSource.generated ? .aiDeclared : nil))
    let evidence = try Self.evidence(result)
    #expect(evidence.class == .declared)
    #expect(evidence.reason != nil)
  }

  @Test func `verified generation against a declared capture is a conflict`() throws {
    let maker = try Maker()
    let capture = """
      <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
      <Iptc4xmpExt:DigitalSourceType>\(DigitalSource.captured)</Iptc4xmpExt:DigitalSourceType>
      </rdf:Description></rdf:RDF></x:xmpmeta>
      """
    let result = maker.scan(try maker.sign(DigitalSource.generated, xmp: capture))
    #expect(result.outcome == .conflicting)
  }

  @Test func `marks of a plan agree with each other`() throws {
    let maker = try Maker()
    let picture = try ImageEncoder.png(
      Image(width: 16, height: 16, colorModel: .rgb, pixels: [UInt8](repeating: 90, count: 768)))
    let claim = ClaimContent(
      softwareAgent: "Gen & Co", softwareVersion: "2", digitalSourceType: DigitalSource.generated)
    let plan = MarkingPlan(
      claim: claim, watermark: .init(algorithm: "org.example.mark", value: [1]),
      label: AIGCLabel(contentProducer: "Studio", produceID: "42"))
    let marked = try plan.mark(picture, with: maker.signer)
    let result = maker.scan(marked)
    #expect(result.outcome == .aiGeneratedVerified)
    let found = Set(result.evidence.filter { $0.result == .found }.map(\.method))
    #expect(found.contains { $0.contains("tc260") })
    // Marking what is marked replaces the words, it does not add to them.
    #expect(maker.scan(try plan.mark(marked, with: maker.signer)).outcome == .aiGeneratedVerified)
    var photo = plan
    photo.claim.digitalSourceType = DigitalSource.captured
    #expect(throws: CredentialError.self) { try photo.mark(picture, with: maker.signer) }
  }
}
