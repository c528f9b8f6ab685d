import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats
import Images
import Reports
import Services
import Watermarks

/// A text in quotation marks, those in it escaped.
private func quoted(_ text: String) -> String {
  "\"" + TerminalText.escaping(text).replacing("\"", with: "\\\"") + "\""
}

struct WatermarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watermark", abstract: "Write invisible marks into pictures and read them.",
    subcommands: [WatermarkEmbedCommand.self, WatermarkReadCommand.self, WatermarkTestCommand.self])
}

struct WatermarkReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Read assay, dwtDct and dwtDctSvd marks; nothing need be known of them.")

  @Argument(help: "Image files.")
  var files: [String]

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Option(help: "A file whose bytes are the key of an assay mark.")
  var markKey: String?

  func run() throws {
    let key = try watermarkKey(markKey)
    var failed = false
    for file in files {
      do {
        let image = try ImageFile(path: RawArguments.path(file)).decode().image
        let (own, foreign) = OpenMarkReader(key: key).read(image)
        let report = WatermarkReport(file: file, readings: [own, foreign])
        Terminal.out(json ? try report.json() : report.text())
      } catch let error as ImageFormatError {
        Terminal.report(error)
        failed = true
      }
    }
    if failed { throw ExitCode(1) }
  }
}

extension WatermarkReport {
  /// Two digits: more would pass for more knowledge.
  private static func short(_ pValue: Double) -> String {
    pValue >= 0.01 || pValue == 0
      ? String((pValue * 100).rounded() / 100) : String(format: "%.1e", locale: nil, pValue)
  }

  func text() -> String {
    let name = TerminalText.escaping(file)
    guard found else {
      return "\(name): no mark found"
        + (notEvaluable.isEmpty ? "" : " (\(notEvaluable.joined(separator: "; ")))") + "\n"
    }
    return marks.map { mark in
      "\(name): \(mark.scheme) \(mark.payloadHex) (\(mark.bits) bits\(mark.payloadText.map { ", \(quoted($0))" } ?? "")\(mark.payloadName.map { ", \($0)" } ?? "")), "
        + "p ≤ \(Self.short(mark.pValue)), \(Int((mark.bitAgreement * 100).rounded())) % of the bits agree\n"
    }.joined()
  }
}
