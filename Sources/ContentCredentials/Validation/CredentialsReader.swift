import Foundation
import ImageFormats

/// Whom to trust, and when.
public struct TrustSettings: Sendable {
  public var signers: TrustList
  public var timeStampers: TrustList
  /// Seconds since 1970 at which certificates without a time stamp are judged.
  public var now: Int

  public init(signers: TrustList = .empty, timeStampers: TrustList = .empty, now: Date = Date()) {
    self.signers = signers
    self.timeStampers = timeStampers
    self.now = Int(now.timeIntervalSince1970)
  }
}

/// Reads and validates the Content Credentials of files.
///
/// Deliberate differences from c2pa-rs 0.91.3, each stricter or kinder to the reader, stand with their reasons in
/// `reports/evaluation/credentials-differences.md`; `InteropTests` hold the reader to that list.
public struct CredentialsReader: Sendable {
  public var trust: TrustSettings

  public init(trust: TrustSettings = TrustSettings()) { self.trust = trust }

  /// Reports on a file's credentials. Damage never throws: it is part of the report.
  ///
  /// - Parameters:
  ///   - file: the whole file.
  ///   - sidecar: a store that came beside it, used when the file has none of its own in its place.
  ///   - others: files that the sidecar may belong to instead; asked when it does not fit this one.
  /// - Complexity: one pass over the file.
  public func report(
    on file: [UInt8], sidecar: [UInt8]? = nil, others: () -> [[UInt8]] = { [] }
  ) -> CredentialsReport {
    report(on: ImageFile(bytes: file), sidecar: sidecar, others: others)
  }

  /// The same of a file whose container may have been walked before: it is not walked again.
  func report(
    on file: ImageFile, sidecar: [UInt8]?, others: () -> [[UInt8]] = { [] }
  ) -> CredentialsReport {
    let layout = AssetLayout(of: file.bytes)
    guard let sidecar, layout.stores.allSatisfy({ $0.place != nil }) else {
      return report(on: file, layout, .embedded)
    }
    var beside = layout
    beside.stores = [.init(bytes: sidecar[...], container: 0..<0)]
    let report = report(on: file, beside, .sidecar)
    guard report.isBound == false,
      report.hasOtherFormat(than: layout.container)
        || others().contains(where: { other in
          var layout = AssetLayout(of: other)
          layout.stores = beside.stores
          return self.report(on: ImageFile(bytes: other), layout, .sidecar).isBound == true
        })
    else { return report }
    // What another file's store says is no statement about this one; its own, wherever it lies, is.
    guard layout.stores.isEmpty else { return self.report(on: file, layout, .embedded) }
    var foreign = base(.sidecar)
    foreign.reason = "a sidecar lies beside it that is not of this file"
    return foreign
  }

  private func report(
    on file: ImageFile, _ layout: AssetLayout, _ source: CredentialsReport.Source
  ) -> CredentialsReport {
    var report = base(source)
    guard let located = layout.stores.first else {
      report.source = .none
      if let url = RemoteStore.url(in: file.bytes, layout.container) {
        report.source = .remote
        report.remoteURL = url
        report.reason = "the file names a store on the network, which is not fetched"
        report.statuses = [
          ValidationStatus(code: .manifestInaccessible, url: "self#jumbf=/c2pa", explanation: report.reason)
        ]
      }
      if FileEnding.mayLackStore(file, layout.container) {
        report.state = .undetermined
        report.reason =
          "the file ends early: no store was found in what is there, and what is missing may have held one"
          + (report.remoteURL == nil ? "" : "; the file also names a store on the network")
      } else if case .unread(let why) = layout.source {
        report.state = .undetermined
        report.reason =
          "the file was made from a JPEG without loss, which may carry Content Credentials and was not examined: \(why)"
      } else if let fault = layout.faults.first {
        report.state = .malformed
        report.fault = .damaged
        report.reason = fault.message
      }
      return report
    }
    if layout.source == .signed { return self.report(onSourceOf: file, layout, report) }
    let cut = FileEnding.cut(of: file, layout.container)
    guard layout.stores.count == 1 else {
      return malformed(report, "the file has more than one manifest store", at: located.container.lowerBound)
    }
    let parsed = JUMBFParser.parse(located.bytes)
    var faults = layout.faults + parsed.faults
    let store = parsed.boxes.first { $0.description?.type == .store }
    if let store, store.description?.label != "c2pa" {
      // References begin with /c2pa: they would lead nowhere. The label is outside every hash.
      faults.append(MalformedStructure("the store's label is not c2pa", at: store.range.lowerBound))
    }
    let manifests = store.map { Manifest.read($0, located.bytes) } ?? []
    let cutWords = Self.cutWords(located, layout, source, file.bytes, at: cut)
    guard let active = manifests.last else {
      if let cutWords { return Self.undetermined(report, cutWords) }
      return malformed(report, faults.first?.message ?? "the store holds no manifest", at: 0)
    }
    var validator = StoreValidator(
      manifests: manifests, trust: trust, file: file.bytes, layout: layout,
      store: source == .embedded && layout.container != .sidecar && located.place == nil
        ? located.container : nil)
    if let place = located.place {
      report.place = place
      report.statuses.append(
        ValidationStatus(
          code: .generalError, url: "self#jumbf=/c2pa",
          explanation: cut != nil
            ? "the file ends early: the store at \(place) or its surroundings lack bytes"
            : "the store lies at \(place), where the format keeps none: it came with another file or was damaged"
        ))
    }
    report.claimedFormat = active.claim?.format
    validator.run(active, into: &report)
    for fault in faults {
      report.statuses.append(
        ValidationStatus(
          code: .generalError, url: "self#jumbf=/c2pa", explanation: "\(fault.message), byte \(fault.offset)")
      )
    }
    if let cutWords { return Self.undetermined(report, cutWords) }
    conclude(&report, active, hasFaults: !faults.isEmpty)
    report.fault = Self.fault(report, in: layout, isCut: cut != nil)
    // A whole store in a part that is not whole lies where it was.
    if report.fault == .foreign, let cut, !cut.isEmpty, located.container.lowerBound >= cut.lowerBound {
      report.fault = .cut
    }
    if report.fault == .cut {
      report.reason =
        "the file ends early: bytes that were signed are missing, and whether others were changed can't be told"
    }
    return report
  }

  /// Reports on the store of the JPEG that a file was made from: what it states, and whether the statement is whole. Whether it
  /// fits only that JPEG can tell.
  private func report(
    onSourceOf file: ImageFile, _ layout: AssetLayout, _ base: CredentialsReport
  ) -> CredentialsReport {
    var alone = layout
    alone.source = nil
    alone.container = .sidecar
    let place = alone.stores.first?.place
    for index in alone.stores.indices { alone.stores[index].place = nil }
    var report = self.report(on: file, alone, base.source)
    report.statuses.removeAll { $0.code == .generalError && $0.explanation == StoreValidator.storeAlone }
    report.place = place
    let failures = report.statuses.filter { $0.code.kind == .failure && $0.code != .signerUntrusted }
    guard report.state != .malformed, failures.isEmpty else {
      // Its format is that of the JPEG, whose store it is.
      if report.fault == .foreign {
        let signed: Set<StatusCode> = [.claimSignatureMismatch, .hashedURIMismatch, .assertionMissing]
        report.fault = signed.isDisjoint(with: failures.map(\.code)) ? .other : .statement
      }
      return report
    }
    report.state = .undetermined
    report.fault = nil
    report.reason =
      "the Content Credentials in it belong to the JPEG that the file was made from without loss; whether they fit that JPEG "
      + "shows when djxl has turned the file back into it"
    return report
  }

  /// What to say where the end of a file cuts its store off; nil where it does not.
  private static func cutWords(
    _ store: AssetLayout.LocatedStore, _ layout: AssetLayout, _ source: CredentialsReport.Source,
    _ file: [UInt8], at cut: Range<Int>?
  ) -> String? {
    if source == .sidecar {
      return FileEnding.cutsOff(sidecar: store.bytes)
        ? "the store beside the file ends early: it cannot be checked" : nil
    }
    if layout.container == .sidecar {
      return FileEnding.cutsOff(sidecar: store.bytes) ? "the store ends early: it cannot be checked" : nil
    }
    guard let cut, FileEnding.cutsOff(store, of: layout, in: file, at: cut) else { return nil }
    return "the file ends early, within its Content Credentials: they cannot be checked"
  }

  /// What a store says that is not there to its end is told; whether it holds is not known.
  private static func undetermined(_ report: CredentialsReport, _ reason: String) -> CredentialsReport {
    var report = report
    report.state = .undetermined
    report.reason = reason
    report.isBound = nil
    report.unbound = []
    report.statuses =
      report.statuses.filter { $0.code.kind != .failure }
      + [ValidationStatus(code: .generalError, url: "self#jumbf=/c2pa", explanation: reason)]
    for index in report.ingredients.indices {
      report.ingredients[index].statuses.removeAll { $0.code.kind == .failure }
    }
    return report
  }

  private func base(_ source: CredentialsReport.Source) -> CredentialsReport {
    var report = CredentialsReport(state: .absent, reason: "the file carries no Content Credentials")
    report.source = source
    report.trustList = trust.signers.name
    report.timeStampTrustList = trust.timeStampers.name
    return report
  }

  private func malformed(_ report: CredentialsReport, _ reason: String, at offset: Int) -> CredentialsReport {
    var report = report
    report.state = .malformed
    report.fault = .damaged
    report.reason = reason
    report.statuses.append(
      ValidationStatus(code: .generalError, url: "self#jumbf=/c2pa", explanation: "\(reason), byte \(offset)")
    )
    return report
  }

  /// What does not hold. That a file was changed after signing is said only where a hash over its bytes says so.
  private static func fault(
    _ report: CredentialsReport, in layout: AssetLayout, isCut: Bool
  ) -> CredentialsReport.Fault? {
    func failures(_ statuses: [ValidationStatus]) -> Set<StatusCode> {
      Set(
        statuses.lazy.map(\.code).filter { $0.kind == .failure && $0 != .signerUntrusted && !$0.isIdentity })
    }
    let own = failures(report.statuses)
    let ingredients = failures(report.ingredients.flatMap(\.statuses))
    switch report.state {
    case .trusted, .valid, .absent, .undetermined: return nil
    case .malformed: return .damaged
    case .invalid: break
    }
    let binding = own.filter { $0.text.hasPrefix("assertion.") && $0.text.contains("Hash.") }
    let isForm = report.isBoundOtherwise || own.contains { $0.text.hasSuffix("Hash.malformed") }
    if report.isBound != true, !isForm, report.place != nil || report.hasOtherFormat(than: layout.container) {
      return .foreign
    }
    let statement: Set<StatusCode> = [
      .claimSignatureMismatch, .claimSignatureMissing, .hashedURIMismatch, .assertionMissing,
      .assertionUndeclared,
    ]
    // The signer vouched for each ingredient's record by its hash; what the record itself says may always have been wrong.
    if !own.isDisjoint(with: statement)
      || !ingredients.isDisjoint(with: [.ingredientMismatch, .ingredientSignatureMismatch])
    {
      return .statement
    }
    if isCut, report.isBound != true, !report.isBoundOtherwise, !binding.isEmpty { return .cut }
    if report.isBound == false, !isForm { return .changed }
    if isForm || report.place != nil || !own.isDisjoint(with: [.hardBindingsMissing, .multipleHardBindings]) {
      return .binding
    }
    if !own.isDisjoint(with: [.signerInvalid, .signerExpired, .signerRevoked]) { return .certificate }
    return own.isEmpty ? .ingredient : .other
  }

  /// The state from the codes: trust alone separates `valid` from `trusted`.
  ///
  /// What is wrong with an identity stays with it. One that failed, or that nobody trusts, keeps the whole from being
  /// trusted, as in c2pa-rs; one that only the network could check does not.
  private func conclude(_ report: inout CredentialsReport, _ active: Manifest, hasFaults: Bool) {
    let identity = report.statuses.first {
      $0.code.isIdentity && $0.code.kind == .failure && $0.code != .identityUnavailable
    }
    let failures = report.statuses.filter {
      $0.code.kind == .failure && $0.code != .signerUntrusted && !$0.code.isIdentity
    }
    let unreadable: Set<StatusCode> = [.claimMissing, .claimMalformed, .claimCBORInvalid, .claimMultiple]
    let ingredientFailure = report.ingredients.lazy.flatMap(\.statuses)
      .first { $0.code.kind == .failure && $0.code != .signerUntrusted && !$0.code.isIdentity }
    let broken = report.ingredients.first { !$0.recordedFailures.isEmpty }
    if hasFaults
      || failures.contains(where: { unreadable.contains($0.code) && $0.url.contains(active.label) })
    {
      report.state = .malformed
      report.reason = failures.first?.explanation ?? "the store is damaged"
    } else if let failure = failures.first {
      report.state = .invalid
      report.reason = failure.explanation
    } else if let ingredientFailure {
      report.state = .invalid
      report.reason = "an ingredient does not hold: \(ingredientFailure.explanation)"
    } else if let broken {
      report.state = .invalid
      report.reason =
        "the ingredient \(broken.title ?? broken.uri) was already broken when it was added: "
        + broken.recordedFailures.joined(separator: ", ")
    } else if report.active?.isSignerTrusted == true, let identity {
      report.state = .valid
      report.reason = "the signer is trusted, the identity beside it is not: \(identity.explanation)"
    } else if report.active?.isSignerTrusted == true {
      report.state = .trusted
      report.reason = "bound to the file and signed by a trusted signer (\(trust.signers.name))"
    } else {
      report.state = .valid
      let signer = report.active?.signer.flatMap { $0.organization ?? $0.commonName } ?? "an unnamed signer"
      let lists =
        trust.signers.count == 0
        ? "no trust list is in use" : "the signer is on no trust list (\(trust.signers.name))"
      report.reason = "signed by \(signer) (the signature holds); \(lists)"
    }
  }
}

/// Validates the active manifest, its binding and its ingredients down to the roots.
struct StoreValidator {
  let manifests: [Manifest]
  let trust: TrustSettings
  let file: [UInt8]
  let layout: AssetLayout
  let store: Range<Int>?
  private var origins: [(report: ManifestReport, isParent: Bool)] = []
  private var recorded: Set<String> = []
  private var visited: Set<String> = []
  static let storeAlone = "only the store was judged: it came without its file"

  init(manifests: [Manifest], trust: TrustSettings, file: [UInt8], layout: AssetLayout, store: Range<Int>?) {
    self.manifests = manifests
    self.trust = trust
    self.file = file
    self.layout = layout
    self.store = store
  }

  mutating func run(_ active: Manifest, into report: inout CredentialsReport) {
    // What signers recorded about ingredients is known; only news about them counts against the state.
    for manifest in manifests {
      for ingredient in manifest.ingredients {
        let label = ingredient.manifest.flatMap { JUMBFURI($0.url)?.manifest } ?? ""
        for status in ingredient.recorded {
          let target = JUMBFURI(status.url)?.absolute(in: label).manifest ?? label
          recorded.insert("\(status.code)|\(target)")
        }
      }
    }
    let redactions = Set(manifests.flatMap { $0.claim?.redacted ?? [] }.compactMap { JUMBFURI($0) })
    report.statuses += validate(active, redactions, depth: 0, isParent: true, &report)
    checkBinding(of: active, &report)
    report.origin = OriginSummary(origins)
  }

  private mutating func validate(
    _ manifest: Manifest, _ redactions: Set<JUMBFURI>, depth: Int, isParent: Bool,
    _ report: inout CredentialsReport
  ) -> [ValidationStatus] {
    visited.insert(manifest.label)
    var validator = ManifestValidator(manifest, trust: trust, redactions: redactions, depth: depth)
    validator.run()
    report.manifests.append(validator.report)
    origins.append((validator.report, isParent))
    for ingredient in manifest.ingredients.prefix(1000) {
      checkIngredient(ingredient, of: manifest, redactions, depth: depth, isParent: isParent, &report)
    }
    return validator.statuses
  }

  private mutating func checkIngredient(
    _ ingredient: Manifest.Ingredient, of manifest: Manifest, _ redactions: Set<JUMBFURI>, depth: Int,
    isParent: Bool, _ report: inout CredentialsReport
  ) {
    let uri = JUMBFURI(manifest: manifest.label, path: ["c2pa.assertions", ingredient.label]).text
    var statuses: [ValidationStatus] = []
    func add(_ code: StatusCode, _ url: String, _ text: String) {
      statuses.append(ValidationStatus(code: code, url: url, explanation: text))
    }
    let trustCodes = ["signingCredential.untrusted", "signingCredential.expired"]
    let broken = ingredient.recorded.filter {
      $0.isFailure && !trustCodes.contains($0.code) && !$0.code.hasPrefix("cawg.")
        && !$0.code.hasPrefix("timeStamp.")
    }.map(\.code)
    let label = ingredient.manifest.flatMap { JUMBFURI($0.url)?.manifest }
    let target = label.flatMap { label in manifests.first { $0.label == label } }
    if !["parentOf", "componentOf", "inputTo"].contains(ingredient.relationship) {
      add(.ingredientMalformed, uri, "the ingredient's relationship is not one of the three")
    }
    if let reference = ingredient.manifest {
      if let target {
        let algorithm =
          HashAlgorithm(rawValue: reference.algorithm ?? manifest.claim?.algorithm ?? "") ?? .sha256
        // C2PA 1.0 had the reference cover the claim alone.
        let isClaimHash =
          ingredient.signature == nil && algorithm.hash(target.claimBytes).elementsEqual(reference.hash)
        if isClaimHash || algorithm.hash(target.content).elementsEqual(reference.hash) {
          add(.ingredientValidated, "self#jumbf=/c2pa/\(target.label)", "the ingredient's manifest matches")
        } else if let signature = ingredient.signature {
          // A redaction changes the manifest but not its signature.
          let isSame = algorithm.hash(target.signatureContent).elementsEqual(signature.hash)
          add(
            isSame ? .ingredientSignatureValidated : .ingredientSignatureMismatch, signature.url,
            "the ingredient's signature \(isSame ? "matches" : "does not match")")
        } else {
          add(.ingredientMismatch, reference.url, "the ingredient's manifest does not match")
        }
      } else {
        add(.ingredientMissing, reference.url, "the ingredient's manifest is not in the store")
      }
    } else {
      add(.unknownProvenance, uri, "the ingredient has no credentials")
    }
    let position = report.ingredients.count
    report.ingredients.append(
      IngredientReport(
        uri: uri, title: ingredient.title, relationship: ingredient.relationship, manifest: label,
        statuses: [],
        recordedFailures: broken))
    if let target, !visited.contains(target.label), depth < 32 {
      let isParent = isParent && ingredient.relationship == "parentOf"
      statuses += validate(target, redactions, depth: depth + 1, isParent: isParent, &report)
    }
    report.ingredients[position].statuses = statuses.filter {
      $0.code.kind != .failure || !recorded.contains("\($0.code.text)|\(JUMBFURI($0.url)?.manifest ?? "")")
    }
  }

  /// The hard binding is that of the active manifest, or of the standard manifest that update manifests end in.
  private func checkBinding(of active: Manifest, _ report: inout CredentialsReport) {
    var manifest = active
    var seen = Set<String>()
    while manifest.isUpdate, seen.insert(manifest.label).inserted,
      let parent = manifest.ingredients.first(where: { $0.relationship == "parentOf" })?.manifest,
      let next = manifests.first(where: { $0.label == JUMBFURI(parent.url)?.manifest })
    {
      manifest = next
    }
    guard let claim = manifest.claim else { return }
    let bindings = manifest.assertions.filter {
      $0.kind == "c2pa.hash.data" || $0.kind == "c2pa.hash.boxes" || $0.kind.hasPrefix("c2pa.hash.bmff")
    }
    let root = JUMBFURI(manifest: manifest.label, path: [])
    guard let first = bindings.first else {
      report.statuses.append(
        ValidationStatus(
          code: .hardBindingsMissing, url: root.text, explanation: "the claim is bound to no file"))
      return
    }
    if bindings.count > 1 {
      report.statuses.append(
        ValidationStatus(
          code: .multipleHardBindings, url: root.text, explanation: "the claim is bound to several files"))
    }
    guard layout.container != .sidecar else {
      report.statuses.append(
        ValidationStatus(
          code: .generalError, url: root.text,
          explanation: Self.storeAlone))
      return
    }
    let verdict = HardBinding(
      file: file, layout: layout, store: store, algorithm: claim.algorithm,
      isUpdated: manifest.label != active.label
    ).check(first)
    let url = JUMBFURI(manifest: manifest.label, path: ["c2pa.assertions", verdict.label]).text
    report.isBound = verdict.isBound
    report.isBoundOtherwise = verdict.isBoundOtherwise
    report.unbound = verdict.unbound
    for code in [verdict.code] + verdict.notices {
      report.statuses.append(ValidationStatus(code: code, url: url, explanation: verdict.explanation))
    }
  }
}

/// A store that a file only names by URL, in its XMP.
enum RemoteStore {
  /// The value of `dcterms:provenance`, looked for where XMP may stand.
  static func url(in file: [UInt8], _ container: AssetLayout.Container) -> String? {
    let places: [Range<Int>] =
      switch container {
      case .png: PNGLayout.chunks(of: file).chunks.filter { $0.type == "iTXt" }.map(\.data)
      case .jpeg:
        JPEGLayout.segments(of: file, headOnly: true).segments.filter { $0.marker == 0xE1 }.map(\.payload)
      case .riff: RIFFLayout.chunks(of: file).chunks.filter { $0.type == "XMP " }.map(\.data)
      default: []
      }
    // Nearly no file has it: bytes are searched before they are made a text.
    for place in places where file.firstIndex(of: "dcterms:provenance", in: place) != nil {
      let text = String(decoding: file[place], as: UTF8.self)
      guard let name = text.range(of: "dcterms:provenance") else { continue }
      let rest = text[name.upperBound...].drop { $0 == "=" || $0 == ">" || $0.isWhitespace }
      let quote = rest.first
      let value =
        quote == "\"" || quote == "'"
        ? rest.dropFirst().prefix { $0 != quote } : rest.prefix { $0 != "<" }
      if value.contains("://"), value.count < 4096 { return String(value) }
    }
    return nil
  }
}

extension CredentialsReader {
  /// The bytes of a file's manifest store; nil when there is none in its place, or more than one.
  public static func store(in file: [UInt8]) -> [UInt8]? {
    let stores = AssetLayout(of: file).stores
    guard stores.count == 1, let store = stores.first, store.place == nil else { return nil }
    return Array(store.bytes)
  }
}
