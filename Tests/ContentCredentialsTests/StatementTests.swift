import ContentCredentials
import Foundation
import Testing

/// What credentials say of AI beside the source types of actions.
struct StatementTests {
  private static func report(
    _ assertions: [(label: String, value: CBOR)], texts: [(label: String, json: String)] = []
  ) throws -> CredentialsReport {
    var forge = try ManifestForge()
    forge.assertions = assertions
    forge.texts = texts
    return forge.reader.report(on: try forge.jpeg())
  }

  private static let empty = ("c2pa.actions.v2", ManifestForge.created(ManifestForge.empty))

  /// Firefly's of 2023, whose actions name no source type.
  @Test func `Adobe's assertion of generative AI makes the picture generated`() throws {
    let report = try Self.report([
      Self.empty,
      (
        "com.adobe.generative-ai",
        .map(["description": "Adobe Firefly", "version": "1.0.0", "prompt": "a cat"])
      ),
    ])
    #expect(report.state == .trusted && report.origin.kind == .generated, "\(report.reason)")
    #expect(report.origin.isExplicit && report.origin.isSignerTrusted)
    #expect(report.origin.tool == "Adobe Firefly" && report.origin.assertion == "com.adobe.generative-ai")
  }

  @Test func `the same assertion in JSON is read too`() throws {
    let report = try Self.report(
      [Self.empty], texts: [("com.adobe.generative-ai", #"{"description":"","prompt":"a cat"}"#)])
    #expect(report.origin.kind == .generated && report.origin.tool == "Adobe Firefly")
  }

  @Test func `a partner's model among the parameters of an action decides, with its name`() throws {
    let parameters: CBORMap = [
      "com.adobe.digitalSourceType": .text(ManifestForge.generated), "com.adobe.details": "imagen-3.0",
      "com.adobe.type": "remoteProvider.3rdParty",
    ]
    let created = try Self.report([
      ("c2pa.actions.v2", ManifestForge.created(ManifestForge.empty, parameters: parameters))
    ])
    #expect(created.origin.kind == .generated && created.origin.tool == "imagen-3.0")
    let drawn = try Self.report([
      (
        "c2pa.actions.v2",
        ManifestForge.created(
          "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation", parameters: parameters)
      )
    ])
    #expect(drawn.origin.kind == .editedWithAI && drawn.origin.isExplicit)
  }

  @Test(arguments: [
    ("parentOf", "trainedAlgorithmicMedia", OriginSummary.Kind.generated),
    ("parentOf", "compositeWithTrainedAlgorithmicMedia", .editedWithAI),
    ("componentOf", "trainedAlgorithmicMedia", .editedWithAI), ("parentOf", "digitalCapture", .unknown),
  ])
  func `an ingredient without credentials may say where it came from`(
    relationship: String, type: String, kind: OriginSummary.Kind
  ) throws {
    let report = try Self.report([
      Self.empty,
      (
        "c2pa.ingredient.v3",
        .map([
          "relationship": .text(relationship),
          "digitalSourceType": .text("http://cv.iptc.org/newscodes/digitalsourcetype/\(type)"),
        ])
      ),
    ])
    #expect(report.origin.kind == kind)
    if kind != .unknown {
      #expect(report.origin.isExplicit && report.origin.assertion == "c2pa.ingredient.v3")
    }
  }

  @Test func `a disclosure names a model and leaves open what it did`() throws {
    func origin(_ disclosure: CBORMap) throws -> OriginSummary {
      try Self.report([Self.empty, ("c2pa.ai-disclosure", .map(disclosure))]).origin
    }
    let plain = try origin(["modelType": "c2pa.types.model", "modelName": "m"])
    #expect(plain.kind == .editedWithAI && !plain.isExplicit && plain.tool == "m")
    let alone = try origin([
      "modelType": "c2pa.types.model", "contentProfile": .map(["humanOversightLevel": "fully_autonomous"]),
    ])
    #expect(alone.kind == .generated && !alone.isExplicit)
  }

  @Test func `a source type outweighs a disclosure`() throws {
    let report = try Self.report([
      ("c2pa.actions.v2", ManifestForge.created(ManifestForge.generated)),
      ("c2pa.ai-disclosure", .map(["modelType": "c2pa.types.model"])),
    ])
    #expect(report.origin.isExplicit && report.origin.assertion == nil)
  }

  @Test func `an assertion of FLUX names its model`() throws {
    let report = try Self.report([
      Self.empty, ("c2pa.ai_generated_content", .map(["model": "flux-pro", "ai_generated": true])),
    ])
    #expect(report.origin.kind == .generated && report.origin.tool == "flux-pro" && !report.origin.isExplicit)
  }
}
