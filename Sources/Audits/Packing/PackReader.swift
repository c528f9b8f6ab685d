import Images
import Scanning

/// Reads what ``PackWriter`` wrote in the same process; bytes of any other origin are a bug of ours.
struct PackReader {
  let bytes: [UInt8]
  let names: NamePool
  private var place = 0

  init(bytes: [UInt8], names: NamePool) {
    self.bytes = bytes
    self.names = names
  }

  mutating func scan() -> ScanResult {
    var scan = ScanResult(file: text(), outcome: .noIndication)
    scan.sha256 = optional { $0.text() }
    scan.pixelSha256 = optional { $0.text() }
    scan.format = optional { $0.name() }
    scan.width = optional { $0.integer() }
    scan.height = optional { $0.integer() }
    scan.outcome = known()
    scan.aiProbability = optional { $0.number() }
    scan.evidence = list { $0.evidence() }
    scan.warnings = list { $0.text() }
    scan.error = optional { reader in
      ScanResult.Failure(
        code: reader.name(), message: reader.text(), remedy: reader.text(),
        location: reader.optional { $0.location() })
    }
    return scan
  }

  private mutating func evidence() -> Evidence {
    Evidence(
      method: name(), class: known(), result: known(), strength: optional { $0.known() }, summary: text(),
      fields: object(), location: optional { $0.location() }, reason: optional { $0.text() })
  }

  private mutating func location() -> EvidenceLocation {
    var location = EvidenceLocation()
    location.byteOffset = optional { $0.integer() }
    location.byteLength = optional { $0.integer() }
    location.path = optional { $0.text() }
    location.region = optional { reader in
      PixelRegion(
        x: reader.integer(), y: reader.integer(), width: reader.integer(), height: reader.integer())
    }
    return location
  }

  private mutating func object() -> [String: DetailValue] {
    let size = count()
    var values = [String: DetailValue](minimumCapacity: size)
    for _ in 0..<size {
      let key = name()
      values[key] = detail()
    }
    return values
  }

  private mutating func detail() -> DetailValue {
    guard let tag = PackTag(rawValue: byte()) else { preconditionFailure("a packed scan was damaged") }
    return switch tag {
    case .null: .null
    case .no: .boolean(false)
    case .yes: .boolean(true)
    case .string: .string(text())
    case .integer: .integer(integer())
    case .number: .number(number())
    case .array: .array(list { $0.detail() })
    case .object: .object(object())
    }
  }

  // MARK: Parts

  private mutating func byte() -> UInt8 {
    defer { place += 1 }
    return bytes[place]
  }

  private mutating func optional<T>(_ read: (inout Self) -> T) -> T? { byte() == 0 ? nil : read(&self) }

  private mutating func list<T>(_ read: (inout Self) -> T) -> [T] {
    let size = count()
    var values: [T] = []
    values.reserveCapacity(size)
    for _ in 0..<size { values.append(read(&self)) }
    return values
  }

  private mutating func known<T: RawRepresentable<String>>() -> T {
    guard let value = T(rawValue: name()) else { preconditionFailure("a packed scan was damaged") }
    return value
  }

  private mutating func name() -> String {
    let number = count()
    return number == 0 ? text() : names[number - 1]
  }

  private mutating func text() -> String {
    let size = count()
    defer { place += size }
    return String(decoding: bytes[place..<place + size], as: UTF8.self)
  }

  private mutating func count() -> Int { Int(bitPattern: unsigned()) }

  private mutating func integer() -> Int {
    let value = unsigned()
    return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1)
  }

  private mutating func unsigned() -> UInt {
    var value: UInt = 0
    var shift: UInt = 0
    while true {
      let next = byte()
      value |= UInt(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  private mutating func number() -> Double {
    var bits: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bits |= UInt64(byte()) << shift }
    return Double(bitPattern: bits)
  }
}
