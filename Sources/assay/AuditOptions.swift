import ArgumentParser
import Audits
import Console
import ContentCredentials
import Diagnostics
import Foundation
import Reports
import Services

/// What an audit of files and one of a pipeline have in common: what they judge by, and where the report goes.
struct AuditOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The project manifest (assay.project/1).", valueName: "yaml"))
  var project: String?

  @OptionGroup var trust: TrustOptions

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

  @Option(name: .customLong("operator"), help: "Who makes the audit; stands in the report.")
  var operatorName: String?

  @Option(
    help: ArgumentHelp(
      "The audit's time in ISO 8601 instead of now: same input, same bytes.", valueName: "time"))
  var clock: String?

  @OptionGroup var wording: WordingOptions

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print JSON: the report, or with --output each file's name as one object a line.")
  var json = false

  private var givenTime: Date? { clock.flatMap { try? Date($0, strategy: .iso8601) } }

  func validate() throws {
    guard format == nil || output != nil else { throw ValidationError("--format needs -o FOLDER") }
    guard clock == nil || givenTime != nil else {
      throw ValidationError("--clock wants a time such as 2026-11-24T12:00:00Z")
    }
  }

  /// Whether a rule of the severity that was named, or of a worse one, failed or warned.
  func isTooSevere(_ audit: Audit) -> Bool {
    guard let limit = failOnSeverity?.values.min(), let worst = audit.worst else { return false }
    return worst >= limit
  }

  /// Reads what the options name; the folder for the reports is made ready.
  func setting(rules: String) throws -> Setting {
    let text = try wording.text()
    let time = clock ?? Date().formatted(.iso8601)
    let files = output.map {
      ReportFiles(folder: $0, formats: format?.values ?? [.html, .json], overwrite: force)
    }
    let setting = Setting(
      options: self, text: text, time: time, packs: try Self.packs(rules),
      manifest: try project.map { try ProjectManifest(path: $0, auditDate: String(time.prefix(10))) },
      trust: try trust.settingsOrNone(at: givenTime.map { Int($0.timeIntervalSince1970) }), files: files)
    try files?.prepare()
    return setting
  }

  /// What one audit is made with.
  struct Setting {
    let options: AuditOptions
    let text: ReportText
    /// ISO 8601.
    let time: String
    let packs: [RulePack]
    let manifest: ProjectManifest?
    let trust: TrustSettings
    /// Nil where the report goes to standard output.
    let files: ReportFiles?

    /// Pictures that the report may show.
    var pictureLimit: Int { files?.formats.contains(where: \.showsPictures) == true ? 40 : 0 }

    func header(title: String, question: String) -> ReportHeader {
      var header = ReportHeader(
        title: title, question: question, time: time, clock: options.clock == nil ? "system" : "given",
        operatorName: options.operatorName ?? text["particulars.notStated"], toolVersion: assayVersion,
        command: AuditOptions.commandLine, system: ProcessInfo.processInfo.operatingSystemVersionString)
      header.build = ReportBasis.program
      header.references = ReportBasis.references(trust, project: options.project)
      return header
    }

    /// Writes the report's files and prints their names, or prints the report itself, as text or as JSON.
    func deliver(_ report: Report, text: () throws -> String) async throws {
      guard let files else { return Terminal.out(options.json ? try report.json() : try text()) }
      try await files.write(report)
      for path in files.paths {
        Terminal.out(options.json ? try JSONLine.of(["file": path], as: "assay.file/1") : path + "\n")
      }
    }
  }

  /// The packs in the order given, each once.
  private static func packs(_ rules: String) throws -> [RulePack] {
    var packs: [RulePack] = []
    for name in rules.split(separator: ",") {
      let pack = try RulePackLibrary.pack(named: String(name))
      if !packs.contains(where: { $0.id == pack.id }) { packs.append(pack) }
    }
    return packs
  }

  /// The command that makes the report again.
  private static var commandLine: String {
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
}
