import Audits
import Foundation
import Reports
import Scanning
import Testing

struct ReportTests {
  static let header = ReportHeader(
    title: "Audit", question: "Are they marked?", time: "2026-11-24T12:00:00Z", operatorName: "desk",
    toolVersion: "0.1.0", command: "assay audit x")

  /// A report about one undeclared file of that name.
  static func report(file: String) throws -> Report {
    var auditor = Auditor(packs: [try RulePackLibrary.pack(named: "c2pa")])
    let evidence = Evidence(
      method: "provenance.iptc", class: .declared, result: .found, strength: .strong,
      summary: "declares <b>AI</b> | x", origin: .generated)
    auditor.add(
      ScanResult(
        file: file, sha256: nil, format: "png", outcome: .aiDeclared, evidence: [evidence],
        warnings: ["a chunk has a wrong checksum"]))
    return Report(auditor.finish(), header: header, text: try ReportText.english)
  }

  /// The results of a report's SARIF.
  private static func results(_ report: Report) throws -> [[String: Any]] {
    let log = try JSONSerialization.jsonObject(with: Data(try report.sarif().utf8)) as? [String: Any]
    return ((log?["runs"] as? [[String: Any]])?.first?["results"] as? [[String: Any]]) ?? []
  }

  @Test(arguments: [
    (["a.png"], "a.png"), (["in/a.png", "in/b.png"], "in/"), (["in/x/a.png", "in/y/b.png"], "in/"),
    (["a.png", "b.png"], "."), (["/data/in/a.png", "/data/in/b.png"], "file:///data/in/"),
    (["/data/a.png"], "file:///data/a.png"),
  ])
  func `every result of the SARIF log has a place and a fingerprint`(files: [String], folder: String) throws {
    let packs = try ["eu", "c2pa", "privacy"].map(RulePackLibrary.pack(named:))
    // Without trust lists RPT-001, a rule about the whole, warns: its result needs a place too.
    var auditor = Auditor(packs: packs, report: Facts(examined: ["report"]))
    for file in files {
      auditor.add(ScanResult(file: file, sha256: nil, format: "png", outcome: .noIndication))
    }
    let report = Report(auditor.finish(), header: Self.header, text: try ReportText.english)
    let results = try Self.results(report)
    #expect(!results.isEmpty)
    var places: Set<String> = []
    for result in results {
      let locations = try #require(result["locations"] as? [[String: Any]])
      #expect(locations.count == 1)
      let physical = locations.first?["physicalLocation"] as? [String: Any]
      let uri = (physical?["artifactLocation"] as? [String: Any])?["uri"] as? String
      places.insert(try #require(uri))
      let prints = result["partialFingerprints"] as? [String: String]
      #expect(prints?["primaryLocationLineHash"]?.hasSuffix(":1") == true)
    }
    let prints = results.compactMap { ($0["partialFingerprints"] as? [String: String])?.values.first }
    #expect(Set(prints).count == prints.count)
    #expect(places.contains(folder))
  }

  static let hostileNames = [
    "<script>alert(1)</script>.png", "a\"onload='x'.png", "two\nlines\r.png", "\u{202E}gnp.exe",
    "=HYPERLINK(\"x\").png", "@cmd|' /C calc'!A0", "`*_[x](y)_*`.png", "\u{1B}[31mred\u{0}.png",
    "]]>&amp;.png", "a;=1+1.png", " =1+1.png", "-2+3.png", "\u{FF1D}1.png", "<img src=x onload=alert(1)>.png",
  ]

  @Test(arguments: hostileNames)
  func `a hostile file name stays text in every format`(name: String) throws {
    let report = try Self.report(file: name)
    let html = try report.html()
    #expect(!html.contains("<script") && !html.contains("<b>AI") && !html.contains("onload='"))
    for text in [html, try report.markdown(), report.junit(), report.csv()] {
      #expect(!text.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{1B}" || $0 == "\u{0}" })
    }
    let xml = try XMLCheck.parse(report.junit())
    #expect(xml)
    let sarif = try JSONSerialization.jsonObject(with: Data(try report.sarif().utf8))
    #expect(sarif is [String: Any])
    // Markdown is HTML to the sites that show it: no character of a name may begin a tag or an entity.
    let markdown = try report.markdown()
    #expect(!markdown.contains("<") && !markdown.contains(">"))
    // OWASP: a cell's first character, in whichever way the cells are parted, must not begin a formula.
    let starts = ["=", "+", "-", "@", "\t", "\r"]
    for separator in [",", ";"] {
      for row in report.csv().split(separator: "\r\n") {
        for cell in Self.cells(String(row), separator) {
          let text = cell.drop { $0 == " " || $0 == "\"" }
          #expect(!starts.contains(String(text.prefix(1))), "\(cell)")
        }
      }
    }
  }

  /// RFC 4180, and what a program makes of it that parts cells by another separator.
  private static func cells(_ row: String, _ separator: String) -> [String] {
    var cells = [""]
    var isQuoted = false
    for character in row {
      if character == "\"", isQuoted || cells[cells.count - 1].isEmpty {
        isQuoted.toggle()
      } else if String(character) == separator, !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells
  }

  @Test func `the same audit gives the same bytes, and the page names its JSON twin`() throws {
    let (first, second) = (try Self.report(file: "a.png"), try Self.report(file: "a.png"))
    #expect(try first.json() == second.json())
    #expect(try first.html() == second.html())
    #expect(try first.html().contains("SHA-256 of the JSON twin"))
  }

  @Test func `the page shows its rules, files and bars as text and shapes, nothing of how it was made`()
    throws
  {
    let html = try Self.report(file: "a.png").html()
    for part in ["C2PA-002", "<rect class=\"bar\"", ">a.png<", "declares &lt;b&gt;AI"] {
      #expect(html.contains(part), "\(part)")
    }
    for trace in ["SQL", "Optional(", "Element", "unknown context"] {
      #expect(!html.contains(trace), "\(trace)")
    }
  }

  @Test func `the page asks nothing of the network and runs no script`() throws {
    let html = try Self.report(file: "a.png").html()
    for trace in ["http://", "https://", "<script", "<link", "url(", "@import", "src=\"/", "javascript:"] {
      #expect(!html.contains(trace), "\(trace)")
    }
    #expect(html.contains("default-src 'none'"))
  }

  @Test func `the JSON twin in the page is the report's, and has the hash that the page names`() throws {
    let report = try Self.report(file: "a.png")
    let html = try report.html()
    let marker = "data:application/json;base64,"
    let start = try #require(html.range(of: marker)).upperBound
    let data = try #require(Data(base64Encoded: String(html[start...].prefix { $0 != "\"" })))
    #expect(String(decoding: data, as: UTF8.self) == (try report.json()))
    #expect(html.contains(try report.jsonDigest().sha256))
  }

  @Test func `an earlier report is compared by file, outcome and rule`() throws {
    func report(_ scans: [ScanResult], baseline: ReportBaseline? = nil) throws -> Report {
      var auditor = Auditor(packs: [try RulePackLibrary.pack(named: "iptc")])
      for scan in scans { auditor.add(scan) }
      return Report(
        auditor.finish(), header: Self.header, text: try ReportText.english, baseline: baseline)
    }
    func scan(_ file: String, _ hash: Character, ai: Bool) -> ScanResult {
      let evidence = Evidence(
        method: "provenance.iptc", class: .declared, result: .found, strength: .strong, summary: "declares",
        origin: ai ? .generated : nil)
      // All that could say AI was asked: so the rule is known not to apply where nothing did.
      let asked = [("credentials.c2pa", Evidence.Class.verified), ("watermark.open", .watermark)].map {
        Evidence(method: $0.0, class: $0.1, result: .absent, summary: "none")
      }
      return ScanResult(
        file: file, sha256: String(repeating: hash, count: 64), format: "png",
        outcome: ai ? .aiDeclared : .noIndication, evidence: [evidence] + asked)
    }
    let before = try report([scan("a.png", "a", ai: true), scan("gone.png", "9", ai: false)])
    let baseline = try ReportBaseline(json: Data(try before.json().utf8), source: "old.json")
    let after = try report(
      [scan("a.png", "b", ai: false), scan("new.png", "9", ai: false)], baseline: baseline)
    let comparison = try #require(after.comparison)
    #expect(comparison.added == ["new.png"] && comparison.renamed == ["new.png"])
    #expect(comparison.removed == ["gone.png"] && comparison.altered == ["a.png"])
    #expect(comparison.outcomes.map(\.after) == [.noIndication])
    let change = try #require(comparison.rules.first { $0.rule == "IPTC-003" })
    #expect(change.before == .warn && change.after == .notApplicable && change.file == "a.png")
    #expect(try after.html().contains("Changes since the baseline"))
    #expect(throws: ReportError.self) { try ReportBaseline(json: Data("{}".utf8), source: "x") }
  }

  @Test func `no format says that anything complies`() throws {
    let report = try Self.report(file: "a.png")
    for text in [try report.html(), try report.markdown(), try report.sarif(), report.junit(), report.csv()] {
      #expect(!text.localizedCaseInsensitiveContains("compliant"))
    }
  }
}

private enum XMLCheck {
  /// Whether an XML 1.0 text is well formed as far as characters, tags and entities go.
  static func parse(_ text: String) throws -> Bool {
    var depth = 0
    var rest = text[...]
    while let open = rest.firstIndex(of: "<") {
      guard let close = rest[open...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: open)..<close]
      if tag.hasPrefix("/") { depth -= 1 } else if !tag.hasSuffix("/") && !tag.hasPrefix("?") { depth += 1 }
      if tag.dropFirst().contains("<") || tag.count(where: { $0 == "\"" }) % 2 == 1 { return false }
      rest = rest[rest.index(after: close)...]
    }
    let legal = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || "\n\t\r".unicodeScalars.contains($0) }
    return depth == 0 && legal
  }
}
