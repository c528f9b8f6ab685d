import Crypto
import Diagnostics
public import Foundation

/// Every label and sentence of the reports, by dotted key such as `headings.inShort`; English ships.
///
/// A translation is a JSON file with the same keys. Rule texts are not here: they are the packs' own. Summaries of
/// evidence and findings of rules come with the scan. Values stand in braces (`{count} files`); a sentence that
/// counts has a form for each number that reads otherwise, and `other`.
public struct ReportText: Sendable {
  /// SHA-256 of the catalogue's bytes: what a report was worded by.
  public let sha256: String
  private let entries: [String: String]

  /// The language as BCP 47 names it; the page's `lang`.
  public var language: String { self["language"] }

  /// The catalogue that ships.
  ///
  /// - Throws: ``ReportError`` where the program was installed without its resources.
  public static var english: ReportText { get throws(ReportError) { try shipped.get() } }

  /// The bytes of the catalogue that ships, for translators.
  ///
  /// - Throws: ``ReportError`` where the program was installed without its resources.
  public static func englishJSON() throws(ReportError) -> Data { try ReportResources.data("text.en.json") }

  private static let shipped = Result<ReportText, ReportError> { () throws(ReportError) in
    try ReportText(json: try englishJSON(), source: "text.en.json", against: nil)
  }

  /// Reads a translation.
  ///
  /// - Parameter source: the file as errors name it.
  /// - Throws: ``ReportError`` naming what is no JSON, missing, unknown, or lacks a value in braces.
  public init(json: Data, source: String) throws(ReportError) {
    try self.init(json: json, source: source, against: try Self.english)
  }

  /// Reads a translation from a file of at most 1 MiB.
  ///
  /// - Throws: ``ReportError`` as ``init(json:source:)``, and where the file cannot be read.
  public init(path: String) throws(ReportError) {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
      throw ReportError(
        code: "text.file", location: FaultLocation(file: path),
        message: "the file cannot be read, or has more than 1 MiB",
        remedy: "check the name and its permissions")
    }
    try self.init(json: data, source: path)
  }

  private init(json: Data, source: String, against model: ReportText?) throws(ReportError) {
    sha256 = SHA256.hash(data: json).hexadecimal
    do {
      entries = try JSONDecoder().decode(TextTree.self, from: json).flattened()
    } catch {
      throw ReportError(
        code: "text.json", location: FaultLocation(file: source, path: JSONFault.place(error)),
        message: "this is no catalogue of texts: \(JSONFault.message(error, in: json))",
        remedy: "begin with the English catalogue, and translate its texts", cause: error)
    }
    try model?.check(entries, source)
  }

  // MARK: Reading

  /// The text under a key; the key itself where there is none, which the tests look for.
  public subscript(key: String) -> String { entries[key] ?? "⟨\(key)⟩" }

  /// The texts of a list, in order.
  public func list(_ key: String) -> [String] {
    var texts: [String] = []
    while let text = entries["\(key).\(texts.count)"] { texts.append(text) }
    return texts
  }

  /// The text with its values filled in; a value is never looked through for braces of its own.
  public func filled(_ key: String, _ values: [String: String]) -> String {
    Self.pieces(self[key]).map { $0.isName ? values[$0.text] ?? "{\($0.text)}" : $0.text }.joined()
  }

  /// The form of a sentence for a number.
  public func counted(_ key: String, _ count: Int) -> String {
    let form = entries["\(key).\(count)"] == nil ? "other" : String(count)
    return filled("\(key).\(form)", ["count": String(count)])
  }

  /// What stands before and after a value that gets markup of its own.
  func around(_ key: String, _ name: String) -> (before: String, after: String) {
    let pieces = Self.pieces(self[key])
    let place = pieces.firstIndex { $0.isName && $0.text == name } ?? pieces.endIndex
    func text(_ part: ArraySlice<(text: String, isName: Bool)>) -> String { part.map(\.text).joined() }
    return (text(pieces[..<place]), text(pieces[place...].dropFirst()))
  }

  /// Whether there is a text under a key.
  package func holds(_ key: String) -> Bool { entries[key] != nil }

  /// Keys in order, for tests.
  package var keys: [String] { entries.keys.sorted() }

  /// A text's parts: plain ones, and names in braces.
  private static func pieces(_ text: String) -> [(text: String, isName: Bool)] {
    var pieces: [(text: String, isName: Bool)] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      pieces.append((String(rest[..<open]), false))
      pieces.append((String(rest[rest.index(after: open)..<close]), true))
      rest = rest[rest.index(after: close)...]
    }
    return pieces + [(String(rest), false)]
  }

  // MARK: Checking

  /// Holds a translation's entries against these.
  private func check(_ other: [String: String], _ source: String) throws(ReportError) {
    func complain(_ code: String, _ keys: [String], _ what: String, _ remedy: String) throws(ReportError) {
      guard !keys.isEmpty else { return }
      let rest = keys.count > 8 ? " and \(keys.count - 8) more" : ""
      throw ReportError(
        code: code, location: FaultLocation(file: source),
        message: "\(what): \(keys.sorted().prefix(8).joined(separator: ", "))\(rest)", remedy: remedy)
    }
    try complain(
      "text.missing", entries.keys.filter { !isForm($0) && other[$0] == nil }, "texts are missing",
      "translate what the English catalogue holds under these keys")
    try complain(
      "text.unknown", other.keys.filter { !isForm($0) && entries[$0] == nil }, "no report has these texts",
      "remove them, or mend their names")
    try complain(
      "text.values", other.filter { !keepsValues($0.key, $0.value) }.map(\.key),
      "the values in braces are not those of the English text", "keep each name in braces as it is")
  }

  /// Whether a key is a counting sentence's form for one number: languages have them for different numbers.
  private func isForm(_ key: String) -> Bool { countingKey(key) != nil }

  private func countingKey(_ key: String) -> String? {
    guard let dot = key.lastIndex(of: "."),
      UInt(key[key.index(after: dot)...]).map(String.init) == String(key[key.index(after: dot)...])
    else {
      return nil
    }
    let other = "\(key[..<dot]).other"
    return entries[other] == nil ? nil : other
  }

  private func keepsValues(_ key: String, _ text: String) -> Bool {
    func names(_ text: String) -> Set<String> { Set(Self.pieces(text).filter(\.isName).map(\.text)) }
    guard let other = countingKey(key) else { return names(text) == names(self[key]) }
    return names(text).isSubset(of: names(self[other]))
  }
}

/// A catalogue as JSON has it.
private indirect enum TextTree: Decodable {
  case text(String)
  case list([TextTree])
  case group([String: TextTree])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([TextTree].self) {
      self = .list(list)
    } else {
      self = .group(try container.decode([String: TextTree].self))
    }
  }

  func flattened() -> [String: String] {
    var entries: [String: String] = [:]
    func visit(_ tree: TextTree, _ path: [String]) {
      switch tree {
      case .text(let text): entries[path.joined(separator: ".")] = text
      case .list(let list):
        for (index, part) in list.enumerated() { visit(part, path + [String(index)]) }
      case .group(let group):
        for (key, part) in group { visit(part, path + [key]) }
      }
    }
    visit(self, [])
    return entries
  }
}
