import Scanning

extension Facts {
  /// What the Content Credentials of a scan say, from the examiner's detail.
  mutating func addCredentials(_ scan: ScanResult) {
    let all = scan.evidence.filter { $0.method.hasPrefix("credentials.") }
    guard let report = all.first(where: { $0.detail["state"] != nil }) ?? all.first,
      report.result != .notEvaluated
    else { return }
    markExamined("credentials")
    self["credentials.state"] = .text(report.text("state") ?? "absent")
    self["credentials.fault"] = report.text("fault").map(FactValue.text)
    for (fact, key) in [
      ("success", "success"), ("failure", "failure"), ("informational", "informational"),
      ("ingredientFailure", "ingredientFailure"), ("digitalSourceType", "digitalSourceTypes"),
      ("actions", "actions"), ("softBinding", "softBindings"),
      ("softBindingAlgorithms", "softBindingAlgorithms"), ("trainingMining", "trainingMining"),
      ("deprecated", "deprecated"),
    ] {
      if let items = report.list(key), !items.isEmpty { self["credentials.\(fact)"] = .list(items) }
    }
    for key in [
      "signer", "softwareAgent", "softwareAgentVersion", "when", "identifier", "createdSourceType",
    ] {
      self["credentials.\(key)"] = report.text(key).map(FactValue.text)
    }
    let trustList = report.text("trustList") ?? ""
    if !trustList.isEmpty, trustList != "none" { self["trust.list"] = .text(trustList) }
    for key in ["timestamped", "timestampTrusted", "allActionsIncluded", "aiDisclosure", "isUpdate"] {
      if report.flag(key) == true { self["credentials.\(key)"] = .flag(true) }
    }
    for key in ["ingredients", "claimVersion"] {
      self["credentials.\(key)"] = report.number(key).map(FactValue.number)
    }
    // The type that decides what the history says of the whole picture, by its last path part.
    if let deciding = report.text("digitalSourceType")?.split(separator: "/").last {
      self["credentials.originSourceType"] = .text(String(deciding))
    }
    addActions(report.list("actions") ?? [])
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
