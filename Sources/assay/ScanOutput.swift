import Console
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Scanning

/// Prints results as they come, and keeps count.
struct ScanOutput {
  /// How a result is printed.
  enum Style {
    case blocks, details, brief, json, csv
  }

  private let style: Style
  private let kinds: Set<ExaminerKind>
  private let failOn: [OutcomeCondition]
  private let text: ScanText
  /// What was named: files one by one, not to read one of which is a failure, and folders, each of which must hold a
  /// picture that is read.
  private var roots: [Root]
  private var counts: [Outcome: Int] = [:]
  /// How many of the unreadable ones are not there.
  private var missing = 0
  /// How many pictures of each kind that is not read.
  private var unread: [UnreadKind: Int] = [:]
  private var rule = ExitRule()

  private struct Root {
    let name: String
    /// What the names of files in it begin with, in a folder and in an archive.
    let prefix: String
    let archivePrefix: String
    var isFile = false
    var files = 0
    var read = 0

    init(_ name: String) {
      self.name = name
      prefix = name.hasSuffix("/") ? name : name + "/"
      archivePrefix = name + "!/"
    }
  }

  init(style: Style, kinds: Set<ExaminerKind>, failOn: [OutcomeCondition], roots: [String]) {
    self.style = style
    self.kinds = kinds
    self.failOn = failOn
    self.roots = roots.map(Root.init)
    text = ScanText(usesColor: Terminal.usesColor, examined: kinds, showsDetails: style == .details)
  }

  /// What stands before the first result.
  func begin() {
    if style == .csv { Terminal.out(ScanRows.header) }
  }

  /// - Parameter capture: for a table's row.
  mutating func write(_ result: ScanResult, _ capture: CaptureFacts? = nil) throws {
    counts[result.outcome, default: 0] += 1
    if result.isMissing { missing += 1 }
    var isNamed = false
    for index in roots.indices {
      if roots[index].name == result.file {
        roots[index].isFile = true
        isNamed = true
      } else if result.file.hasPrefix(roots[index].prefix)
        || result.file.hasPrefix(roots[index].archivePrefix)
      {
        roots[index].files += 1
        if result.outcome != .unreadable { roots[index].read += 1 }
      }
    }
    if result.error?.code == "format.unread", let kind = result.format.flatMap(UnreadKind.init) {
      unread[kind, default: 0] += 1
      rule.hasFailed = rule.hasFailed || isNamed
    } else {
      rule.hasFailed = rule.hasFailed || result.error != nil
    }
    rule.isMet = rule.isMet || failOn.contains { $0.isMet(by: result) }
    var result = result
    if style != .json, let error = result.error {
      result.error?.remedy = CommandRemedies.remedy(error.remedy, of: error.code)
    }
    switch style {
    case .csv: Terminal.out(ScanRows.row(result, capture))
    case .json: Terminal.out(try ScanLines.line(result))
    case .brief: Terminal.out(text.line(result))
    case .blocks, .details: Terminal.out(text.block(result) + "\n")
    }
    Progress.advance()
  }

  /// The summary: on standard output for people, nothing after JSON and single lines.
  ///
  /// - Returns: how the command ends.
  func finish(
    skipped: Int, links: Int, bare: [PictureWalk.BareArchive], allowEmpty: Bool
  ) -> ExitRule {
    var rule = rule
    let isForPeople = style == .blocks || style == .details
    if isForPeople {
      Terminal.out(text.summary(counts, examined: kinds, missing: missing))
      if !unread.isEmpty { Terminal.out(Self.unreadLine(unread)) }
    }
    let bareNames = Set(bare.map(\.path.display))
    for archive in bare { Terminal.error(Self.bareWords(archive)) }
    if counts.isEmpty {
      Terminal.error("no image files were found\n")
    } else if skipped > 0, isForPeople {
      Terminal.error(
        "\(skipped) \(skipped == 1 ? "file that is no image was" : "files that are no images were") left out\n"
      )
    }
    if let words = Self.linkWords(links) { Terminal.error(words) }
    // A gate over a folder that is empty by mistake, or full of what nobody can read, must not open.
    let folders = roots.filter { !$0.isFile }
    for folder in folders where folder.read == 0 && folder.files > 0 {
      Terminal.error("none of the pictures in \(TerminalText.escaping(folder.name)) could be read\n")
      rule.hasFailed = true
    }
    let empty = folders.filter { $0.files == 0 }
    guard !allowEmpty, !empty.isEmpty || counts.isEmpty else { return rule }
    if !counts.isEmpty {
      for folder in empty where !bareNames.contains(folder.name) {
        Terminal.error("no image files were found in \(TerminalText.escaping(folder.name))\n")
      }
    }
    rule.hasFailed = true
    return rule
  }

  /// `x.tar: an archive without pictures; 3 other files are in it`.
  static func bareWords(_ archive: PictureWalk.BareArchive) -> String {
    let name = archive.path.display == "-" ? "standard input" : TerminalText.escaping(archive.path.display)
    guard archive.others > 0 else { return "\(name): an empty archive\n" }
    return
      "\(name): an archive without pictures; \(Plural.of(archive.others, "other file")) \(archive.others == 1 ? "is" : "are") in it\n"
  }

  /// What is told of links in archives; nil where there is none.
  static func linkWords(_ count: Int) -> String? {
    guard count > 0 else { return nil }
    return
      "note: \(Plural.of(count, "link")) in archives \(count == 1 ? "was" : "were") passed over: what they lead to is looked "
      + "at where it is a member itself\n"
  }

  /// `3 pictures of kinds that Assay does not read: JPEG 2000, SVG (2)`.
  static func unreadLine(_ unread: [UnreadKind: Int]) -> String {
    let total = unread.values.reduce(0, +)
    let kinds = unread.sorted { $0.key.name < $1.key.name }.map { kind, count in
      count > 1 && unread.count > 1 ? "\(kind.name) (\(count))" : kind.name
    }
    return "\(total) \(total == 1 ? "picture of a kind" : "pictures of kinds") that Assay does not read: "
      + kinds.joined(separator: ", ") + "\n"
  }
}

/// Where drawings go: `NAME-DIGITS.spectrum.png`, so that equal names of different folders do not meet.
struct DrawingFolder {
  private let folder: URL
  /// How many were written.
  private(set) var count = 0

  init(_ path: String) throws {
    folder = URL(filePath: path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  var path: String { folder.path }

  mutating func write(_ drawing: Drawing, of file: String) throws {
    let digits = String(
      file.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }, radix: 16)
    let name = URL(filePath: file).lastPathComponent
    let target = folder.appending(path: "\(name)-\(digits).\(drawing.kind.rawValue).png")
    try writeAtomically(drawing.png(), to: target.path, overwrite: true)
    count += 1
  }
}
