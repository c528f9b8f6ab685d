import ArgumentParser
import Audits
import Detectors
import Diagnostics
import Foundation
import Reports

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Keep examinations in an append-only, hash-chained record.",
    discussion: """
      EXAMPLES
        assay scan pictures --json | assay ledger add - --ledger desk.sqlite --operator "M. Weber"
        assay ledger verify --ledger desk.sqlite
        assay ledger show 9f86d081… --ledger desk.sqlite
      """,
    subcommands: [Add.self, List.self, Show.self, Verify.self, Export.self])

  struct Place: ParsableArguments {
    @Option(help: ArgumentHelp("The ledger's file.", valueName: "sqlite"))
    var ledger = "assay-ledger.sqlite"

    /// The ledger, which has to be there.
    func existing() throws -> Ledger {
      guard FileManager.default.fileExists(atPath: ledger) else {
        throw AuditError(
          code: "ledger.missing", location: FaultLocation(file: ledger), message: "there is no ledger",
          remedy: "make it with `assay ledger add`, or name it with --ledger")
      }
      return try Ledger(path: ledger)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Enter the results of `assay scan --json`.")

    @Argument(help: "The results, or \"-\" for standard input.")
    var results: String

    @OptionGroup var place: Place

    @Option(name: .customLong("operator"), help: "Who made the examination.")
    var operatorName: String

    func run() throws {
      let scanned =
        results == "-"
        ? try ScanLines.results(
          String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self),
          source: "standard input")
        : try ScanLines.results(atPath: results)
      let records = try scanned.map { result in
        LedgerEntry.Record(
          file: result.file, fileHash: result.sha256 ?? "", outcome: result.outcome.rawValue,
          result: try ScanLines.line(result).trimmingCharacters(in: .newlines), tool: "assay \(assayVersion)",
          operatorName: operatorName)
      }
      let head = try Ledger(path: place.ledger).append(records, at: Date())
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

    func run() throws {
      for entry in try place.existing().entries(from: from, limit: limit) {
        Terminal.out(entry.line)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all entries about one file.")

    @Argument(help: "The file's SHA-256.")
    var sha256: String

    @OptionGroup var place: Place

    func run() throws {
      for entry in try place.existing().entries(fileHash: sha256) {
        Terminal.out(entry.line + "  \(entry.record.result)\n")
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Recompute every hash and link; exit 1 if the chain is broken.",
      discussion: """
        The head stands for all entries: sign it, with a time stamp, and nobody can exchange the ledger unseen.

        EXAMPLE
          assay ledger verify --json > head.json
          assay report sign head.json --key signer.key --certificates signer.pem --tsa http://…
        """)

    @OptionGroup var place: Place

    @Flag(help: "Write one JSON object (assay.ledger-head/1).")
    var json = false

    func run() throws {
      switch try place.existing().verify() {
      case .intact(let head) where json:
        Terminal.out(
          #"{"entries":\#(head.count),"head":"\#(head.hash.hexadecimal)","schema":"assay.ledger-head/1"}"#
            + "\n")
      case .intact(let head):
        Terminal.out("intact: \(head.count) entries, head \(head.hash.hexadecimal)\n")
      case .broken(let sequence, let fault):
        let what =
          switch fault {
          case .altered: "was altered"
          case .missingBefore: "follows on a gap: entries before it were removed"
          case .unlinked: "does not follow on the entry before it: rows were removed, reordered or exchanged"
          }
        Terminal.out("broken: entry \(sequence) \(what)\n")
        throw ExitCode(1)
      }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write every entry as one JSON object a line, with its hashes.")

    @OptionGroup var place: Place

    func run() throws {
      let ledger = try place.existing()
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      var next = 1
      while true {
        let batch = try ledger.entries(from: next, limit: 1_000)
        guard let last = batch.last else { return }
        for entry in batch { Terminal.out(String(decoding: try encoder.encode(entry), as: UTF8.self) + "\n") }
        next = last.sequence + 1
      }
    }
  }
}

extension LedgerEntry {
  fileprivate var line: String {
    let name = TerminalText.escaping(record.file)
    return "\(sequence)  \(time)  \(record.outcome)  \(name)  \(record.fileHash)  by \(record.operatorName)\n"
  }
}
