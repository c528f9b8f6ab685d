/// The `parameters` text of Automatic1111's Stable Diffusion WebUI, which many programs write alike.
///
/// Prompt, then optionally `Negative prompt: …`, then one line of `Key: value` pairs that starts with `Steps`.
/// Writers are told apart by its `Version`, `App` or program-specific keys.
enum GenerationParameters {
  /// Keys of the settings line that a reader shows or counts.
  static let keys = [
    "Steps", "Sampler", "Seed", "CFG scale", "Size", "Model", "Model hash", "Version", "App", "Schedule type",
    "Denoising strength", "Clip skip", "Guidance", "Distilled CFG Scale", "VAE", "Backend", "Pipeline", "RNG",
    "Parser",
  ]

  /// The settings of a text, or nil if it is no such text.
  ///
  /// - Parameter minimum: how many known keys must be there beside `Steps` with a number.
  static func read(_ text: String, atLeast minimum: Int) -> [String: String]? {
    // The settings stand at the end; a very long text is a prompt with wildcards, or an attack.
    guard let start = settingsStart(text) else { return nil }
    let settings = TextPatterns.pairs(keys, in: String(text[start...].prefix(20_000)))
    guard let steps = settings["Steps"], !steps.isEmpty, steps.allSatisfy(\.isNumber),
      settings["Sampler"] != nil || settings["Seed"] != nil, settings.count > minimum
    else { return nil }
    return settings
  }

  /// The settings of a text whose line of settings has no number of steps, as some writers leave it out.
  ///
  /// Its last line is the settings: a seed and at least two others.
  static func readWithoutSteps(_ text: String) -> [String: String]? {
    guard let line = text.split(whereSeparator: \.isNewline).last, line.utf8.count <= 20_000 else {
      return nil
    }
    let settings = TextPatterns.pairs(keys, in: String(line))
    guard let seed = settings["Seed"], !seed.isEmpty, seed.allSatisfy(\.isNumber), settings.count >= 3,
      settings["Sampler"] != nil || settings["CFG scale"] != nil || settings["Model"] != nil
    else { return nil }
    return settings
  }

  /// Where the last `Steps: digit` starts.
  private static func settingsStart(_ text: String) -> String.Index? {
    var found: String.Index?
    var rest = text[...]
    while let range = rest.firstRange(of: "Steps:") {
      let before = rest[..<range.lowerBound].last ?? text[..<range.lowerBound].last
      let after = rest[range.upperBound...].first { $0 != " " }
      if before.map({ $0.isWhitespace || $0 == "," || $0 == "." }) ?? true, after?.isNumber ?? false {
        found = range.lowerBound
      }
      rest = rest[range.upperBound...]
    }
    return found
  }

  /// The program that wrote the settings.
  static func writer(_ settings: [String: String], text: String) -> (generator: String, variant: String?) {
    let version = settings["Version"] ?? ""
    let app = settings["App"] ?? ""
    if version.holds("stable-diffusion.cpp") || text.holds("SDCPP:") { return ("stable-diffusion.cpp", nil) }
    if version.lowercased().hasPrefix("comfyui") { return ("ComfyUI", nil) }
    if version.holds("Fooocus") { return ("Fooocus", nil) }
    if version.lowercased().holds("invoke") { return ("InvokeAI", nil) }
    if app.holds("SD.Next") || version.holds("SD.Next")
      || settings["Backend"] != nil && settings["Pipeline"] != nil
    {
      return ("Stable Diffusion WebUI", "SD.Next")
    }
    if version.lowercased().hasPrefix("f") || version.lowercased().holds("forge") {
      return ("Stable Diffusion WebUI", "Forge")
    }
    if version.lowercased().hasPrefix("neo") { return ("Stable Diffusion WebUI", "Forge Neo") }
    return ("Stable Diffusion WebUI", nil)
  }
}

extension ProvenanceRule {
  /// PNG `parameters`, EXIF UserComment, and the same text where other programs put it.
  static let stableDiffusionWebUI = ProvenanceRule("sdwebui", "Stable Diffusion WebUI") { fields in
    let native: Set<String> = ["parameters", "usercomment", "sdparameters"]
    let graphs = fields.all.filter { $0.isNativeGraph && $0.comfyGraph != nil }
    return fields.all.compactMap { field in
      let isNative = native.contains(field.foldedName) || field.carrier == .pixels
      // In free text a tutorial could say "Steps: 20"; four more settings are no accident.
      guard isNative || field.role == .prose else { return nil }
      let counted = GenerationParameters.read(field.value, atLeast: isNative ? 1 : 4)
      guard let settings = counted ?? (isNative ? GenerationParameters.readWithoutSteps(field.value) : nil)
      else { return nil }
      var (generator, variant): (String?, String?) = GenerationParameters.writer(settings, text: field.value)
      if variant == nil, generator == "Stable Diffusion WebUI" {
        // The form is the WebUI's, and nodes of ComfyUI write it too; without steps it is neither's.
        if !graphs.isEmpty { generator = "ComfyUI" } else if counted == nil { generator = nil }
      }
      var detail: [ProvenanceSign.Part: String] = [:]
      for (part, key): (ProvenanceSign.Part, String) in [
        (.steps, "Steps"), (.sampler, "Sampler"), (.seed, "Seed"), (.model, "Model"),
        (.modelHash, "Model hash"), (.version, "Version"),
      ] {
        if let value = settings[key], !value.isEmpty { detail[part] = Quotation.of(value, limit: 80) }
      }
      if let variant { detail[.variant] = variant }
      let model = detail[.model].map { " with model \($0)" } ?? ""
      return ProvenanceSign(
        rule: "sdwebui", strength: isNative ? .strong : .medium, origin: .generated, generator: generator,
        summary: "generation parameters declare \(variant ?? generator ?? "a generative model")\(model)",
        quotation: Quotation.of(field.value), detail: detail, place: field.place,
        reason: isNative ? nil : "the text stands in a field for descriptions")
    }
  }

  /// The WebUI's Extras tab: an upscaler or face restorer, not generation.
  static let webUIExtras = ProvenanceRule("sdwebui.extras", "Stable Diffusion WebUI Extras") { fields in
    let marks = [
      "Postprocess upscale", "Postprocess crop", "GFPGAN", "CodeFormer", "Upscale:", "upscaler", "Upscaler",
    ]
    return fields.named("postprocessing", "extras").compactMap { field in
      guard let mark = marks.first(where: field.value.holds), mark != "Postprocess crop" else { return nil }
      return ProvenanceSign(
        rule: "sdwebui.extras", strength: .medium, origin: .edited, generator: "Stable Diffusion WebUI",
        summary: "the WebUI's Extras settings declare an AI upscaler or face restorer",
        quotation: Quotation.of(field.value), place: field.place,
        reason: "it declares enhancement of a picture, which need not be generated itself")
    }
  }
}
