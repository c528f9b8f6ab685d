/// Checks the `cawg.identity` assertions of a manifest, as far as that can be done offline.
///
/// X.509 identities are checked by their signature over the payload; whom to trust for identities is another
/// question than whom to trust for claims, and as no list for it is given, no such signer is trusted. Identity
/// claims aggregations need their issuer's DID document from the network, which is not asked for.
///
/// Source: CAWG Identity Assertion 1.2, §5 to §8
struct CAWGIdentityValidator {
  let manifest: Manifest
  let claim: Claim

  /// Code, label of the assertion and what is wrong; empty where there is no such assertion.
  func faults() -> [(code: StatusCode, label: String, text: String)] {
    manifest.assertions("cawg.identity").flatMap { assertion in
      faults(of: assertion).map { ($0.0, assertion.label, $0.1) }
    }
  }

  private func faults(of assertion: Manifest.Assertion) -> [(StatusCode, String)] {
    guard let value = assertion.value, let payload = value["signer_payload"],
      let signature = value["signature"]?.bytes,
      let kind = payload["sig_type"]?.text, let references = payload["referenced_assertions"]?.array
    else { return [(.failure("cawg.identity.cbor.invalid"), "the identity assertion lacks required fields")] }
    for name in ["pad1", "pad2"] where !(value[name]?.bytes ?? []).allSatisfy({ $0 == 0 }) {
      return [(.failure("cawg.identity.pad.invalid"), "the padding holds more than zeros")]
    }
    var faults = referenceFaults(references)
    switch kind {
    case "cawg.x509.cose": faults += x509Faults(payload, signature)
    case "cawg.identity_claims_aggregation":
      faults.append(
        (
          .failure("cawg.ica.did_unavailable"),
          "the identity's issuer is named by a DID whose document lies on the network, which is not asked"
        ))
    default:
      faults.append(
        (.failure("cawg.identity.sig_type.unknown"), "the identity's signature is of an unknown kind"))
    }
    return faults
  }

  /// Every reference is one of the claim's, with its hash; one of them is the hard binding.
  private func referenceFaults(_ references: [CBOR]) -> [(StatusCode, String)] {
    let own = Dictionary(
      claim.assertions.compactMap { reference in
        JUMBFURI(reference.url).map { ($0.absolute(in: manifest.label), Array(reference.hash)) }
      }, uniquingKeysWith: { first, _ in first })
    var isBound = false
    var seen = Set<JUMBFURI>()
    for reference in references {
      guard let link = HashedURI(reference), let uri = JUMBFURI(link.url)?.absolute(in: manifest.label),
        own[uri].map({ $0.elementsEqual(link.hash) }) ?? false
      else {
        return [
          (
            .failure("cawg.identity.assertion.mismatch"),
            "the identity names an assertion that the claim does not"
          )
        ]
      }
      guard seen.insert(uri).inserted else {
        return [(.failure("cawg.identity.assertion.duplicate"), "the identity names an assertion twice")]
      }
      isBound = isBound || uri.label.hasPrefix("c2pa.hash.")
    }
    return isBound
      ? [] : [(.failure("cawg.identity.hard_binding_missing"), "the identity does not name the hard binding")]
  }

  /// The payload as its signers encode it: fields in the order of the specification's definition, not sorted.
  private static func signedBytes(_ value: CBOR) -> [UInt8] {
    let order = [
      "referenced_assertions", "sig_type", "role", "expected_partial_claim", "expected_claim_generator",
      "expected_countersigners", "url", "alg", "hash",
    ]
    switch value {
    case .array(let items) where items.count < 24:
      return [0x80 | UInt8(items.count)] + items.flatMap(signedBytes)
    case .map(let map) where map.entries.count < 24:
      func rank(_ key: CBOR) -> Int { key.text.flatMap(order.firstIndex(of:)) ?? order.count }
      return [0xA0 | UInt8(map.entries.count)]
        + map.entries.sorted { rank($0.key) < rank($1.key) }
        .flatMap { CBOREncoder.encode($0.key) + signedBytes($0.value) }
    default: return CBOREncoder.encode(value)
    }
  }

  private func x509Faults(_ payload: CBOR, _ signature: ArraySlice<UInt8>) -> [(StatusCode, String)] {
    var faults: [(StatusCode, String)] = []
    let encoded = Self.signedBytes(payload)
    let cose = try? COSESign1(signature)
    if !(cose?.isValid(for: encoded[...]) ?? false) {
      faults.append((.failure("cawg.x509.signature.mismatch"), "the identity's signature does not hold"))
    }
    faults.append(
      (
        .failure("cawg.x509.credential.untrusted"),
        "no list of trusted identities is given, so none is trusted"
      ))
    return faults
  }
}
