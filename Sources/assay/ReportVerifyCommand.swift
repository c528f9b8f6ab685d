import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Reports
import Services

struct ReportVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a report against its signature; exit 1 unless it holds.",
    discussion: """
      States: trusted, valid (nobody on the list vouches for the signer), invalid.

      A page (report.html) without a signature of its own is checked by its JSON twin: the twin is taken from the \
      page, or from report.json beside it where the page is too large to hold it; report.json.cose must be a \
      signature over it; and the page is made anew from the twin and compared, pictures by their SHA-256. Where it \
      differs, the first place is shown. This needs the version of assay that made the page, and its --wording \
      where it was translated; report.pdf and other files need signatures of their own.

      EXAMPLES
        assay report verify audit/report.json
        assay report verify audit/report.html --trust signers.pem
      """)

  @Argument(help: "The report.") var path: String
  @Option(help: "The signature's file; the report's name with .cose by default, for a page its twin's.")
  var signature: String?
  @OptionGroup var trust: TrustOptions
  @OptionGroup var wording: WordingOptions
  @Flag(help: "Print one JSON object (assay.signature/1).") var json = false

  func run() throws {
    let document = try ImageFile(path: RawArguments.path(path)).bytes
    let trust = try trust.settings()
    let own = signature ?? path + ".cose"
    if Self.isPage(path), signature != nil || !RawArguments.path(own).exists {
      let bytes = try signature.map { try ImageFile(path: RawArguments.path($0)).bytes }
      let overPage = bytes.map { DetachedSignature.check($0, over: document, trust: trust) }
      if let overPage, overPage.contentType == ReportCommand.type(of: path) {
        return try finish(overPage, nil)
      }
      return try verifyPage(document, bytes, trust)
    }
    guard signature != nil || RawArguments.path(own).exists else {
      throw ReportError(
        code: "report.unsigned", location: FaultLocation(file: path),
        message: "the report is not signed: \(TerminalText.escaping(own)) is missing",
        remedy: "sign it with `assay report sign`, or name its signature with --signature")
    }
    let bytes = try ImageFile(path: RawArguments.path(own)).bytes
    try finish(DetachedSignature.check(bytes, over: document, trust: trust), nil)
  }

  private static func isPage(_ path: String) -> Bool {
    ["html", "htm"].contains(URL(filePath: path).pathExtension.lowercased())
  }

  /// - Parameter given: the signature that was named.
  private func verifyPage(_ document: [UInt8], _ given: [UInt8]?, _ trust: TrustSettings) throws {
    let twin = String(path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex)) + ".json"
    let beside = RawArguments.path(twin)
    let check = try PageCheck(
      page: document, name: path, beside: beside.exists ? try ImageFile(path: beside).bytes : nil,
      version: assayVersion, build: ReportBasis.program, text: try wording.text())
    let place = RawArguments.path(twin + ".cose")
    let bytes = try given ?? (place.exists ? try ImageFile(path: place).bytes : nil)
    var report =
      bytes.map { DetachedSignature.check($0, over: check.twin, trust: trust) }
      ?? .init(
        state: .invalid,
        reason:
          "there is no signature over the page's JSON twin: \(TerminalText.escaping(twin)).cose is missing")
    if let fault = check.fault {
      let rest = report.state == .invalid ? "; \(report.reason)" : ""
      report.state = .invalid
      report.reason = fault + rest
    }
    try finish(report, check)
  }

  private func finish(_ report: DetachedSignature.Report, _ check: PageCheck?) throws {
    Terminal.out(json ? try line(report, check) : text(report, check))
    if report.state == .invalid { throw ExitCode(1) }
  }

  private struct Line: Encodable {
    /// How a page compares with its twin.
    struct Page: Encodable {
      /// `page` or `file`.
      let twin: String
      let twinSha256: String
      let isSame: Bool
      let difference: PageCheck.Difference?
    }

    let file: String
    let signature: DetachedSignature.Report
    let page: Page?
  }

  private func line(_ report: DetachedSignature.Report, _ check: PageCheck?) throws -> String {
    let page = check.map {
      Line.Page(
        twin: $0.isEmbedded ? "page" : "file", twinSha256: $0.sha256, isSame: $0.fault == nil,
        difference: $0.difference)
    }
    return try JSONLine.of(Line(file: path, signature: report, page: page), as: "assay.signature/1")
  }

  private func text(_ report: DetachedSignature.Report, _ check: PageCheck?) -> String {
    var lines = ["\(TerminalText.escaping(path)): \(report.state.rawValue)", "  \(report.reason)"]
    if let difference = check?.difference {
      let section = difference.section.map { ", section '\(TerminalText.escaping($0))'" } ?? ""
      lines += [
        "  first at line \(difference.line), column \(difference.column)\(section):",
        "    the page:   …\(difference.page)…", "    the report: …\(difference.report)…",
      ]
    }
    if let check {
      let place = check.isEmbedded ? "in the page" : "beside the page"
      lines.append("  JSON twin \(place), SHA-256 \(check.sha256)")
      if check.fault == nil { lines.append("  the page says what its twin says, to the byte") }
    }
    if let signer = report.signer {
      let names = [signer.organization, signer.commonName].compactMap { $0 }.joined(separator: ", ")
      lines.append(
        "  \(check == nil ? "" : "twin ")signed by \(TerminalText.escaping(names)) (\(signer.algorithm))")
    }
    if let stamp = report.timeStamp {
      let time = Date(timeIntervalSince1970: Double(stamp)).formatted(.iso8601)
      lines.append(
        "  at \(time), time stamp \(report.isTimeStampTrusted ? "trusted" : "of an unknown authority")")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
