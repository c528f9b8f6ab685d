import Detectors

extension Facts {
  /// What one scan found, as facts that rules can ask for.
  ///
  /// A domain counts as examined when its examiner ran to an answer: a scan with `--only provenance`
  /// leaves `credentials` and `watermark` unknown, so that no rule fails for them.
  public init(_ scan: ScanResult) {
    self.init(examined: ["file", "origin"])
    addFile(scan)
    addOrigin(scan)
    addCredentials(scan)
    addMetadata(scan)
    addWatermarks(scan)
    addLabel(scan)
    addPersonalData(scan)
    if let probability = scan.aiProbability { self["detector.probability"] = .number(probability) }
  }

  private mutating func addFile(_ scan: ScanResult) {
    self["file.readable"] = .flag(scan.error == nil)
    self["file.format"] = scan.format.map(FactValue.text)
    self["file.sha256"] = scan.sha256.map(FactValue.text)
    self["file.pixelSha256"] = scan.pixelSha256.map(FactValue.text)
    if !scan.warnings.isEmpty { self["file.warnings"] = .list(scan.warnings) }
    let container = scan.evidence.filter { $0.method.hasPrefix("container.") && $0.result == .found }
    self["file.extensionMatches"] = .flag(!container.contains { $0.method == "container.extension" })
    self["file.unexplainedTrailer"] =
      container.first { $0.method == "container.trailer" }.map { .text($0.summary) }
  }

  private mutating func addOrigin(_ scan: ScanResult) {
    self["origin.outcome"] = .text(scan.outcome.rawValue)
    let found = scan.evidence.filter { $0.result == .found && $0.class != .context }
    let basis = Evidence.Class.allCases.filter { known in found.contains { $0.class == known } }
    self["origin.basis"] = .list(basis.map(\.rawValue))
    let saysAI = found.contains {
      ($0.origin == .generated || $0.origin == .edited) && $0.class != .statistical
        && ($0.strength ?? .weak) > .weak
    }
    self["origin.ai"] = .flag(saysAI)
    self["origin.captured"] = .flag(found.contains { $0.class == .verified && $0.origin == .captured })
  }

  private mutating func addCredentials(_ scan: ScanResult) {
    let all = scan.evidence.filter { $0.method.hasPrefix("credentials.") }
    guard let report = all.first(where: { $0.detail["state"] != nil }) ?? all.first,
      report.result != .notEvaluated
    else { return }
    markExamined("credentials")
    self["credentials.state"] = .text(report.text("state") ?? "absent")
    for (fact, key) in [
      ("success", "success"), ("failure", "failure"), ("informational", "informational"),
      ("ingredientFailure", "ingredientFailure"), ("digitalSourceType", "digitalSourceTypes"),
      ("actions", "actions"), ("softBinding", "softBindings"), ("trainingMining", "trainingMining"),
    ] {
      if let items = report.list(key), !items.isEmpty { self["credentials.\(fact)"] = .list(items) }
    }
    for key in ["signer", "softwareAgent", "softwareAgentVersion", "when", "identifier"] {
      self["credentials.\(key)"] = report.text(key).map(FactValue.text)
    }
    for key in ["timestamped", "timestampTrusted", "allActionsIncluded", "aiDisclosure"] {
      if report.flag(key) == true { self["credentials.\(key)"] = .flag(true) }
    }
    if case .integer(let count)? = report.detail["ingredients"] {
      self["credentials.ingredients"] = .number(Double(count))
    }
  }

  private mutating func addMetadata(_ scan: ScanResult) {
    let signs = scan.evidence.filter { $0.method.hasPrefix("provenance") }
    guard scan.error == nil, !signs.isEmpty else { return }
    markExamined("metadata")
    let found = signs.filter { $0.result == .found }
    func first(_ key: String) -> String? { found.lazy.compactMap { $0.text(key) }.first }
    self["metadata.digitalSourceType"] = first("digitalSourceType").map(FactValue.text)
    self["metadata.aiSystemUsed"] = first("AISystemUsed").map(FactValue.text)
    let generators = Set(found.compactMap(\.generator)).sorted()
    if !generators.isEmpty { self["metadata.generators"] = .list(generators) }
    if found.contains(where: { $0.detail["prompt"] != nil }) { self["metadata.prompt"] = .flag(true) }
    addAIGC(found)
  }

  private mutating func addAIGC(_ found: [Evidence]) {
    guard let label = found.first(where: { $0.method == "provenance.tc260.aigc" }) else { return }
    self["metadata.aigc"] = .flag(true)
    let fields = (label.text("fields") ?? "").split(separator: ",").map(String.init)
    if !fields.isEmpty { self["metadata.aigcFields"] = .list(fields) }
    self["metadata.aigcStrings"] = .flag(label.text("allTexts") == "yes")
    for (fact, key) in [
      ("aigcLabel", "label"), ("aigcProducer", "contentProducer"), ("aigcProduceID", "produceID"),
    ] {
      self["metadata.\(fact)"] = label.text(key).map(FactValue.text)
    }
    let path = label.location?.path ?? ""
    let places = [("XMP", "xmp"), ("UserComment", "userComment"), ("tEXt", "text"), ("iTXt", "text")]
    self["metadata.aigcPlace"] = .text(places.first { path.contains($0.0) }?.1 ?? "segment")
  }

  private mutating func addWatermarks(_ scan: ScanResult) {
    let marks = scan.evidence.filter { $0.method.hasPrefix("watermark.") && $0.result != .notEvaluated }
    guard !marks.isEmpty else { return }
    markExamined("watermark")
    let found = marks.filter { $0.result == .found }
    guard !found.isEmpty else { return }
    self["watermark.schemes"] = .list(found.map { String($0.method.dropFirst("watermark.".count)) })
    let payloads = found.compactMap { $0.text("payloadHex")?.lowercased() }
    if !payloads.isEmpty { self["watermark.payloads"] = .list(payloads) }
    guard case .list(let bindings)? = self["credentials.softBinding"] else { return }
    self["watermark.boundToCredentials"] = .flag(
      bindings.contains { binding in payloads.contains { binding.lowercased().hasSuffix($0) } })
  }

  private mutating func addPersonalData(_ scan: ScanResult) {
    guard
      let report = scan.evidence.first(where: { $0.method == PersonalDataExaminer.method }),
      report.result != .notEvaluated
    else { return }
    markExamined("privacy")
    for key in ["gps", "personalNames", "dataMining"] {
      if let fields = report.list(key), !fields.isEmpty { self["privacy.\(key)"] = .list(fields) }
    }
  }

  private mutating func addLabel(_ scan: ScanResult) {
    guard let label = scan.evidence.first(where: { $0.method == "label.recorded" && $0.result == .found })
    else { return }
    markExamined("label")
    self["label.present"] = .flag(true)
    self["label.text"] = label.text("text").map(FactValue.text)
    self["label.heightShare"] = label.number("heightShare").map(FactValue.number)
    self["label.contrast"] = label.number("contrast").map(FactValue.number)
    self["label.atEdge"] = label.flag("atEdge").map(FactValue.flag)
  }
}

extension Evidence {
  fileprivate func text(_ key: String) -> String? {
    if case .string(let text)? = detail[key] { return text }
    return nil
  }

  fileprivate func flag(_ key: String) -> Bool? {
    if case .boolean(let flag)? = detail[key] { return flag }
    return nil
  }

  fileprivate func number(_ key: String) -> Double? {
    switch detail[key] {
    case .number(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }

  fileprivate func list(_ key: String) -> [String]? {
    guard case .array(let items)? = detail[key] else { return nil }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
