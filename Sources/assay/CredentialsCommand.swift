import ArgumentParser
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Reports

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
  @Option(help: ArgumentHelp("Anchors of signers, as PEM; may be repeated.", valueName: "pem"))
  var trust: [String] = []

  @Option(help: ArgumentHelp("Anchors of time-stamp authorities, as PEM; may be repeated.", valueName: "pem"))
  var tsaTrust: [String] = []

  /// Without options: `assay/trust/*.pem` under `$XDG_CONFIG_HOME` or `~/.config`; names with `tsa` in them
  /// are for time-stamp authorities.
  func settings() throws -> TrustSettings { try Self.settings(trust: trust, tsaTrust: tsaTrust) }

  /// As ``settings()``, but an unreadable list of the user's folder trusts nobody instead of ending a scan;
  /// `assay credentials verify` says what is wrong with it. A list that is named has to be there.
  func settingsOrNone() throws -> TrustSettings {
    trust.isEmpty && tsaTrust.isEmpty ? (try? settings()) ?? TrustSettings() : try settings()
  }

  /// The settings from named files, or from the user's folder when none is named.
  static func settings(trust: [String] = [], tsaTrust: [String] = []) throws -> TrustSettings {
    let installed = trust.isEmpty && tsaTrust.isEmpty ? configured() : []
    let isForTimeStamps = { (path: String) in
      URL(filePath: path).lastPathComponent.lowercased().contains("tsa")
    }
    return TrustSettings(
      signers: try list(trust + installed.filter { !isForTimeStamps($0) }),
      timeStampers: try list(tsaTrust + installed.filter(isForTimeStamps)))
  }

  private static func list(_ paths: [String]) throws -> TrustList {
    var list = TrustList.empty
    for path in paths {
      let bytes = try ImageFile(path: RawArguments.path(path)).bytes
      let name = URL(filePath: path).lastPathComponent
      list.add(
        try CredentialError.at(path) {
          try TrustList(pem: String(decoding: bytes, as: UTF8.self), name: name)
        })
    }
    return list
  }

  private static func configured() -> [String] {
    let environment = ProcessInfo.processInfo.environment
    let base =
      environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? (environment["HOME"] ?? "") + "/.config"
    let folder = base + "/assay/trust"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".pem") }.sorted().map { "\(folder)/\($0)" }
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
  @Flag(help: "Write one JSON object a line (assay.credentials/1).") var json = false
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
        Terminal.report(TerminalText.escaping(error.description), fix: error.remedy)
      }
    }
    if failed { throw ExitCode(1) }
  }
}

struct CredentialsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show who made a file, with which tool, from what.")

  @OptionGroup var trust: TrustOptions
  @Flag(help: "Write JSON.") var json = false
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
  @Flag(help: "Overwrite.") var force = false

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
