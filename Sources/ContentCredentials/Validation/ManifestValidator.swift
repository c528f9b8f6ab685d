import Diagnostics

/// Checks one manifest by itself: signature, certificate, time stamp, hashed URIs, actions.
///
/// The hard binding is checked apart, as it needs the asset.
struct ManifestValidator {
  let manifest: Manifest
  let trust: TrustSettings
  /// Absolute URIs of assertions that manifests above this one redacted.
  let redactions: Set<JUMBFURI>
  var statuses: [ValidationStatus] = []
  var report: ManifestReport
  /// The claim's, once it was read.
  private var signature: COSESign1?

  init(_ manifest: Manifest, trust: TrustSettings, redactions: Set<JUMBFURI>, depth: Int) {
    self.manifest = manifest
    self.trust = trust
    self.redactions = redactions
    report = ManifestReport(label: manifest.label, depth: depth)
  }

  mutating func add(_ code: StatusCode, _ path: String, _ explanation: String) {
    let parts = path.split(separator: "/").map(String.init)
    statuses.append(
      ValidationStatus(
        code: code, url: JUMBFURI(manifest: manifest.label, path: parts).text, explanation: explanation))
  }

  mutating func run() {
    for fault in manifest.faults { add(fault.code, fault.path, fault.message) }
    guard let claim = manifest.claim else { return }
    report.claimVersion = claim.version
    report.generator = claim.generator
    report.title = claim.title
    report.assertions = claim.assertions.map { JUMBFURI($0.url)?.label ?? $0.url }
    checkSignature(claim)
    checkRedactions(claim)
    checkAssertions(claim)
    checkParents(claim)
    readAssertions()
    checkActions(claim)
    // The identities of ingredients were judged when those were added.
    guard report.depth == 0 else { return }
    let identities = CAWGIdentityValidator(manifest: manifest, claim: claim, trust: trust).findings()
    report.identities = identities.map(\.report)
    for identity in identities {
      for finding in identity.statuses {
        add(finding.code, "c2pa.assertions/\(identity.report.assertion)", finding.text)
      }
    }
  }

  // MARK: Signature

  private mutating func checkSignature(_ claim: Claim) {
    let path = "c2pa.signature"
    let target = claim.signature.flatMap { JUMBFURI($0)?.absolute(in: manifest.label) }
    guard target?.manifest == manifest.label, target?.label == path, !manifest.signatureBytes.isEmpty else {
      add(.claimSignatureMissing, path, "the claim's signature is missing")
      return
    }
    let signature: COSESign1
    do { signature = try COSESign1(manifest.signatureBytes) } catch {
      add(.claimSignatureMismatch, path, error.message)
      return
    }
    self.signature = signature
    guard let leaf = signature.certificates.first else {
      add(.signerInvalid, path, "the signature carries no certificate")
      return
    }
    report.signer = .init(
      commonName: leaf.commonName, organization: leaf.organization, algorithm: signature.algorithmName)
    let time = checkTimeStamp(signature, claim) ?? trust.now
    if report.timeStamp == nil, statuses.contains(where: { $0.code.text.hasPrefix("timeStamp.") }) {
      report.timeStampFault = "a time stamp that does not fit: the time of signing is unknown"
    }
    checkRevocation(of: leaf, signature, at: time)

    if trust.signers.purposes.isDisjoint(with: leaf.purposes ?? [])
      || trust.signers.anchor(for: leaf, intermediates: Array(signature.certificates.dropFirst()), at: time)
        == nil
    {
      add(.signerUntrusted, path, "the signer chains to no anchor of \(trust.signers.title)")
    } else {
      report.isSignerTrusted = true
      add(.signerTrusted, path, "the signer chains to an anchor of \(trust.signers.title)")
    }
    if !leaf.validity.contains(time) {
      add(.signerExpired, path, "the signer's certificate was not valid at the time of judgement")
    } else if let fault = CertificateProfile.fault(in: leaf, .signer(trust.signers.purposes)) {
      add(.signerInvalid, path, fault)
    }
    guard signature.scheme != nil else {
      add(.algorithmUnsupported, path, "\(signature.algorithmName) is not an allowed signature algorithm")
      return
    }
    if signature.isValid(for: manifest.claimBytes) {
      report.isSignatureValid = true
      add(.claimSignatureValidated, path, "the claim's signature holds")
      if leaf.validity.contains(time) {
        add(.insideValidity, path, "the claim was signed while the certificate was valid")
      }
    } else {
      add(.claimSignatureMismatch, path, "the claim's signature does not hold")
    }
  }

  /// The time at which the certificate is judged, where a time stamp proves one.
  ///
  /// A time stamp that fails is informational and then ignored (C2PA 2.2 §15.8). Version 1 claims predate
  /// the list of time-stamp authorities: theirs count without it, as for the reference.
  private mutating func checkTimeStamp(_ signature: COSESign1, _ claim: Claim) -> Int? {
    let path = "c2pa.signature"
    guard let (bytes, message) = signature.timeStamp(claim: manifest.claimBytes) else { return nil }
    let token: TimeStampToken
    do { token = try TimeStampToken(bytes) } catch {
      add(.timeStampMalformed, path, error.message)
      return nil
    }
    guard token.covers(message) else {
      add(.timeStampMismatch, path, "the time stamp covers other bytes")
      return nil
    }
    guard token.isSignatureValid else {
      add(.timeStampMismatch, path, "the time stamp's signature does not hold")
      return nil
    }
    if let fault = CertificateProfile.fault(in: token.authority, .timeStamp) {
      add(.timeStampCredentialInvalid, path, fault)
      return nil
    }
    guard token.authority.validity.contains(token.time) else {
      add(.timeStampOutsideValidity, path, "the time stamp's certificate was not valid then")
      return nil
    }
    add(.timeStampValidated, path, "time stamp by \(token.authority.commonName ?? "an unnamed authority")")
    report.timeStamp = token.time
    if trust.timeStampers.anchor(for: token.authority, intermediates: token.certificates, at: token.time)
      != nil
    {
      report.isTimeStampTrusted = true
      add(.timeStampTrusted, path, "the authority chains to an anchor of \(trust.timeStampers.title)")
      return token.time
    }
    add(.timeStampUntrusted, path, "the authority chains to no anchor of \(trust.timeStampers.title)")
    return claim.version == 1 ? token.time : nil
  }

  /// Revocation, from the answers that came with the signature or in an assertion; nobody is asked.
  ///
  /// An answer that says nothing of this signer at this time is informational (C2PA 2.5 §15.9).
  private mutating func checkRevocation(of leaf: Certificate, _ signature: COSESign1, at time: Int) {
    let path = "c2pa.signature"
    let lists =
      [signature.unprotected["rVals"], signature.protected["rVals"]]
      + manifest.assertions("c2pa.certificate-status").map(\.value)
    let stapled = lists.flatMap { $0?["ocspVals"]?.array ?? [] }.compactMap(\.bytes).filter { !$0.isEmpty }
    guard !stapled.isEmpty else {
      add(.ocspSkipped, path, "no answer about revocation came with the file, and Assay works offline")
      return
    }
    let issuers = signature.certificates.dropFirst() + trust.signers.anchors
    var reason = "the answer does not parse"
    var isGood = false
    for bytes in stapled.prefix(8) {
      guard let response = try? OCSPResponse(bytes) else { continue }
      switch response.verdict(on: leaf, issuers: Array(issuers), at: time) {
      case .revoked:
        add(.signerRevoked, path, "the signer's certificate was revoked when the claim was signed")
        return
      case .notRevoked: isGood = true
      case .unknown(let why): reason = why
      }
    }
    add(
      isGood ? .ocspNotRevoked : .ocspUnknown, path,
      isGood ? "the signer's certificate was not revoked" : "revocation is unknown: \(reason)")
  }

  // MARK: Assertions

  private mutating func checkRedactions(_ claim: Claim) {
    for text in claim.redacted {
      guard let uri = JUMBFURI(text) else { continue }
      if uri.absolute(in: manifest.label).manifest == manifest.label {
        add(.selfRedacted, uri.path.joined(separator: "/"), "the claim redacts its own assertion")
      }
      if uri.label.hasPrefix("c2pa.actions") { add(.actionRedacted, "", "actions must not be redacted") }
      if uri.label.hasPrefix("c2pa.hash.") {
        add(.dataHashRedacted, "", "hard bindings must not be redacted")
      }
    }
  }

  private mutating func checkAssertions(_ claim: Claim) {
    var declared = Set<String>()
    for reference in claim.assertions {
      guard let uri = JUMBFURI(reference.url)?.absolute(in: manifest.label) else {
        add(.hashedURIMismatch, "", "not a JUMBF reference: \(reference.url.prefix(120))")
        continue
      }
      let path = uri.path.joined(separator: "/")
      guard uri.manifest == manifest.label else {
        add(.assertionOutsideManifest, path, "the assertion lies in another manifest")
        continue
      }
      declared.insert(uri.label)
      if redactions.contains(uri) {
        add(.assertionRedacted, path, "the assertion was redacted")
        continue
      }
      let found = manifest.assertions.filter { $0.label == uri.label }
      guard let assertion = found.first else {
        add(.assertionMissing, path, "the assertion is missing")
        continue
      }
      guard let algorithm = HashAlgorithm(rawValue: reference.algorithm ?? claim.algorithm ?? "") else {
        add(.algorithmUnsupported, path, "no allowed hash algorithm is named")
        continue
      }
      if found.count == 1, algorithm.hash(assertion.content).elementsEqual(reference.hash) {
        add(.hashedURIMatch, path, "the assertion's hash matches")
      } else {
        add(.hashedURIMismatch, path, "the assertion's hash does not match")
      }
    }
    for assertion in manifest.assertions where !declared.contains(assertion.label) {
      add(
        .assertionUndeclared, "c2pa.assertions/\(assertion.label)", "the claim does not name this assertion")
    }
  }

  private mutating func checkParents(_ claim: Claim) {
    let parents = manifest.ingredients.filter { $0.relationship == "parentOf" }.count
    guard manifest.isUpdate else {
      if parents > 1 { add(.multipleParents, "", "the manifest has several parents") }
      return
    }
    if parents == 0 { add(.updateWrongParents, "", "an update manifest needs one parent") }
    let allowed: Set = ["c2pa.edited.metadata", "c2pa.opened", "c2pa.published", "c2pa.redacted"]
    if parents > 1 || manifest.assertions.contains(where: { $0.kind.hasPrefix("c2pa.hash.") })
      || manifest.actions.contains(where: { !allowed.contains($0["action"]?.text ?? "") })
    {
      add(.updateInvalid, "", "the update manifest holds what only a standard manifest may")
    }
  }

  private mutating func readAssertions() {
    report.ingredientTitles = manifest.ingredients.compactMap(\.title)
    report.ingredientCount = manifest.ingredients.count
    report.isUpdate = manifest.isUpdate
    report.aiStatements = manifest.aiStatements
    report.deprecated = manifest.deprecatedConstructs(signature)
    report.softBindings = manifest.assertions("c2pa.soft-binding").compactMap { $0.value?["alg"]?.text }
    for assertion in manifest.assertions("c2pa.training-mining", "cawg.training-mining") {
      for entry in assertion.value?["entries"]?.map?.entries ?? [] {
        if let name = entry.key.text, let use = entry.value["use"]?.text { report.trainingMining[name] = use }
      }
    }
    report.actions = manifest.actionLists.flatMap { list in list.actions.map { ($0, list.agents) } }.map {
      action, agents in
      let index = action["softwareAgentIndex"]?.int
      let agent = action["softwareAgent"] ?? index.flatMap { agents.indices.contains($0) ? agents[$0] : nil }
      let name = agent?["name"]?.text.map { name in agent?["version"]?.text.map { "\(name) \($0)" } ?? name }
      return ActionReport(
        action: action["action"]?.text ?? "", digitalSourceType: action["digitalSourceType"]?.text,
        softwareAgent: agent?.text ?? name, when: action["when"]?.untagged.text,
        description: action["description"]?.text ?? action["parameters"]?["description"]?.text,
        softwareAgentVersion: agent?["version"]?.text)
    }
    let lists = manifest.assertions("c2pa.actions", "c2pa.actions.v2").compactMap {
      $0.value?["allActionsIncluded"]
    }
    report.allActionsIncluded = !lists.isEmpty && lists.allSatisfy { $0 == true }
    report.softBindingValues = manifest.assertions("c2pa.soft-binding").flatMap { assertion in
      (assertion.value?["blocks"]?.array ?? []).compactMap { $0["value"].flatMap(Self.bindingText) }
    }
  }

  /// A soft binding's value for people: the text that it is or that its bytes spell, else hexadecimal digits.
  private static func bindingText(_ value: CBOR) -> String? {
    if let text = value.text { return text }
    guard let bytes = value.bytes else { return nil }
    let isPrintable = bytes.allSatisfy { (0x20...0x7E).contains($0) }
    return isPrintable
      ? String(decoding: bytes, as: UTF8.self)
      : bytes.prefix(256).hexadecimal
  }
}

// MARK: - Actions

extension ManifestValidator {
  /// The rules for actions of version 2 claims (C2PA 2.2 §15.10.3.2.2).
  mutating func checkActions(_ claim: Claim) {
    let lists = manifest.actionLists
    guard claim.version > 1 else {
      if lists.count > 1 { add(.actionMalformed, "", "a version 1 claim may have one list of actions") }
      return
    }
    let starts: Set = ["c2pa.created", "c2pa.opened"]
    let opening = lists.first { starts.contains($0.actions.first?["action"]?.text ?? "") }
    if opening == nil && !manifest.isUpdate {
      add(.actionMalformed, "", "the first action must be created or opened")
    }
    for list in lists {
      let path = "c2pa.assertions/\(list.label)"
      if list.actions.isEmpty { add(.actionMalformed, path, "the list of actions is empty") }
      for (index, action) in list.actions.enumerated() {
        guard let name = action["action"]?.text, !name.isEmpty else {
          add(.actionMalformed, path, "an action has no name")
          continue
        }
        if starts.contains(name), list.label != opening?.label || index > 0 {
          add(.actionMalformed, path, "only the first action can be created or opened")
        }
        if name == "c2pa.created", action["digitalSourceType"]?.text == nil {
          add(.actionMalformed, path, "created must name a digital source type")
        }
        checkIngredients(of: action, name, path)
        if name == "c2pa.watermarked.bound", manifest.assertions("c2pa.soft-binding").isEmpty {
          add(.softBindingMissing, path, "a bound watermark needs a soft binding")
        }
      }
    }
  }

  private mutating func checkIngredients(of action: CBOR, _ name: String, _ path: String) {
    let relationship: String
    switch name {
    case "c2pa.opened", "c2pa.transcoded", "c2pa.repackaged": relationship = "parentOf"
    case "c2pa.placed", "c2pa.removed": relationship = "componentOf"
    default: return
    }
    let parameters = action["parameters"]
    let single = parameters?["ingredient"]
    let references = (single.map { [$0] } ?? parameters?["ingredients"]?.array ?? []).compactMap(
      HashedURI.init)
    let isOptional = name == "c2pa.transcoded" || name == "c2pa.repackaged"
    if references.isEmpty && isOptional { return }
    let labels = references.compactMap { JUMBFURI($0.url)?.label }
    let isMet = manifest.ingredients.contains { labels.contains($0.label) && $0.relationship == relationship }
    if !isMet {
      add(.actionIngredientMismatch, path, "\(name) needs an ingredient that is \(relationship)")
    }
  }
}

extension Manifest {
  /// The lists of actions: those the signer made first, then those it gathered.
  var actionLists: [(label: String, actions: [CBOR], agents: [CBOR])] {
    let order = claim?.assertions.compactMap { JUMBFURI($0.url)?.label } ?? []
    return assertions("c2pa.actions", "c2pa.actions.v2")
      .sorted { (order.firstIndex(of: $0.label) ?? .max) < (order.firstIndex(of: $1.label) ?? .max) }
      .map { ($0.label, $0.value?["actions"]?.array ?? [], $0.value?["softwareAgents"]?.array ?? []) }
  }

  var actions: [CBOR] { actionLists.flatMap(\.actions) }

  /// An ingredient assertion of version 1, 2 or 3.
  struct Ingredient: Sendable {
    var label: String
    var title: String?
    var relationship: String
    var manifest: HashedURI?
    var signature: HashedURI?
    /// Statuses recorded when it was added: code and URL.
    var recorded: [(code: String, url: String, isFailure: Bool)]
  }

  var ingredients: [Ingredient] {
    assertions("c2pa.ingredient", "c2pa.ingredient.v2", "c2pa.ingredient.v3").compactMap { assertion in
      guard let value = assertion.value else { return nil }
      var recorded: [(String, String, Bool)] = []
      func record(_ list: CBOR?, isFailure: Bool?) {
        for status in list?.array ?? [] {
          guard let code = status["code"]?.text else { continue }
          recorded.append((code, status["url"]?.text ?? "", isFailure ?? !Self.isHarmless(code)))
        }
      }
      record(value["validationStatus"], isFailure: nil)
      let results = value["validationResults"]
      for codes in [results?["activeManifest"]]
        + (results?["ingredientDeltas"]?.array ?? []).map({ $0["validationDeltas"] })
      {
        record(codes?["success"], isFailure: false)
        record(codes?["informational"], isFailure: false)
        record(codes?["failure"], isFailure: true)
      }
      return Ingredient(
        label: assertion.label, title: value["dc:title"]?.text,
        relationship: value["relationship"]?.text ?? "",
        manifest: HashedURI(value["activeManifest"] ?? value["c2pa_manifest"]),
        signature: HashedURI(value["claimSignature"]), recorded: recorded)
    }
  }

  /// Success and informational codes that version 1 ingredients keep in one list with failures.
  private static func isHarmless(_ code: String) -> Bool {
    let last = code.split(separator: ".").last ?? ""
    return ["match", "validated", "trusted", "insideValidity", "accessible", "notRevoked", "skipped"]
      .contains(last)
      || code.hasPrefix("timeStamp.")
  }
}
