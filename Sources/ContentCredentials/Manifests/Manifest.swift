import Foundation
import ImageFormats

/// One manifest of a store: a claim, its assertions and its signature, as they stand; nothing is checked here.
package struct Manifest: Sendable {
  package var label: String
  package var isUpdate: Bool
  /// The manifest's superbox without its header: what an ingredient's hash covers.
  package var content: ArraySlice<UInt8>
  /// Encoded claim, as it was signed; empty when the claim box is missing.
  var claimBytes: ArraySlice<UInt8>
  package var claim: Claim?
  var signatureBytes: ArraySlice<UInt8>
  /// The signature's superbox without its header.
  var signatureContent: ArraySlice<UInt8>
  package var assertions: [Assertion]
  /// Damage inside this manifest: a code and what it concerns.
  package var faults: [(code: StatusCode, path: String, message: String)] = []

  /// The content of an assertion box.
  package struct Assertion: Sendable {
    /// With its instance: `c2pa.ingredient__1`.
    package var label: String
    /// Without it: `c2pa.ingredient`.
    package var kind: String
    /// What its hashed URI covers.
    package var content: ArraySlice<UInt8>
    package var value: CBOR?
    /// Media type and size of an embedded file.
    package var file: (mediaType: String, bytes: ArraySlice<UInt8>)?
  }

  package func assertions(_ kinds: String...) -> [Assertion] { assertions.filter { kinds.contains($0.kind) } }
}

/// The claim of a manifest, version 1 or 2.
package struct Claim: Sendable {
  package var version: Int
  package var fields: CBORMap
  /// Signed by the claim's signer; in version 1 all assertions.
  package var created: [HashedURI]
  /// Collected from elsewhere; the signer does not vouch for them.
  var gathered: [HashedURI]
  package var algorithm: String?
  package var redacted: [String]
  package var generator: String?
  package var title: String?
  package var format: String?
  package var signature: String?

  package var assertions: [HashedURI] { created + gathered }

  /// Nil when a field that its version requires is missing (C2PA 2.2 §15.6.2).
  package init?(_ value: CBOR, version: Int) {
    guard let fields = value.map else { return nil }
    self.version = version
    self.fields = fields
    func list(_ key: String) -> [HashedURI]? {
      guard let items = fields[key]?.array else { return fields[key] == nil ? [] : nil }
      let read = items.compactMap { HashedURI($0) }
      return read.count == items.count ? read : nil
    }
    let info = fields["claim_generator_info"]
    let infoMap = info?.map ?? info?.array?.first?.map
    func named(_ map: CBORMap?) -> String? {
      guard let name = map?["name"]?.text else { return nil }
      return map?["version"]?.text.map { "\(name) \($0)" } ?? name
    }
    guard fields["instanceID"]?.text != nil, let signature = fields["signature"]?.text else { return nil }
    if version == 1 {
      guard let all = list("assertions"), fields["assertions"] != nil else { return nil }
      created = all
      gathered = []
      generator = named(infoMap) ?? fields["claim_generator"]?.text
    } else {
      guard let created = list("created_assertions"), fields["created_assertions"] != nil,
        let gathered = list("gathered_assertions"), infoMap?["name"]?.text != nil
      else { return nil }
      self.created = created
      self.gathered = gathered
      generator = named(infoMap)
    }
    self.signature = signature
    algorithm = fields["alg"]?.text
    redacted = fields["redacted_assertions"]?.array?.compactMap { $0.text ?? $0["url"]?.text } ?? []
    title = fields["dc:title"]?.text
    format = fields["dc:format"]?.text
  }
}

/// A reference with the hash of what it points at (C2PA 2.2 §8.4.2).
package struct HashedURI: Sendable, Hashable {
  package var url: String
  package var algorithm: String?
  package var hash: ArraySlice<UInt8>

  package init?(_ value: CBOR?) {
    guard let url = value?["url"]?.text, let hash = value?["hash"]?.bytes else { return nil }
    self.url = url
    self.hash = hash
    algorithm = value?["alg"]?.text
  }

  package init(url: String, hash: [UInt8]) {
    self.url = url
    self.hash = hash[...]
  }

  package var cbor: CBOR { .map(["url": .text(url), "hash": .bytes(hash)]) }
}

extension Manifest {
  /// The manifests of a store in file order; the last one is active.
  package static func read(_ store: JUMBFBox, _ bytes: ArraySlice<UInt8>) -> [Manifest] {
    store.children.filter { $0.type == "jumb" }.compactMap { box in
      guard let type = box.description?.type else { return nil }
      if JUMBFType.manifests.contains(type) { return Manifest(box, bytes) }
      return type == .compressedManifest ? decompressed(box, bytes) : nil
    }
  }

  /// The most bytes that one compressed manifest may hold.
  private static let decompressedLimit = 16 << 20

  /// A compressed manifest: one Brotli stream that holds a whole manifest box of the same label (C2PA 2.2 §11.2.3).
  ///
  /// Hashes over it from elsewhere cover the box as it stands in the store.
  private static func decompressed(_ box: JUMBFBox, _ bytes: ArraySlice<UInt8>) -> Manifest {
    var outer = Manifest(box, bytes)
    func fault(_ code: StatusCode, _ text: String) -> Manifest {
      outer.faults = [(code, "", text)]
      return outer
    }
    guard let stream = box.child("brob") else {
      return fault(.compressedInvalid, "the compressed manifest holds no Brotli stream")
    }
    switch Brotli.decompress(bytes[stream.payload], limit: decompressedLimit) {
    case .notInstalled:
      return fault(.generalError, "compressed manifests are not evaluated: libbrotlidec is not installed")
    case .damaged:
      return fault(.compressedInvalid, "the compressed manifest is damaged or larger than 16 MiB")
    case .whole(let inner):
      let parsed = JUMBFParser.parse(inner[...])
      guard parsed.faults.isEmpty, parsed.boxes.count == 1, let inside = parsed.boxes.first,
        let type = inside.description?.type, JUMBFType.manifests.contains(type), inside.label == box.label
      else { return fault(.compressedInvalid, "the compressed manifest holds no manifest of its label") }
      var manifest = Manifest(inside, inner[...])
      manifest.content = bytes[box.payload]
      return manifest
    }
  }

  private init(_ box: JUMBFBox, _ bytes: ArraySlice<UInt8>) {
    label = box.label
    isUpdate = box.description?.type == .updateManifest
    content = bytes[box.payload]
    claimBytes = []
    signatureBytes = []
    signatureContent = []
    assertions = []

    if let signature = box.superboxes(.signature).first, let body = signature.child("cbor") {
      signatureBytes = bytes[body.payload]
      signatureContent = bytes[signature.payload]
    }
    let claims = box.superboxes(.claim)
    if claims.count > 1 { faults.append((.claimMultiple, "", "the manifest has several claims")) }
    if let claimBox = claims.last, let body = claimBox.child("cbor") {
      claimBytes = bytes[body.payload]
      let version = claimBox.label.hasPrefix("c2pa.claim.v") ? 2 : 1
      do {
        claim = Claim(try CBORDecoder.decode(claimBytes), version: version)
        if claim == nil {
          faults.append((.claimMalformed, claimBox.label, "the claim lacks required fields"))
        }
      } catch {
        faults.append((.claimCBORInvalid, claimBox.label, error.message))
      }
    } else {
      faults.append((.claimMissing, "", "the manifest has no claim"))
    }
    for store in box.superboxes(.assertionStore) {
      for child in store.children where child.type == "jumb" { assertions.append(assertion(child, bytes)) }
    }
  }

  private mutating func assertion(_ box: JUMBFBox, _ bytes: ArraySlice<UInt8>) -> Assertion {
    var assertion = Assertion(label: box.label, kind: Self.kind(of: box.label), content: bytes[box.payload])
    if let body = box.child("cbor") {
      do { assertion.value = try CBORDecoder.decode(bytes[body.payload]) } catch {
        faults.append((.assertionCBORInvalid, "c2pa.assertions/\(box.label)", error.message))
      }
    } else if let body = box.child("json") {
      assertion.value = CBOR(json: bytes[body.payload])
    } else if let body = box.child("bidb") {
      let head = box.child("bfdb").map { bytes[$0.payload].dropFirst() } ?? []
      let mediaType = String(decoding: head.prefix(while: { $0 != 0 }), as: UTF8.self)
      assertion.file = (mediaType, bytes[body.payload])
    }
    return assertion
  }

  /// A label without its instance number and without the format suffix of old thumbnails.
  static func kind(of label: String) -> String {
    guard let range = label.range(of: "__"), label[range.upperBound...].prefix(1).allSatisfy(\.isNumber)
    else {
      return label
    }
    return String(label[..<range.lowerBound])
  }
}
