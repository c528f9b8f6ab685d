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
      Anchors of signers, PEM files separated by commas. (default: those of assay/trust in XDG_CONFIG_HOME, \
      else in ~/.config)
      """, valueName: "pem"))
  var trust: PathList?

  @Option(
    help: ArgumentHelp("Anchors of time-stamp authorities, PEM files separated by commas.", valueName: "pem"))
  var tsaTrust: PathList?

  private var signers: [FilePath] { (trust?.paths ?? []).map(RawArguments.path) }
  private var timeStampers: [FilePath] { (tsaTrust?.paths ?? []).map(RawArguments.path) }

  /// The named lists, or those of the user's folder.
  func settings() throws -> TrustSettings {
    try TrustStore().settings(signers: signers, timeStampers: timeStampers)
  }

  /// As ``settings()``, but an unreadable list of the user's folder trusts nobody instead of ending a scan;
  /// `assay credentials verify` says what is wrong with it.
  func settingsOrNone() throws -> TrustSettings {
    try TrustStore().settingsOrNone(signers: signers, timeStampers: timeStampers)
  }
}

/// Reads a file's report, with the store beside it where it has none of its own.
func credentials(of path: String, _ trust: TrustSettings) throws -> CredentialsReport {
  CredentialsReader(trust: trust).report(on: try ImageFile(path: RawArguments.path(path)))
}

struct CredentialsVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Validate Content Credentials against trust lists.",
    discussion: """
      States: trusted, valid (nobody on the list vouches for the signer), invalid, malformed, absent. \
      The exit code is 0 whatever the state; 1 when a file could not be read.
      """)

  @OptionGroup var trust: TrustOptions
  @Flag(help: "Print one JSON object a line (assay.credentials/1).") var json = false
  @Argument(help: "Files to verify.") var paths: [String]

  func run() throws {
    let settings = try trust.settings()
    var failed = false
    for path in paths {
      do {
        let report = try credentials(of: path, settings)
        Terminal.out(
          json ? try CredentialsOutput.line(path, report) : CredentialsOutput.verdict(path, report))
      } catch let error as any DiagnosableError {
        failed = true
        Terminal.report(error)
      }
    }
    if failed { throw ExitCode(1) }
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
