import Diagnostics
public import Watermarks

/// The marks of a picture, as programs are told of them.
public struct WatermarkReport: Encodable, Sendable {
  public var file: String
  public var found: Bool
  public var marks: [Entry]
  public var notEvaluable: [String]

  public struct Entry: Encodable, Sendable {
    public var scheme: String
    public var payloadHex: String
    /// The payload as the text that it was written as; nil where its bytes spell none.
    public var payloadText: String?
    public var payloadName: String?
    public var bits: Int
    public var pValue: Double
    public var bitAgreement: Double
    public var runnerUp: RunnerUp?
    public var geometry: Geometry
  }

  public struct RunnerUp: Encodable, Sendable {
    public var payloadHex: String
    public var payloadName: String?
    public var bits: Int
    public var pValue: Double
    public var bitAgreement: Double
  }

  public struct Geometry: Encodable, Sendable {
    public var scale: Double
    public var rotation: Double
    public var offset: [String: Double]
    public var mirrored: Bool
  }

  public init(file: String, readings: [WatermarkReading]) {
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

  /// One line.
  public func json() throws -> String { try JSONLine.of(self, as: "assay.watermark/1") }
}
