import Scanning

extension Facts {
  /// What the Content Credentials of a scan say, from the examiner's detail.
  mutating func addCredentials(_ scan: ScanResult) {
    let all = scan.evidence.filter { $0.method.hasPrefix("credentials.") }
    guard let found = all.first(where: { $0.credentials?.state != nil }) ?? all.first,
      found.result != .notEvaluated,
      // Of a file that ends early within its credentials nobody knows whether they held.
      found.credentials?.state != "undetermined"
    else { return }
    markExamined("credentials")
    let report = found.credentials ?? .init()
    self["credentials.state"] = .text(report.state ?? "absent")
    for (fact, items) in [
      ("success", report.success), ("failure", report.failure), ("informational", report.informational),
      ("ingredientFailure", report.ingredientFailure), ("digitalSourceType", report.digitalSourceTypes),
      ("actions", report.actions), ("softBinding", report.softBindings),
      ("softBindingAlgorithms", report.softBindingAlgorithms), ("trainingMining", report.trainingMining),
      ("deprecated", report.deprecated),
    ] {
      if let items, !items.isEmpty { self["credentials.\(fact)"] = .list(items) }
    }
    for (fact, text) in [
      ("fault", report.fault), ("signer", report.signer), ("softwareAgent", report.softwareAgent),
      ("softwareAgentVersion", report.softwareAgentVersion), ("when", report.when),
      ("identifier", report.identifier), ("createdSourceType", report.createdSourceType),
      // The type that decides what the history says of the whole picture, by its last path part.
      ("originSourceType", report.digitalSourceType?.split(separator: "/").last.map(String.init)),
    ] {
      self["credentials.\(fact)"] = text.map(FactValue.text)
    }
    if let list = report.trustList, !list.isEmpty, list != "none" { self["trust.list"] = .text(list) }
    for (fact, flag) in [
      ("timestamped", report.isTimestamped), ("timestampTrusted", report.isTimestampTrusted),
      ("allActionsIncluded", report.allActionsIncluded), ("aiDisclosure", report.aiDisclosure),
      ("isUpdate", report.isUpdate),
    ] where flag == true {
      self["credentials.\(fact)"] = .flag(true)
    }
    self["credentials.ingredients"] = report.ingredients.map { .number(Double($0)) }
    self["credentials.claimVersion"] = report.claimVersion.map { .number(Double($0)) }
    addActions(report.actions ?? [])
    addSoftBinding()
  }

  private mutating func addActions(_ actions: [String]) {
    guard let first = actions.first else { return }
    self["credentials.firstAction"] = .text(first)
    let unclear = actions.filter { !$0.hasPrefix("c2pa.") || $0 == "c2pa.unknown" }
    if !unclear.isEmpty { self["credentials.unclearActions"] = .list(unclear) }
  }

  /// Whether a soft binding names a mark that Assay can read: only then can the two be compared.
  private mutating func addSoftBinding() {
    guard case .list(let algorithms)? = self["credentials.softBindingAlgorithms"] else { return }
    let readable = algorithms.contains {
      $0.hasPrefix("org.assay.mark") || $0.lowercased().contains("dwtdct")
    }
    self["credentials.softBindingReadable"] = .flag(readable)
  }
}

/// Watermarks that only their makers can read.
enum ClosedWatermarks {
  /// Makers that are known to mark every picture; the scheme is named for the report.
  ///
  /// Source: Google DeepMind on SynthID (arXiv 2510.09263); OpenAI from 19 May 2026; Amazon on Titan and Nova.
  private static let makers = [
    ("google", "SynthID"), ("gemini", "SynthID"), ("imagen", "SynthID"), ("openai", "SynthID"),
    ("gpt-image", "SynthID"), ("titan image", "Amazon's mark"), ("nova canvas", "Amazon's mark"),
    ("meta ai", "Meta's mark"), ("firefly", "TrustMark"), ("invismark", "InvisMark"),
  ]

  /// The scheme that may be in the picture though no open mark was read; nil where none is claimed or known.
  static func possible(in facts: Facts) -> String? {
    func texts(_ name: String) -> [String] {
      switch facts[name] {
      case .list(let items): items
      case .text(let text): [text]
      default: []
      }
    }
    // Assay's own marks are open: where one is bound and not found, it is missing.
    let foreign = texts("credentials.softBindingAlgorithms").filter { !$0.hasPrefix("org.assay.mark") }
    if let algorithm = foreign.first { return algorithm }
    let isOwn = !texts("credentials.softBindingAlgorithms").isEmpty
    if !isOwn, texts("credentials.actions").contains(where: { $0.hasPrefix("c2pa.watermarked") }) {
      return "the mark that the credentials name"
    }
    guard facts["origin.ai"] == .flag(true) else { return nil }
    let names =
      (texts("metadata.generators") + texts("credentials.softwareAgent") + texts("credentials.signer"))
      .map { $0.lowercased() }
    return makers.first { maker in names.contains { $0.contains(maker.0) } }?.1
  }
}
