import Crypto
import Diagnostics
import Foundation

/// Holds a report's page against its JSON twin: the page is made anew from the twin, and must be the same to the byte.
///
/// So a signature over the twin answers for every word and picture of the page. Only pages as `assay audit` writes
/// them to report.html can be compared, and only those of the same version of assay.
public struct PageCheck: Sendable {
  /// The first place where a page is not what its twin makes.
  public struct Difference: Sendable, Hashable, Codable {
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int
    /// The `id` of the page's section; nil above the first.
    public let section: String?
    /// What stands there, and what the report says instead; both shortened and safe to print.
    public let page: String
    public let report: String
  }

  /// The JSON twin, which a signature is to be checked over.
  public let twin: [UInt8]
  /// Whether it was in the page; else it lay beside it.
  public let isEmbedded: Bool
  /// SHA-256 of the twin.
  public let sha256: String
  /// Why the page does not hold; nil where it says what its twin says.
  public let fault: String?
  public let difference: Difference?

  /// Bytes. A page is about 5 MB at most; what is far larger is none of ours.
  private static let limit = 16 << 20
  private static let twinMark = "href=\"data:application/json;base64,"
  private static let pictureMark = "src=\"data:image/"

  /// - Parameters:
  ///   - name: the page's file as errors name it.
  ///   - beside: the file that lies beside the page as its twin, if there is one.
  ///   - version: of this assay.
  ///   - build: SHA-256 of this program, where it is known.
  ///   - text: the catalogue that the report was worded by.
  /// - Throws: ``ReportError`` where there is nothing to compare: no twin or several, one that cannot be read, one of
  ///   another version or catalogue.
  public init(
    page bytes: [UInt8], name: String, beside: [UInt8]?, version: String, build: String? = nil,
    text: ReportText
  ) throws(ReportError) {
    guard bytes.count <= Self.limit else {
      throw Self.error(
        "size", name, "a report's page has at most \(Self.limit >> 20) MiB",
        "name a report.html of an audit")
    }
    guard let page = String(validating: bytes, as: UTF8.self) else {
      throw Self.error("text", name, "the page is no UTF-8 text", Self.again)
    }
    let embedded = try Self.embeddedTwin(in: page, name)
    guard let twin = embedded ?? beside else {
      throw Self.error(
        "twin", name, "the page embeds no JSON twin, and none lies beside it",
        "put report.json beside the page, or name a report.html of an audit")
    }
    self.twin = twin
    isEmbedded = embedded != nil
    sha256 = SHA256.hash(data: twin).hexadecimal
    let source = embedded == nil ? "the JSON twin of \(name)" : "\(name), JSON twin"
    let document = try ReportDocument(json: Data(twin), source: source)
    try Self.requireComparable(document, name, version, text)
    var report = try Report(document, text: text)
    let pictures = Self.pictures(in: page)
    report.pictures = Self.pictures(document.pictures ?? [], of: report, in: pictures)
    let made = try Self.made(report, twin, name)

    let label = "<dt>\(Markup.escape(text["particulars.twin"]))</dt><dd>"
    let named = page.range(of: label).map { page[$0.upperBound...].prefix { $0 != "<" } }
    let known = Set((document.pictures ?? []).map(\.sha256))
    if named.map(String.init) != sha256 {
      let words = named.map { "another twin, \(TerminalText.escaping(String($0.prefix(64))))" } ?? "no twin"
      fault = "the page names \(words); its twin's SHA-256 is \(sha256)"
      difference = nil
    } else if let place = pictures.firstIndex(where: { !known.contains($0.sha256) }) {
      fault = "picture \(place + 1) of the page is none that the report names"
      difference = nil
    } else {
      difference = Self.difference(page, made)
      let isOther = build != nil && document.header.build != build
      let doubt = isOther ? "; another build of assay \(version) made it, which may be the cause" : ""
      fault = difference == nil ? nil : "the page does not say what its JSON twin says" + doubt
    }
  }

  // MARK: Twin

  private static let again = "take the report from its source again"

  private static func error(_ code: String, _ name: String, _ message: String, _ remedy: String)
    -> ReportError
  {
    ReportError(code: "page.\(code)", location: FaultLocation(file: name), message: message, remedy: remedy)
  }

  private static func embeddedTwin(in page: String, _ name: String) throws(ReportError) -> [UInt8]? {
    let twins = quoted(after: twinMark, in: page, atMost: 2)
    guard twins.count < 2 else {
      throw error("twins", name, "the page embeds more than one JSON twin", again)
    }
    guard let text = twins.first else { return nil }
    guard let data = Data(base64Encoded: String(text)) else {
      throw error("base64", name, "the JSON twin in the page is damaged", again)
    }
    return [UInt8](data)
  }

  /// Whether this assay can make the page of the document.
  private static func requireComparable(
    _ document: ReportDocument, _ name: String, _ version: String, _ text: ReportText
  ) throws(ReportError) {
    guard document.header.toolVersion == version else {
      let other = TerminalText.escaping(String(document.header.toolVersion.prefix(40)))
      throw error(
        "version", name, "the page was made by assay \(other) and cannot be compared by assay \(version)",
        "verify it with assay \(other), or verify the signature of report.json alone")
    }
    guard document.catalogue == JSONCatalogue(text) else {
      let language = TerminalText.escaping(String((document.catalogue?.language ?? "none named").prefix(40)))
      throw error(
        "catalogue", name, "the page is worded by another catalogue of texts (\(language))",
        "give the catalogue that it was made with, or use the build of assay that made it")
    }
  }

  /// The page that the report makes.
  ///
  /// - Throws: ``ReportError`` where it would make another twin.
  private static func made(_ report: Report, _ twin: [UInt8], _ name: String) throws(ReportError) -> String {
    let json: String
    let page: String
    do { (json, page) = (try report.json(), try report.html()) } catch let fault as ReportError {
      throw fault
    } catch {
      throw Self.error("form", name, "the JSON twin holds what no report can", again)
    }
    guard Array(json.utf8) == twin else {
      throw error(
        "form", name,
        "the JSON twin is not as this assay would write it: it was altered, or another build of assay made it",
        "use the build of assay that made it, or verify the signature of report.json alone")
    }
    return page
  }

  // MARK: Pictures

  private struct PagePicture {
    let bytes: [UInt8]
    let sha256: String
  }

  /// The pictures that the page embeds, in order; one that is no base64 as no bytes.
  private static func pictures(in page: String) -> [PagePicture] {
    quoted(after: pictureMark, in: page, atMost: .max).map { uri in
      let data = uri.firstIndex(of: ",").flatMap { Data(base64Encoded: String(uri[$0...].dropFirst())) }
      let bytes = [UInt8](data ?? Data())
      return PagePicture(bytes: bytes, sha256: SHA256.hash(data: bytes).hexadecimal)
    }
  }

  /// The report's pictures with their bytes from the page; none for those that the page leaves out.
  ///
  /// How many files the page shows in full depends on their sizes, and the first file whose pictures the page leaves
  /// out ends them: its pictures get zeros, as many as the twin says and no more than a page holds.
  private static func pictures(_ named: [JSONPicture], of report: Report, in page: [PagePicture]) -> [String:
    [ReportPicture]]
  {
    let known = Dictionary(page.map { ($0.sha256, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    let files = Dictionary(grouping: named, by: \.file)
    var pictures = files.mapValues { $0.map { ReportPicture($0, bytes: known[$0.sha256] ?? []) } }
    let last = report.attention.lazy.map { report.items[$0].file }.first { file in
      files[file]?.contains { known[$0.sha256] == nil } ?? false
    }
    guard let last, let named = files[last] else { return pictures }
    var room = limit
    pictures[last] = named.map { picture in
      if let bytes = known[picture.sha256] { return ReportPicture(picture, bytes: bytes) }
      let count = min(max(0, picture.bytes), room)
      room -= count
      let start: [UInt8] = [0xFF, 0xD8]
      return ReportPicture(picture, bytes: start + [UInt8](repeating: 0, count: max(0, count - start.count)))
    }
    return pictures
  }

  // MARK: Text

  /// What stands between a mark and the next quotation mark, wherever the mark stands.
  private static func quoted(after mark: String, in page: String, atMost most: Int) -> [Substring] {
    var found: [Substring] = []
    var rest = page[...]
    while found.count < most, let place = rest.firstRange(of: mark) {
      let end = rest[place.upperBound...].firstIndex(of: "\"") ?? rest.endIndex
      found.append(rest[place.upperBound..<end])
      rest = rest[end...]
    }
    return found
  }

  private static func difference(_ page: String, _ made: String) -> Difference? {
    let (left, right) = (Array(page.utf8), Array(made.utf8))
    guard left != right else { return nil }
    let place = zip(left, right).prefix { $0 == $1 }.count
    let before = left[..<place]
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let mark = "<section id=\""
    let section = String(decoding: before, as: UTF8.self).components(separatedBy: mark).dropFirst().last.map {
      String($0.prefix { $0 != "\"" })
    }
    // A little before the place, so that the words around it are seen.
    let from = max(start, place - 24)
    func extract(_ bytes: [UInt8]) -> String {
      TerminalText.escaping(
        String(decoding: bytes[min(from, bytes.count)..<min(place + 56, bytes.count)], as: UTF8.self))
    }
    return Difference(
      line: before.count { $0 == UInt8(ascii: "\n") } + 1,
      column: String(decoding: left[start..<place], as: UTF8.self).count + 1, section: section,
      page: extract(left), report: extract(right))
  }
}
