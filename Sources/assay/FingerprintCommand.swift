import ArgumentParser
import Console
import Diagnostics
import Fingerprints
import Foundation
import ImageFormats
import Images
import Reports
import Scanning
import Services

struct FingerprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint",
    abstract: "Learn the pattern that your own model leaves in its pictures, and look for it in others.",
    subcommands: [FingerprintLearnCommand.self, FingerprintTestCommand.self])
}

struct FingerprintLearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn", abstract: "Learn a fingerprint from pictures by one model.",
    discussion: """
      Many generators leave the same faint pattern in every picture, and it outlives resizing and JPEG. Give 20 to 200 \
      pictures as the model made them, all of different content: a frame, a logo or a background that repeats would \
      be learnt as well. Pictures that show the same as another are left out, and so are those that do not carry \
      what the others share. Then try it on pictures that it was not learnt from, and on photographs.

      EXAMPLES
        assay fingerprint learn our-pictures --family "Acme Painter 3" -o acme.fingerprint
        assay fingerprint test photographs --fingerprints acme.fingerprint
        assay scan uploads --fingerprints acme.fingerprint
      """)

  @Argument(help: "Image files or folders.")
  var paths: [String]

  @Option(help: "The model as verdicts name it. (default: the name of the first folder)")
  var family: String?

  @Option(name: .shortAndLong, help: "Where to write the fingerprint.")
  var output: String

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print one JSON object: file, bytes and what it was learnt from.")
  var json = false

  private var familyName: String {
    let name = family ?? URL(filePath: paths.first ?? "").standardizedFileURL.lastPathComponent
    return name.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("name at least one file or folder") }
    guard (1...120).contains(familyName.count),
      !familyName.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    else { throw ValidationError("--family must be 1 to 120 characters in one line") }
  }

  func run() throws {
    var learning = FingerprintLearning()
    let files = Array(FileWalk(paths.map(RawArguments.path)))
    Progress.begin("looking at", "pictures", of: files.count, upTo: 0.8)
    for path in files {
      learning.add(path)
      Progress.advance()
    }
    Progress.begin("learning")
    let outcome = try learning.outcome(
      family: familyName, date: String(Date().formatted(.iso8601).prefix(10)))
    for (_, error) in outcome.unreadable { Terminal.report(error) }
    let bytes = try outcome.fingerprint.fileBytes()
    try writeAtomically(bytes, to: output, overwrite: force)
    let report = FingerprintLearnReport(outcome, file: output, bytes: bytes.count)
    Terminal.out(json ? try JSONLine.of(report, as: "assay.fingerprint-learn/1") : report.text())
    if let caution = report.caution { Terminal.error("note: \(caution)\n") }
    if !outcome.unreadable.isEmpty { throw ExitCode(1) }
  }
}

/// What `fingerprint learn` prints.
struct FingerprintLearnReport: Encodable {
  var file: String
  var bytes: Int
  var name: String
  var family: String
  /// Pictures that it was estimated from; those that do not carry it; those that show the same as another; those too
  /// small or too many.
  var learntFrom: Int
  var leftOut: Int
  var copies: Int
  var unused: Int
  var unreadable: Int
  /// T of the pictures that carry it, each against what was estimated without it.
  var median: Double
  var least: Double
  /// Why it may find little, or too much; nil where it was learnt from enough pictures.
  var caution: String?

  /// As the help asks for.
  private static let enough = 20

  init(_ outcome: FingerprintLearning.Outcome, file: String, bytes: Int) {
    self.file = file
    self.bytes = bytes
    name = outcome.fingerprint.card.name
    family = outcome.fingerprint.card.family
    learntFrom = outcome.members
    leftOut = outcome.pictures.count - outcome.members
    copies = outcome.copies.count
    unused = outcome.unused.count
    unreadable = outcome.unreadable.count
    let values = outcome.pictures.filter(\.isMember).map(\.statistic).sorted()
    median = values.isEmpty ? 0 : values[values.count / 2]
    least = values.first ?? 0
    if learntFrom < Self.enough {
      caution =
        "learnt from \(Plural.of(learntFrom, "picture")), and below \(Self.enough) a pattern is weak, or that of what the pictures "
        + "show; give more, and try it on others by the model and on photographs before you rest on it"
    }
  }

  func text() -> String {
    let total = learntFrom + leftOut + copies + unused + unreadable
    let among = Plural.of(total, "picture")
    var text = "\(TerminalText.escaping(file)): \(name), learnt from \(learntFrom) of \(among)\n"
    text += String(
      format: "  T of each without itself: median %.1f, least %.1f; found is about 6 and more\n", median,
      least)
    for (count, reason) in [
      (leftOut, "do not carry what the others share"), (copies, "show the same as another"),
      (unused, "are too small or too many"),
    ] where count > 0 { text += "  \(count) left out: they \(reason)\n" }
    return text
  }
}

struct FingerprintTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Look for fingerprints in pictures, also turned, cropped and in collages.",
    discussion: """
      T is in standard deviations of what pictures without the pattern give, p the chance of it after all that was \
      tried; found is p of at most 1e-6, of a part of an original 1e-10. The exit code is 0 whatever is found; 1 when a file could not be read.
      """)

  @Argument(help: "Image files or folders.")
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "Fingerprints that `fingerprint learn` wrote, separated by commas. (default: those that ship)",
      valueName: "files"))
  var fingerprints: PathList?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("name at least one file or folder") }
  }

  func run() throws {
    let own = try fingerprints.map { try OwnFingerprints.read($0.paths) }
    let reader = FingerprintReader(fingerprints: try own ?? Fingerprint.shipped())
    var summary = FingerprintTestSummary()
    let files = Array(FileWalk(paths.map(RawArguments.path)))
    Progress.begin("looking at", "pictures", of: files.count)
    for path in files {
      defer { Progress.advance() }
      do {
        let plane = try ImageFile(path: path).decode().image.luminance()
        let report = FingerprintTestReport(file: path.display, reading: reader.read(plane))
        summary.count(report)
        Terminal.out(json ? try JSONLine.of(report, as: "assay.fingerprint-test/1") : report.text())
      } catch let error as ImageFormatError {
        Terminal.report(error)
        summary.unreadable += 1
      }
    }
    // Beside JSON lines a total would be a line of another kind.
    if json { Terminal.error(summary.text()) } else { Terminal.out("\n" + summary.text()) }
    if summary.unreadable > 0 { throw ExitCode(1) }
  }
}

/// What `fingerprint test` prints of a file.
struct FingerprintTestReport: Encodable {
  struct Match: Encodable {
    var name: String
    var family: String
    var statistic: Double
    var pValue: Double
    var log10PValue: Double
    var trials: Double
    var geometry: String

    init(_ match: FingerprintMatch) {
      name = match.card.name
      family = match.card.family
      statistic = (match.statistic * 1000).rounded() / 1000
      pValue = match.pValue
      log10PValue = (match.log10PValue * 1000).rounded() / 1000
      trials = match.trials
      geometry = match.geometry.title
    }
  }

  var file: String
  var found: Bool
  var matches: [Match]
  /// The strongest that was turned down.
  var nearest: Match?
  var notEvaluable: String?

  init(file: String, reading: FingerprintReading) {
    self.file = file
    found = reading.found
    matches = reading.matches.map(Match.init)
    nearest = reading.nearest.map(Match.init)
    notEvaluable = reading.notEvaluable
  }

  func text() -> String {
    let name = TerminalText.escaping(file)
    if let notEvaluable { return "\(name): not compared (\(notEvaluable))\n" }
    func figures(_ match: Match) -> String {
      let chance =
        match.log10PValue < -300
        ? "p < 1e-300" : String(format: "p %.1e", exp(match.log10PValue * log(10)))
      return String(format: "T %.1f, ", match.statistic) + chance
    }
    guard found else {
      return "\(name): none" + (nearest.map { " (at most \(figures($0)), \($0.name))" } ?? "") + "\n"
    }
    return matches.map { match in
      "\(name): \(TerminalText.escaping(match.family)), \(figures(match)), \(match.geometry)\n"
    }.joined()
  }
}

/// How many files carried what.
struct FingerprintTestSummary {
  var found: [String: Int] = [:]
  var none = 0
  var notCompared = 0
  var unreadable = 0

  mutating func count(_ report: FingerprintTestReport) {
    if let match = report.matches.first {
      found[match.family, default: 0] += 1
    } else if report.notEvaluable != nil {
      notCompared += 1
    } else {
      none += 1
    }
  }

  func text() -> String {
    let total = found.values.reduce(none + notCompared + unreadable, +)
    var parts = found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value) \(TerminalText.escaping($0.key))" }
    parts.append("\(none) none")
    if notCompared > 0 { parts.append("\(notCompared) not compared") }
    if unreadable > 0 { parts.append("\(unreadable) unreadable") }
    return "\(total) \(total == 1 ? "file" : "files"): \(parts.joined(separator: ", "))\n"
  }
}
