import ArgumentParser
import Audits
import Console
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Scanning
import Services

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Hold pictures against rule packs: which marks that laws and policies ask for are there.",
    discussion: """
      The rules say 'evidence found' or 'not found', never that anything complies.

      EXAMPLES
        assay audit pictures --rules eu,c2pa -o audit
        assay audit pictures --ledger desk.sqlite -o audit     (interrupt it, run it again: it goes on)
        assay audit --scan results.jsonl --rules privacy --format json,sarif -o audit
        assay audit pictures --rules house.yaml --project project.yaml --fail-on-severity error -o audit
        assay audit pictures --baseline last/report.json -o audit
        curl … | assay audit - -o audit                        (a picture or an archive; or a list: find … | assay audit -)
        assay audit --print-wording > text.de.json             (translate it)
        assay audit pictures --wording text.de.json -o audit

      ENVIRONMENT
        ASSAY_CHROMIUM   the browser that prints report.pdf (default: the first Chromium of PATH)
      """,
    subcommands: [
      AuditRunCommand.self, AuditRulesCommand.self, AuditFairnessCommand.self, AuditEnergyCommand.self,
      AuditMemorisationCommand.self, AuditPipelineCommand.self,
    ],
    defaultSubcommand: AuditRunCommand.self)
}

struct AuditRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Audit files and folders (the default).")

  @Argument(
    help:
      "Image files, folders or archives; \"-\" for a picture, an archive or a list of paths on standard input."
  )
  var paths: [String] = []

  @Option(
    help: ArgumentHelp("Judge the results of `assay scan --json` instead of scanning.", valueName: "jsonl"))
  var scan: String?

  @Option(help: ArgumentHelp("Shipped packs or .yaml files, separated by commas.", valueName: "packs"))
  var rules = AuditJob.usualPacks.joined(separator: ",")

  @Option(help: ArgumentHelp("An earlier report.json: tell what changed.", valueName: "json"))
  var baseline: String?

  @Option(
    help: ArgumentHelp(
      "Enter results into this ledger, with the report's small pictures of files that need attention, and take from it what it holds already.",
      valueName: "sqlite"))
  var ledger: String?

  @Option(
    help: ArgumentHelp(
      "Look for these too: fingerprints that `fingerprint learn` wrote, separated by commas.",
      valueName: "files"))
  var fingerprints: PathList?

  @Option(
    help: ArgumentHelp(
      "Exit with 2 when a file has one of these outcomes, separated by commas; any-ai stands for all that say AI.",
      valueName: "outcomes"), transform: CommaSeparated<OutcomeCondition>.parsing)
  var failOn: CommaSeparated<OutcomeCondition>?

  @Flag(help: "Exit with 0 where a folder holds no picture.")
  var allowEmpty = false

  @Option(help: "Who reviewed it.")
  var reviewer: String?

  @Option(help: "The question that the report answers.")
  var question: String?

  @Option(help: "How, when and from whom the files were received.")
  var received: String?

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @OptionGroup var options: AuditOptions

  @Flag(help: "Print the JSON Schema of the report and do nothing else.")
  var schema = false

  @Flag(
    help:
      "Print the reports' labels and sentences in English, to be translated for --wording, and do nothing else."
  )
  var printWording = false

  func validate() throws {
    guard schema || printWording || scan != nil || !paths.isEmpty else {
      throw ValidationError("name files or folders, or give --scan")
    }
    guard paths.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input can be read once")
    }
    guard scan == nil || paths.isEmpty else { throw ValidationError("give paths or --scan, not both") }
    guard scan == nil || ledger == nil else { throw ValidationError("--ledger is for files, not for --scan") }
    guard scan == nil || fingerprints == nil else {
      throw ValidationError("--fingerprints is for files, not for --scan")
    }
    guard !rules.split(separator: ",").isEmpty else {
      throw ValidationError("--rules names at least one pack")
    }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
  }

  func run() async throws {
    guard !schema else { return Terminal.out(ReportSchema.text + "\n") }
    guard !printWording else {
      return Terminal.out(String(decoding: try ReportText.englishJSON(), as: UTF8.self))
    }
    let earlier = try baseline.map(Self.readBaseline)
    let setting = try options.setting(rules: rules)
    let record = try ledger.map { try Ledger(path: $0) }
    let header = try self.header(setting, record)
    var job = AuditJob(
      source: try source(), packs: setting.packs,
      project: setting.manifest, report: ReportBasis.facts(header), trust: setting.trust,
      workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, ledger: record,
      operatorName: options.operatorName ?? LedgerEntry.Record.noOperator,
      pictureLimit: setting.pictureLimit)
    job.fingerprints = try fingerprints.map { try OwnFingerprints.read($0.paths) } ?? []
    let outcome = try await Self.run(job)
    Progress.begin("writing the report")
    guard !outcome.wasInterrupted else {
      let kept = record == nil ? "" : "; what was examined is in the ledger, run the same command again"
      Terminal.error("interrupted after \(Plural.of(outcome.files, "file"))\(kept)\n")
      throw ExitCode(130)
    }
    if outcome.reused > 0 {
      Terminal.error("\(outcome.reused) of \(outcome.files) files were known to the ledger\n")
    }
    if let words = ScanOutput.linkWords(outcome.links) { Terminal.error(words) }
    for archive in outcome.bareArchives { Terminal.error(ScanOutput.bareWords(archive)) }
    let audit = outcome.audit
    var report = Report(audit, header: header, text: setting.text, baseline: earlier)
    report.pictures = outcome.pictures
    try await setting.deliver(report) { try report.markdown() }
    let rule = exitRule(audit)
    if rule.code != 0 { throw ExitCode(rule.code) }
  }

  private func source() throws -> AuditJob.Source {
    if let scan { return .results(path: scan) }
    let input = try PathInput(arguments: paths, filesFrom: nil, nullSeparated: false)
    if let picture = input.picture { return .handedOver(.picture(picture), then: input.paths) }
    if let archive = input.archive { return .handedOver(.archive(archive), then: input.paths) }
    return .files(input.paths)
  }

  /// How the audit ends, with a word about what could not be judged.
  private func exitRule(_ audit: Audit) -> ExitRule {
    var rule = ExitRule()
    if audit.items.isEmpty {
      Terminal.error("note: no picture was found, so nothing was judged\n")
      rule.hasFailed = !allowEmpty
    }
    let unread = audit.items.count { $0.outcome == .unreadable }
    if unread > 0 {
      Terminal.error("\(unread) of \(audit.items.count) files could not be read; the report names each\n")
      rule.hasFailed = true
    }
    if let failOn {
      rule.isMet = audit.items.contains { item in
        let scan = item.scan
        return failOn.values.contains { $0.isMet(by: scan) }
      }
    }
    if options.isTooSevere(audit) { rule.isMet = true }
    return rule
  }

  /// Runs the job and tells how far it is, until it ends or is interrupted.
  private static func run(_ job: AuditJob) async throws -> AuditJob.Outcome {
    try await Interruption.cancelling {
      Progress.begin("examining", "files", upTo: 0.85)
      var isDrawing = false
      return try await job.run { event in
        switch event {
        case .counted(let total): total > 0 ? Progress.count(total) : Progress.countUnknown()
        case .examined: Progress.advance()
        case .drawing(let done, let total):
          if !isDrawing { Progress.begin("drawing", "files", of: total, upTo: 0.95) }
          isDrawing = true
          Progress.advance(to: done)
        }
      }
    }
  }

  private static func readBaseline(_ path: String) throws -> ReportBaseline {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw AuditError(
        code: "audit.baseline", location: FaultLocation(file: path), message: "the file cannot be read",
        remedy: "check the name and its permissions")
    }
    return try ReportBaseline(json: data, source: path)
  }

  private func header(_ setting: AuditOptions.Setting, _ ledger: Ledger?) throws -> ReportHeader {
    let text = setting.text
    var header = setting.header(
      title: text.filled(
        "audit.title",
        ["subject": scan ?? text.joined(paths.map { $0 == "-" ? text["audit.standardInput"] : $0 })]),
      question: question ?? text["audit.question"])
    header.reviewer = reviewer
    header.received = received
    if let ledger, let path = self.ledger {
      let head = try ledger.head()
      header.references.append(
        .init(
          kind: "ledger", name: path,
          sha256: head.hash.hexadecimal,
          note: "\(head.count) entries when the audit began"))
    }
    return header
  }
}
