import ArgumentParser
import Audits
import Console
import ContentCredentials
import Crypto
import Detectors
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

  @Argument(help: "Image files, folders or archives.")
  var paths: [String] = []

  @Option(
    help: ArgumentHelp("Judge the results of `assay scan --json` instead of scanning.", valueName: "jsonl"))
  var scan: String?

  @Option(help: ArgumentHelp("Shipped packs or .yaml files, separated by commas.", valueName: "packs"))
  var rules = "c2pa,iptc,privacy"

  @Option(help: ArgumentHelp("The project manifest (assay.project/1).", valueName: "yaml"))
  var project: String?

  @Option(help: ArgumentHelp("An earlier report.json: tell what changed.", valueName: "json"))
  var baseline: String?

  @Option(
    help: ArgumentHelp(
      "Enter results into this ledger, with the report's small pictures of files that need attention, and take from it what it holds already.",
      valueName: "sqlite"))
  var ledger: String?

  @OptionGroup var trust: TrustOptions

  @Option(
    help: ArgumentHelp(
      "Look for these too: fingerprints that `fingerprint learn` wrote, separated by commas.",
      valueName: "files"))
  var fingerprints: PathList?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the reports into this folder.", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "html, json, md, sarif, junit, csv (a row a rule), pictures (a row a picture, CSV), pdf; separated by commas.",
      valueName: "formats"))
  var format: CommaSeparated<ReportFormat>?

  @Option(
    help: ArgumentHelp("Exit with 2 when a rule of this severity fails or warns.", valueName: "severity"))
  var failOnSeverity: CommaSeparated<Rule.Severity>?

  @Option(
    help: ArgumentHelp(
      "Exit with 2 when a file has one of these outcomes, separated by commas; any-ai stands for all that say AI.",
      valueName: "outcomes"), transform: CommaSeparated<OutcomeCondition>.parsing)
  var failOn: CommaSeparated<OutcomeCondition>?

  @Flag(help: "Exit with 0 where a folder holds no picture.")
  var allowEmpty = false

  @Option(name: .customLong("operator"), help: "Who makes the audit; stands in the report.")
  var operatorName: String?

  @Option(help: "Who reviewed it.")
  var reviewer: String?

  @Option(help: "The question that the report answers.")
  var question: String?

  @Option(help: "How, when and from whom the files were received.")
  var received: String?

  @Option(
    help: ArgumentHelp(
      "The audit's time in ISO 8601 instead of now: same input, same bytes.", valueName: "time"))
  var clock: String?

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @OptionGroup var wording: WordingOptions

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print JSON: the report, or with --output each file's name as one object a line.")
  var json = false

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
    guard scan == nil || paths.isEmpty else { throw ValidationError("give paths or --scan, not both") }
    guard scan == nil || ledger == nil else { throw ValidationError("--ledger is for files, not for --scan") }
    guard scan == nil || fingerprints == nil else {
      throw ValidationError("--fingerprints is for files, not for --scan")
    }
    guard format == nil || output != nil else { throw ValidationError("--format needs -o FOLDER") }
    guard !rules.split(separator: ",").isEmpty else {
      throw ValidationError("--rules names at least one pack")
    }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    if let clock, (try? Date(clock, strategy: .iso8601)) == nil {
      throw ValidationError("--clock wants a time such as 2026-11-24T12:00:00Z")
    }
  }

  func run() async throws {
    guard !schema else { return Terminal.out(ReportSchema.text + "\n") }
    guard !printWording else {
      return Terminal.out(String(decoding: try ReportText.englishJSON(), as: UTF8.self))
    }
    let text = try wording.text()
    let time = clock ?? Date().formatted(.iso8601)
    let packs = try Self.packs(rules)
    let manifest = try project.map { try ProjectManifest(path: $0, auditDate: String(time.prefix(10))) }
    let earlier = try baseline.map(Self.readBaseline)
    let settings = try trust.settingsOrNone(
      at: clock.flatMap { try? Date($0, strategy: .iso8601) }.map { Int($0.timeIntervalSince1970) })
    let named = format?.values ?? [.html, .json]
    let files = output.map { ReportFiles(folder: $0, formats: named, overwrite: force) }
    try files?.prepare()
    let record = try ledger.map { try Ledger(path: $0) }
    let header = try self.header(time, settings, record, text)
    var job = AuditJob(
      source: scan.map { .results(path: $0) } ?? .files(paths.map(RawArguments.path)), packs: packs,
      project: manifest, report: Self.reportFacts(header), trust: settings,
      workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, ledger: record,
      operatorName: operatorName ?? LedgerEntry.Record.noOperator,
      pictureLimit: files?.formats.contains(where: \.showsPictures) == true ? 40 : 0)
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
    let audit = outcome.audit
    var report = Report(audit, header: header, text: text, baseline: earlier)
    report.pictures = outcome.pictures
    if let files {
      try await files.write(report)
      for path in files.paths {
        Terminal.out(json ? try JSONLine.of(["file": path], as: "assay.file/1") : path + "\n")
      }
    } else {
      Terminal.out(json ? try report.json() : try report.markdown())
    }
    let rule = exitRule(audit)
    if rule.code != 0 { throw ExitCode(rule.code) }
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
    if let limit = failOnSeverity?.values.min(), let worst = audit.worst, worst >= limit { rule.isMet = true }
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

  /// The packs in the order given, each once.
  static func packs(_ rules: String) throws -> [RulePack] {
    var packs: [RulePack] = []
    for name in rules.split(separator: ",") {
      let pack = try RulePackLibrary.pack(named: String(name))
      if !packs.contains(where: { $0.id == pack.id }) { packs.append(pack) }
    }
    return packs
  }

  private static func readBaseline(_ path: String) throws -> ReportBaseline {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw AuditError(
        code: "audit.baseline", location: FaultLocation(file: path), message: "the file cannot be read",
        remedy: "check the name and its permissions")
    }
    return try ReportBaseline(json: data, source: path)
  }

  /// What rules can ask of the report itself.
  static func reportFacts(_ header: ReportHeader) -> Facts {
    var facts = Facts(examined: ["report"])
    facts["report.toolVersion"] = .text(header.toolVersion)
    facts["report.rules"] = .flag(true)
    facts["report.clock"] = .text(header.clock)
    facts["report.network"] = .text("not used")
    let lists = header.references.filter { $0.kind == "trust list" }.map(\.name)
    if !lists.isEmpty { facts["report.trustList"] = .list(lists) }
    return facts
  }

  private func header(
    _ time: String, _ trust: TrustSettings, _ ledger: Ledger?, _ text: ReportText
  ) throws -> ReportHeader {
    var header = ReportHeader(
      title: text.filled("audit.title", ["subject": scan ?? paths.joined(separator: text["join.words"])]),
      question: question ?? text["audit.question"], time: time, clock: clock == nil ? "system" : "given",
      operatorName: operatorName ?? text["particulars.notStated"], toolVersion: assayVersion,
      command: Self.commandLine,
      system: ProcessInfo.processInfo.operatingSystemVersionString)
    header.reviewer = reviewer
    header.received = received
    header.build = Self.buildHash
    header.references = Self.references(trust, project: project)
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

  /// What the findings of every audit rest on.
  static func references(_ trust: TrustSettings, project: String?) -> [ReportHeader.Reference] {
    var references: [ReportHeader.Reference] = []
    for (kind, list) in [("trust list", trust.signers), ("time-stamp list", trust.timeStampers)]
    where list.count > 0 {
      references.append(
        .init(kind: kind, name: list.name, sha256: list.digest, note: "\(list.count) anchors"))
    }
    if let project, let data = FileManager.default.contents(atPath: project) {
      references.append(
        .init(kind: "project manifest", name: project, sha256: SHA256.hash(data: data).hexadecimal))
    }
    if let detector = Detector.shipped {
      references.append(
        .init(
          kind: "model", name: detector.card.trainedBy, sha256: detector.digest,
          note: "\(detector.card.steps) steps"))
    }
    return references
  }

  /// The command that makes the report again.
  static var commandLine: String {
    (["assay"] + CommandLine.arguments.dropFirst().map(quoted)).joined(separator: " ")
  }

  /// The argument as a shell takes it, in quotes where it needs them.
  static func quoted(_ argument: String) -> String {
    let plain =
      !argument.isEmpty
      && argument.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_./,:=@%+".utf8.contains(byte) || byte >= 0x80
      }
    return plain ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
  }

  /// SHA-256 of the program that runs.
  static let buildHash: String? = {
    guard let program = Bundle.main.executableURL,
      let data = try? Data(contentsOf: program, options: .alwaysMapped)
    else { return nil }
    return SHA256.hash(data: data).hexadecimal
  }()
}

struct AuditRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List and explain the rules, or the facts that rules may ask for.")

  @Argument(help: "Pack ids or .yaml files; all shipped packs if none is named.")
  var packs: [String] = []

  @Flag(help: "List the facts instead.")
  var facts = false

  @Flag(help: "Print one JSON object a line: a rule, or a fact.")
  var json = false

  func run() throws {
    if facts {
      for entry in FactCatalogue.entries {
        Terminal.out(
          json
            ? try JSONLine.of(["fact": entry.name, "meaning": entry.meaning], as: "assay.fact/1")
            : "\(entry.name)\n    \(entry.meaning)\n")
      }
      return
    }
    for name in packs.isEmpty ? RulePackLibrary.shippedIDs : packs {
      let pack = try RulePackLibrary.pack(named: name)
      guard !json else {
        for rule in pack.rules { Terminal.out(try JSONLine.of(Line(rule, of: pack), as: "assay.rule/1")) }
        continue
      }
      Terminal.out("\(pack.id)  \(pack.title), version \(pack.version)\n")
      for rule in pack.rules {
        let standing = rule.verified ? rule.severity.rawValue : "\(rule.severity.rawValue), can only warn"
        Terminal.out(
          "  \(rule.id)  \(rule.title) [\(rule.scope.rawValue), \(standing)]\n"
            + "      \(rule.text)\n      \(rule.citation), read \(rule.checked)\n")
      }
    }
  }

  /// A rule as `--json` prints it.
  private struct Line: Encodable {
    let pack: String
    let packVersion: String
    let rule: String
    let title: String
    let text: String
    let scope: String
    let severity: String
    /// False where the rule can only warn, as its text was not compared with the law's.
    let verified: Bool
    let citation: String
    let checked: String

    init(_ rule: Rule, of pack: RulePack) {
      self.pack = pack.id
      packVersion = pack.version
      self.rule = rule.id
      title = rule.title
      text = rule.text
      scope = rule.scope.rawValue
      severity = rule.severity.rawValue
      verified = rule.verified
      citation = rule.citation
      checked = rule.checked
    }
  }
}
