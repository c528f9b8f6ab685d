import ArgumentParser
import Audits
import Console
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

      Exit code 1 when a run fails or its output is no picture of the name's format; 2, which wins, with --fail-on-lost or \
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

  @Flag(help: "Exit with 2 when a mark is gone or left invalid.")
  var failOnLost = false

  @OptionGroup var options: AuditOptions

  func validate() throws {
    guard command.contains("{in}") else {
      throw ValidationError("--run says with {in} where the picture goes: 'convert {in} -resize 50% {out}'")
    }
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout is above 0 and at most 86400")
    }
    guard !rules.split(separator: ",").isEmpty else {
      throw ValidationError("--rules names at least one pack")
    }
    let isPlain = ending?.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    guard isPlain ?? true, ending != "" else {
      throw ValidationError("--ending is letters and digits, such as jpg")
    }
  }

  func run() async throws {
    let pipeline = try PipelineCommand(command, usesShell: shell, timeLimit: timeout)
    let setting = try options.setting(rules: rules)
    let header = setting.header(
      title: setting.text.filled("pipeline.title", ["command": command]),
      question: setting.text["pipeline.question"])
    let job = PipelineJob(
      command: pipeline, pictures: paths.map(RawArguments.path), outputEnding: ending, packs: setting.packs,
      project: setting.manifest, report: ReportBasis.facts(header), trust: setting.trust,
      pictureLimit: setting.pictureLimit)
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
    var report = Report(outcome.audit, header: header, text: setting.text)
    report.pipeline = outcome.findings
    report.pictures = outcome.pictures
    try await setting.deliver(report) { report.pipelineText() }
    try judge(outcome)
  }

  /// Ends with the exit code that the outcome asks for.
  private func judge(_ outcome: PipelineJob.Outcome) throws {
    let faults = outcome.findings.runs.count { $0.fault != nil }
    if faults > 0 {
      Terminal.error("the command failed on \(faults) of \(outcome.findings.runs.count) pictures\n")
    }
    let rule = ExitRule(
      isMet: failOnLost && outcome.findings.losesMarks || options.isTooSevere(outcome.audit),
      hasFailed: faults > 0)
    if rule.code != 0 { throw ExitCode(rule.code) }
  }
}
