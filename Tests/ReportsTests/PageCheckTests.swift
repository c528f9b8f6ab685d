import Foundation
import Reports
import Testing

struct PageCheckTests {
  static func check(
    _ page: String, beside: [UInt8]? = nil, version: String = "0.1.0", text: ReportText? = nil
  )
    throws(ReportError) -> PageCheck
  {
    let catalogue: ReportText
    if let text { catalogue = text } else { catalogue = try ReportText.english }
    return try PageCheck(
      page: [UInt8](page.utf8), name: "p.html", beside: beside, version: version, text: catalogue)
  }

  static func code(_ page: String, beside: [UInt8]? = nil, version: String = "0.1.0", text: ReportText? = nil)
    -> String
  {
    do throws(ReportError) {
      return try check(page, beside: beside, version: version, text: text).fault ?? "same"
    } catch { return error.code }
  }

  @Test func `a report read back from its JSON writes the same JSON and the same page`() throws {
    let text = try ReportText.english
    let report = try SampleReport.make(text)
    var again = try Report(json: Data(try report.json().utf8), source: "report.json", text: text)
    again.pictures = report.pictures
    #expect(try again.json() == report.json())
    #expect(try again.html() == report.html())
    #expect(try again.markdown() == report.markdown())
    #expect(again.attention == report.attention)
  }

  @Test(
    arguments: ReportTests.hostileNames + [
      "{{title}}{{{x}}}{{#a}}.png", "{count} {file}.png", "{{% CONTENT_TYPE: TEXT}}",
    ])
  func `a page is the one its twin makes, whatever its files are called`(name: String) throws {
    let page = try SampleReport.make(try ReportText.english, file: name).html()
    #expect(Self.code(page) == "same")
    #expect(try ReportTests.report(file: name).html().utf8.count < page.utf8.count)
  }

  @Test func `a page whose words were altered is found, with the place`() throws {
    let page = try SampleReport.make(try ReportText.english).html()
    let altered = page.replacing(
      "No picture is called real here", with: "No \u{202E}picture is called fake here")
    let check = try Self.check(altered)
    let difference = try #require(check.difference)
    #expect(check.fault == "the page does not say what its JSON twin says")
    #expect(difference.section == "short" && difference.line > 10 && difference.column > 100)
    #expect(
      difference.page.contains("No \\u{202E}picture") && difference.report.contains("No picture is called"))
    let other = try PageCheck(
      page: [UInt8](altered.utf8), name: "p.html", beside: nil, version: "0.1.0", build: "other",
      text: try ReportText.english)
    #expect(other.fault?.hasSuffix("another build of assay 0.1.0 made it, which may be the cause") == true)
    // Anything that a browser would obey is as good as a word.
    for addition in ["<style>#short{display:none}</style>", " ", "<!-- -->"] {
      #expect(try Self.check(page + addition).difference != nil)
    }
    let style = page.replacing("--ink:#1a1d21", with: "--ink:#ffffff")
    #expect(try Self.check(style).difference?.section == nil)
    #expect(try Self.check(String(page.dropLast(9))).difference?.page == "</body>")
  }

  /// As many zeros as a twin asks for would be terabytes.
  @Test func `pictures that a twin names and the page lacks take no memory`() throws {
    let text = try ReportText.english
    let twin = try SampleReport.make(text).json()
    let entry = """
      {"bytes":9000000000,"file":"x","height":1,"kind":"thumbnail","sha256":"\(String(repeating: "0", count: 64))","width":1}
      """
    let hostile = twin.replacing(
      "\"pictures\":[", with: "\"pictures\":[" + [String](repeating: entry + ",", count: 500).joined())
    #expect(hostile.count > twin.count)
    let page = try SampleReport.make(text).html().replacing(
      Data(twin.utf8).base64EncodedString(), with: Data(hostile.utf8).base64EncodedString())
    #expect(Self.code(page) != "same")
  }

  @Test func `a picture that was exchanged is found`() throws {
    let page = try SampleReport.make(try ReportText.english).html()
    let original = Data([0xFF, 0xD8, 1]).base64EncodedString()
    let other = Data([0xFF, 0xD8, 7]).base64EncodedString()
    #expect(page.contains(original))
    #expect(
      Self.code(page.replacing(original, with: other))
        == "picture 2 of the page is none that the report names")
    #expect(
      Self.code(page.replacing(original, with: "***"))
        == "picture 2 of the page is none that the report names")
    // Two of the report's own in each other's places.
    let swapped = page.replacing(original, with: "FIRST").replacing(
      Data([0xFF, 0xD8, 0]).base64EncodedString(), with: original
    ).replacing("FIRST", with: Data([0xFF, 0xD8, 0]).base64EncodedString())
    #expect(Self.code(swapped) == "the page does not say what its JSON twin says")
  }

  @Test func `a page that names another twin is found`() throws {
    let page = try SampleReport.make(try ReportText.english).html()
    let check = try Self.check(page)
    let other = String(repeating: "0", count: 64)
    #expect(
      Self.code(page.replacing(check.sha256, with: other)).hasPrefix(
        "the page names another twin, \(other); "))
  }

  @Test func `a page that cannot be compared is never the same, and says why`() throws {
    let text = try ReportText.english
    let report = try SampleReport.make(text)
    let page = try report.html()
    let json = try report.json()
    func embedding(_ twin: String) throws -> String {
      let start = try #require(page.firstRange(of: "json;base64,")).upperBound
      let rest = page[start...].drop { $0 != "\"" }
      return page[..<start] + Data(twin.utf8).base64EncodedString() + rest
    }
    let link = "<a href=\"data:application/json;base64,e30=\">x</a>"
    #expect(Self.code(page + link) == "page.twins")
    #expect(
      Self.code(page.replacing("application/json;base64,", with: "application/json;base64,*"))
        == "page.base64")
    #expect(Self.code("<!doctype html>") == "page.twin")
    #expect(Self.code("") == "page.twin")
    #expect(Self.code(page, version: "0.2.0") == "page.version")
    #expect(Self.code(page, text: try ReportTextTests.pseudo()) == "page.catalogue")
    #expect(Self.code(try embedding(json + " ")) == "page.form")
    #expect(Self.code(try embedding("{}")) == "report.json")
    #expect(Self.code(try embedding("{\"schema\":\"assay.scan/1\"}")) == "report.schema")
    #expect(Self.code(try embedding(String(repeating: "[", count: 100_000))) == "report.json")
    #expect(Self.code(String(repeating: " ", count: 17 << 20)) == "page.size")
    #expect(throws: ReportError.self) {
      try PageCheck(page: [0xFF, 0xFE], name: "p.html", beside: nil, version: "0.1.0", text: text)
    }
    // Beside the page, for one that is too large to embed it.
    let bare = page.replacing(link, with: "")
    #expect(Self.code(bare, beside: Array("no json".utf8)) == "same")
    #expect(
      Self.code("<p>x</p>", beside: Array(json.utf8)).hasPrefix("the page names no twin; "))
  }

  @Test func `a bad report is refused with its line or field`() throws {
    let text = try ReportText.english
    let json = try SampleReport.make(text).json()
    func message(_ json: String) -> String {
      do throws(ReportError) {
        _ = try Report(json: Data(json.utf8), source: "r.json", text: text)
        return "read"
      } catch { return "\(error)" }
    }
    #expect(
      message(json.replacing("\"outcome\":\"unreadable\"", with: "\"outcome\":\"fine\"")).contains(
        "items.2.scan.outcome"))
    #expect(message(json.replacing("\"operatorName\":\"desk\",", with: "")).contains("header.operatorName"))
    #expect(message(json.replacing("\"duplicates\":[", with: "\"duplicates\":[[],")).contains("duplicates"))
    #expect(message(String(json.prefix(2_000))).contains("line"))
  }

  /// Cut at many places and with bytes changed: an answer each time, never a crash, never the same.
  @Test func `damaged pages get an answer`() throws {
    let page = [UInt8](try SampleReport.make(try ReportText.english).html().utf8)
    let text = try ReportText.english
    for place in stride(from: 0, to: page.count, by: page.count / 60) {
      var changed = page
      changed[place] ^= 1
      for bytes in [Array(page[..<place]), changed] {
        let check = try? PageCheck(page: bytes, name: "p.html", beside: nil, version: "0.1.0", text: text)
        #expect(check == nil || check?.fault != nil, "byte \(place)")
      }
    }
  }
}
