/// A person or organisation that a manifest names beside its signer.
public struct IdentityReport: Sendable, Codable, Hashable {
  /// The label of the identity assertion.
  public var assertion: String
  /// What was found.
  public var state: State
  /// Why, in one sentence.
  public var reason: String
  /// Names that the credential verifies, each with the kind of its verification.
  public var names: [String] = []

  public enum State: String, Sendable, Codable {
    /// Its signature holds; nobody vouches for who made it, as no list of trusted identities is given.
    case untrusted
    /// Something does not hold.
    case failed
    /// The network would be needed.
    case unchecked
  }
}

/// Checks the `cawg.identity` assertions of a manifest, as far as that can be done offline.
///
/// X.509 identities are checked by their signature over the payload, identity claims aggregations by the signature of
/// an issuer whose key stands in its name (`did:jwk`). Whom to trust for identities is another question than whom to
/// trust for claims, and as no list for it is given, none is trusted.
///
/// What does not hold of an identity says nothing of the manifest: its codes stand with the assertion.
///
/// Source: CAWG Identity Assertion 1.2, §5 to §8
struct CAWGIdentityValidator {
  typealias Status = (code: StatusCode, text: String)

  let manifest: Manifest
  let claim: Claim
  let trust: TrustSettings

  struct Finding {
    var report: IdentityReport
    var statuses: [Status]
  }

  /// One for each identity assertion.
  func findings() -> [Finding] {
    manifest.assertions("cawg.identity").map { assertion in
      var names: [String] = []
      let statuses = self.statuses(of: assertion, &names)
      let failure = statuses.first { $0.code.kind == .failure && $0.code != .identityUntrusted }
      let state: IdentityReport.State =
        failure == nil ? .untrusted : failure?.code == .identityUnavailable ? .unchecked : .failed
      let reason = failure ?? statuses.first
      return Finding(
        report: IdentityReport(
          assertion: assertion.label, state: state, reason: reason?.text ?? "", names: names),
        statuses: statuses)
    }
  }

  private func statuses(of assertion: Manifest.Assertion, _ names: inout [String]) -> [Status] {
    guard let value = assertion.value, let payload = value["signer_payload"],
      let signature = value["signature"]?.bytes,
      let kind = payload["sig_type"]?.text, let references = payload["referenced_assertions"]?.array
    else { return [(.failure("cawg.identity.cbor.invalid"), "the identity assertion lacks required fields")] }
    var statuses: [Status] = []
    if ["pad1", "pad2"].contains(where: { !(value[$0]?.bytes ?? []).allSatisfy { $0 == 0 } }) {
      statuses.append((.failure("cawg.identity.pad.invalid"), "the identity's padding holds more than zeros"))
    }
    statuses += referenceFaults(references)
    switch kind {
    case "cawg.x509.cose": statuses += x509Statuses(payload, signature)
    case "cawg.identity_claims_aggregation":
      var aggregation = IdentityClaimsAggregation(payload: payload, now: trust.now)
      aggregation.check(signature)
      statuses += aggregation.statuses
      names = aggregation.names
    default:
      statuses.append(
        (.failure("cawg.identity.sig_type.unknown"), "the identity's signature is of an unknown kind"))
    }
    return statuses
  }

  /// Every reference is one of the claim's, with its hash; one of them is the hard binding.
  private func referenceFaults(_ references: [CBOR]) -> [Status] {
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

  private func x509Statuses(_ payload: CBOR, _ signature: ArraySlice<UInt8>) -> [Status] {
    var statuses: [Status] = []
    let encoded = Self.signedBytes(payload)
    let cose = try? COSESign1(signature)
    if !(cose?.isValid(for: encoded[...]) ?? false) {
      statuses.append((.failure("cawg.x509.signature.mismatch"), "the identity's signature does not hold"))
    }
    statuses.append((.identityUntrusted, "no list of trusted identities is given, so none is trusted"))
    return statuses
  }
}
