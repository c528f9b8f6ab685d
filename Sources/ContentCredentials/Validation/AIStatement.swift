/// What an assertion says of AI's part in a picture, beside the digital source types of actions.
///
/// Sources: C2PA 2.4 (`c2pa.ai-disclosure`, the source type of ingredients without credentials); Adobe's
/// `com.adobe.generative-ai` of 2023 and its parameters for models of others; Black Forest Labs'
/// `c2pa.ai_generated_content`, which is in no specification.
public struct AIStatement: Sendable, Codable, Hashable {
  /// The label of the assertion that it stands in.
  public var assertion: String
  public var kind: OriginSummary.Kind
  public var digitalSourceType: String?
  /// The model or program that it names.
  public var tool: String?
  /// Whether it says what a model did to the picture. What only names a model leaves that open.
  public var isExplicit: Bool
}

extension Manifest {
  /// All such statements of a manifest, in the order of its assertions.
  var aiStatements: [AIStatement] {
    assertions.flatMap { assertion -> [AIStatement] in
      guard let value = assertion.value else { return [] }
      switch assertion.kind {
      case "com.adobe.generative-ai":
        return [
          AIStatement(
            assertion: assertion.label, kind: hasParent ? .editedWithAI : .generated,
            tool: Self.named(value["description"]?.text) ?? "Adobe Firefly", isExplicit: true)
        ]
      case "c2pa.ai-disclosure": return [disclosure(value, assertion.label)]
      case "c2pa.ai_generated_content":
        guard value["ai_generated"]?.bool != false else { return [] }
        return [
          AIStatement(
            assertion: assertion.label, kind: .generated, tool: Self.named(value["model"]?.text),
            isExplicit: false)
        ]
      case "c2pa.ingredient.v3": return ingredient(value, assertion.label).map { [$0] } ?? []
      case "c2pa.actions", "c2pa.actions.v2":
        return (value["actions"]?.array ?? []).compactMap { parameters(of: $0, assertion.label) }
      default: return []
      }
    }
  }

  private var hasParent: Bool { ingredients.contains { $0.relationship == "parentOf" } }

  private static func named(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

  /// A model that took part. How far, its oversight level or proportion may say.
  private func disclosure(_ value: CBOR, _ label: String) -> AIStatement {
    let level = value["contentProfile"]?["humanOversightLevel"]?.text ?? value["humanOversightLevel"]?.text
    let isWhole =
      ["fully_autonomous", "prompt_guided"].contains(level) || value["contentProportion"]?.text == "full"
    return AIStatement(
      assertion: label, kind: isWhole ? .generated : .editedWithAI,
      tool: Self.named(value["modelName"]?.text ?? value["modelIdentifier"]?.text), isExplicit: false)
  }

  /// A source type in an ingredient that has no manifest to say it itself.
  private func ingredient(_ value: CBOR, _ label: String) -> AIStatement? {
    guard value["activeManifest"] == nil, let type = value["digitalSourceType"]?.text,
      let kind = OriginSummary.Kind(sourceType: type), kind != .captured
    else { return nil }
    let isWhole = value["relationship"]?.text == "parentOf"
    return AIStatement(
      assertion: label, kind: isWhole ? kind : .editedWithAI, digitalSourceType: type,
      tool: nil, isExplicit: true)
  }

  /// A source type among an action's parameters, under a vendor's name: `com.adobe.digitalSourceType`.
  private func parameters(of action: CBOR, _ label: String) -> AIStatement? {
    let parameters = action["parameters"]?.map
    guard
      let entry = parameters?.entries.first(where: { $0.key.text?.hasSuffix(".digitalSourceType") == true }),
      let type = entry.value.text, let kind = OriginSummary.Kind(sourceType: type), kind != .captured
    else { return nil }
    let vendor = entry.key.text?.dropLast("digitalSourceType".count) ?? ""
    // An empty canvas that a model filled is generated; a model's step in other work is a part of it.
    let own = action["digitalSourceType"]?.text?.split(separator: "/").last
    let isWhole = action["action"]?.text == "c2pa.created" && (own == nil || own == "empty")
    return AIStatement(
      assertion: label, kind: isWhole ? kind : .editedWithAI, digitalSourceType: type,
      tool: Self.named(parameters?[vendor + "details"]?.text), isExplicit: true)
  }
}
