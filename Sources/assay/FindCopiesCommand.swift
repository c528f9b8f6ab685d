import ArgumentParser
import Audits
import Console
import Diagnostics
import Foundation
import ImageFormats
import Services

struct FindCopiesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-copies",
    abstract: "Find earlier copies of a picture: scaled, compressed anew, cropped a little.",
    discussion: """
      Copies are found after cuts of up to a twentieth of a side on either picture, after scaling and compression, and \
      after small changes of colour and brightness; not when mirrored, turned, or as a part of a larger picture. Two \
      pictures that show the same scene are not the same picture, and a copy says nothing of which came first. Archives in \
      a folder are not opened.

      Of a folder an index is kept, so that only new and changed pictures are read the next time. Of a ledger, pictures \
      count that are still where the ledger saw them; of those that are gone, the coarse hash that an audit's entry \
      holds. --in ledger means the file of --ledger.

      EXAMPLES
        assay find-copies photo.jpg --in archive
        assay find-copies photo.jpg --in ledger --ledger desk.sqlite
        assay find-copies photo.jpg --in archive --json

      ENVIRONMENT
        XDG_CACHE_HOME   holds assay/copies, the folder of indexes (default: ~/.cache)
      """)

  @Argument(help: "The picture whose copies are wanted.")
  var picture: String

  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("A folder of pictures, or 'ledger'.", valueName: "folder|ledger"))
  var place: String

  @OptionGroup var ledger: LedgerCommand.Place

  @Option(
    help: ArgumentHelp("The index's file. (default: one for each place, in the cache)", valueName: "sqlite"))
  var index: String?

  @Flag(help: "Look up in the index as it is, without looking for new pictures.")
  var asIndexed = false

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @Flag(help: "Exit with 0 where a folder holds no picture.")
  var allowEmpty = false

  @Flag(help: "Print one JSON object a line, one for each copy.")
  var json = false

  func validate() throws {
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
  }

  func run() async throws {
    // Before a folder is read for an hour.
    let file = try ImageFile(path: RawArguments.path(picture))
    _ = try file.header()
    let (source, name) = try searched()
    let job = try CopySearchJob(
      place: source, indexPath: try index ?? CopySearchJob.indexPath(of: name),
      workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)
    if !asIndexed {
      let refresh = try await Interruption.cancelling {
        Progress.begin("reading", "pictures", upTo: 0.95)
        return try await job.refresh { event in
          switch event {
          case .counted(let total): Progress.count(total)
          case .read: Progress.advance()
          }
        }
      }
      guard !refresh.wasInterrupted else {
        Terminal.error("interrupted; what was read is in the index, run the same command again\n")
        throw ExitCode(130)
      }
      if refresh.unreadable > 0 {
        Terminal.error(
          "note: \(Plural.of(refresh.unreadable, "picture")) could not be read, and \(refresh.unreadable == 1 ? "takes" : "take") no part\n"
        )
      }
      if refresh.archives > 0 {
        Terminal.error(
          "note: \(Plural.of(refresh.archives, "archive")) in the folder \(refresh.archives == 1 ? "was" : "were") not opened; "
            + "unpack what is to take part\n")
      }
    }
    Progress.begin("looking up")
    let answer = try job.search(RawArguments.path(picture))
    if answer.pictures == 0, asIndexed, !allowEmpty {
      Terminal.report(
        "\(TerminalText.escaping(name)): nothing of this place is in the index yet",
        fix: "run the same command without --as-indexed first")
      throw ExitCode(1)
    }
    guard answer.pictures > 0 || allowEmpty else {
      Terminal.report(
        "\(TerminalText.escaping(name)): there are no pictures to look among",
        fix: "name a folder with pictures, or give --allow-empty")
      throw ExitCode(1)
    }
    if !answer.isComparable {
      Terminal.error("note: the picture is too flat to be told from others: only the same file is found\n")
    }
    if json {
      for copy in answer.copies { Terminal.out(try JSONLine.of(Line(picture, copy), as: "assay.copy/1")) }
    } else {
      Terminal.out(text(answer))
    }
  }

  private func searched() throws -> (CopySearchJob.Place, name: String) {
    if place == "ledger" { return (.ledger(try ledger.existing(), path: ledger.ledger), ledger.ledger) }
    guard (try? URL(filePath: place).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true else {
      throw InputError(
        code: "copies.place", location: FaultLocation(file: place), message: "this is no folder",
        remedy:
          "name a folder of pictures (an archive unpacked first), or give --in ledger with --ledger FILE")
    }
    return (.folder(RawArguments.path(place)), place)
  }

  private struct Line: Encodable {
    struct Entry: Encodable {
      var sequence: Int
      var time: String
      var outcome: String
      var operatorName: String
    }
    var picture: String
    var copy: String
    var sha256: String
    var kind: CopyIndex.Kind
    var likeness: Double?
    /// The picture's left, top, right and bottom in the frame of the copy, whose own are 0, 0, 1, 1.
    var frame: [Double]?
    var entries: [Entry]?

    init(_ picture: String, _ found: CopySearchJob.Found) {
      self.picture = picture
      copy = found.match.entry.file
      sha256 = found.match.entry.sha256
      kind = found.match.kind
      likeness = found.match.likeness.map { ($0 * 1000).rounded() / 1000 }
      frame = found.match.frame.map { frame in
        [frame.x, frame.y, frame.x + frame.width, frame.y + frame.height].map { ($0 * 1000).rounded() / 1000 }
      }
      guard !found.entries.isEmpty else { return }
      entries = found.entries.map {
        Entry(
          sequence: $0.sequence, time: $0.time, outcome: $0.record.outcome,
          operatorName: $0.record.operatorName)
      }
    }
  }

  private func text(_ answer: CopySearchJob.Answer) -> String {
    let among = Plural.of(answer.pictures, "picture")
    var text =
      "\(TerminalText.escaping(picture)): "
      + (answer.copies.isEmpty
        ? "no copy among \(among); that proves no origin\n"
        : "\(Plural.of(answer.copies.count, "copy", "copies")) among \(among)\n")
    for copy in answer.copies {
      text += "  \(TerminalText.escaping(copy.match.entry.file)): \(Self.words(copy.match))\n"
      for entry in copy.entries {
        let fields = [entry.time, entry.record.outcome, entry.record.operatorWords]
        text += "    entry \(entry.sequence): \(fields.map(TerminalText.escaping).joined(separator: ", "))\n"
      }
    }
    return text
  }

  private static func words(_ match: CopyIndex.Match) -> String {
    let alike = match.likeness.map { ", alike to \(String(format: "%.2f", locale: nil, $0)) of 1" } ?? ""
    switch match.kind {
    case .sameFile: return "the same file"
    case .samePicture: return "the same picture\(alike)"
    case .coarse: return "perhaps the same picture: it is gone, and its coarse hash is near"
    case .cut:
      guard let frame = match.frame else { return "a cut\(alike)" }
      // What the picture in question lacks of the copy's frame at each side; more than it where negative.
      let sides = [
        ("left", frame.x), ("top", frame.y), ("right", 1 - frame.x - frame.width),
        ("bottom", 1 - frame.y - frame.height),
      ]
      func list(_ sign: Double) -> String {
        sides.filter { $0.1 * sign >= 0.008 }.map { "\($0.0) \(Int(($0.1 * sign * 100).rounded())) %" }
          .joined(separator: ", ")
      }
      let (less, more) = (list(1), list(-1))
      let parts = [
        less.isEmpty ? "" : "this picture lacks \(less)", more.isEmpty ? "" : "the copy lacks \(more)",
      ]
      return "the same picture cut: \(parts.filter { !$0.isEmpty }.joined(separator: "; "))\(alike)"
    }
  }
}
