import ArgumentParser
import Console
import Diagnostics
import Foundation
import ImageFormats
import Images
import Reports
import Watermarks

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

/// What `watermark read` prints of a file.
struct WatermarkReport: Encodable {
  var file: String
  var found: Bool
  var marks: [Entry]
  var notEvaluable: [String]

  struct Entry: Encodable {
    var scheme: String
    var payloadHex: String
    /// The payload as the text that it was written as; nil where its bytes spell none.
    var payloadText: String?
    var payloadName: String?
    var bits: Int
    var pValue: Double
    var bitAgreement: Double
    var runnerUp: RunnerUp?
    var geometry: Geometry
  }

  struct RunnerUp: Encodable {
    var payloadHex: String
    var payloadName: String?
    var bits: Int
    var pValue: Double
    var bitAgreement: Double
  }

  struct Geometry: Encodable {
    var scale: Double
    var rotation: Double
    var offset: [String: Double]
    var mirrored: Bool
  }

  init(file: String, readings: [WatermarkReading]) {
    self.file = file
    marks = readings.flatMap(\.marks).map { mark in
      Entry(
        scheme: mark.scheme, payloadHex: mark.payload.hex, payloadText: Self.text(of: mark.payload.hex),
        payloadName: mark.payloadName,
        bits: mark.payload.count, pValue: mark.pValue, bitAgreement: mark.bitAgreement,
        runnerUp: mark.runnerUp.map {
          RunnerUp(
            payloadHex: $0.payload.hex, payloadName: $0.payloadName, bits: $0.payload.count,
            pValue: $0.pValue,
            bitAgreement: $0.bitAgreement)
        },
        geometry: Geometry(
          scale: mark.geometry.scale, rotation: mark.geometry.rotation,
          offset: ["x": mark.geometry.offset.x, "y": mark.geometry.offset.y], mirrored: mark.geometry.mirrored
        ))
    }
    found = !marks.isEmpty
    notEvaluable = readings.compactMap(\.notEvaluable)
  }

  /// At least three characters that a person can have typed: two are spelled by chance too often.
  private static func text(of hex: String) -> String? {
    guard let bytes = [UInt8](hexadecimal: hex) else { return nil }
    let content = bytes.prefix { $0 != 0 }
    guard bytes[content.endIndex...].allSatisfy({ $0 == 0 }),
      let text = String(validating: content, as: UTF8.self),
      text.count >= 3, text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { return nil }
    return text
  }

  func json() throws -> String { try JSONLine.of(self, as: "assay.watermark/1") }

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
      "\(name): \(mark.scheme) \(mark.payloadHex) (\(mark.bits) bits\(mark.payloadText.map { ", \"\(TerminalText.escaping($0))\"" } ?? "")\(mark.payloadName.map { ", \($0)" } ?? "")), "
        + "p ≤ \(Self.short(mark.pValue)), \(Int((mark.bitAgreement * 100).rounded())) % of the bits agree\n"
    }.joined()
  }
}
