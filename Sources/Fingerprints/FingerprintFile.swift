import Crypto
import Diagnostics
import Foundation

/// Fingerprints as files: eight bytes `ASSAYFP1`, the header's length (UInt32, little-endian), a JSON header, the weights.
///
/// The header holds the card, the band, and the weights' SHA-256, so that a cut or changed file is refused.
extension Fingerprint {
  static let magic = Array("ASSAYFP1".utf8)
  /// The longest header that is read.
  static let headerLimit = 1 << 20

  private struct Header: Codable {
    var card: Card
    var band: Int
    var layout: String
    var sha256: String
  }
  private static let layout = "int8 [2*band+1, band+1, 2]"

  /// The file's bytes; the same for the same fingerprint.
  public func fileBytes() throws(FingerprintError) -> [UInt8] {
    let payload = template.weights.map { UInt8(bitPattern: $0) }
    let header = Header(
      card: card, band: template.band, layout: Self.layout, sha256: SHA256.hash(data: payload).hexadecimal)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json: Data
    do {
      json = try encoder.encode(header)
    } catch {
      throw FingerprintError(
        "fingerprint.card", "the card cannot be written as JSON",
        remedy: "give finite numbers for the null's figures", cause: error)
    }
    guard json.count <= Self.headerLimit else {
      throw FingerprintError(
        "fingerprint.header", "the card takes \(json.count) bytes, more than \(Self.headerLimit)",
        remedy: "list fewer sources")
    }
    let length = (0..<4).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
    return Self.magic + length + Array(json) + payload
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter name: the file's name in errors.
  /// - Throws: ``FingerprintError`` `fingerprint.foreign`, `.truncated`, `.header`, `.band`, `.length`, `.digest` or `.empty`.
  public init(bytes: [UInt8], name: String? = nil) throws(FingerprintError) {
    func fault(_ code: String, _ message: String, _ range: Range<Int>) -> FingerprintError {
      FingerprintError(
        "fingerprint.\(code)", message, remedy: "fetch the fingerprint again, or learn it anew",
        location: FaultLocation(file: name, byteRange: range))
    }
    guard bytes.starts(with: Self.magic) else {
      throw fault("foreign", "the file does not begin as a fingerprint does", 0..<min(8, bytes.count))
    }
    guard bytes.count >= 12 else {
      throw fault("truncated", "the file ends within the header's length", 8..<bytes.count)
    }
    let length = (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    guard length <= Self.headerLimit else {
      throw fault("header", "the header claims \(length) bytes", 8..<12)
    }
    let start = 12 + length
    guard start <= bytes.count else {
      throw fault(
        "truncated", "the file ends \(start - bytes.count) bytes before its header does", 12..<bytes.count)
    }
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: Data(bytes[12..<start]))
    } catch {
      throw fault("header", "the header is no fingerprint's card", 12..<start)
    }
    guard header.layout == Self.layout else {
      throw fault("layout", "weights lie as \(header.layout), which this version does not read", 12..<start)
    }
    guard (Template.leastCycles...Template.mostCycles).contains(header.band) else {
      throw fault("band", "the template reaches \(header.band) cycles", 12..<start)
    }
    let expected = Template.count(band: header.band)
    guard bytes.count - start == expected else {
      throw fault(
        bytes.count - start < expected ? "truncated" : "length",
        "a template of \(header.band) cycles takes \(expected) bytes, and \(bytes.count - start) follow the header",
        start..<bytes.count)
    }
    let payload = bytes[start...]
    guard SHA256.hash(data: payload).hexadecimal == header.sha256 else {
      throw fault("digest", "the weights are not those that the header's SHA-256 names", start..<bytes.count)
    }
    let null = header.card.null
    guard null.deviation.isFinite, (0.5...10).contains(null.deviation), null.pictures >= 0 else {
      throw fault("null", "the null's deviation of \(null.deviation) is outside 0.5...10", 12..<start)
    }
    guard header.card.aspects.allSatisfy({ (0.05...20).contains($0) }), header.card.aspects.count <= 64 else {
      throw fault("aspects", "the shapes \(header.card.aspects.prefix(4)) are outside 0.05...20", 12..<start)
    }
    guard header.card.name.count <= 80, !header.card.name.isEmpty,
      header.card.name.utf8.allSatisfy({
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
      })
    else {
      throw fault("name", "its name is not of a-z, 0-9, dots and hyphens, 1 to 80 of them", 12..<start)
    }
    guard (1...120).contains(header.card.family.count),
      header.card.family.unicodeScalars.allSatisfy({
        !$0.properties.isDefaultIgnorableCodePoint && $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
      })
    else {
      throw fault("family", "the generator's name is empty, too long or not for reading", 12..<start)
    }
    do {
      self.init(
        card: header.card,
        template: try Template(band: header.band, weights: payload.map { Int8(bitPattern: $0) }))
    } catch {
      throw fault("empty", error.message, start..<bytes.count)
    }
  }

  /// Reads a file.
  public init(path: String) throws(FingerprintError) {
    let limit = 12 + Self.headerLimit + Template.count(band: Template.mostCycles)
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? handle.close() }
      data = try handle.read(upToCount: limit + 1) ?? Data()
    } catch {
      throw FingerprintError(
        "fingerprint.unreadable", "the fingerprint cannot be read",
        remedy: "check that the file exists and may be read", location: FaultLocation(file: path),
        cause: error)
    }
    guard data.count <= limit else {
      throw FingerprintError(
        "fingerprint.length", "the file is longer than any fingerprint, \(limit) bytes",
        remedy: "give a file that was written as a fingerprint", location: FaultLocation(file: path))
    }
    try self.init(bytes: Array(data), name: path)
  }
}
