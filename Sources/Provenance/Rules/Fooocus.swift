extension ProvenanceRule {
  /// PNG `parameters` or `Comment`, JPEG comment or EXIF UserComment as JSON, with `fooocus_scheme` or EXIF
  /// MakerNote `fooocus` beside it. Its other scheme is Automatic1111's text, which ``stableDiffusionWebUI``
  /// reads.
  static let fooocus = ProvenanceRule("fooocus", "Fooocus") { fields in
    var signs: [ProvenanceSign] = []
    let scheme = fields.named("fooocus_scheme").first {
      ["fooocus", "a1111"].contains($0.trimmed.lowercased())
    }
    let makerNote = fields.named("MakerNote", in: .exif).first { $0.trimmed.lowercased() == "fooocus" }
    for field in fields.all where field.value.utf8.contains(UInt8(ascii: "{")) {
      let isPlace = ["parameters", "comment", "usercomment", ""].contains(field.foldedName)
      guard isPlace, let json = field.jsonObject, isFooocus(json, marked: scheme != nil || makerNote != nil)
      else { continue }
      var detail: [ProvenanceSign.Part: String] = [:]
      for (part, keys): (ProvenanceSign.Part, [String]) in [
        (.model, ["base_model", "Base Model"]), (.version, ["version", "Version"]),
        (.seed, ["seed", "Seed"]),
        (.prompt, ["prompt", "Prompt"]),
      ] {
        if let value = keys.lazy.compactMap({ json[$0]?.scalarText }).first {
          detail[part] = Quotation.of(value, limit: 80)
        }
      }
      signs.append(
        ProvenanceSign(
          rule: "fooocus", strength: .strong, origin: .generated, generator: "Fooocus",
          summary: "JSON generation data declares Fooocus", quotation: Quotation.of(field.value),
          detail: detail,
          place: field.place))
    }
    for field in [scheme, makerNote].compactMap({ $0 }) where signs.isEmpty {
      signs.append(
        ProvenanceSign(
          rule: "fooocus", strength: .medium, origin: .generated, generator: "Fooocus",
          summary: "a metadata scheme declares Fooocus", quotation: Quotation.of(field.value),
          place: field.place))
    }
    return signs
  }

  private static func isFooocus(_ json: JSONText, marked: Bool) -> Bool {
    let names = json.names
    let version = json["version"]?.string ?? json["Version"]?.string ?? json["software"]?.string ?? ""
    if version.lowercased().holds("fooocus") { return true }
    if json["metadata_scheme"]?.string?.lowercased() == "fooocus" { return true }
    let prompt = names.contains("prompt") || names.contains("Prompt")
    let model =
      names.contains("base_model") || names.contains("Base Model") || names.contains("base_model_name")
    // `base_model` is a word of many programs; these are Fooocus's.
    let own: Set<String> = [
      "basemodelhash", "refinermodel", "refinerswitch", "admguidance", "fooocusv2expansion",
      "promptexpansion",
      "performance", "sharpness", "fullprompt", "metadatascheme",
    ]
    if prompt && names.contains("Base Model") { return true }
    if prompt && model && !own.isDisjoint(with: names.map { MetadataField.fold($0) }) { return true }
    return marked && (prompt || model)
  }
}
