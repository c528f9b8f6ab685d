import Console
import Foundation
import ImageFormats
import Reports
import Scanning

/// Prints results as they come, and keeps count.
struct ScanOutput {
  private let json: Bool
  private let kinds: Set<ExaminerKind>
  private let failOn: Set<Outcome>
  private let text = ScanText(usesColor: Terminal.usesColor)
  private let start = ContinuousClock.now
  /// Files that were named one by one; not to read one of them is a failure.
  private let named: Set<String>
  private var counts: [Outcome: Int] = [:]
  /// How many pictures of each kind that is not read.
  private var unread: [UnreadKind: Int] = [:]
  private(set) var sawUnreadable = false
  private(set) var sawFailure = false

  init(json: Bool, kinds: Set<ExaminerKind>, failOn: Set<Outcome>, named: Set<String>) {
    self.named = named
    self.json = json
    self.kinds = kinds
    self.failOn = failOn
  }

  mutating func write(_ result: ScanResult) throws {
    counts[result.outcome, default: 0] += 1
    if result.error?.code == "format.unread", let kind = result.format.flatMap(UnreadKind.init) {
      unread[kind, default: 0] += 1
      sawUnreadable = sawUnreadable || named.contains(result.file)
    } else {
      sawUnreadable = sawUnreadable || result.error != nil
    }
    sawFailure = sawFailure || failOn.contains(result.outcome)
    clearProgress()
    Terminal.out(json ? try ScanLines.line(result) : text.block(result) + "\n")
    showProgress()
  }

  /// The summary: on standard output for people, nothing after JSON.
  func finish(skipped: Int) {
    clearProgress()
    if !json { Terminal.out(text.summary(counts, examined: kinds)) }
    if !unread.isEmpty, !json { Terminal.out(Self.unreadLine(unread)) }
    if counts.isEmpty {
      Terminal.error("no image files were found\n")
    } else if skipped > 0, !json {
      Terminal.error(
        "\(skipped) \(skipped == 1 ? "file that is no image was" : "files that are no images were") left out\n"
      )
    }
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

  /// One line on a terminal's standard error, unless the results are on that terminal too.
  private func showProgress() {
    guard Terminal.errorIsTerminal, !Terminal.outIsTerminal else { return }
    let done = counts.values.reduce(0, +)
    let elapsed = start.duration(to: .now) / .seconds(1)
    Terminal.error("\(done) files, \(Int((Double(done) / max(elapsed, 0.001)).rounded())) a second")
  }

  private func clearProgress() {
    guard Terminal.errorIsTerminal, !Terminal.outIsTerminal else { return }
    Terminal.error("\r\u{1B}[K")
  }
}

/// Where drawings go: `NAME-DIGITS.spectrum.png`, so that equal names of different folders do not meet.
struct DrawingFolder {
  private let folder: URL

  init(_ path: String) throws {
    folder = URL(filePath: path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func write(_ drawing: Drawing, of file: String) throws {
    let digits = String(
      file.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }, radix: 16)
    let name = URL(filePath: file).lastPathComponent
    let target = folder.appending(path: "\(name)-\(digits).\(drawing.kind.rawValue).png")
    try writeAtomically(drawing.png, to: target.path, overwrite: true)
  }
}
