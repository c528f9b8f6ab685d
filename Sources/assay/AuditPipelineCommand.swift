import ArgumentParser
import Audits
import Console
import ContentCredentials
import Diagnostics
import Foundation
import Reports
import Services

struct AuditPipelineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Run a command on marked pictures, and tell which marks of origin it leaves.",
    discussion: """
      Pictures are marked with all that their format takes: signed Content Credentials, Assay's watermark, XMP with \
      IPTC's source type and China's label, EXIF, a credit line in IPTC-IIM (JPEG), generation settings in a text \
      (PNG). The command runs on each, and what it wrote is read and held against the rules. Without pictures three \
      drawings are taken, as JPEG, PNG and WebP. Of given pictures the command gets the pixels, marked anew, without \
      their metadata; what is no JPEG or WebP is given to it as PNG.

      {in} stands for the picture and {out} for the file to write; without {out} the command changes {in} in its \
      place. No shell is involved unless --shell asks for one. The command starts in an empty folder that is removed \
      afterwards, so give scripts and other files by their whole paths.

      Exit code 1 when a run fails or its output is no picture of the name's format, 2 with --fail-on-lost or \
      --fail-on-severity.

      EXAMPLES
        assay audit pipeline --run 'convert {in} -resize 1024 {out}'
        assay audit pipeline --run 'exiftool -all= -overwrite_original {in}' pictures
        assay audit pipeline --run 'cwebp -metadata all {in} -o {out}' --ending webp --rules eu,iptc -o pipeline
        assay audit pipeline --run 'djpeg {in} | cjpeg > {out}' --shell photo.jpg --fail-on-lost
      """)

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The command to try, with {in} and {out}.", valueName: "command"))
  var command: String

  @Argument(help: "Image files or folders; drawings if none is named.")
  var paths: [String] = []

  @Flag(help: "Let /bin/sh run the command.")
  var shell = false

  @Option(help: ArgumentHelp("Seconds after which a run is stopped.", valueName: "seconds"))
  var timeout = 60.0

  @Option(
    help: ArgumentHelp("What the name of {out} ends in; by default as that of {in}.", valueName: "extension"))
  var ending: String?

  @Option(help: ArgumentHelp("Shipped packs or .yaml files, separated by commas.", valueName: "packs"))
  var rules = "eu,c2pa,iptc"

  @Option(help: ArgumentHelp("The project manifest (assay.project/1).", valueName: "yaml"))
  var project: String?

  @OptionGroup var trust: TrustOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the reports into this folder.", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp("html, json, md, sarif, junit, csv, pdf; separated by commas.", valueName: "formats"))
  var format: CommaSeparated<ReportFormat>?

  @Option(
    help: ArgumentHelp("Exit with 2 when a rule of this severity fails or warns.", valueName: "severity"))
  var failOnSeverity: CommaSeparated<Rule.Severity>?

  @Flag(help: "Exit with 2 when a mark is gone or left invalid.")
  var failOnLost = false

  @Option(name: .customLong("operator"), help: "Who makes the audit; stands in the report.")
  var operatorName: String?

  @Option(
    help: ArgumentHelp(
      "The audit's time in ISO 8601 instead of now.", valueName: "time"))
  var clock: String?

  @OptionGroup var wording: WordingOptions

  @Flag(help: "Overwrite what exists.")
  var force = false

  @Flag(help: "Print JSON: the report, or with --output each file's name as one object a line.")
  var json = false

  func validate() throws {
    guard command.contains("{in}") else {
      throw ValidationError("--run says with {in} where the picture goes: 'convert {in} -resize 50% {out}'")
    }
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout is above 0 and at most 86400")
    }
    guard format == nil || output != nil else { throw ValidationError("--format needs -o FOLDER") }
    guard !rules.split(separator: ",").isEmpty else {
      throw ValidationError("--rules names at least one pack")
    }
    let isPlain = ending?.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    guard isPlain ?? true, ending != "" else {
      throw ValidationError("--ending is letters and digits, such as jpg")
    }
    if let clock, (try? Date(clock, strategy: .iso8601)) == nil {
      throw ValidationError("--clock wants a time such as 2026-11-24T12:00:00Z")
    }
  }

  func run() async throws {
    let text = try wording.text()
    let time = clock ?? Date().formatted(.iso8601)
    let packs = try AuditRunCommand.packs(rules)
    let manifest = try project.map { try ProjectManifest(path: $0, auditDate: String(time.prefix(10))) }
    var settings = try trust.settingsOrNone()
    if let clock, let date = try? Date(clock, strategy: .iso8601) {
      settings.now = Int(date.timeIntervalSince1970)
    }
    let files = output.map {
      ReportFiles(folder: $0, formats: format?.values ?? [.html, .json], overwrite: force)
    }
    let pipeline = try PipelineCommand(command, usesShell: shell, timeLimit: timeout)
    try files?.prepare()
    let header = self.header(time, settings, text)
    let job = PipelineJob(
      command: pipeline, pictures: paths.map(RawArguments.path), outputEnding: ending, packs: packs,
      project: manifest, report: ReportBasis.facts(header), trust: settings,
      pictureLimit: files?.formats.contains(where: \.showsPictures) == true ? 40 : 0)
    let outcome = try await Interruption.cancelling {
      Progress.begin("running on", "pictures", upTo: 0.95)
      return try await job.run { event in
        switch event {
        case .counted(let total): Progress.count(total)
        case .ran: Progress.advance()
        }
      }
    }
    guard !outcome.wasInterrupted else {
      let done = Plural.of(outcome.findings.runs.count, "picture")
      Terminal.error("interrupted after \(done); no report was written\n")
      throw ExitCode(130)
    }
    Progress.begin("writing the report")
    var report = Report(outcome.audit, header: header, text: text)
    report.pipeline = outcome.findings
    report.pictures = outcome.pictures
    if let files {
      try await files.write(report)
      for path in files.paths {
        Terminal.out(json ? try JSONLine.of(["file": path], as: "assay.file/1") : path + "\n")
      }
    } else {
      Terminal.out(json ? try report.json() : report.pipelineText())
    }
    try judge(outcome)
  }

  /// Ends with the exit code that the outcome asks for.
  private func judge(_ outcome: PipelineJob.Outcome) throws {
    let faults = outcome.findings.runs.count { $0.fault != nil }
    guard faults == 0 else {
      Terminal.error("the command failed on \(faults) of \(outcome.findings.runs.count) pictures\n")
      throw ExitCode(1)
    }
    if failOnLost, outcome.findings.losesMarks { throw ExitCode(2) }
    if let limit = failOnSeverity?.values.min(), let worst = outcome.audit.worst, worst >= limit {
      throw ExitCode(2)
    }
  }

  private func header(_ time: String, _ trust: TrustSettings, _ text: ReportText) -> ReportHeader {
    var header = ReportHeader(
      title: text.filled("pipeline.title", ["command": command]), question: text["pipeline.question"],
      time: time, clock: clock == nil ? "system" : "given",
      operatorName: operatorName ?? text["particulars.notStated"], toolVersion: assayVersion,
      command: AuditRunCommand.commandLine, system: ProcessInfo.processInfo.operatingSystemVersionString)
    header.build = ReportBasis.program
    header.references = ReportBasis.references(trust, project: project)
    return header
  }
}
