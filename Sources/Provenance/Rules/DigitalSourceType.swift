import ImageFormats

/// How files write IPTC's terms.
enum DigitalSourceTypes {
  /// The term that a value names, matched whole: `compositeWithTrainedAlgorithmicMedia` holds another term.
  static func term(_ value: String) -> (term: DigitalSourceType, isExact: Bool)? {
    let part = TextPatterns.lastPathPart(value)
    if let term = DigitalSourceType(rawValue: part) { return (term, true) }
    return DigitalSourceType.allCases.first { $0.rawValue.lowercased() == part.lowercased() }
      .map { ($0, false) }
  }

  /// A value of which only the vocabulary's address is left, as where the packet's end is missing: what it said is not
  /// known, and that is worth a word.
  static func cutTerm(_ field: MetadataField) -> ProvenanceSign? {
    let value = field.trimmed
    guard field.carrier == .xmp, value.utf8.count >= 10, DigitalSourceType.vocabulary.hasPrefix(value) else {
      return nil
    }
    return ProvenanceSign(
      rule: "iptc.digitalSourceType", standing: .context, strength: .weak, origin: nil,
      summary: "IPTC DigitalSourceType is there and its term is not: the value is cut",
      quotation: Quotation.of(field.value), place: field.place,
      reason: "what it declared cannot be known; fetch the file again from its source")
  }

  static func phrase(_ origin: PictureOrigin) -> String {
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
      guard let (term, isExact) = DigitalSourceTypes.term(field.value) else { return nil }
      let isNative = field.carrier == .xmp && isExact
      return ProvenanceSign(
        rule: "iptc.digitalSourceType", strength: isNative ? .strong : .medium, origin: term.origin,
        summary: "IPTC DigitalSourceType declares \(term): \(DigitalSourceTypes.phrase(term.origin))",
        quotation: Quotation.of(field.value), detail: [.digitalSourceType: term.rawValue], place: field.place,
        reason: isNative
          ? nil : isExact ? "the field stands outside XMP" : "the term is not written as IPTC writes it")
    }
  }

  /// XMP `AISystemUsed`, `AISystemVersionUsed`, `AIPromptInformation`, `AIPromptWriterName`.
  ///
  /// Source: IPTC Photo Metadata Standard 2025.1.
  static let iptcAIFields = ProvenanceRule("iptc.aiFields", "IPTC 2025.1 AI fields") { fields in
    let parts: [ProvenanceSign.Part] = [
      .aiSystemUsed, .aiSystemVersionUsed, .aiPromptInformation, .aiPromptWriterName,
    ]
    let nothing: Set<String> = ["", "none", "no", "n/a", "na", "null", "not applicable", "-"]
    let filled = parts.compactMap { part in
      fields.named(part.rawValue, in: .xmp).first { !nothing.contains($0.trimmed.lowercased()) }
        .map { (part: part, field: $0) }
    }
    // A writer's name alone says nothing: the picture may have been made without the prompt.
    guard let first = filled.first, first.part != .aiPromptWriterName else { return [] }
    let detail = Dictionary(
      filled.map { ($0.part, Quotation.of($0.field.value)) }, uniquingKeysWith: { first, _ in first })
    let system = filled.first { $0.part == .aiSystemUsed }.map { Quotation.of($0.field.value, limit: 80) }
    let isComposite = fields.named("DigitalSourceType").contains {
      DigitalSourceTypes.term($0.value)?.term.origin == .edited
    }
    return [
      ProvenanceSign(
        rule: "iptc.aiFields", strength: .strong, origin: isComposite ? .edited : .generated,
        generator: system.map { ProducerNames.canonical($0) ?? $0 },
        summary: "IPTC's AI fields declare \(system ?? "a prompt") as what it was made with",
        quotation: Quotation.of(first.field.value), detail: detail, place: first.field.place)
    ]
  }
}
