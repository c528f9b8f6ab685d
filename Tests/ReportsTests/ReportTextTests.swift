import Audits
import Evaluation
import Foundation
import Reports
import Scanning
import TestSupport
import Testing

struct ReportTextTests {
  /// The English catalogue with each text changed.
  static func catalogue(_ change: (_ key: String, _ text: String) -> String) throws -> Data {
    func visit(_ value: Any, _ path: [String]) -> Any {
      switch value {
      case let text as String: change(path.joined(separator: "."), text)
      case let list as [Any]: list.enumerated().map { visit($1, path + [String($0)]) }
      case let group as [String: Any]:
        Dictionary(uniqueKeysWithValues: group.map { ($0.key, visit($0.value, path + [$0.key])) })
      default: value
      }
    }
    let english = try JSONSerialization.jsonObject(with: try ReportText.englishJSON())
    return try JSONSerialization.data(withJSONObject: visit(english, []))
  }

  /// Each text in brackets that stand nowhere else.
  static func pseudo() throws -> ReportText {
    let json = try catalogue { $0 == "language" ? "qps" : "⟦\($1)⟧" }
    return try ReportText(json: json, source: "pseudo.json")
  }

  // MARK: Keys

  /// What the sources and templates ask for, as far as it is written out.
  @Test func `every text that is asked for is in the catalogue, and every text is asked for`() throws {
    let text = try ReportText.english
    let files = try ["Sources/Reports", "Sources/assay", "Sources/assay-server"].flatMap { name in
      let folder = TestPaths.root.appending(path: name)
      return try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        .compactMap { $0 as? URL }
    }
    var asked = Set<String>()
    var beginnings = Set<String>()
    for url in files where ["swift", "mustache"].contains(url.pathExtension) {
      // Codes of errors have dots too.
      let source = try String(contentsOf: url, encoding: .utf8).replacing(#/code: "[^"]*"/#, with: "")
      for match in source.matches(of: #/\{\{text\.([A-Za-z0-9.]+)\}\}/#) { asked.insert(String(match.1)) }
      for match in source.matches(of: #/"([A-Za-z]+(?:\.[A-Za-z -]+)*(?:\.\\\([^"]*)?)"/#) {
        let parts = match.1.components(separatedBy: "\\(")
        if parts.count > 1 { beginnings.insert(parts[0]) } else { asked.insert(parts[0]) }
      }
    }
    for key in asked
    where key.contains(".") && text.keys.contains(where: { $0.hasPrefix(key.prefix { $0 != "." } + ".") }) {
      #expect(text.keys.contains { $0 == key || $0.hasPrefix(key + ".") }, "\(key)")
    }
    for key in text.keys {
      let stems = key.split(separator: ".").indices.map { index in
        key.split(separator: ".")[...index].joined(separator: ".")
      }
      #expect(
        stems.contains(where: asked.contains) || beginnings.contains { !$0.isEmpty && key.hasPrefix($0) },
        "\(key)")
    }
  }

  @Test func `each outcome, result, class and laundering has its texts, in English those of the scan`() throws
  {
    let text = try ReportText.english
    for outcome in Outcome.allCases {
      #expect(text["outcomes.sentences.\(outcome.rawValue)"] == outcome.sentence)
      for kind in ["phrases", "headings"] { #expect(text.holds("outcomes.\(kind).\(outcome.rawValue)")) }
    }
    for laundering in Laundering.allCases {
      #expect(text["evaluation.launderings.\(laundering.rawValue)"] == laundering.title)
    }
    let keys =
      RuleResult.allCases.map { "results.\($0.rawValue)" }
      + Rule.Severity.allCases.map { "severities.\($0.rawValue)" }
      + Evidence.Class.allCases.flatMap { ["classes.\($0.rawValue)", "readings.\($0.rawValue).title"] }
      + ReportPicture.Kind.allCases.map { "pictures.\($0.rawValue)" }
    for key in keys { #expect(text.holds(key), "\(key)") }
  }

  @Test func `triple braces are for drawings alone, and every template is used`() throws {
    let sources = TestPaths.root.appending(path: "Sources/Reports")
    var all = ""
    let swift = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let url as URL in swift where url.pathExtension == "swift" {
      all += try String(contentsOf: url, encoding: .utf8)
    }
    let files = try FileManager.default.contentsOfDirectory(
      at: sources.appending(path: "Resources/Templates"), includingPropertiesForKeys: nil)
    #expect(files.count > 20)
    for url in files {
      let template = try String(contentsOf: url, encoding: .utf8)
      all += template
      for match in template.matches(of: #/\{\{[{&]\s*([^}]*)/#) {
        #expect(["plot", "bar"].contains(match.1), "\(url.lastPathComponent)")
      }
    }
    for url in files {
      let name = url.lastPathComponent.prefix { $0 != "." }
      #expect(all.contains("{{> \(name)}}") || all.contains("\"\(name)\""), "\(name)")
    }
  }

  @Test func `pages of the server are held to the same`() throws {
    let sources = TestPaths.root.appending(path: "Sources/assay-server")
    var all = ""
    let swift = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let url as URL in swift where url.pathExtension == "swift" {
      all += try String(contentsOf: url, encoding: .utf8)
    }
    let files = try FileManager.default.contentsOfDirectory(
      at: sources.appending(path: "Resources/templates"), includingPropertiesForKeys: nil)
    #expect(files.count > 8)
    let templates = try files.map { (url: $0, text: try String(contentsOf: $0, encoding: .utf8)) }
    for (url, text) in templates {
      #expect(text.firstMatch(of: #/\{\{[{&]/#) == nil, "\(url.lastPathComponent)")
      // Nothing runs, and nothing is drawn, that stands in a page.
      #expect(
        text.firstMatch(of: #/ style=|<style|<script(?![^>]* src=)| on[a-z]+=|https?:/#) == nil,
        "\(url.lastPathComponent)")
      let name = url.lastPathComponent.prefix { $0 != "." }
      #expect(
        templates.contains { $0.text.contains("{{> \(name)}}") } || all.contains("\"\(name)\""), "\(name)")
    }
  }

  // MARK: Translation

  @Test func `a sentence counts in its own forms, and a value is not looked through for values`() throws {
    let text = try ReportText.english
    #expect(text.counted("summary.files", 1) == "One file was examined.")
    #expect(text.counted("summary.files", 11) == "11 files were examined.")
    let filled = text.filled("details.but", ["finding": "{reason} {x}", "reason": "{finding}"])
    #expect(filled == "{reason} {x}, but {finding}")
  }

  @Test func `a translation that lacks texts is refused with their names`() throws {
    func message(_ json: String) -> String {
      do throws(ReportError) {
        _ = try ReportText(json: Data(json.utf8), source: "de.json")
        return "read"
      } catch { return "\(error)" }
    }
    let english = String(decoding: try ReportText.englishJSON(), as: UTF8.self)
    #expect(message(english) == "read")
    let lacking = english.replacing("\"notExamined\":", with: "\"notExamind\":")
    #expect(message(lacking) == "de.json: texts are missing: notExamined")
    let added = english.replacing("\"join\":", with: "\"extra\": \"x\", \"join\":")
    #expect(message(added) == "de.json: no report has these texts: extra")
    let valueless = english.replacing("Below {folder}:", with: "Below:")
    #expect(
      message(valueless) == "de.json: the values in braces are not those of the English text: folders.below")
    // Languages count otherwise: forms may come and go, but for `other`.
    #expect(
      message(english.replacing("\"1\": \"One file needs attention.\",", with: "\"2\": \"Two.\",")) == "read")
    #expect(message("{").hasPrefix("de.json: this is no catalogue of texts: "))
    #expect(message("[1]").contains("the value is of another kind"))
    #expect(message("{}").contains("and \(try ReportText.english.keys.count > 100 ? "" : "never")"))
  }

  @Test func `nothing but data is left of a page and of Markdown when every text is taken out`() throws {
    let text = try Self.pseudo()
    let report = try SampleReport.make(text)
    #expect(report.comparison?.isEmpty == false && !report.notes.isEmpty && !report.duplicates.isEmpty)
    let json = try JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any] ?? [:]
    var data = Set(["assay", "H1", "H2"])
    func collect(_ value: Any) {
      switch value {
      case let text as String: data.insert(text)
      case let list as [Any]: list.forEach(collect)
      case let group as [String: Any]: group.values.forEach(collect)
      default: break
      }
    }
    for key in ["header", "packs", "items", "folder", "project", "duplicates", "comparison"] {
      collect(try #require(json[key]))
    }
    // A page shows a finding's sentence and its facts apart.
    for judgement in report.items.flatMap(\.judgements) + report.folder + report.project {
      data.formUnion([judgement.sentence, judgement.facts])
    }
    data.formUnion(report.examinations.made.map(\.command))
    data.formUnion(text.errorRates.map(\.source))
    data.formUnion(["set", "deeper", try report.jsonDigest().sha256])
    let page = Self.visible(try report.html())
    let markdown = Self.plain(try report.markdown())
    for (name, words) in [("page", page), ("markdown", markdown)] {
      #expect(words.contains("⟦") && !words.contains("⟨") && !words.contains("TextNode"))
      var rest = Self.outside(words)
      for part in data.sorted(by: { $0.count > $1.count }) where !part.isEmpty {
        rest = rest.replacing(part, with: " ")
      }
      let left = rest.split(whereSeparator: { !$0.isLetter })
      #expect(left.isEmpty, "\(name): \(left.prefix(20))")
    }
    #expect(page.contains("lang=qps"))
  }

  @Test func `nothing but data is left of an evaluation's page when every text is taken out`() throws {
    let url = TestPaths.root.appending(path: "reports/evaluation/detector-val.json")
    let evaluation = try JSONDecoder().decode(DetectorEvaluation.self, from: try Data(contentsOf: url))
    var rest = Self.outside(Self.visible(try evaluation.html(try Self.pseudo())))
    // The longest first: one name may begin another.
    for group in (evaluation.kinds + evaluation.sources).sorted(by: { $0.name.count > $1.name.count }) {
      rest = rest.replacing(group.name, with: " ")
    }
    let left = rest.split(whereSeparator: { !$0.isLetter }).filter { $0 != "lang" && $0 != "qps" }
    #expect(left.isEmpty, "\(left.prefix(20))")
  }

  /// What a reader of a page sees or hears: texts, names of drawings and pictures, and `lang`.
  private static func visible(_ html: String) -> String {
    let body = html.replacing(#/<style>[^<]*<\/style>/#, with: "")
    let heard = body.matches(of: #/(?:alt|aria-label)="([^"]*)"/#).map { String($0.1) }
    let language = body.firstMatch(of: #/<html (lang)="([a-z-]*)"/#).map { "\($0.1)=\($0.2)" } ?? ""
    let seen = body.replacing(#/<[^>]*>/#, with: "\n")
    return ([language] + heard + [seen]).joined(separator: "\n")
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
  }

  private static func plain(_ markdown: String) -> String {
    markdown.replacing(#/\\([|*_`\[\]\\#~$.)+=-])/#) { String($0.1) }.replacing("&#58;", with: ":")
      .replacing("&#64;", with: "@").replacing("&#46;", with: ".").replacing("&lt;", with: "<")
      .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
  }

  /// What stands in no brackets; texts in texts are within them too.
  private static func outside(_ text: String) -> String {
    var depth = 0
    return String(
      text.replacing("lang=qps", with: "").map { character -> Character in
        if character == "⟦" { depth += 1 }
        if character == "⟧" {
          depth -= 1
          return "\n"
        }
        return depth > 0 ? "\n" : character
      })
  }
}
