import Foundation
import Scanning
import Testing

struct ScanResultTests {
  let sample = ScanResult(
    file: "a.png", outcome: .aiDeclared,
    evidence: [
      Evidence(
        method: "provenance.comfyui", class: .declared, result: .found, strength: .strong,
        summary: "declares ComfyUI", origin: .generated, generator: "ComfyUI",
        fields: ["nodes": 7, "quoted": "KSampler", "score": 0.5, "list": [true, .null]],
        location: EvidenceLocation(bytes: 41..<90, path: "tEXt prompt"))
    ])

  @Test func `the keys are those of the format, null where unknown`() throws {
    let object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(sample)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "file", "sha256", "pixelSha256", "format", "width", "height", "outcome", "aiProbability", "evidence",
        "warnings", "error",
      ])
    #expect(object["sha256"] is NSNull)
    let evidence = try #require((object["evidence"] as? [[String: Any]])?.first)
    #expect(
      Set(evidence.keys) == [
        "method", "class", "result", "strength", "summary", "detail", "location", "reason",
      ])
    #expect(evidence["reason"] is NSNull)
    let detail = try #require(evidence["detail"] as? [String: Any])
    #expect(detail["generator"] as? String == "ComfyUI")
    #expect(detail["origin"] as? String == "generated")
  }

  @Test(arguments: [
    (["gpt-image 2.0", "OpenAI gpt-image-2"], ["OpenAI gpt-image-2"]),
    (["OpenAI DALL·E 2", "OpenAI"], ["OpenAI DALL·E 2"]),
    (["ComfyUI", "comfyui", "ComfyUI"], ["ComfyUI"]),
    (["MFLUX", "Black Forest Labs FLUX"], ["MFLUX", "Black Forest Labs FLUX"]),
    (["OpenAI gpt-image-2", "OpenAI gpt-image-1"], ["OpenAI gpt-image-2", "OpenAI gpt-image-1"]),
    (["Firefly 10", "Adobe Firefly 1"], ["Firefly 10", "Adobe Firefly 1"]),
  ])
  func `of two names of one generator the fuller is told`(found: [String], told: [String]) {
    let evidence = found.map {
      Evidence(
        method: "provenance.x", class: .declared, result: .found, summary: "declares", origin: .generated,
        generator: $0)
    }
    #expect(ScanResult(file: "a.png", outcome: .aiDeclared, evidence: evidence).namedGenerators == told)
  }

  @Test func `what was written reads back the same`() throws {
    #expect(try JSONDecoder().decode(ScanResult.self, from: JSONEncoder().encode(sample)) == sample)
  }

  @Test func `a number that JSON cannot hold becomes null`() throws {
    let data = try JSONEncoder().encode(["x": DetailValue.number(.nan)])
    #expect(String(decoding: data, as: UTF8.self) == #"{"x":null}"#)
  }

  @Test func `outcomes keep their names`() {
    #expect(
      Outcome.allCases.map(\.rawValue) == [
        "aiGeneratedVerified", "aiEditedVerified", "altered", "aiDeclared", "aiWatermarked", "aiIndicated",
        "captureVerified", "noIndication", "inconclusive", "conflicting", "unreadable",
      ])
  }
}
