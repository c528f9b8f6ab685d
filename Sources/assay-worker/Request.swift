import ContentCredentials
import Diagnostics
import Examiners
import Foundation
import ImageFormats
import Images
import Scanning
import Services
import Watermarks

/// A frame's header: what is to be done with its body.
struct Request: Decodable {
  /// Given back with the answer: a number or a text.
  enum ID: Codable {
    case number(Int64)
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int64.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .number(let number): try container.encode(number)
      case .text(let text): try container.encode(text)
      }
    }
  }

  enum Operation: String, Decodable, CaseIterable {
    /// `assay.scan/1`.
    case scan
    /// `assay.credentials/1`.
    case verify
    case readWatermark, embedWatermark
  }

  var id: ID
  var operation: Operation
  /// What the body is called in the answer.
  var name: String?
  /// A file to read instead of the body.
  var path: String?
  /// The same for a name that is not UTF-8: its bytes in base 64.
  var pathBytes: Data?
  var embed: Embedding?

  struct Embedding: Decodable {
    /// Hexadecimal digits; or
    var payload: String?
    var text: String?
    var scheme: String?
    /// The key of an assay mark.
    var key: Data?
    var strength: Double?
    /// `png`, `jpeg` or `webp`.
    var format: String?
    var quality: Int?
  }

  var file: FilePath? {
    pathBytes.map { FilePath(bytes: [UInt8]($0)) } ?? path.map { FilePath($0) }
  }

  /// The name in the answer.
  var display: String { file?.display ?? name ?? "-" }
}

/// Why a request was not answered.
struct RequestError: DiagnosableError {
  var code: String
  var location = FaultLocation()
  var message: String
  var remedy: String
}

/// Answers requests, one after the other.
struct Answering {
  let scanner: FileScanner
  let trust: TrustSettings
  let limits: ReadLimits

  /// The answer as a JSON object, without a line feed.
  func answer(_ request: Request, _ body: [UInt8]) throws -> String {
    let line: String
    switch request.operation {
    case .scan: line = try ScanAnswer.line(scan(request, body))
    case .verify:
      line = try CredentialsLine.of(
        request.display, CredentialsReader(trust: trust).report(on: try file(request, body)))
    case .readWatermark:
      let image = try file(request, body).decode().image
      let (own, foreign) = OpenMarkReader(key: key(request.embed)).read(image)
      line = try WatermarkReport(file: request.display, readings: [own, foreign]).json()
    case .embedWatermark: line = try embedded(request, body)
    }
    return String(line.dropLast())
  }

  private func scan(_ request: Request, _ body: [UInt8]) -> ScanResult {
    if let path = request.file { return scanner.scan(path).result }
    return scanner.scan(bare(request, body)).result
  }

  private func file(_ request: Request, _ body: [UInt8]) throws -> ImageFile {
    if let path = request.file { return try ImageFile(path: path, limits: limits) }
    return bare(request, body)
  }

  /// The body, which has no neighbours whatever it is called.
  private func bare(_ request: Request, _ body: [UInt8]) -> ImageFile {
    guard let name = request.name else { return ImageFile(bytes: body, limits: limits) }
    return ImageFile(bytes: body, path: FilePath(name), companions: [:], limits: limits)
  }

  private func key(_ embed: Request.Embedding?) -> MarkKey {
    embed?.key.map { MarkKey(bytes: $0) } ?? .open
  }

  /// What `embedWatermark` answers.
  private struct Embedded: Encodable {
    var file: String
    var format: String
    /// The marked file in base 64.
    var bytes: Data
    /// What of the input it does not keep.
    var notKept: [String]
  }

  private func embedded(_ request: Request, _ body: [UInt8]) throws -> String {
    let wish = request.embed ?? Request.Embedding()
    func refused(_ message: String, _ remedy: String) -> RequestError {
      RequestError(code: "worker.embed", message: message, remedy: remedy)
    }
    guard (wish.text == nil) != (wish.payload == nil),
      let payload = wish.text.map(Payload.init(text:)) ?? wish.payload.flatMap(Payload.init(hex:))
    else { throw refused("there is no payload", "give either a text or hexadecimal digits") }
    guard let scheme = SchemeRegister(rawValue: wish.scheme ?? "assay") else {
      throw refused("there is no such scheme", "name assay, dwtDct or dwtDctSvd")
    }
    if let strength = wish.strength, !AssayMark.strengths.contains(strength) {
      throw refused("the strength is out of range", "give 0.25...4")
    }
    guard let format = WatermarkEmbedding.Format(rawValue: wish.format ?? "png") else {
      throw refused("there is no such format", "name png, jpeg or webp")
    }
    let quality = wish.quality ?? 95
    guard (1...100).contains(quality) else { throw refused("the quality is out of range", "give 1...100") }
    let source = try file(request, body)
    guard try source.header().frames == 1 else {
      throw refused("the picture is animated", "give one of its frames as a picture of its own")
    }
    let embedding = WatermarkEmbedding(
      payload: payload, scheme: scheme.writer(key: key(request.embed), strength: wish.strength),
      format: format,
      quality: quality)
    guard let (bytes, lost) = try embedding.apply(to: source) else {
      throw refused(
        "the mark cannot be read back from the finished file",
        "write a PNG, use the scheme assay, or choose a picture that is not flat, white or black")
    }
    return try JSONLine.of(
      Embedded(file: request.display, format: format.rawValue, bytes: Data(bytes), notKept: lost))
  }
}
