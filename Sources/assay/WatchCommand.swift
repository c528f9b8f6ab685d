import ArgumentParser
import Audits
import Console
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Scanning
import Services

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Examine what comes into a folder, and keep a record of it.",
    discussion: """
      What is in the folder and not yet in the ledger is examined first; then every file that comes or changes, when nothing \
      was written to it for a while, in archives and in new folders too. Each result is entered into the ledger and then printed. \
      Interrupted or killed, the same command goes on where it was. The ledger lies outside of the folder. With --once the \
      exit code is 1 where something could not be read.

      EXAMPLES
        assay watch inbox --ledger desk.sqlite --operator "desk 2" --json >> results.jsonl
        assay watch inbox --ledger desk.sqlite --once     (what is there, then end)
      """)

  @Argument(help: "The folder.")
  var folder: String

  @Option(help: ArgumentHelp("Enter results into this ledger.", valueName: "sqlite"))
  var ledger: String

  @Option(name: .customLong("operator"), help: "Who makes the examination; stands in the ledger.")
  var operatorName: String?

  @Option(help: ArgumentHelp("Leave a file in peace for so long after it changed.", valueName: "seconds"))
  var settle = 0.5

  @Flag(help: "End when everything that is there was examined.")
  var once = false

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @OptionGroup var trust: TrustOptions

  @Flag(help: "Print one JSON object a line (assay.scan/1).")
  var json = false

  func validate() throws {
    guard (0...3600).contains(settle) else { throw ValidationError("--settle is 0...3600") }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    // Every entry would be a change in the folder, and what is handed on from it would take the record along.
    func full(_ url: URL) -> [String] { url.standardizedFileURL.resolvingSymlinksInPath().pathComponents }
    let target = URL(filePath: ledger)
    guard
      !(full(target.deletingLastPathComponent()) + [target.lastPathComponent]).starts(
        with: full(URL(filePath: folder)))
    else { throw ValidationError("--ledger must lie outside of the folder that is watched") }
  }

  func run() async throws {
    let job = WatchJob(
      folder: RawArguments.path(folder), ledger: try Ledger(path: ledger), trust: try trust.settingsOrNone(),
      operatorName: operatorName ?? LedgerEntry.Record.noOperator,
      workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, quiet: .seconds(settle), once: once)
    let text = ScanText(
      usesColor: Terminal.usesColor, examined: Set(ExaminerKind.allCases), showsDetails: false)
    let isJSON = json
    var rule = ExitRule()
    let (examined, known, unreadable) = try await Interruption.cancelling {
      var unreadable = 0
      let count = try await job.run { result in
        if result.error != nil { unreadable += 1 }
        Terminal.out(isJSON ? try ScanLines.line(result) : text.line(result))
      }
      return (count.examined, count.known, unreadable)
    }
    Terminal.error("\(examined) examined, \(known) known to the ledger\n")
    rule.wasInterrupted = Interruption.isRequested
    rule.hasFailed = unreadable > 0
    if rule.code != 0 { throw ExitCode(rule.code) }
  }
}
