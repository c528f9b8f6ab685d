/// IPTC's vocabulary for how a picture came about, and the fields for AI that IPTC added in 2025.
///
/// Source: IPTC NewsCodes `digitalsourcetype`; IPTC Photo Metadata Standard 2025.1.
enum DigitalSourceTypes {
  /// What each term says; terms that are not here say nothing of AI or capture.
  ///
  /// `algorithmicMedia` is drawn by a formula without training data and `algorithmicallyEnhanced` adds
  /// nothing new: neither is generative AI.
  static let origins: [String: ProvenanceSign.Origin] = [
    "trainedAlgorithmicMedia": .generated,
    "compositeWithTrainedAlgorithmicMedia": .edited,
    "compositeSynthetic": .edited,
    "digitalCapture": .captured,
    "computationalCapture": .captured,
    "compositeCapture": .captured,
    "negativeFilm": .captured,
    "positiveFilm": .captured,
    "print": .captured,
    "digitalCreation": .humanMade,
    "digitalArt": .humanMade,
    "humanEdits": .humanMade,
    "minorHumanEdits": .humanMade,
  ]

  /// The term that a value names, matched whole: `compositeWithTrainedAlgorithmicMedia` holds another term.
  static func term(_ value: String) -> (term: String, isExact: Bool)? {
    let part = TextPatterns.lastPathPart(value)
    if origins[part] != nil { return (part, true) }
    guard let term = origins.keys.first(where: { $0.lowercased() == part.lowercased() }) else { return nil }
    return (term, false)
  }

  /// A value of which only the vocabulary's address is left, as where the packet's end is missing: what it said is not
  /// known, and that is worth a word.
  static func cutTerm(_ field: MetadataField) -> ProvenanceSign? {
    let vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    let value = field.trimmed
    guard field.carrier == .xmp, value.utf8.count >= 10, vocabulary.hasPrefix(value) else { return nil }
    return ProvenanceSign(
      rule: "iptc.digitalSourceType", standing: .context, strength: .weak, origin: nil,
      summary: "IPTC DigitalSourceType is there and its term is not: the value is cut",
      quotation: Quotation.of(field.value), place: field.place,
      reason: "what it declared cannot be known; fetch the file again from its source")
  }

  static func phrase(_ origin: ProvenanceSign.Origin) -> String {
    switch origin {
    case .generated: "made by a generative model"
    case .edited: "composed or edited with a generative model"
    case .captured: "captured by a camera or scanner"
    case .humanMade: "made by a person"
    }
  }
}

extension ProvenanceRule {
  /// XMP `Iptc4xmpExt:DigitalSourceType`, its older spelling, and fields of that name elsewhere.
  static let digitalSourceType = ProvenanceRule("iptc.digitalSourceType", "IPTC DigitalSourceType") {
    fields in
    fields.named("DigitalSourceType", "DigitalSourceFileType").compactMap { field in
      if let cut = DigitalSourceTypes.cutTerm(field) { return cut }
      guard let (term, isExact) = DigitalSourceTypes.term(field.value),
        let origin = DigitalSourceTypes.origins[term]
      else { return nil }
      let isNative = field.carrier == .xmp && isExact
      return ProvenanceSign(
        rule: "iptc.digitalSourceType", strength: isNative ? .strong : .medium, origin: origin,
        summary: "IPTC DigitalSourceType declares \(term): \(DigitalSourceTypes.phrase(origin))",
        quotation: Quotation.of(field.value), detail: ["digitalSourceType": term], place: field.place,
        reason: isNative
          ? nil : isExact ? "the field stands outside XMP" : "the term is not written as IPTC writes it")
    }
  }

  /// XMP `AISystemUsed`, `AISystemVersionUsed`, `AIPromptInformation`, `AIPromptWriterName`.
  static let iptcAIFields = ProvenanceRule("iptc.aiFields", "IPTC 2025.1 AI fields") { fields in
    let names = ["AISystemUsed", "AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName"]
    let nothing: Set<String> = ["", "none", "no", "n/a", "na", "null", "not applicable", "-"]
    let filled = names.compactMap { name in
      fields.named(name, in: .xmp).first { !nothing.contains($0.trimmed.lowercased()) }
    }
    // A writer's name alone says nothing: the picture may have been made without the prompt.
    guard let first = filled.first, first.foldedName != "aipromptwritername" else { return [] }
    var detail: [String: String] = [:]
    for field in filled { detail[field.name] = Quotation.of(field.value) }
    let system = filled.first { $0.foldedName == "aisystemused" }.map { Quotation.of($0.value, limit: 80) }
    let isComposite = fields.named("DigitalSourceType").contains {
      DigitalSourceTypes.term($0.value).map { DigitalSourceTypes.origins[$0.term] == .edited } ?? false
    }
    return [
      ProvenanceSign(
        rule: "iptc.aiFields", strength: .strong, origin: isComposite ? .edited : .generated,
        generator: system.map { ProducerNames.canonical($0) ?? $0 },
        summary: "IPTC's AI fields declare \(system ?? "a prompt") as what it was made with",
        quotation: Quotation.of(first.value), detail: detail, place: first.place)
    ]
  }
}
