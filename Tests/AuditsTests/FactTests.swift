import Audits
import Examiners
import Foundation
import ImageFormats
import Scanning
import TestSupport
import Testing

struct FactTests {
  static func evidence(_ method: String, _ kind: Evidence.Class, _ fields: [String: DetailValue] = [:])
    -> Evidence
  {
    Evidence(
      method: method, class: kind, result: .found, strength: .strong, summary: "s",
      origin: kind == .declared || kind == .statistical ? .generated : nil, fields: fields)
  }
  static let noMetadata = Evidence(method: "provenance", class: .declared, result: .absent, summary: "none")
  static let noMark = Evidence(method: "watermark.open", class: .watermark, result: .absent, summary: "none")

  static func result(
    _ rule: String, _ pack: String, _ scan: ScanResult, project: String? = nil
  ) throws -> RuleResult? {
    let manifest = try project.map {
      try ProjectManifest(yaml: "schema: assay.project/1\n" + $0, source: "p", auditDate: "2026-11-24")
    }
    var auditor = Auditor(packs: [try RulePackLibrary.pack(named: pack)], project: manifest)
    auditor.add(scan)
    let audit = auditor.finish()
    return (audit.items[0].judgements + audit.project).first { $0.rule == rule }?.result
  }

  @Test func `a file that only a measurement calls AI is neither cleared nor failed`() throws {
    let measured = AuditorTests.scan(
      "a.png", [Self.noMetadata, AuditorTests.unsigned, Self.evidence("detector", .statistical)],
      outcome: .aiIndicated)
    #expect(try Self.result("EU-50-2-001", "eu", measured) == .undetermined)
    let quiet = AuditorTests.scan(
      "a.png", [Self.noMetadata, AuditorTests.unsigned, Self.noMark], outcome: .noIndication)
    #expect(try Self.result("EU-50-2-001", "eu", quiet) == .notApplicable)
  }

  /// A store that the file's end cuts off may still say that a camera took the picture.
  @Test func `of credentials that end with their file rules know nothing`() throws {
    var cut = Self.evidence("credentials.c2pa", .declared, ["state": .string("undetermined")])
    cut.origin = .captured
    let scan = AuditorTests.scan("a.png", [Self.noMetadata, cut, Self.noMark], outcome: .noIndication)
    for rule in ["C2PA-001", "C2PA-002"] {
      #expect(try Self.result(rule, "c2pa", scan) == .undetermined, "\(rule)")
    }
    #expect(try Self.result("EU-50-2-001", "eu", scan) == .undetermined)
  }

  @Test func `what the project says of its files makes an unmarked picture fail`() throws {
    let quiet = AuditorTests.scan(
      "x/out/a.png", [Self.noMetadata, AuditorTests.unsigned, Self.noMark], outcome: .noIndication)
    let project = "files:\n  - { match: \"out/*.png\", origin: ai }"
    #expect(try Self.result("EU-50-2-001", "eu", quiet, project: project) == .fail)
    let other = "files:\n  - { match: \"in/*.png\", origin: ai }"
    #expect(try Self.result("EU-50-2-001", "eu", quiet, project: other) == .notApplicable)
    // Before 2 December 2026 a system of before August has time.
    #expect(
      try Self.result("EU-50-2-001", "eu", quiet, project: project + "\nmarketDate: 2026-05-01") == .warn)
  }

  @Test func `a maker whose watermark nobody else can read is not failed for it`() throws {
    var google = Self.evidence("provenance.credit", .declared)
    google.generator = "Google AI"
    let scan = AuditorTests.scan("a.png", [google, AuditorTests.signed, Self.noMark])
    #expect(try Self.result("WM-001", "c2pa", scan) == .undetermined)
    #expect(try Self.result("EU-COP-001", "eu", scan) == .undetermined)
    google.generator = "ComfyUI"
    let open = AuditorTests.scan("a.png", [google, AuditorTests.unsigned, Self.noMark])
    #expect(try Self.result("WM-001", "c2pa", open) == .warn)
  }

  @Test func `California's act is looked at where nobody stated the users, not for small systems`() throws {
    let scan = AuditorTests.scan("a.png", [AuditorTests.declared, AuditorTests.unsigned, Self.noMark])
    #expect(try Self.result("CA-942-001", "ca", scan) == .fail)
    #expect(try Self.result("CA-942-001", "ca", scan, project: "monthlyUsers: 1000000") == .notApplicable)
    #expect(try Self.result("CA-942-001", "ca", scan, project: "monthlyUsers: 1000001") == .fail)
  }

  @Test func `a type of an earlier step is no agreement when AI came after it`() throws {
    let marks = Evidence(
      method: "marks.metadata", class: .context, result: .found, strength: .weak, summary: "s",
      fields: ["digitalSourceTypes": ["digitalCapture"]])
    var edited = AuditorTests.signed
    edited.fields["digitalSourceTypes"] = ["compositeWithTrainedAlgorithmicMedia", "digitalCapture"]
    edited.fields["digitalSourceType"] = "http://x/compositeWithTrainedAlgorithmicMedia"
    let scan = AuditorTests.scan("a.jpg", [Self.noMetadata, marks, edited])
    #expect(try Self.result("IPTC-001", "iptc", scan) == .fail)
  }

  @Test(arguments: [
    ("a", RuleResult.pass), ("b", .fail), ("c", .notApplicable),
  ])
  func `a soft binding is compared with marks that can be read`(name: String, expected: RuleResult) throws {
    var signed = AuditorTests.signed
    let binding: DetailValue =
      switch name {
      case "a": ["####"]
      case "b": ["deadbeef"]
      default: ["2*0101"]
      }
    signed.fields["softBindings"] = binding
    signed.fields["softBindingAlgorithms"] = [name == "c" ? "com.adobe.trustmark.P" : "org.assay.mark.1"]
    var mark = AuditorTests.marked
    mark.fields["payloadHex"] = "23232323"
    let scan = AuditorTests.scan("a.png", [signed, mark])
    #expect(try Self.result("WM-002", "c2pa", scan) == expected)
  }

  @Test func `bytes after the picture's end are counted, however few`() throws {
    let picture = try Data(contentsOf: TestPaths.fixtures.appending(path: "gallery/nothing.png"))
    for count in 1...9 {
      let trailer = (1...count).map { UInt8($0) }
      let scan = FileScanner(examiners: [ContainerExaminer()]).scan(ImageFile(bytes: picture + trailer))
      let found = scan.result.evidence.first { $0.method == "container.trailer" }
      #expect(found?.summary == "\(count) bytes after the picture's end: of no known kind")
    }
  }

  @Test func `a pair that names files nobody audited is said, not passed over`() throws {
    let manifest = try ProjectManifest(
      yaml: "schema: assay.project/1\npairs:\n  - { input: x.png, output: a.png }", source: "p",
      auditDate: "2026-11-24")
    var auditor = Auditor(packs: [], project: manifest)
    auditor.add(AuditorTests.scan("a.png", []))
    #expect(auditor.finish().unpaired.count == 1)
  }
}
