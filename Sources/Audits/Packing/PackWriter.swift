import Images
import Scanning

/// Writes a ``ScanResult`` field by field; ``PackReader`` reads the same order.
struct PackWriter {
  private(set) var bytes: [UInt8] = []
  private(set) var names: NamePool

  init(names: NamePool) { self.names = names }

  mutating func write(_ scan: ScanResult) {
    text(scan.file)
    optional(scan.sha256) { $0.text($1) }
    optional(scan.pixelSha256) { $0.text($1) }
    optional(scan.format) { $0.name($1) }
    optional(scan.width) { $0.integer($1) }
    optional(scan.height) { $0.integer($1) }
    name(scan.outcome.rawValue)
    optional(scan.aiProbability) { $0.number($1) }
    list(scan.evidence) { $0.evidence($1) }
    list(scan.warnings) { $0.text($1) }
    optional(scan.error) { writer, error in
      writer.name(error.code)
      writer.text(error.message)
      writer.text(error.remedy)
      writer.optional(error.location) { $0.location($1) }
    }
  }

  private mutating func evidence(_ finding: Evidence) {
    name(finding.method)
    name(finding.class.rawValue)
    name(finding.result.rawValue)
    optional(finding.strength?.rawValue) { $0.name($1) }
    text(finding.summary)
    object(finding.fields)
    optional(finding.location) { $0.location($1) }
    optional(finding.reason) { $0.text($1) }
  }

  private mutating func location(_ location: EvidenceLocation) {
    optional(location.byteOffset) { $0.integer($1) }
    optional(location.byteLength) { $0.integer($1) }
    optional(location.path) { $0.text($1) }
    optional(location.region) { writer, region in
      for value in [region.x, region.y, region.width, region.height] { writer.integer(value) }
    }
  }

  private mutating func object(_ values: [String: DetailValue]) {
    list(values) { writer, entry in
      writer.name(entry.key)
      writer.detail(entry.value)
    }
  }

  private mutating func detail(_ value: DetailValue) {
    switch value {
    case .null: tag(.null)
    case .boolean(let flag): tag(flag ? .yes : .no)
    case .string(let text):
      tag(.string)
      self.text(text)
    case .integer(let value):
      tag(.integer)
      integer(value)
    case .number(let value):
      tag(.number)
      number(value)
    case .array(let values):
      tag(.array)
      list(values) { $0.detail($1) }
    case .object(let values):
      tag(.object)
      object(values)
    }
  }

  // MARK: Parts

  private mutating func tag(_ tag: PackTag) { bytes.append(tag.rawValue) }

  private mutating func optional<T>(_ value: T?, _ write: (inout Self, T) -> Void) {
    bytes.append(value == nil ? 0 : 1)
    if let value { write(&self, value) }
  }

  private mutating func list<C: Collection>(_ values: C, _ write: (inout Self, C.Element) -> Void) {
    count(values.count)
    for value in values { write(&self, value) }
  }

  /// A name of the pool as its number plus one; one that the pool has no room for as zero and its text.
  private mutating func name(_ name: String) {
    if let number = names.number(of: name) {
      count(number + 1)
    } else {
      count(0)
      text(name)
    }
  }

  private mutating func text(_ text: String) {
    count(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  /// LEB128: seven bits a byte, the least first.
  private mutating func count(_ value: Int) { unsigned(UInt(bitPattern: value)) }

  /// Zigzag: small numbers of both signs stay short.
  private mutating func integer(_ value: Int) {
    unsigned(UInt(bitPattern: value) << 1 ^ UInt(bitPattern: value >> (Int.bitWidth - 1)))
  }

  private mutating func unsigned(_ value: UInt) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func number(_ value: Double) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
    }
  }
}

/// What kind of ``DetailValue`` follows.
enum PackTag: UInt8 {
  case null, no, yes, string, integer, number, array, object
}
