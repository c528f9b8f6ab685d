import Audits
import Examiners
import Foundation
import Images
import Scanning
import Testing

struct AuditorTests {
  static func scan(_ file: String, _ evidence: [Evidence], outcome: Outcome = .aiDeclared) -> ScanResult {
    ScanResult(
      file: file, sha256: String(repeating: "a", count: 64), pixelSha256: String(repeating: "b", count: 64),
      format: "png", width: 8, height: 8, outcome: outcome, evidence: evidence)
  }

  static let declared = Evidence(
    method: "provenance.iptc", class: .declared, result: .found, strength: .strong,
    summary: "declares trainedAlgorithmicMedia", origin: .generated,
    fields: ["digitalSourceType": "trainedAlgorithmicMedia"])
  static let signed = Evidence(
    method: "credentials.c2pa", class: .verified, result: .found, strength: .strong, summary: "signed",
    origin: .generated,
    fields: [
      "state": "trusted", "success": ["claimSignature.validated", "assertion.dataHash.match"],
      "digitalSourceTypes": ["trainedAlgorithmicMedia"], "timestamped": true, "timestampTrusted": true,
      "ingredients": 1, "softBindings": ["assay:00c0ffee"], "softBindingAlgorithms": ["org.assay.mark.1"],
    ])
  static let unsigned = Evidence(
    method: "credentials.c2pa", class: .verified, result: .absent, summary: "no credentials")
  static let marked = Evidence(
    method: "watermark.assay", class: .watermark, result: .found, strength: .strong, summary: "marked",
    fields: ["payloadHex": "00C0FFEE"])
  static let unmarked = Evidence(
    method: "watermark.assay", class: .watermark, result: .absent, summary: "no mark")

  static func result(_ rule: String, _ evidence: [Evidence], pack: String = "eu") throws -> RuleResult? {
    var auditor = Auditor(packs: [try RulePackLibrary.pack(named: pack)])
    auditor.add(scan("a.png", evidence))
    return auditor.finish().items[0].judgements.first { $0.rule == rule }?.result
  }

  @Test func `two layers pass, one warns, none fails, and what was not looked at stays open`() throws {
    #expect(try Self.result("EU-COP-001", [Self.declared, Self.signed, Self.marked]) == .pass)
    #expect(try Self.result("EU-COP-001", [Self.declared, Self.signed, Self.unmarked]) == .warn)
    #expect(try Self.result("EU-COP-001", [Self.declared, Self.unsigned, Self.unmarked]) == .fail)
    #expect(try Self.result("EU-COP-001", [Self.declared]) == .undetermined)
  }

  /// The rule is for AI's pictures. Metadata, credentials and watermarks can each say that a picture is one, so it
  /// is known not to apply only after all three were asked; until then the result is the issue's `undetermined`.
  @Test func `a rule for AI's pictures is dismissed only after everything that could say so was asked`()
    throws
  {
    let all = [FactTests.noMetadata, Self.unsigned, Self.unmarked]
    #expect(try Self.result("EU-COP-001", all) == .notApplicable)
    for left in all.indices {
      var asked = all
      asked.remove(at: left)
      #expect(try Self.result("EU-COP-001", asked) == .undetermined, "without \(all[left].method)")
    }
  }

  @Test func `XMP that contradicts the credentials fails`() throws {
    var other = Self.declared
    other.fields["digitalSourceType"] = "digitalCapture"
    #expect(try Self.result("IPTC-001", [Self.declared, Self.signed], pack: "iptc") == .pass)
    #expect(try Self.result("IPTC-001", [other, Self.signed], pack: "iptc") == .fail)
    #expect(try Self.result("IPTC-001", [Self.declared, Self.unsigned], pack: "iptc") == .notApplicable)
  }

  @Test func `a watermark that is not the one of the soft binding fails`() throws {
    var other = Self.marked
    other.fields["payloadHex"] = "deadbeef"
    #expect(try Self.result("WM-002", [Self.signed, Self.marked], pack: "c2pa") == .pass)
    #expect(try Self.result("WM-002", [Self.signed, other], pack: "c2pa") == .fail)
  }

  @Test func `nobody is cleared of what was not looked at`() throws {
    #expect(try Self.result("PRIV-001", [Self.declared], pack: "privacy") == .undetermined)
    let clean = Evidence(
      method: "privacy.metadata", class: .context, result: .absent, summary: "none", fields: ["gps": []])
    #expect(try Self.result("PRIV-001", [Self.declared, clean], pack: "privacy") == .pass)
    var position = clean
    position.fields["gps"] = ["EXIF GPS"]
    #expect(try Self.result("PRIV-001", [Self.declared, position], pack: "privacy") == .warn)
  }

  static func label(_ text: String, height: Double = 0.06, contrast: Double = 12, atEdge: Bool = true)
    -> Evidence
  {
    Evidence(
      method: "label.recorded", class: .context, result: .found, strength: .weak, summary: "drawn",
      fields: [
        "text": .string(text), "heightShare": .number(height), "contrast": .number(contrast),
        "atEdge": .boolean(atEdge),
      ])
  }
  static let noLabel = Evidence(
    method: "label.recorded", class: .context, result: .absent, summary: "none drawn")
  static let unknownLabel = Evidence(
    method: "label.recorded", class: .context, result: .notEvaluated, summary: "no record",
    reason: "of others")

  @Test func `the rules for visible labels decide by what was recorded, and only then`() throws {
    func results(_ label: Evidence) throws -> [RuleResult?] {
      let evidence = [Self.declared, Self.unsigned, Self.unmarked, label]
      return [
        try Self.result("EU-ICON-001", evidence), try Self.result("CN-45438-005", evidence, pack: "cn"),
        try Self.result("IN-120E-001", evidence, pack: "in"),
      ]
    }
    #expect(try results(Self.label("AI生成")) == [.pass, .pass, .fail])
    #expect(try results(Self.label("AI-generated")) == [.pass, .fail, .fail])
    #expect(try results(Self.label("AI生成", contrast: 3)) == [.warn, .pass, .fail])
    #expect(try results(Self.label("AI生成", height: 0.03)) == [.pass, .fail, .fail])
    #expect(try results(Self.label("AI生成", atEdge: false)) == [.pass, .fail, .fail])
    #expect(try results(Self.noLabel) == [.notApplicable, .fail, .fail])
    #expect(try results(Self.unknownLabel) == [.undetermined, .undetermined, .fail])
    // With a mark that holds an identifier, India's rule rests on a label: one drawn, or one that the project
    // states; without a project nobody said that there is none of the latter.
    let marked = [Self.declared, Self.unsigned, Self.marked]
    #expect(try Self.result("IN-120E-001", marked + [Self.label("AI")], pack: "in") == .pass)
    #expect(try Self.result("IN-120E-001", marked + [Self.noLabel], pack: "in") == .undetermined)
    // Korea's takes any of the marks: a label that was drawn, or was not, decides where nothing else is.
    let silent = Evidence(
      method: "watermark.dwtDct", class: .watermark, result: .found, strength: .strong, summary: "a mark",
      origin: .generated)
    let bare = [FactTests.noMetadata, Self.unsigned]
    #expect(try Self.result("KR-31-001", bare + [silent, Self.noLabel], pack: "kr") == .pass)
    let stated = Evidence(
      method: "provenance.credit", class: .declared, result: .found, strength: .strong, summary: "a credit",
      origin: .generated)
    #expect(
      try Self.result("KR-31-001", [stated, Self.unsigned, Self.unmarked, Self.label("AI")], pack: "kr")
        == .pass)
    #expect(
      try Self.result("KR-31-001", [stated, Self.unsigned, Self.unmarked, Self.noLabel], pack: "kr") == .warn)
    #expect(
      try Self.result("KR-31-001", [stated, Self.unsigned, Self.unmarked, Self.unknownLabel], pack: "kr")
        == .undetermined)
  }

  @Test func `China's label is judged field by field`() throws {
    var label = Evidence(
      method: "provenance.tc260.aigc", class: .declared, result: .found, strength: .strong,
      summary: "declares", origin: .generated,
      fields: [
        "fields": "ContentProducer,ContentPropagator,Label,ProduceID,PropagateID,ReservedCode1,ReservedCode2",
        "allTexts": "yes", "label": "1", "contentProducer": "desk", "produceID": "7",
      ], location: EvidenceLocation(path: "XMP TC260:AIGC"))
    for rule in ["CN-45438-001", "CN-45438-002", "CN-45438-003", "CN-45438-004"] {
      #expect(try Self.result(rule, [label], pack: "cn") == .pass, "\(rule)")
    }
    #expect(try Self.result("CN-45438-005", [label], pack: "cn") == .undetermined)
    label.fields["fields"] = "Label,ProduceID"
    label.fields["contentProducer"] = nil
    #expect(try Self.result("CN-45438-002", [label], pack: "cn") == .fail)
    #expect(try Self.result("CN-45438-003", [label], pack: "cn") == .fail)
    #expect(try Self.result("CN-45438-001", [Self.declared], pack: "cn") == .fail)
  }

  @Test func `an output that lost its input's marks is found by name`() throws {
    let manifest = try ProjectManifest(
      yaml: "schema: assay.project/1\npairs:\n  - { input: in.png, output: out.png }", source: "p.yaml",
      auditDate: "2026-11-24")
    var auditor = Auditor(packs: [try RulePackLibrary.pack(named: "c2pa")], project: manifest)
    auditor.add(Self.scan("in.png", [Self.declared, Self.signed, Self.marked]))
    auditor.add(Self.scan("out.png", [Self.declared, Self.unsigned, Self.unmarked]))
    let judgements = auditor.finish().items[1].judgements
    let results = Dictionary(uniqueKeysWithValues: judgements.map { ($0.rule, $0.result) })
    #expect(results["DIFF-001"] == .fail && results["DIFF-005"] == .fail)
    #expect(results["DIFF-002"] == .pass && results["DIFF-003"] == .notApplicable)
    #expect(judgements.first { $0.rule == "DIFF-001" }?.finding.contains("credentials, watermark") == true)
  }

  @Test func `near-duplicates of which one lost its marks are a folder finding`() throws {
    let hash = PerceptualHash(bits: 0x0F0F_F0F0_1234_ABCD)
    var auditor = Auditor(packs: [try RulePackLibrary.pack(named: "privacy")])
    auditor.add(Self.scan("a.png", [Self.signed, Self.marked]), hash: hash)
    auditor.add(
      Self.scan("b.png", [Self.unsigned, Self.unmarked]), hash: PerceptualHash(bits: hash.bits ^ 3))
    auditor.add(Self.scan("c.png", [Self.unsigned]), hash: PerceptualHash(bits: ~hash.bits))
    let audit = auditor.finish()
    #expect(audit.duplicates == [[0, 1]])
    #expect(audit.folder.first { $0.rule == "DUP-001" }?.result == .warn)
  }

  @Test func `a picture's hash stays near under scaling and far from another picture's`() {
    /// A smooth random picture: 36 waves whose strength falls with their frequency.
    func picture(_ side: Int, seed: Int) -> Plane {
      var plane = Plane(width: side, height: side, repeating: 128)
      for v in 0..<6 {
        for u in 0..<6 where u + v > 0 {
          let turn = Float(seed * (u * 6 + v + 1) * (u * 6 + v + 1) * 7919 % 997) / 997 * 2 * .pi
          let gain = 40 / Float(u + v)
          for y in 0..<side {
            for x in 0..<side {
              let phase = (Float(u * x) + Float(v * y) + Float(u + v) / 2) / Float(side) * .pi
              plane[x, y] += gain * cosf(phase + turn)
            }
          }
        }
      }
      return plane
    }
    let first = PerceptualHash(picture(256, seed: 1))
    #expect(first.distance(to: PerceptualHash(picture(384, seed: 1))) <= 6)
    #expect(first.distance(to: PerceptualHash(picture(200, seed: 1))) <= 6)
    for seed in 2...9 { #expect(first.distance(to: PerceptualHash(picture(256, seed: seed))) > 12) }
    #expect(PerceptualHash(hex: first.hex) == first)
  }
}
