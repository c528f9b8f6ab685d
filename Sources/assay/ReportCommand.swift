import ArgumentParser
import ContentCredentials
import Foundation
import ImageFormats
import Reports

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Sign reports, and check signed ones.",
    subcommands: [Sign.self, Verify.self])

  struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign a report: a detached COSE signature beside it.",
      discussion: """
        Sign report.json: report.html names its SHA-256 and carries it, so that one signature covers both.

        EXAMPLE
          assay report sign audit/report.json --key signer.key --certificates signer.pem
        """)

    @Argument(help: "The report.") var path: String
    @Option(help: "The private key, PEM.") var key: String
    @Option(help: "The signer's certificates, PEM, leaf first.") var certificates: String
    @Option(help: "For RSA keys: ps256, ps384 or ps512.") var algorithm: String?
    @Option(
      help: ArgumentHelp(
        "A time-stamp authority (RFC 3161), http://…; the only thing that asks the network.", valueName: "url"
      ))
    var tsa: String?
    @Option(name: .shortAndLong, help: "The signature's file; the report's name with .cose by default.")
    var output: String?
    @Flag(help: "Overwrite.") var force = false

    func validate() throws {
      guard algorithm.map({ SigningAlgorithm(rawValue: $0) != nil }) ?? true else {
        throw ValidationError("--algorithm is no algorithm of C2PA")
      }
    }

    func run() throws {
      let credential = try SigningCredential.read(key: key, certificates: certificates, algorithm: algorithm)
      let signature = try DetachedSignature.make(
        over: try ImageFile(path: RawArguments.path(path)).bytes, contentType: ReportCommand.type(of: path),
        credential: credential, timeStamps: try tsa.map { try TimeStampAuthority(url: $0) })
      let target = output ?? path + ".cose"
      try writeAtomically(signature, to: RawArguments.path(target), overwrite: force)
      Terminal.error("signed: \(target)\n")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a report against its signature; exit 1 unless it holds.",
      discussion: "States: trusted, valid (nobody on the list vouches for the signer), invalid.")

    @Argument(help: "The report.") var path: String
    @Option(help: "The signature's file; the report's name with .cose by default.") var signature: String?
    @OptionGroup var trust: TrustOptions
    @Flag(help: "Write one JSON object (assay.signature/1).") var json = false

    func run() throws {
      let document = try ImageFile(path: RawArguments.path(path)).bytes
      let signature = try ImageFile(path: RawArguments.path(signature ?? path + ".cose")).bytes
      let report = DetachedSignature.check(signature, over: document, trust: try trust.settings())
      Terminal.out(json ? try line(report) : text(report))
      if report.state == .invalid { throw ExitCode(1) }
    }

    private struct Line: Encodable {
      let schema = "assay.signature/1"
      let file: String
      let signature: DetachedSignature.Report
    }

    private func line(_ report: DetachedSignature.Report) throws -> String {
      try JSONLine.of(Line(file: path, signature: report))
    }

    private func text(_ report: DetachedSignature.Report) -> String {
      var lines = ["\(TerminalText.escaping(path)): \(report.state.rawValue)", "  \(report.reason)"]
      if let signer = report.signer {
        let names = [signer.organization, signer.commonName].compactMap { $0 }.joined(separator: ", ")
        lines.append("  signed by \(TerminalText.escaping(names)) (\(signer.algorithm))")
      }
      if let stamp = report.timeStamp {
        let time = Date(timeIntervalSince1970: Double(stamp)).formatted(.iso8601)
        lines.append(
          "  at \(time), time stamp \(report.isTimeStampTrusted ? "trusted" : "of an unknown authority")")
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private static func type(of path: String) -> String {
    switch URL(filePath: path).pathExtension.lowercased() {
    case "json": "application/vnd.assay.report+json"
    case "html": "text/html"
    case "pdf": "application/pdf"
    default: "application/octet-stream"
    }
  }
}
