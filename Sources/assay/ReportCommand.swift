import ArgumentParser
import Console
import ContentCredentials
import Foundation
import ImageFormats
import Reports

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Sign reports, and check signed ones.",
    subcommands: [Sign.self, ReportVerifyCommand.self])

  struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign a report: a detached COSE signature beside it.",
      discussion: """
        Sign report.json: `assay report verify report.html` makes the page anew from it, so that one signature covers \
        both. Any other file can be signed too, and then stands for itself alone.

        EXAMPLE
          assay report sign audit/report.json --key signer.key --certificates signer.pem
        """)

    @Argument(help: "The report.") var path: String
    @OptionGroup var signing: SigningKeyOptions
    @Option(help: "For RSA keys: ps256, ps384 or ps512.") var algorithm: String?
    @Option(
      help: ArgumentHelp(
        "A time-stamp authority (RFC 3161), http://…; the only thing that asks the network.", valueName: "url"
      ))
    var tsa: String?
    @Option(
      name: .shortAndLong, help: "The signature's file to write; the report's name with .cose by default.")
    var output: String?
    @Flag(help: "Overwrite what exists.") var force = false

    private static let unsigned = ValidationError("--key or --signer, and --certificates, say who signs")

    func validate() throws {
      guard signing.certificates != nil else { throw Self.unsigned }
      guard algorithm.map({ SigningAlgorithm(rawValue: $0) != nil }) ?? true else {
        throw ValidationError("--algorithm is no algorithm of C2PA")
      }
    }

    func run() throws {
      guard let credential = try signing.credential(algorithm: algorithm) else { throw Self.unsigned }
      let signature = try DetachedSignature.make(
        over: try ImageFile(path: RawArguments.path(path)).bytes, contentType: ReportCommand.type(of: path),
        credential: credential, timeStamps: try tsa.map { try TimeStampAuthority(url: $0) })
      let target = output ?? path + ".cose"
      try writeAtomically(signature, to: RawArguments.path(target), overwrite: force)
      Terminal.error("signed: \(target)\n")
    }
  }

  static func type(of path: String) -> String {
    switch URL(filePath: path).pathExtension.lowercased() {
    case "json": "application/vnd.assay.report+json"
    case "html": "text/html"
    case "pdf": "application/pdf"
    default: "application/octet-stream"
    }
  }
}
