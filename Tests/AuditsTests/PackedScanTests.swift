import Audits
import Images
import Scanning
import Testing

struct PackedScanTests {
  /// Every field, every kind of detail, numbers at the ends of their ranges.
  static let full = ScanResult(
    file: "a \u{202E}ü.png", sha256: String(repeating: "a", count: 64), pixelSha256: "b", format: "png",
    width: 1,
    height: 65_535, outcome: .conflicting, aiProbability: 0.1,
    evidence: [
      Evidence(
        method: "m", class: .verified, result: .found, strength: .weak, summary: "", origin: .edited,
        generator: "G",
        fields: [
          "quotation": "q", "null": .null, "yes": true, "no": false, "text": "{{x}}", "least": .integer(.min),
          "most": .integer(.max),
          "small": -1, "number": .number(-1.5e-300), "whole": .number(2), "infinite": .number(.infinity),
          "list": [1, "2", [3.5, .null]], "object": ["a": ["b": 1], "": [:]],
        ],
        location: EvidenceLocation(
          bytes: 0..<300, path: "p", region: PixelRegion(x: -1, y: 2, width: 3, height: 4)), reason: "r",
        alteration: .statement),
      Evidence(method: "m", class: .context, result: .notEvaluated, summary: "none"),
    ],
    warnings: ["w", ""],
    error: .init(code: "c", message: "m", remedy: "r", location: EvidenceLocation(path: "q")))

  @Test func `a result that an audit kept is the one that was added`() {
    var auditor = Auditor(packs: [])
    let bare = ScanResult(file: "", outcome: .noIndication)
    for scan in [Self.full, bare, Self.full] { auditor.add(scan) }
    #expect(auditor.finish().items.map(\.scan) == [Self.full, bare, Self.full])
  }

  /// A field that is added to a result has to be added here, and then fails above until it is packed.
  @Test func `the full result leaves no field empty`() {
    func hasEmpty(_ value: Any) -> Bool {
      Mirror(reflecting: value).children.contains { child in
        let mirror = Mirror(reflecting: child.value)
        return mirror.displayStyle == .optional && mirror.children.isEmpty
      }
    }
    #expect(!hasEmpty(Self.full))
    #expect(!hasEmpty(Self.full.evidence[0]))
    #expect(!hasEmpty(Self.full.evidence[0].location as Any))
    #expect(!hasEmpty(Self.full.error as Any))
  }

  /// Keys come from files too; more of them than the pool of names holds are kept all the same.
  @Test func `results with more names than are shared stay as they were`() {
    let scans = (0..<60).map { number in
      var scan = Self.full
      scan.evidence[0].fields = Dictionary(
        uniqueKeysWithValues: (0..<100).map { ("key \(number) \($0)", DetailValue.integer($0)) })
      return scan
    }
    var auditor = Auditor(packs: [])
    for scan in scans { auditor.add(scan) }
    #expect(auditor.finish().items.map(\.scan) == scans)
  }
}
