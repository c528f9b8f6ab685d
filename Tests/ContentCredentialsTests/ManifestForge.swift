import ContentCredentials
import Foundation

/// Signs claims that Assay's own signer would not write: any assertions, any exclusions, any format.
struct ManifestForge {
  var key: SigningKey
  var chain: [[UInt8]]
  let reader: CredentialsReader
  /// Assertions beside the hard binding: label and content of their CBOR box.
  var assertions: [(label: String, value: CBOR)] = [("c2pa.actions.v2", created(Self.empty))]
  /// Assertions of JSON, as early versions wrote them.
  var texts: [(label: String, json: String)] = []
  var format: String?
  var generator = "forge"

  static let empty = "http://c2pa.org/digitalsourcetype/empty"
  static let generated = DigitalSource.generated

  /// A JPEG of eight pixels a side without metadata.
  static let jpeg: [UInt8] = decoded(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H/"
      + "///6/+b9//j/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AO//Z"
  )
  /// A lossless WebP of the same size.
  static let webp: [UInt8] = decoded("UklGRh4AAABXRUJQVlA4TBEAAAAvB8ABAAdQvGrVo/+BiOh/AAA=")

  private static func decoded(_ text: String) -> [UInt8] { Array(Data(base64Encoded: text)!) }

  init() throws {
    let authority = try LocalAuthority(organization: "Test")
    let (key, pem) = try authority.issue(.es256, organization: "Forge", commonName: "Signer")
    self.key = key
    chain = try Certificate.pem(pem).map(\.der)
    reader = CredentialsReader(
      trust: TrustSettings(signers: try TrustList(pem: authority.certificatePEM, name: "root")))
  }

  static func created(_ type: String, agent: CBOR? = nil, parameters: CBORMap? = nil) -> CBOR {
    var action: CBORMap = ["action": "c2pa.created", "digitalSourceType": .text(type)]
    if let agent { action["softwareAgent"] = agent }
    if let parameters { action["parameters"] = .map(parameters) }
    return .map(["actions": .array([.map(action)])])
  }

  /// A store bound to a file by a data hash.
  ///
  /// - Parameter exclusions: what the hash leaves out of the file as it will be, the store's own place too.
  func store(for file: [UInt8], leavingOut exclusions: [Range<Int>]) throws -> [UInt8] {
    var hashed: [UInt8] = []
    var position = 0
    for range in exclusions.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      hashed += file[position..<min(range.lowerBound, file.count)]
      position = min(range.upperBound, file.count)
    }
    hashed += file[position...]
    let binding: CBORMap = [
      "exclusions": .array(
        exclusions.map { .map(["start": .integer($0.lowerBound), "length": .integer($0.count)]) }),
      "alg": "sha256", "hash": .bytes(HashAlgorithm.sha256.hash(hashed)[...]), "pad": .bytes([]),
    ]
    return try store(binding: ("c2pa.hash.data", .map(binding)))
  }

  func store(binding: (label: String, value: CBOR)) throws -> [UInt8] {
    let label = "urn:c2pa:00000000-0000-4000-8000-000000000000"
    let boxes =
      (assertions + [binding]).map { item in
        (
          item.label,
          JUMBFWriter.superbox(
            .cbor, label: item.label, content: JUMBFWriter.box("cbor", CBOREncoder.encode(item.value)))
        )
      }
      + texts.map { item in
        (
          item.label,
          JUMBFWriter.superbox(
            .json, label: item.label, content: JUMBFWriter.box("json", Array(item.json.utf8)))
        )
      }
    let references: [CBOR] = boxes.map { label, box in
      HashedURI(
        url: "self#jumbf=c2pa.assertions/\(label)", hash: HashAlgorithm.sha256.hash(box.dropFirst(8))
      ).cbor
    }
    var claim: CBORMap = [
      "instanceID": "xmp:iid:1", "alg": "sha256", "created_assertions": .array(references),
      "signature": .text("self#jumbf=/c2pa/\(label)/c2pa.signature"),
      "claim_generator_info": .map(["name": .text(generator)]),
    ]
    if let format { claim["dc:format"] = .text(format) }
    let bytes = CBOREncoder.encode(.map(claim))
    var header = CBORMap()
    header[1] = -7
    header[33] = .array(chain.map { .bytes($0[...]) })
    let manifest = JUMBFWriter.superbox(
      .manifest, label: label,
      content: JUMBFWriter.superbox(
        .assertionStore, label: "c2pa.assertions", content: boxes.flatMap { $0.1 })
        + JUMBFWriter.superbox(.claim, label: "c2pa.claim.v2", content: JUMBFWriter.box("cbor", bytes))
        + JUMBFWriter.superbox(
          .signature, label: "c2pa.signature",
          content: JUMBFWriter.box("cbor", try Self.cose(header, key, over: bytes, isDetached: true))))
    return JUMBFWriter.superbox(.store, label: "c2pa", content: manifest)
  }

  /// A COSE_Sign1 signature, tagged.
  static func cose(
    _ header: CBORMap, _ key: SigningKey, over payload: [UInt8], isDetached: Bool
  ) throws -> [UInt8] {
    let protected = CBOREncoder.encode(.map(header))
    let signature = try key.sign(COSESign1.structure("Signature1", protected[...], payload[...]))
    return CBOREncoder.encode(
      .tagged(
        18,
        [
          .bytes(protected[...]), .map([:]), isDetached ? .null : .bytes(payload[...]),
          .bytes(signature[...]),
        ]))
  }

  // MARK: JPEG

  /// A JPEG with its store in segments straight after SOI.
  ///
  /// - Parameters:
  ///   - segments: after the store, before the picture's own.
  ///   - leavingOut: what the hash leaves out besides the store, counted from the end of the store.
  ///   - size: the most bytes of the store in one segment.
  ///   - header: scheme, instance and number of a segment, given its index from 0.
  func jpeg(
    segments: [UInt8] = [], leavingOut: [Range<Int>] = [], size: Int = 64_000,
    header: (Int) -> [UInt8] = { Self.header($0 + 1) }
  ) throws -> [UInt8] {
    let rest = segments + Self.jpeg.dropFirst(2)
    var store: [UInt8] = []
    // The first guess at the length only has to take as many bytes in CBOR as the right one.
    var length = 1_000
    for _ in 0..<2 {
      let room = [0xFF, 0xD8] + [UInt8](repeating: 0, count: length) + rest
      let shifted = leavingOut.map { $0.lowerBound + 2 + length..<$0.upperBound + 2 + length }
      store = try self.store(for: room, leavingOut: [2..<2 + length] + shifted)
      length = Self.segments(store, size: size, header: header).count
    }
    return [0xFF, 0xD8] + Self.segments(store, size: size, header: header) + rest
  }

  static func header(_ number: Int, instance: UInt16 = 0x0211) -> [UInt8] {
    var bytes = Array("JP".utf8)
    bytes.appendBigEndian(instance)
    bytes.appendBigEndian(UInt32(number))
    return bytes
  }

  static func segments(_ store: [UInt8], size: Int, header: (Int) -> [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    for (index, start) in stride(from: 8, to: max(store.count, 9), by: size).enumerated() {
      let part = store[min(start, store.count)..<min(start + size, store.count)]
      output += [0xFF, 0xEB]
      output.appendBigEndian(UInt16(part.count + 18))
      output += header(index) + store.prefix(8) + part
    }
    return output
  }

  /// An APP1 segment.
  static func app1(_ content: [UInt8]) -> [UInt8] {
    var output: [UInt8] = [0xFF, 0xE1]
    output.appendBigEndian(UInt16(content.count + 2))
    return output + content
  }
}
