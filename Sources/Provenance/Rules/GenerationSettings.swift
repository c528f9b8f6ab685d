/// Settings of a generation under plain names: a prompt, a seed, steps or a model.
///
/// Hundreds of programs write them, as texts of a PNG (`mold:prompt`, `SD:seed`), as properties of a namespace
/// of their own, or as one JSON object. What they are is clear without knowing who wrote them; a program is
/// named only by what is its own.
enum GenerationSettings {
  /// Names of settings, folded, by what they are.
  private static let prompts: Set<String> = [
    "prompt", "positiveprompt", "textprompt", "promptpositive", "positive",
  ]
  private static let negatives: Set<String> = [
    "negativeprompt", "promptnegative", "uncondprompt", "negative",
  ]
  private static let seeds: Set<String> = ["seed", "noiseseed", "randomseed", "seedvalue", "generatorseed"]
  private static let others: Set<String> = [
    "steps", "numinferencesteps", "samplingsteps", "inferencesteps", "model", "modelname", "modelid",
    "modelhash",
    "modeltype", "basemodel", "checkpoint", "ckptname", "sampler", "samplername", "scheduler", "cfg",
    "cfgscale",
    "guidance", "guidancescale", "lora", "loras",
  ]

  /// A setting's name without the program's before it: `mold:prompt` and `SD.prompt` are `prompt`.
  static func plainName(_ name: some StringProtocol) -> (prefix: String, name: String) {
    guard let cut = name.lastIndex(where: { ":./|".contains($0) }) else {
      return ("", MetadataField.fold(name))
    }
    return (String(name[..<cut]), MetadataField.fold(name[name.index(after: cut)...]))
  }

  /// Whether values under these folded names are the settings of a generation.
  static func areSettings(_ values: [String: String]) -> Bool {
    guard !prompts.isDisjoint(with: values.keys) else { return false }
    let settings = others.intersection(values.keys)
    let hasSeed = seeds.contains { name in
      values[name].map { Double($0.trimmedBlanks) != nil } ?? false
    }
    return hasSeed && !settings.isEmpty
      || !negatives.isDisjoint(with: values.keys) && (hasSeed || !settings.isEmpty)
  }

  /// The scalars of a JSON object by folded name, and of an object within it when its own are no settings.
  static func values(of json: JSONText) -> [String: String]? {
    guard case .object(let members) = json else { return nil }
    let own = scalars(members)
    if areSettings(own) { return own }
    return members.prefix(64).lazy.compactMap { member -> [String: String]? in
      guard case .object(let inner) = member.value else { return nil }
      let values = scalars(inner)
      return areSettings(values) ? values : nil
    }.first
  }

  private static func scalars(_ members: [JSONText.Member]) -> [String: String] {
    var values: [String: String] = [:]
    for member in members.prefix(1024) {
      if let text = member.value.scalarText { values[plainName(member.name).name] = text }
    }
    return values
  }

  /// The program that its own names or values give away.
  ///
  /// Sources: filipstrand/mflux, deepbeepmeep/Wan2GP, utensils/mold and Sygil-Dev/sygil-webui, as of 2026.
  static func program(prefix: String, _ values: [String: String]) -> String? {
    if values["mfluxversion"] != nil { return "MFLUX" }
    if values["type"]?.holds("WanGP") ?? false { return "WanGP" }
    if prefix == "mold" || prefix.holds("utensils/mold") { return "mold" }
    if prefix == "SD" { return "Sygil WebUI" }
    return nil
  }
}

extension ProvenanceRule {
  /// Texts of one prefix, properties of one namespace, or one JSON object with a prompt and settings.
  static let generationSettings = ProvenanceRule("settings", "Generation settings") { fields in
    var signs: [ProvenanceSign] = []
    func add(_ values: [String: String], prefix: String, _ field: MetadataField) {
      let program = GenerationSettings.program(prefix: prefix, values)
      var detail: [ProvenanceSign.Part: String] = [:]
      for (part, keys): (ProvenanceSign.Part, [String]) in [
        (.model, ["model", "modelname", "modeltype", "checkpoint"]), (.seed, ["seed"]),
        (.prompt, ["prompt"]), (.steps, ["steps", "numinferencesteps"]),
      ] {
        if let value = keys.lazy.compactMap({ values[$0] }).first {
          detail[part] = Quotation.of(value, limit: 80)
        }
      }
      signs.append(
        ProvenanceSign(
          rule: "settings", strength: program == nil ? .medium : .strong, origin: .generated,
          generator: program,
          summary: program.map { "generation settings declare \($0)" }
            ?? "generation settings with a prompt declare a generative model",
          quotation: Quotation.of(field.value), detail: detail, place: field.place,
          reason: program == nil ? "the settings name no program" : nil))
    }
    // Texts and properties that stand together.
    var groups: [(key: String, prefix: String, fields: [MetadataField])] = []
    for field in fields.all where field.carrier == .text || field.carrier == .xmp {
      let prefix =
        field.carrier == .text ? GenerationSettings.plainName(field.name).prefix : field.namespace ?? ""
      let key = field.carrier == .text ? prefix : "\(prefix) \(field.place.bytes?.lowerBound ?? 0)"
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].fields.append(field)
      } else if groups.count < 64 {
        groups.append((key, prefix, [field]))
      }
    }
    for group in groups {
      let values = Dictionary(
        group.fields.map { (GenerationSettings.plainName($0.name).name, $0.value) },
        uniquingKeysWith: { a, _ in a })
      guard GenerationSettings.areSettings(values),
        let prompt = group.fields.first(where: {
          GenerationSettings.plainName($0.name).name.hasSuffix("prompt")
        })
      else { continue }
      add(values, prefix: group.prefix, prompt)
    }
    for field in fields.all {
      guard let (prefix, json) = field.settingsObject, let values = GenerationSettings.values(of: json) else {
        continue
      }
      add(values, prefix: prefix, field)
    }
    return signs
  }
}

extension MetadataField {
  /// A JSON object that is the value, or follows a short name such as `mold:parameters`.
  fileprivate var settingsObject: (prefix: String, json: JSONText)? {
    guard carrier != .pixels, value.holds("rompt") else { return nil }
    if let json = jsonObject { return (GenerationSettings.plainName(name).prefix, json) }
    let bytes = Array(trimmed.utf8)
    guard let brace = bytes.prefix(48).firstIndex(of: UInt8(ascii: "{")), brace > 0,
      let json = JSONText.prefix(of: bytes, from: brace)?.value
    else { return nil }
    let head = String(decoding: bytes[..<brace], as: UTF8.self).trimmedBlanks
    let isName = head.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ":._-/".contains($0)) }
    return isName ? (GenerationSettings.plainName(head).prefix, json) : nil
  }
}
