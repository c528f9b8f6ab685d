import ContentCredentials
import Foundation
import Testing

struct SigningTests {
  /// A PNG of one grey pixel.
  static let png: [UInt8] = Array(
    Data(
      base64Encoded:
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")!)

  static func signer(
    _ algorithm: SigningAlgorithm
  ) throws -> (signer: ManifestSigner, reader: CredentialsReader) {
    let authority = try LocalAuthority(organization: "Test")
    let (key, pem) = try authority.issue(algorithm, organization: "Test", commonName: "Signer")
    let root = try TrustList(pem: authority.certificatePEM, name: "root")
    return (
      ManifestSigner(try SigningCredential(key: key, certificatesPEM: pem)),
      CredentialsReader(trust: TrustSettings(signers: root))
    )
  }

  @Test(arguments: SigningAlgorithm.allCases)
  func `what is signed is trusted under its root and says AI`(algorithm: SigningAlgorithm) throws {
    let (signer, reader) = try Self.signer(algorithm)
    var content = ClaimContent(softwareAgent: "Gen", digitalSourceType: DigitalSource.generated)
    content.softBinding = .init(algorithm: "example", value: "1")
    let report = reader.report(on: try signer.sign(Self.png, content))
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.isBound == true)
    #expect(report.origin.kind == .generated)
    #expect(report.origin.isSignerTrusted)
    #expect(report.active?.actions.map(\.action) == ["c2pa.created", "c2pa.watermarked.bound"])
  }

  @Test func `a signed parent stays in and its capture is not lost`() throws {
    let (signer, reader) = try Self.signer(.es256)
    let photo = try signer.sign(
      Self.png, ClaimContent(softwareAgent: "Camera", digitalSourceType: DigitalSource.captured))
    var content = ClaimContent(softwareAgent: "Styler", digitalSourceType: DigitalSource.editedWithAI)
    content.parent = .init(file: photo, title: "photo.png", mediaType: "image/png")
    let report = reader.report(on: try signer.sign(Self.png, content))
    #expect(report.state == .trusted, "\(report.reason)")
    #expect(report.manifests.count == 2)
    #expect(report.origin.kind == .editedWithAI)
  }

  @Test func `a byte changed anywhere outside the store breaks the binding`() throws {
    let (signer, reader) = try Self.signer(.ed25519)
    let signed = try signer.sign(
      Self.png, ClaimContent(softwareAgent: "Gen", digitalSourceType: DigitalSource.generated))
    for index in [20, signed.count - 5] {
      var changed = signed
      changed[index] ^= 1
      #expect(reader.report(on: changed).state == .invalid)
      #expect(reader.report(on: changed).isBound == false)
    }
  }

  @Test func `a certificate of another key is refused`() throws {
    let authority = try LocalAuthority(organization: "Test")
    let (_, pem) = try authority.issue(.es256, organization: "Test", commonName: "Signer")
    #expect(throws: CredentialError.self) {
      try SigningCredential(key: SigningKey(.es256), certificatesPEM: pem)
    }
  }

  @Test func `keys round-trip through PEM`() throws {
    for algorithm in SigningAlgorithm.allCases {
      let key = try SigningKey(algorithm)
      #expect(try SigningKey(pem: key.pem, algorithm: algorithm).algorithm == algorithm)
    }
  }
}
