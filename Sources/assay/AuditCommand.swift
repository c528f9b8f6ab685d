import ArgumentParser
import Audits
import Detectors
import Diagnostics
import Foundation
import ImageFormats
import Reports

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Hold pictures against rule packs: which marks that laws and policies ask for are there.",
    discussion: """
      The rules say 'evidence found' or 'not found', never that anything complies.

      EXAMPLES
        assay audit pictures --rules eu,c2pa -o audit
        assay audit --scan results.jsonl --rules privacy --format json,sarif -o audit
        assay audit pictures --rules house.yaml --project project.yaml --fail-on error -o audit
      """,
    subcommands: [AuditRunCommand.self, AuditRulesCommand.self, AuditMemorisationCommand.self],
    defaultSubcommand: AuditRunCommand.self)
}

struct AuditRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Audit files and folders (the default).")

  enum Format: String, CaseIterable, Sendable {
    case html, json, md, sarif, junit, csv

    var fileName: String {
      switch self {
      case .junit: "junit.xml"
      case .sarif: "report.sarif"
      default: "report.\(rawValue)"
      }
    }
  }

  @Argument(help: "Image files or folders.")
  var paths: [String] = []

  @Option(
    help: ArgumentHelp("Judge the results of `assay scan --json` instead of scanning.", valueName: "jsonl"))
  var scan: String?

  @Option(help: ArgumentHelp("Shipped packs or .yaml files, separated by commas.", valueName: "packs"))
  var rules = "c2pa,iptc,privacy"

  @Option(help: ArgumentHelp("The project manifest (assay.project/1).", valueName: "yaml"))
  var project: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the reports into this folder.", valueName: "folder"))
  var output: String?

  @Option(help: ArgumentHelp("html, json, md, sarif, junit, csv; separated by commas.", valueName: "formats"))
  var format: CommaSeparated<Format>?

  @Option(
    help: ArgumentHelp("Exit with 2 when a rule of this severity fails or warns.", valueName: "severity"))
  var failOn: CommaSeparated<Rule.Severity>?

  @Option(name: .customLong("operator"), help: "Who makes the audit; stands in the report.")
  var operatorName = "not stated"

  @Option(
    help: ArgumentHelp(
      "The audit's time in ISO 8601 instead of now: same input, same bytes.", valueName: "time"))
  var clock: String?

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  var workers: Int?

  @Flag(help: "Overwrite reports that exist.")
  var force = false

  func validate() throws {
    guard scan != nil || !paths.isEmpty else {
      throw ValidationError("name files or folders, or give --scan")
    }
    guard scan == nil || paths.isEmpty else { throw ValidationError("give paths or --scan, not both") }
    guard format == nil || output != nil else { throw ValidationError("--format needs -o FOLDER") }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    if let clock, (try? Date(clock, strategy: .iso8601)) == nil {
      throw ValidationError("--clock wants a time such as 2026-11-24T12:00:00Z")
    }
  }

  func run() async throws {
    let time = clock ?? Date().formatted(.iso8601)
    let packs = try rules.split(separator: ",").map { try RulePackLibrary.pack(named: String($0)) }
    let manifest = try project.map { try ProjectManifest(path: $0, auditDate: String(time.prefix(10))) }
    var auditor = Auditor(packs: packs, project: manifest)
    if let scan {
      for result in try ScanLines.results(atPath: scan) { auditor.add(result) }
    } else {
      for result in try await examined() {
        auditor.add(result, hash: FingerprintExaminer.hash(in: result.evidence))
      }
    }
    let audit = auditor.finish()
    let report = Report(audit, header: header(time, packs))
    if let output {
      try write(report, to: output)
    } else {
      Terminal.out(report.markdown())
    }
    if Interruption.isRequested { throw ExitCode(130) }
    if audit.items.contains(where: { $0.scan.outcome == .unreadable }) { throw ExitCode(1) }
    if let failOn, let limit = failOn.values.min(), let worst = audit.worst, worst >= limit {
      throw ExitCode(2)
    }
  }

  private func examined() async throws -> [ScanResult] {
    let scanner = Scanner(
      examiners: Examiners.all(Set(ExaminerKind.allCases)) + [FingerprintExaminer(), PersonalDataExaminer()],
      limits: .standard)
    let queue = ScanQueue(
      scanner: scanner, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)
    Interruption.watch()
    var walk = FileWalk(paths.map(RawArguments.path))
    var results: [ScanResult] = []
    try await queue.run {
      Interruption.isRequested ? nil : walk.next()
    } emit: { scan in
      results.append(scan.result)
    }
    return results
  }

  private func header(_ time: String, _ packs: [RulePack]) -> Report.Header {
    Report.Header(
      title: "Audit of \(scan ?? paths.joined(separator: ", "))",
      question:
        "Which marks of origin do these pictures carry, and is the evidence there that the chosen rules ask for?",
      time: time, operatorName: operatorName, toolVersion: assayVersion,
      command: (["assay"] + CommandLine.arguments.dropFirst()).joined(separator: " "))
  }

  private func write(_ report: Report, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for format in format?.values ?? [.html, .json] {
      let text =
        switch format {
        case .html: try report.html()
        case .json: try report.json()
        case .md: report.markdown()
        case .sarif: try report.sarif()
        case .junit: report.junit()
        case .csv: report.csv()
        }
      let path = folder + "/" + format.fileName
      try writeAtomically(Array(text.utf8), to: FilePath(path), overwrite: force)
      Terminal.out(path + "\n")
    }
  }
}

struct AuditRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List and explain the rules, or the facts that rules may ask for.")

  @Argument(help: "Pack ids or .yaml files; all shipped packs if none is named.")
  var packs: [String] = []

  @Flag(help: "List the facts instead.")
  var facts = false

  func run() throws {
    if facts {
      for entry in FactCatalogue.entries { Terminal.out("\(entry.name)\n    \(entry.meaning)\n") }
      return
    }
    for name in packs.isEmpty ? RulePackLibrary.shippedIDs : packs {
      let pack = try RulePackLibrary.pack(named: name)
      Terminal.out("\(pack.id)  \(pack.title), version \(pack.version)\n")
      for rule in pack.rules {
        let standing = rule.verified ? rule.severity.rawValue : "\(rule.severity.rawValue), can only warn"
        Terminal.out(
          "  \(rule.id)  \(rule.title) [\(rule.scope.rawValue), \(standing)]\n"
            + "      \(rule.text)\n      \(rule.citation), read \(rule.checked)\n")
      }
    }
  }
}
