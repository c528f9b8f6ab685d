import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Services

struct TrustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Show whom Assay trusts to sign, and install lists of others.",
    discussion: """
      Without --trust and --tsa-trust a signer is trusted when C2PA's lists vouch for it, which ship as of \
      \(TrustStore.snapshotDate), or a list in the folder assay/trust of XDG_CONFIG_HOME, else of ~/.config. A list \
      there that is called as C2PA's own (C2PA-TRUST-LIST.pem, C2PA-TSA-TRUST-LIST.pem) takes the place of what ships. \
      Nothing is fetched; --trust none trusts nobody.

      EXAMPLES
        assay trust list
        assay trust install house-root.pem
        assay trust install stamps.pem --time-stamps
      """,
    subcommands: [List.self, Install.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show who is trusted for what, from when to when.")

    @OptionGroup var trust: TrustOptions
    @Flag(help: "Print one JSON object a line (assay.trust/1).") var json = false

    private struct Line: Encodable {
      var purpose: String
      var lists: String
      var organization: String?
      var commonName: String?
      var from: String
      var to: String
      var sha256: String
    }

    func run() throws {
      let settings = try trust.settings()
      for (purpose, title, list) in [
        ("signer", "signers", settings.signers),
        ("timeStamp", "time-stamp authorities", settings.timeStampers),
      ] {
        if !json {
          Terminal.out(
            list.count == 0
              ? "\(title): nobody is trusted; see `assay help trust install`\n"
              : "\(title): \(list.count) of \(TerminalText.escaping(list.name))\n")
        }
        for member in list.members {
          if json {
            Terminal.out(
              try JSONLine.of(
                Line(
                  purpose: purpose, lists: list.name, organization: member.organization,
                  commonName: member.commonName, from: Self.day(member.from), to: Self.day(member.to),
                  sha256: member.sha256), as: "assay.trust/1"))
          } else {
            let names = [member.organization, member.commonName].compactMap(\.self).joined(separator: ", ")
            let standing =
              settings.now > member.to ? "  (expired)" : settings.now < member.from ? "  (not yet valid)" : ""
            Terminal.out(
              "  \(Self.day(member.from)) to \(Self.day(member.to))  \(TerminalText.escaping(names))\(standing)\n"
            )
          }
        }
      }
    }

    private static func day(_ seconds: Int) -> String {
      String(Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).prefix(10))
    }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a trust list into the folder that every command reads.")

    @Argument(help: "PEM text of the certificates that shall be trusted.") var path: String
    @Flag(help: "The list is of time-stamp authorities; without it, a name with 'tsa' says so.")
    var timeStamps = false
    @Flag(help: "Overwrite what exists.") var force = false

    func run() throws {
      let (file, list) = try TrustStore().install(
        RawArguments.path(path), isForTimeStamps: timeStamps, overwrite: force)
      let kind =
        TrustStore.isForTimeStamps(URL(filePath: file).lastPathComponent)
        ? "time-stamp authorities" : "signers"
      Terminal.error(
        "installed \(TerminalText.escaping(file)): \(list.count) \(kind) are trusted from now on\n")
    }
  }
}
