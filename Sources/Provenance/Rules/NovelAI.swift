extension ProvenanceRule {
  /// PNG `Software` = `NovelAI` with `Source`, `Comment` and `Title`; the same as JSON in EXIF or in the pixels.
  ///
  /// ``NovelAISignature`` checks the signed hash that `Comment` may hold.
  static let novelAI = ProvenanceRule("novelai", "NovelAI") { fields in
    var signs: [ProvenanceSign] = []
    let software = fields.with(.software).filter { $0.trimmed == "NovelAI" }
    let wrapped = fields.objects(holding: "NovelAI").filter { $0.json["Software"]?.string == "NovelAI" }
    let source =
      fields.with(.source).first { isModel($0.trimmed) }?.trimmed
      ?? wrapped.lazy.compactMap { $0.json["Source"]?.string }.first
    let comment = NovelAISignature.comment(in: fields)
    func add(_ field: MetadataField, _ summary: String, _ strength: ProvenanceSign.Strength) {
      var detail: [ProvenanceSign.Part: String] = [:]
      if let source { detail[.model] = Quotation.of(source, limit: 80) }
      if let comment {
        for part in [ProvenanceSign.Part.sampler, .steps, .seed] {
          if let value = comment.json[part.rawValue]?.scalarText {
            detail[part] = Quotation.of(value, limit: 80)
          }
        }
      }
      signs.append(
        ProvenanceSign(
          rule: "novelai", strength: strength, origin: .generated, generator: "NovelAI", summary: summary,
          quotation: Quotation.of(field.value), detail: detail, place: field.place))
    }
    for field in software { add(field, "Software declares NovelAI", .strong) }
    for (field, _) in wrapped {
      add(
        field,
        field.carrier == .pixels
          ? "text hidden in the pixels declares NovelAI" : "JSON metadata declares NovelAI",
        .strong)
    }
    if signs.isEmpty {
      // Files that lost their Software field keep these.
      if let comment, comment.json["signed_hash"] != nil, comment.json.names.contains("sampler") {
        add(comment.field, "a comment with NovelAI's signed hash declares NovelAI", .strong)
      } else if let field = fields.with(.source).first(where: { isModel($0.trimmed) }) {
        add(field, "Source declares a NovelAI model", .medium)
      }
    }
    return signs
  }

  private static func isModel(_ text: String) -> Bool { text.hasPrefix("NovelAI Diffusion") }
}
