extension ProvenanceRule {
  /// Text hidden in the pixels' lowest bits in the "stealth pnginfo" form whose content no other rule reads.
  static let stealthText = ProvenanceRule("stealth", "Text hidden in the pixels") { fields in
    fields.all.filter { $0.carrier == .pixels }.compactMap { field in
      let isNovelAI = field.jsonObject?["Software"]?.string == "NovelAI"
      guard !isNovelAI, GenerationParameters.read(field.value, atLeast: 1) == nil,
        !field.value.holds("\"class_type\""), !field.value.holds("\"sui_image_params\"")
      else { return nil }
      return ProvenanceSign(
        rule: "stealth", strength: .medium, origin: .generated,
        summary: "text hidden in the pixels, as image generators hide it, declares one",
        quotation: Quotation.of(field.value), place: field.place, reason: "the text names no known generator")
    }
  }
}
