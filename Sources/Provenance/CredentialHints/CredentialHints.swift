public import ImageFormats

/// What a C2PA store declares of AI, without validating anything: a hint.
///
/// `ContentCredentials` validates; where its examiner runs, these hints are left out.
///
/// Source: C2PA 2.2 §18.15 (actions), conformance programme's signal rules.
public enum CredentialHints {
  /// At most one sign: the strongest statement of the store, its ingredients' manifests included.
  public static func signs(in file: ImageFile, container: ContainerMap) -> [ProvenanceSign] {
    guard let (bytes, range) = CredentialStore.find(file, container) else { return [] }
    var origins: Set<ProvenanceSign.Origin> = []
    var terms: [String] = []
    var agents: [String] = []
    var declaresAI = false
    for content in CredentialBoxes(bytes).contents where content.type == "cbor" {
      guard let label = content.labels.last, content.labels.count >= 2 else { continue }
      if label == "c2pa.ai_generated_content" || label == "c2pa.ai-disclosure" { declaresAI = true }
      guard
        label.hasPrefix("c2pa.actions") || label.hasPrefix("c2pa.claim")
          || label == "c2pa.ai_generated_content"
      else { continue }
      for entry in CBORTexts(bytes, content.range).entries {
        switch entry.path.last {
        case "digitalSourceType":
          guard let (term, isExact) = DigitalSourceTypes.term(entry.text), isExact else { continue }
          if let origin = DigitalSourceTypes.origins[term] { origins.insert(origin) }
          terms.append(term)
        case "softwareAgent", "claim_generator", "name", "model": agents.append(entry.text)
        case "description":
          if entry.text.trimmedBlanks.lowercased() == "ai generated image" { declaresAI = true }
        default: break
        }
      }
    }
    let generator = agents.lazy.compactMap(ProducerNames.canonical).first
    let origin: ProvenanceSign.Origin?
    if origins.contains(.generated) || declaresAI {
      origin = .generated
    } else if origins.contains(.edited) {
      origin = .edited
    } else if origins.isEmpty, generator != nil {
      origin = .generated
    } else {
      origin = origins.contains(.captured) ? .captured : nil
    }
    let place = FieldPlace(path: "C2PA store", bytes: range)
    let quotation = agents.first.map { Quotation.of($0, limit: 80) }
    guard let origin else {
      return [
        ProvenanceSign(
          rule: "c2pa", standing: .context, strength: .weak, origin: nil,
          summary: "Content Credentials are there and say nothing of AI", quotation: quotation, place: place,
          reason: "they were not validated")
      ]
    }
    return [
      ProvenanceSign(
        rule: "c2pa", strength: .medium, origin: origin, generator: generator,
        summary: "Content Credentials declare the picture \(DigitalSourceTypes.phrase(origin))",
        quotation: quotation,
        detail: terms.isEmpty
          ? [:] : ["digitalSourceType": Array(Set(terms)).sorted().joined(separator: ", ")],
        place: place, reason: "they were not validated")
    ]
  }
}
