import Audits
import Examiners
import Foundation
import Images
import Reports
import Scanning

/// A report with every section: scores, folders, pictures, duplicates, a baseline, a project, notes, an unread file.
enum SampleReport {
  static func scan(_ file: String, _ outcome: Outcome, score: Double? = nil) -> ScanResult {
    var evidence = [
      Evidence(
        method: "provenance.iptc", class: .declared, result: .found, strength: .strong,
        summary: "metadata declares \(file)", origin: .generated, generator: "Maker",
        fields: ["digitalSourceType": "trainedAlgorithmicMedia"],
        location: EvidenceLocation(bytes: 20..<90, path: "APP1 XMP"), reason: "anybody can write it"),
      // Asked for and not there, so that rules complain.
      Evidence(method: "credentials.c2pa", class: .verified, result: .absent, summary: "unsigned"),
      Evidence(method: "watermark.assay", class: .watermark, result: .absent, summary: "unmarked"),
      Evidence(
        method: "container.extension", class: .context, result: .absent, summary: "fits",
        fields: ["bytes": 4_096]),
    ]
    if score != nil {
      evidence.append(
        Evidence(
          method: "detector", class: .statistical, result: .found, strength: .medium,
          summary: "pixels point to it",
          fields: ["likelihoodRatio": 12, "thresholds": ["quiet": 0.25, "indicated": .number(1)]]))
    }
    return ScanResult(
      file: file, sha256: String(repeating: "a", count: 64), pixelSha256: nil, format: "png", width: 8,
      height: 8,
      outcome: outcome, aiProbability: score, evidence: evidence)
  }

  static func make(_ text: ReportText, file: String = "set/a.png") throws -> Report {
    let packs = try ["eu", "c2pa"].map { try RulePackLibrary.pack(named: $0) }
    let manifest = """
      schema: assay.project/1
      role: provider
      marketDate: 2026-09-01
      pairs:
        - { input: gone.png, output: set/a.png }
      """
    var auditor = Auditor(
      packs: packs,
      project: try ProjectManifest(yaml: manifest, source: "project.yaml", auditDate: "2026-11-24"))
    let print = PerceptualHash(bits: 0x0F0F)
    auditor.add(scan(file, .aiDeclared, score: 0.9), hash: print)
    auditor.add(scan("set/deeper/b.png", .aiIndicated, score: 1), hash: print)
    auditor.add(
      ScanResult(
        file: "broken.jpg", outcome: .unreadable,
        error: .init(code: "x", message: "bytes stop", remedy: "fetch anew")))
    var header = ReportHeader(
      title: "An audit", question: "Marked?", time: "2026-11-24T12:00:00Z", operatorName: "desk",
      toolVersion: "0.1.0", command: "assay audit set", system: "test")
    header.reviewer = "chief"
    header.references = [
      .init(kind: "model", name: "net", sha256: String(repeating: "b", count: 64), note: "9 steps"),
      .init(kind: "other kind", name: "thing"),
    ]
    var earlier = Auditor(packs: packs)
    earlier.add(scan("set/a.png", .noIndication))
    earlier.add(scan("left.png", .aiDeclared))
    let before = Report(earlier.finish(), header: header, text: text)
    var report = Report(
      auditor.finish(), header: header, text: text,
      baseline: try ReportBaseline(json: Data(try before.json().utf8), source: "old.json"))
    report.pictures = [
      file: ReportPicture.Kind.allCases.enumerated().map { index, kind in
        ReportPicture(kind: kind, width: 4, height: 4, bytes: [0xFF, 0xD8, UInt8(index)])
      }
    ]
    return report
  }
}
