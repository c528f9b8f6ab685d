import ImageFormats
import Scanning

/// China's implicit label for AI-generated content.
///
/// A JSON object with `Label` 1 (is AI), 2 (possibly) or 3 (suspected), who produced and who spread the
/// content, under a key that holds `AIGC`: XMP `TC260:AIGC`, PNG text `AIGC`, EXIF UserComment, a bare
/// `AIGC{…}` in a JPEG segment. With or without the outer `{"AIGC": …}`.
///
/// Source: GB 45438-2025 annex E; TC260-PG-20259A.
enum AIGCLabel {
  static let fieldNames: Set<String> = [
    "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID",
    "ReservedCode2",
  ]
  /// Tencent Cloud's form of the same label.
  static let tencentNames: Set<String> = ["ServiceProvider", "ServiceUser", "ContentId"]

  /// The label's object in a text, unwrapped, and whether it is written as JSON; nil if there is none.
  ///
  /// Writers in Python leave single quotes around the names, which is no JSON and still says what it says.
  ///
  /// - Parameter isNamed: whether the field's name holds AIGC; elsewhere more of the label must be there.
  static func object(in text: String, isNamed: Bool) -> (label: JSONText, isJSON: Bool)? {
    guard text.utf8.contains(UInt8(ascii: "{")) else { return nil }
    let plain = text.holds("&quot;") || text.holds("&#34;") ? text.resolvingEntities : text
    let bytes = Array(plain.utf8)
    guard let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else { return nil }
    let proper = JSONText.prefix(of: bytes, from: brace)?.value
    guard let json = proper ?? JSONText.prefix(of: bytes, from: brace, isPython: true)?.value,
      let label = unwrapped(json, before: bytes[..<brace], isNamed: isNamed)
    else { return nil }
    return (label, proper != nil)
  }

  private static func unwrapped(_ json: JSONText, before: ArraySlice<UInt8>, isNamed: Bool) -> JSONText? {
    let before = String(decoding: before, as: UTF8.self).trimmedBlanks.uppercased()
    let announced =
      isNamed || before.hasSuffix("AIGC") || before.hasSuffix("AIGC:") || before.hasSuffix("AIGC=")
    if let inner = json.member(ignoringCase: "AIGC") {
      let unwrapped = inner.string.flatMap { JSONText($0) } ?? inner
      return unwrapped.names.isDisjoint(with: fieldNames) ? nil : unwrapped
    }
    let known = json.names.intersection(fieldNames)
    if announced { return known.isEmpty ? nil : json }
    let isLabel = known.contains("Label") && known.count >= 2 || known.count >= 3
    let isTencent = json.names.contains("ServiceProvider") && json.names.intersection(tencentNames).count >= 2
    return isLabel || isTencent ? json : nil
  }

  /// The label whose fields are XMP properties of their own in TC260's namespace, as some writers put it in
  /// place of the one JSON text that the standard asks for.
  static func labels(inPropertiesOf fields: MetadataFields) -> [(field: MetadataField, label: JSONText)] {
    var labels: [(field: MetadataField, members: [JSONText.Member])] = []
    for field in fields.all where field.carrier == .xmp && field.namespace == XMPNamespace.tc260 {
      let plain = field.name.uppercased().hasPrefix("AIGC") ? String(field.name.dropFirst(4)) : field.name
      guard let name = fieldNames.first(where: { $0.lowercased() == plain.lowercased() }) else { continue }
      let member = JSONText.Member(name: name, value: .string(field.value))
      if let index = labels.firstIndex(where: { $0.field.place.bytes == field.place.bytes }) {
        labels[index].members.append(member)
      } else {
        labels.append((field, [member]))
      }
    }
    return labels.map { ($0.field, .object($0.members)) }
  }
}

extension AIGCLabel {
  /// A field under the label's name that holds no label: it declares nothing, and its rule has to know.
  static func unreadable(_ field: MetadataField) -> ProvenanceSign {
    var nothing = Evidence.Detail.AIGCLabel()
    nothing.fields = []
    nothing.isAllTexts = false
    return ProvenanceSign(
      rule: "tc260.aigc", standing: .context, strength: .weak, origin: nil,
      summary: "a field named AIGC holds no label that can be read",
      quotation: Quotation.of(field.value), label: nothing, place: field.place,
      reason: "it is no JSON object with the label's fields")
  }
}

extension JSONText {
  fileprivate func member(ignoringCase name: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name.uppercased() == name.uppercased() }?.value
  }
}

extension ProvenanceRule {
  static let aigcLabel = ProvenanceRule("tc260.aigc", "China's AIGC label") { fields in
    let texts = fields.all.compactMap { field -> ProvenanceSign? in
      let isNamed = field.name.uppercased().contains("AIGC")
      guard
        isNamed || field.value.holds("Label") || field.value.holds("ContentProducer")
          || field.value.holds("ServiceProvider"),
        !field.value.isEmpty
      else { return nil }
      guard let (label, isJSON) = AIGCLabel.object(in: field.value, isNamed: isNamed) else {
        return isNamed ? AIGCLabel.unreadable(field) : nil
      }
      return AIGCLabel.sign(
        label, field, wrongForm: isJSON ? nil : "it is written as Python's literal, not as JSON")
    }
    let properties = AIGCLabel.labels(inPropertiesOf: fields).map { field, label in
      AIGCLabel.sign(label, field, wrongForm: "its fields are XMP properties of their own, not one JSON text")
    }
    return texts + properties
  }

  /// A field of that name whose value is yes: `ai_generated = true`, as some libraries write it beside a label.
  static let aiGeneratedFlag = ProvenanceRule("aiGenerated", "A field that says AI-generated") { fields in
    let yes: Set<String> = ["true", "yes", "1"]
    return fields.named(
      "ai_generated", "is_ai_generated", "generated_by_ai", "ai_generated_content", "ai_generated_image"
    )
    .filter { yes.contains($0.trimmed.lowercased()) }.map { field in
      ProvenanceSign(
        rule: "aiGenerated", strength: .medium, origin: .generated,
        summary: "\(Quotation.of(field.name, limit: 40)) declares an AI-generated picture",
        quotation: Quotation.of(field.value, limit: 40), place: field.place,
        reason: "the field follows no standard and names no program")
    }
  }
}

extension AIGCLabel {
  /// What a label declares.
  ///
  /// - Parameter wrongForm: what is wrong with how it is written; nil for the standard's form.
  fileprivate static func sign(_ label: JSONText, _ field: MetadataField, wrongForm: String?)
    -> ProvenanceSign
  {
    func quoted(_ name: String) -> String? {
      guard let text = label[name]?.scalarText, !text.isEmpty else { return nil }
      return Quotation.of(text, limit: 80)
    }
    var said = Evidence.Detail.AIGCLabel()
    said.label = quoted("Label")
    said.contentProducer = quoted("ContentProducer")
    said.produceID = quoted("ProduceID")
    said.contentPropagator = quoted("ContentPropagator")
    said.propagateID = quoted("PropagateID")
    said.serviceProvider = quoted("ServiceProvider")
    let names = label.names.intersection(fieldNames)
    said.fields = names.sorted()
    said.isAllTexts = wrongForm == nil && names.allSatisfy { label[$0]?.string != nil }
    said.form = wrongForm
    let meaning: (strength: ProvenanceSign.Strength, words: String)? =
      switch label["Label"]?.scalarText?.trimmedBlanks {
      case "1": (.strong, "AI-generated content")
      case "2": (.medium, "possibly AI-generated content")
      case "3": (.medium, "suspected AI-generated content")
      case nil: (.medium, "a producer of AI-generated content")
      default: nil
      }
    guard let meaning else {
      return ProvenanceSign(
        rule: "tc260.aigc", standing: .context, strength: .weak, origin: nil,
        summary: "China's AIGC label says nothing that its standard knows",
        quotation: Quotation.of(field.value), label: said, place: field.place,
        reason: "its Label is none of 1, 2 and 3")
    }
    let reasons = [
      meaning.strength == .strong
        ? nil : "the label does not say that the content is AI-generated for certain",
      wrongForm,
    ].compactMap { $0 }
    return ProvenanceSign(
      rule: "tc260.aigc", strength: meaning.strength, origin: .generated, generator: "TC260 AIGC label",
      summary: "China's AIGC label declares \(meaning.words)", quotation: Quotation.of(field.value),
      label: said, place: field.place, reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
  }
}
