import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Services

struct CredentialsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credentials",
    abstract: "Show, verify, sign and extract Content Credentials (C2PA).",
    subcommands: [
      CredentialsShow.self, CredentialsVerify.self, CredentialsExtract.self, CredentialsSign.self,
      CredentialsKeys.self,
    ])
}

/// Whom to trust: the lists of options, else those of the user's configuration folder. None is fetched.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Anchors of signers, PEM files separated by commas. 'none' trusts nobody. (default: C2PA's list and those of \
      assay/trust in XDG_CONFIG_HOME, else in ~/.config; see `assay trust list`)
      """, valueName: "pem"))
  var trust: PathList?

  @Option(
    help: ArgumentHelp("Anchors of time-stamp authorities, PEM files separated by commas.", valueName: "pem"))
  var tsaTrust: PathList?

  private var signers: [FilePath] { (trust?.paths ?? []).map(RawArguments.path) }
  private var timeStampers: [FilePath] { (tsaTrust?.paths ?? []).map(RawArguments.path) }

  /// The named lists, or those of the user's folder.
  func settings() throws -> TrustSettings {
    Self.warned(try TrustStore().settings(signers: signers, timeStampers: timeStampers))
  }

  /// As ``settings()``, but an unreadable list of the user's folder trusts nobody instead of ending a scan;
  /// `assay credentials verify` says what is wrong with it.
  func settingsOrNone(at time: Int? = nil) throws -> TrustSettings {
    var settings = try TrustStore().settingsOrNone(signers: signers, timeStampers: timeStampers)
    if let time { settings.now = time }
    return Self.warned(settings)
  }

  /// The settings, with a word on standard error where the lists that ship are old.
  private static func warned(_ settings: TrustSettings) -> TrustSettings {
    if let words = TrustStore.staleness(of: settings) {
      Terminal.error("note: \(words); install newer ones with `assay trust install`\n")
    }
    return settings
  }
}

/// Reads a file's report, with the store beside it where it has none of its own.
func credentials(of path: String, _ trust: TrustSettings) throws -> CredentialsReport {
  try CredentialsJob.report(on: ImageFile(path: RawArguments.path(path)), trust)
}

struct CredentialsVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Validate Content Credentials against trust lists.",
    discussion: """
      States: trusted, valid (nobody on the list vouches for the signer), invalid, malformed, absent, \
      undetermined (the file ends early, and what is missing may have held them, or it is a JPEG XL made of a JPEG that \
      holds them). \
      Beside pictures, films and sound in MP4, MOV, M4A, AVI, WAV and MP3 or FLAC behind an ID3 tag are checked with all \
      their bytes, and PDF documents whose store lies open. \
      The exit code is 0 when every file is trusted or valid, 2 when one has a state of --fail-on, 1 else.

      EXAMPLES
        assay credentials verify photo.jpg
        assay credentials verify photo.jpg --fail-on valid,invalid,malformed     (only trusted ones pass)
      """)

  @OptionGroup var trust: TrustOptions
  @Option(
    help: ArgumentHelp(
      "Exit with 2 when a file has one of these states, separated by commas.", valueName: "states"),
    transform: CommaSeparated<CredentialsReport.State>.parsing)
  var failOn: CommaSeparated<CredentialsReport.State>?
  @Flag(help: "Print one JSON object a line (assay.credentials/1).") var json = false
  @Argument(help: "Files to verify.") var paths: [String]

  func run() throws {
    let settings = try trust.settings()
    var rule = ExitRule()
    Progress.begin("verifying", "files", of: paths.count)
    for path in paths {
      defer { Progress.advance() }
      do {
        let report = try credentials(of: path, settings)
        Terminal.out(
          json ? try CredentialsOutput.line(path, report) : CredentialsOutput.verdict(path, report))
        rule.hasFailed = rule.hasFailed || ![.trusted, .valid].contains(report.state)
        rule.isMet = rule.isMet || failOn?.values.contains(report.state) == true
      } catch let error as any DiagnosableError {
        rule.hasFailed = true
        Terminal.report(error)
      }
    }
    if rule.code != 0 { throw ExitCode(rule.code) }
  }
}

struct CredentialsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show who made a file, with which tool, from what.")

  @OptionGroup var trust: TrustOptions
  @Flag(help: "Print one JSON object (assay.credentials/1).") var json = false
  @Argument(help: "The file.") var path: String

  func run() throws {
    let report = try credentials(of: path, try trust.settings())
    Terminal.out(json ? try CredentialsOutput.line(path, report) : CredentialsOutput.tree(path, report))
  }
}

struct CredentialsExtract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Write a file's manifest store as a .c2pa file.")

  @Argument(help: "The file with the store.") var path: String
  @Option(name: .shortAndLong, help: "The file to write.") var output: String
  @Flag(help: "Overwrite what exists.") var force = false

  func run() throws {
    guard let store = CredentialsReader.store(in: try ImageFile(path: RawArguments.path(path)).bytes) else {
      Terminal.report(
        "\(TerminalText.escaping(path)): the file has no single manifest store",
        fix: "see assay credentials verify")
      throw ExitCode(1)
    }
    try writeAtomically(store, to: RawArguments.path(output), overwrite: force)
  }
}
