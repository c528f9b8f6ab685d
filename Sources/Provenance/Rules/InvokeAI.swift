extension ProvenanceRule {
  /// PNG `invokeai_metadata` (what was asked for), `invokeai_graph` and `invokeai_workflow`.
  static let invokeAI = ProvenanceRule("invokeai", "InvokeAI") { fields in
    let asked: Set<String> = [
      "positive_prompt", "negative_prompt", "seed", "steps", "model", "generation_mode", "cfg_scale",
      "scheduler",
    ]
    return fields.named("invokeai_metadata", "invokeai_graph", "invokeai_workflow").compactMap { field in
      guard let json = field.jsonObject, !json.names.isEmpty else { return nil }
      let isGraph = field.foldedName != "invokeaimetadata"
      let generates =
        isGraph
        ? field.value.holds("denoise") || field.value.holds("noise") : !json.names.isDisjoint(with: asked)
      var detail: [ProvenanceSign.Part: String] = [:]
      for (part, value): (ProvenanceSign.Part, String?) in [
        (.version, json["app_version"]?.scalarText), (.seed, json["seed"]?.scalarText),
        (.steps, json["steps"]?.scalarText), (.prompt, json["positive_prompt"]?.scalarText),
        (.model, json["model"]?["name"]?.scalarText ?? json["model"]?["model_name"]?.scalarText),
      ] {
        if let value { detail[part] = Quotation.of(value, limit: 80) }
      }
      return ProvenanceSign(
        rule: "invokeai", strength: generates ? .strong : .medium, origin: generates ? .generated : .edited,
        generator: "InvokeAI",
        summary:
          "InvokeAI's \(isGraph ? "graph" : "metadata") declares \(generates ? "a generated picture" : "its canvas")",
        quotation: Quotation.of(field.value), detail: detail, place: field.place,
        reason: generates ? nil : "nothing in it asks a model for a picture")
    }
  }

  /// InvokeAI before version 3: `sd-metadata` (JSON) and `Dream` (a command line).
  static let invokeAILegacy = ProvenanceRule("invokeai.legacy", "InvokeAI before version 3") { fields in
    let metadata = fields.named("sd-metadata").compactMap { field -> ProvenanceSign? in
      guard let json = field.jsonObject,
        !json.names.isDisjoint(with: ["model", "model_weights", "app_id", "image", "model_hash"])
      else { return nil }
      return ProvenanceSign(
        rule: "invokeai.legacy", strength: .strong, origin: .generated, generator: "InvokeAI",
        summary: "sd-metadata declares InvokeAI", quotation: Quotation.of(field.value), place: field.place)
    }
    let commands = fields.named("Dream").compactMap { field -> ProvenanceSign? in
      guard dreamSwitches(field.value) >= 3 else { return nil }
      return ProvenanceSign(
        rule: "invokeai.legacy", strength: .strong, origin: .generated, generator: "InvokeAI",
        summary: "a Dream command line declares InvokeAI", quotation: Quotation.of(field.value),
        place: field.place)
    }
    return metadata + commands
  }

  /// How many different switches such as `-s50`, `-S 123`, `-W512`, `-C7.5`, `-Ak_lms` a command line holds.
  private static func dreamSwitches(_ text: String) -> Int {
    let words = text.split(separator: " ")
    var seen: Set<Character> = []
    for (index, word) in words.enumerated() where word.first == "-" && word.count >= 2 {
      let name = word[word.index(after: word.startIndex)]
      let value = word.count > 2 ? word.dropFirst(2) : index + 1 < words.count ? words[index + 1] : ""
      let isNumber = value.first?.isNumber ?? false
      if "sSWHC".contains(name) && isNumber || name == "A" && !value.isEmpty { seen.insert(name) }
    }
    return seen.count
  }
}
