/// Programs that write one JSON object under a key, or several keys, of their own.
extension ProvenanceRule {
  /// XMP `exif:UserComment` as JSON with `c` (prompt), `uc`, `model`, `seed`; XMP `CreatorTool` `Draw Things`.
  static let drawThings = ProvenanceRule("drawThings", "Draw Things") { fields in
    fields.objects(holding: "\"c\"").compactMap { field, json in
      let names = json.names
      let shared = names.intersection(["uc", "model", "seed", "sampler", "steps", "scale", "size", "v2"])
      guard names.contains("c"), names.contains("model") || names.contains("v2"), shared.count >= 3 else {
        return nil
      }
      return ProvenanceSign(
        rule: "drawThings", strength: .strong, origin: .generated, generator: "Draw Things",
        summary: "JSON generation data declares Draw Things", quotation: Quotation.of(field.value),
        detail: quoted(json, [.model: "model", .seed: "seed", .prompt: "c"]), place: field.place)
    }
  }

  /// `parameters`, EXIF UserComment or Model as JSON with `sui_image_params`.
  static let swarmUI = ProvenanceRule("swarmui", "SwarmUI") { fields in
    fields.objects(holding: "\"sui_image_params\"").compactMap { field, json in
      guard let parameters = json["sui_image_params"], case .object = parameters else { return nil }
      return ProvenanceSign(
        rule: "swarmui", strength: .strong, origin: .generated, generator: "SwarmUI",
        summary: "generation parameters declare SwarmUI", quotation: Quotation.of(field.value),
        detail: quoted(
          parameters, [.model: "model", .seed: "seed", .prompt: "prompt", .version: "swarm_version"]),
        place: field.place)
    }
  }

  /// PNG keys `use_stable_diffusion_model`, `use_vae_model` … (or in words: `Stable Diffusion model`) beside a
  /// prompt, or one JSON object of them in EXIF UserComment. The other keys are those of many programs.
  static let easyDiffusion = ProvenanceRule("easyDiffusion", "Easy Diffusion") { fields in
    let own: Set<String> = [
      "usestablediffusionmodel", "stablediffusionmodel", "usevaemodel", "vaemodel", "usehypernetworkmodel",
      "hypernetworkmodel", "usefacecorrection", "useupscale", "useupscaling", "usecontrolnetmodel",
      "useloramodel",
    ]
    var signs: [ProvenanceSign] = []
    func add(_ field: MetadataField) {
      signs.append(
        ProvenanceSign(
          rule: "easyDiffusion", strength: .strong, origin: .generated, generator: "Easy Diffusion",
          summary: "generation settings declare Easy Diffusion", quotation: Quotation.of(field.value),
          place: field.place))
    }
    let keys = Set(fields.all.filter { $0.carrier == .text }.map(\.foldedName))
    if let prompt = fields.named("prompt", in: .text).first, !keys.isDisjoint(with: own) { add(prompt) }
    for (field, json) in fields.objects(holding: "rompt") where field.carrier != .pixels {
      let names = Set(json.names.map { MetadataField.fold($0) })
      if names.contains("prompt"), !names.isDisjoint(with: own) { add(field) }
    }
    return signs
  }

  /// Tensor.Art and its kin: PNG `generation_data` as JSON.
  static let tensorArt = ProvenanceRule("tensorArt", "Tensor.Art") { fields in
    fields.named("generation_data").compactMap { field in
      guard let json = field.jsonObject,
        json.names.intersection(["models", "baseModel", "prompt", "seed", "steps", "samplerName", "sdVae"])
          .count >= 2
      else { return nil }
      return ProvenanceSign(
        rule: "tensorArt", strength: .strong, origin: .generated, generator: "Tensor.Art",
        summary: "generation data declares Tensor.Art", quotation: Quotation.of(field.value),
        detail: quoted(json, [.seed: "seed", .prompt: "prompt"]), place: field.place)
    }
  }

  /// `Include in Image: …; Exclude from Image: …; Model: …; … Generator: Mochi Diffusion` in a description.
  static let mochiDiffusion = ProvenanceRule("mochiDiffusion", "Mochi Diffusion") { fields in
    fields.with(.prose).compactMap { field in
      guard
        field.value.holds("Generator: Mochi Diffusion")
          || field.value.holds("Include in Image:") && field.value.holds("Seed:")
            && field.value.holds("Model:")
      else { return nil }
      return ProvenanceSign(
        rule: "mochiDiffusion", strength: .strong, origin: .generated, generator: "Mochi Diffusion",
        summary: "generation settings declare Mochi Diffusion", quotation: Quotation.of(field.value),
        place: field.place)
    }
  }

  /// PNG `hf-job-id`: a job hosted by Hugging Face wrote the file; which model is not said.
  static let huggingFaceJob = ProvenanceRule("huggingFaceJob", "Hugging Face jobs") { fields in
    fields.named("hf-job-id").filter { !$0.trimmed.isEmpty }.map { field in
      ProvenanceSign(
        rule: "huggingFaceJob", strength: .medium, origin: .generated, generator: "Hugging Face",
        summary: "hf-job-id declares a job hosted by Hugging Face", quotation: Quotation.of(field.value),
        place: field.place, reason: "the job's model is not named")
    }
  }

  /// Scalars of an object under names of ours.
  private static func quoted(
    _ json: JSONText, _ names: [ProvenanceSign.Part: String]
  ) -> [ProvenanceSign.Part: String] {
    names.compactMapValues { key in json[key]?.scalarText.map { Quotation.of($0, limit: 80) } }
  }
}
