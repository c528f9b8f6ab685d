import ArgumentParser
import Audits
import Console
import Crypto
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Scanning
import Services

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Keep examinations in an append-only, hash-chained record.",
    discussion: """
      EXAMPLES
        assay scan pictures --json | assay ledger add - --ledger desk.sqlite --operator "M. Weber"
        assay ledger verify --ledger desk.sqlite
        assay ledger show photo.jpg --ledger desk.sqlite
      """,
    subcommands: [Add.self, List.self, Show.self, Verify.self, Export.self])

  struct Place: ParsableArguments {
    @Option(help: ArgumentHelp("The ledger's file.", valueName: "sqlite"))
    var ledger = "assay-ledger.sqlite"

    /// The ledger, which has to be there; it is only read.
    func existing() throws -> Ledger {
      guard FileManager.default.fileExists(atPath: ledger) else {
        throw AuditError(
          code: "ledger.missing", location: FaultLocation(file: ledger), message: "there is no ledger",
          remedy: "make it with `assay ledger add`, or name it with --ledger")
      }
      return try Ledger(reading: ledger)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Enter the results of `assay scan --json`.")

    @Argument(help: "The results, or \"-\" for standard input.")
    var results: String

    @OptionGroup var place: Place

    @Option(name: .customLong("operator"), help: "Who made the examination.")
    var operatorName: String

    @Flag(help: "Print one JSON object (assay.ledger-head/1).")
    var json = false

    func run() throws {
      let scanned =
        results == "-"
        ? try ScanLines.results(
          String(decoding: try StandardInput.bytes { _ in StandardInput.limit }, as: UTF8.self),
          source: "standard input")
        : try ScanLines.results(atPath: results)
      let records = try scanned.map { try LedgerEntry.Record($0, operatorName: operatorName) }
      let head = try Ledger(path: place.ledger).append(records, at: Date())
      guard !json else { return Terminal.out(try LedgerHeadFile.line(head)) }
      Terminal.out(
        "\(records.count) entered; the ledger holds \(head.count), head \(head.hash.hexadecimal)\n")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List entries, newest last.")

    @OptionGroup var place: Place

    @Option(help: "The first entry's number.")
    var from = 1

    @Option(help: "At most this many.")
    var limit = 100

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
      for entry in try place.existing().entries(from: from, limit: limit) {
        Terminal.out(json ? try JSONLine.of(entry, as: LedgerEntry.schema) : entry.line)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all entries about one file.")

    @Argument(help: "The file, or its SHA-256.")
    var file: String

    @OptionGroup var place: Place

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
      let digits = file.utf8.count == 64 && file.allSatisfy(\.isHexDigit)
      let hash =
        digits ? file : SHA256.hash(data: try ImageFile(path: RawArguments.path(file)).bytes).hexadecimal
      let entries = try place.existing().entries(fileHash: hash)
      guard !entries.isEmpty else {
        throw AuditError(
          code: "ledger.unknown", location: FaultLocation(file: place.ledger),
          message: "there is no entry about the file of SHA-256 \(hash)",
          remedy: "enter it with `assay scan --json` and `assay ledger add`")
      }
      for entry in entries {
        Terminal.out(json ? try JSONLine.of(entry, as: LedgerEntry.schema) : entry.block)
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Recompute every hash and link; exit 1 if the chain is broken.",
      discussion: """
        The head stands for all entries: sign it, with a time stamp, and nobody can exchange the ledger unseen. \
        Entries removed from the end are found only by a head that was kept elsewhere.

        EXAMPLE
          assay ledger verify --json > head.json
          assay report sign head.json --key signer.key --certificates signer.pem --tsa http://…
          assay ledger verify --head head.json
        """)

    @OptionGroup var place: Place

    @Flag(help: "Print one JSON object (assay.ledger-head/1).")
    var json = false

    @Option(
      help: ArgumentHelp(
        "A head that --json wrote before: the ledger has to go on from it.", valueName: "json"))
    var head: String?

    func run() throws {
      let earlier = try head.map { try LedgerHeadFile.read(RawArguments.path($0)) }
      switch try place.existing().verify(after: earlier) {
      case .intact(let head) where json: Terminal.out(try LedgerHeadFile.line(head))
      case .intact(let head):
        Terminal.out("intact: \(Plural.of(head.count, "entry", "entries")), head \(head.hash.hexadecimal)\n")
      case .broken(let sequence, let fault):
        let what =
          switch fault {
          case .altered: "was altered"
          case .missingBefore: "follows on a gap: entries before it were removed"
          case .unlinked: "does not follow on the entry before it: rows were removed, reordered or exchanged"
          case .missingAfter: "is the last: those behind it, which the earlier head counts, were removed"
          case .unlikeHead: "is not the one of the earlier head: the ledger was written anew"
          }
        Terminal.out("broken: entry \(sequence) \(what)\n")
        throw ExitCode(1)
      }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write every entry as one JSON object a line, with its hashes.",
      discussion: "Without --output the lines are printed.")

    @OptionGroup var place: Place

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "jsonl"))
    var output: String?

    @Flag(help: "Overwrite what exists.")
    var force = false

    func run() throws {
      let ledger = try place.existing()
      guard let output else { return try Self.lines(of: ledger) { Terminal.out($0) } }
      try writeAtomically(to: RawArguments.path(output), overwrite: force) { write in
        try Self.lines(of: ledger) { try write(Array($0.utf8)) }
      }
    }

    private static func lines(of ledger: Ledger, to write: (String) throws -> Void) throws {
      var next = 1
      while true {
        let batch = try ledger.entries(from: next, limit: 1_000)
        guard let last = batch.last else { return }
        for entry in batch { try write(try JSONLine.of(entry, as: LedgerEntry.schema)) }
        next = last.sequence + 1
      }
    }
  }
}

extension LedgerEntry.Record {
  /// `by desk 2`.
  var operatorWords: String {
    operatorName == Self.noOperator ? "operator not stated" : "by " + operatorName
  }
}

extension LedgerEntry {
  fileprivate var line: String {
    // Whoever can write the file can write anything into it.
    let fields = [time, record.outcome, record.file, record.fileHash, record.operatorWords]
    return "\(sequence)  " + fields.map(TerminalText.escaping).joined(separator: "  ") + "\n"
  }

  /// The entry for people: what was found first, then by whom and with what.
  fileprivate var block: String {
    var lines = [
      "Entry \(sequence), \(TerminalText.escaping(time)), \(TerminalText.escaping(record.operatorWords))"
    ]
    if let result = try? ScanLines.results(record.result, source: "ledger").first {
      lines += ScanText(usesColor: Terminal.usesColor).block(result).split(separator: "\n").map { "  " + $0 }
    } else {
      lines += [
        "  \(TerminalText.escaping(record.file)): \(TerminalText.escaping(record.outcome))",
        "  the result is none of assay.scan/1: \(TerminalText.escaping(String(record.result.prefix(400))))",
      ]
    }
    for (name, value) in [
      ("sha256", record.fileHash), ("tool", record.tool), ("model", record.model), ("rules", record.rules),
      ("trust", record.trust), ("entry's hash", hash.hexadecimal),
    ] where !value.isEmpty {
      lines.append(
        "  " + name.padding(toLength: 14, withPad: " ", startingAt: 0) + TerminalText.escaping(value))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
