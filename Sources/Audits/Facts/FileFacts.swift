import Diagnostics
import Examiners
import Scanning

extension Facts {
  /// What one scan found, as facts that rules can ask for.
  ///
  /// A domain counts as examined when its examiner ran to an answer: a scan with `--only provenance`
  /// leaves `watermark` unknown, so that no rule fails for it.
  public init(_ scan: ScanResult) {
    self.init(examined: ["file"])
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
    self["file.name"] = .text(scan.file)
    self["file.readable"] = .flag(scan.error == nil)
    self["file.format"] = scan.format.map(FactValue.text)
    self["file.sha256"] = scan.sha256.map(FactValue.text)
    self["file.pixelSha256"] = scan.pixelSha256.map(FactValue.text)
    // The container of a file that was changed after signing may be in order.
    let faults = scan.warnings.filter { !CredentialsExaminer.faultWarnings.contains($0) }
    if !faults.isEmpty { self["file.warnings"] = .list(faults) }
    func found(_ method: String) -> Evidence? {
      scan.evidence.first { $0.method == method && $0.result == .found }
    }
    self["file.extensionMatches"] = .flag(found(ContainerExaminer.extensionMethod) == nil)
    if let trailer = found(ContainerExaminer.trailerMethod), trailer.trailerKind == nil {
      self["file.unexplainedTrailer"] = .text(trailer.summary)
    }
  }

  /// `origin.ai` stays unknown where nothing could be read, and where only a measurement speaks for AI: a rule
  /// for AI pictures must not clear such a file, and must not fail it either.
  private mutating func addOrigin(_ scan: ScanResult) {
    self["origin.outcome"] = .text(scan.outcome.rawValue)
    let found = scan.evidence.filter { $0.result == .found && $0.class != .context }
    let basis = Evidence.Class.allCases.filter { known in found.contains { $0.class == known } }
    self["origin.basis"] = .list(basis.map(\.rawValue))
    let saysAI = found.contains {
      ($0.origin == .generated || $0.origin == .edited) && $0.class != .statistical
        && ($0.strength ?? .weak) > .weak
    }
    // Each class that could have said so must have been asked.
    let hasMetadata = scan.evidence.contains {
      $0.method.hasPrefix("provenance") && $0.result != .notEvaluated
    }
    let hasCredentials = scan.evidence.contains {
      $0.method.hasPrefix("credentials.") && $0.result != .notEvaluated
        && $0.credentials?.state != "undetermined"
    }
    let hasWatermarks = scan.evidence.contains { $0.method.hasPrefix("watermark.") }
    let looked = hasMetadata && hasCredentials && hasWatermarks
    if saysAI {
      self["origin.ai"] = .flag(true)
    } else if scan.error == nil, scan.outcome != .aiIndicated, looked {
      self["origin.ai"] = .flag(false)
    }
    self["origin.captured"] = .flag(found.contains { $0.class == .verified && $0.origin == .captured })
  }

  private mutating func addMetadata(_ scan: ScanResult) {
    let signs = scan.evidence.filter { $0.method.hasPrefix("provenance") && $0.result != .notEvaluated }
    guard !signs.isEmpty else { return }
    markExamined("metadata")
    let found = signs.filter { $0.result == .found }
    func list(_ fact: String, _ values: [String]) {
      let values = MarksExaminer.unique(values)
      if !values.isEmpty { self[fact] = values.count == 1 ? .text(values[0]) : .list(values) }
    }
    let marks = scan.evidence.lazy.compactMap(\.marks).first
    list(
      "metadata.digitalSourceType",
      marks?.digitalSourceTypes ?? found.compactMap { $0.statement?[.digitalSourceType] })
    list("metadata.aiSystemUsed", marks?.systems ?? found.compactMap { $0.statement?[.aiSystemUsed] })
    list("metadata.aiSystemVersionUsed", marks?.systemVersions ?? [])
    list("metadata.credit", found.filter { $0.method == "provenance.credit" }.compactMap(\.quotation))
    if let permissions = marks?.permissions {
      self["metadata.trainingPermissions"] = .list(permissions)
    }
    let generators = Set(found.compactMap(\.generator)).sorted()
    if !generators.isEmpty { self["metadata.generators"] = .list(generators) }
    if found.contains(where: Self.holdsPrompt) { self["metadata.prompt"] = .flag(true) }
    if case .text(let system)? = self["metadata.aiSystemUsed"],
      case .text(let agent)? = self["credentials.softwareAgent"]
    {
      self["metadata.aiSystemAgrees"] = .flag(Self.agree(system, agent))
    }
    addAIGC(found)
  }

  /// A web UI's parameters begin with the prompt; other writers name it.
  private static func holdsPrompt(_ sign: Evidence) -> Bool {
    sign.statement?[.prompt] != nil || sign.statement?[.aiPromptInformation] != nil
      || [
        "provenance.sdwebui", "provenance.comfyui", "provenance.midjourney", "provenance.novelai",
      ].contains(sign.method)
  }

  /// Whether two names of a system can be the same one: letters and digits of one stand in the other.
  private static func agree(_ left: String, _ right: String) -> Bool {
    let (a, b) = (folded(left), folded(right))
    return !a.isEmpty && !b.isEmpty && (a.contains(b) || b.contains(a))
  }

  private static func folded(_ text: String) -> String {
    text.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  private mutating func addAIGC(_ found: [Evidence]) {
    guard let sign = found.first(where: { $0.method == "provenance.tc260.aigc" }) else { return }
    self["metadata.aigc"] = .flag(true)
    let label = sign.aigcLabel
    let fields = (label?.fields ?? []).filter { !$0.isEmpty }
    if !fields.isEmpty { self["metadata.aigcFields"] = .list(fields) }
    self["metadata.aigcStrings"] = .flag(label?.isAllTexts == true)
    self["metadata.aigcLabel"] = label?.label.map(FactValue.text)
    self["metadata.aigcProducer"] = label?.contentProducer.map(FactValue.text)
    self["metadata.aigcProduceID"] = label?.produceID.map(FactValue.text)
    let path = sign.location?.path ?? ""
    let places = [
      ("XMP", "xmp"), ("xmp", "xmp"), ("UserComment", "userComment"), ("tEXt", "text"), ("iTXt", "text"),
      ("zTXt", "text"),
    ]
    self["metadata.aigcPlace"] = .text(places.first { path.contains($0.0) }?.1 ?? "segment")
  }

  private mutating func addWatermarks(_ scan: ScanResult) {
    let marks = scan.evidence.filter { $0.method.hasPrefix("watermark.") && $0.result != .notEvaluated }
    guard !marks.isEmpty else { return }
    let found = marks.filter { $0.result == .found }
    guard !found.isEmpty else {
      // Nobody outside can read a closed scheme: that no open mark was found settles nothing there.
      if let closed = ClosedWatermarks.possible(in: self) {
        self["watermark.closed"] = .text(closed)
      } else {
        markExamined("watermark")
      }
      return
    }
    markExamined("watermark")
    self["watermark.schemes"] = .list(found.map { String($0.method.dropFirst("watermark.".count)) })
    let payloads = found.compactMap { $0.watermark?.payloadHex?.lowercased() }
    if !payloads.isEmpty { self["watermark.payloads"] = .list(payloads) }
    if found.contains(where: { $0.origin != nil }) { self["watermark.saysAI"] = .flag(true) }
    guard case .list(let bindings)? = self["credentials.softBinding"] else { return }
    self["watermark.boundToCredentials"] = .flag(
      bindings.contains { binding in payloads.contains { Self.binds(binding, payload: $0) } })
  }

  /// Whether a soft binding's value is a payload: in hexadecimal digits, after a prefix of its scheme or not, or
  /// as the text that the payload's bytes spell.
  private static func binds(_ binding: String, payload: String) -> Bool {
    let spelled = binding.utf8.hexadecimal
    return binding.lowercased().hasSuffix(payload) || spelled == payload
  }

  private mutating func addPersonalData(_ scan: ScanResult) {
    guard
      let report = scan.evidence.first(where: { $0.method == PersonalDataExaminer.method }),
      report.result != .notEvaluated
    else { return }
    markExamined("privacy")
    for (fact, fields) in [
      ("privacy.gps", report.personalData?.gps),
      ("privacy.personalNames", report.personalData?.personalNames),
    ] {
      if let fields, !fields.isEmpty { self[fact] = .list(fields) }
    }
  }

  private mutating func addLabel(_ scan: ScanResult) {
    guard
      let label = scan.evidence.first(where: { $0.method == LabelExaminer.method }),
      label.result != .notEvaluated
    else { return }
    markExamined("label")
    guard label.result == .found else { return }
    self["label.present"] = .flag(true)
    self["label.text"] = label.label?.text.map(FactValue.text)
    self["label.heightShare"] = label.label?.heightShare.map(FactValue.number)
    self["label.contrast"] = label.label?.contrast.map(FactValue.number)
    self["label.atEdge"] = label.label?.isAtEdge.map(FactValue.flag)
  }
}
