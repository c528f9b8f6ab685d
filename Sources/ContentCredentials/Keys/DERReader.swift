import SwiftASN1

/// Walks DER nodes in the order a structure lists them.
///
/// SET OF is taken as it comes: real time-stamp tokens are not always sorted, and order changes nothing here.
struct DERReader {
  private var nodes: ArraySlice<ASN1Node>

  init(_ node: ASN1Node) throws(MalformedStructure) {
    guard case .constructed(let children) = node.content else {
      throw MalformedStructure("ASN.1 node has no children", at: node.encodedBytes.startIndex)
    }
    nodes = Array(children)[...]
  }

  static func parse(_ bytes: ArraySlice<UInt8>) throws(MalformedStructure) -> ASN1Node {
    do { return try DER.parse(bytes) } catch {
      throw MalformedStructure("ASN.1 does not parse", at: bytes.startIndex)
    }
  }

  var isAtEnd: Bool { nodes.isEmpty }
  var peek: ASN1Node? { nodes.first }
  var rest: [ASN1Node] { Array(nodes) }

  mutating func next() throws(MalformedStructure) -> ASN1Node {
    guard let node = nodes.popFirst() else { throw MalformedStructure("ASN.1 sequence ends early", at: 0) }
    return node
  }

  mutating func children() throws(MalformedStructure) -> DERReader { try DERReader(next()) }

  /// The next node if it carries a context-specific tag.
  mutating func tagged(_ number: UInt) -> ASN1Node? {
    guard let first = nodes.first, first.identifier.tagClass == .contextSpecific,
      first.identifier.tagNumber == number
    else { return nil }
    return nodes.popFirst()
  }

  mutating func bytes(_ identifier: ASN1Identifier) throws(MalformedStructure) -> ArraySlice<UInt8> {
    let node = try next()
    guard node.identifier == identifier, case .primitive(let bytes) = node.content else {
      throw MalformedStructure("ASN.1 value has another type", at: node.encodedBytes.startIndex)
    }
    return bytes
  }

  mutating func oid() throws(MalformedStructure) -> ASN1ObjectIdentifier { try next().oid() }

  mutating func small() throws(MalformedStructure) -> Int {
    let bytes = try bytes(.integer)
    guard bytes.count <= 4, let value = bytes.bigEndian(bytes.count, at: bytes.startIndex) else {
      throw MalformedStructure("ASN.1 integer is out of range", at: bytes.startIndex)
    }
    return value
  }

  /// UTCTime or GeneralizedTime, in seconds since 1970.
  mutating func time() throws(MalformedStructure) -> Int { try next().time() }

  mutating func bitString() throws(MalformedStructure) -> ArraySlice<UInt8> {
    let bytes = try bytes(.bitString)
    guard bytes.first == 0 else {
      throw MalformedStructure("ASN.1 bit string is not octets", at: bytes.startIndex)
    }
    return bytes.dropFirst()
  }

  mutating func algorithm() throws(MalformedStructure) -> AlgorithmIdentifier {
    let node = try next()
    var reader = try DERReader(node)
    return AlgorithmIdentifier(oid: try reader.oid(), parameters: reader.peek)
  }
}

struct AlgorithmIdentifier: Hashable, Sendable {
  var oid: ASN1ObjectIdentifier
  var parameters: ASN1Node?
}

extension ASN1Node {
  var primitive: ArraySlice<UInt8>? {
    if case .primitive(let bytes) = content { bytes } else { nil }
  }

  func oid() throws(MalformedStructure) -> ASN1ObjectIdentifier {
    do { return try ASN1ObjectIdentifier(derEncoded: self) } catch {
      throw MalformedStructure("ASN.1 object identifier expected", at: encodedBytes.startIndex)
    }
  }

  func time() throws(MalformedStructure) -> Int {
    do {
      if identifier == .utcTime {
        let time = try UTCTime(derEncoded: self)
        return epochSeconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
      }
      let time = try GeneralizedTime(derEncoded: self)
      return epochSeconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    } catch {
      throw MalformedStructure("ASN.1 time expected", at: encodedBytes.startIndex)
    }
  }
}

/// Seconds since 1970 of a proleptic Gregorian date.
///
/// Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
private func epochSeconds(
  _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
) -> Int {
  let shifted = month <= 2 ? year - 1 : year
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  let days = era * 146_097 + dayOfEra - 719_468
  return days * 86_400 + hour * 3_600 + minute * 60 + second
}
