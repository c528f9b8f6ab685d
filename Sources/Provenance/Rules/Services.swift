/// Hosted services that sign their work with a text of their own.
extension ProvenanceRule {
  /// `… --v 5.2 Job ID: 2b6e053b-…` in a description. A picture's GUID in XMP alone names nobody.
  static let midjourney = ProvenanceRule("midjourney", "Midjourney") { fields in
    fields.with(.prose).compactMap { field in
      guard
        let id = TextPatterns.value(
          after: "Job ID:", in: field.value, until: { $0.isWhitespace || $0 == "," }),
        TextPatterns.isUUID(id)
      else { return nil }
      var detail: [ProvenanceSign.Part: String] = [.jobID: id]
      if let version = TextPatterns.value(after: "--v ", in: field.value, until: \.isWhitespace) {
        detail[.version] = Quotation.of(version, limit: 20)
      }
      return ProvenanceSign(
        rule: "midjourney", strength: .strong, origin: .generated, generator: "Midjourney",
        summary: "a prompt with job id declares Midjourney", quotation: Quotation.of(field.value),
        detail: detail,
        place: field.place)
    }
  }

  /// DALL·E 2 of 2022: EXIF UserComment `Made with OpenAI Labs`, MakerNote `OpenAI--ImageGeneration--…`.
  static let openAILabs = ProvenanceRule("openai.labs", "OpenAI Labs") { fields in
    fields.all.compactMap { field in
      guard field.carrier != .xmp,
        field.trimmed.hasPrefix("OpenAI--ImageGeneration--")
          || field.role == .prose && field.trimmed == "Made with OpenAI Labs"
      else { return nil }
      return ProvenanceSign(
        rule: "openai.labs", strength: .strong, origin: .generated, generator: "OpenAI",
        summary: "the file declares OpenAI's image generation", quotation: Quotation.of(field.value),
        place: field.place)
    }
  }

  /// JPEG EXIF `ImageDescription` = `Signature: <base64>` together with `Artist` = a UUID. Each alone says
  /// nothing; the signature cannot be checked without xAI's key.
  static let grok = ProvenanceRule("xai.grok", "xAI Grok") { fields in
    let label = "Signature:"
    guard
      let signature = fields.named("ImageDescription", in: .exif).first(where: { field in
        field.trimmed.hasPrefix(label)
          && TextPatterns.isBase64(field.trimmed.dropFirst(label.count).trimmedBlanks, atLeast: 64)
      }), let artist = fields.named("Artist", in: .exif).first(where: { TextPatterns.isUUID($0.trimmed) })
    else { return [] }
    return [
      ProvenanceSign(
        rule: "xai.grok", strength: .strong, origin: .generated, generator: "xAI Grok",
        summary: "a signature with a picture id, as xAI writes them, declares Grok",
        quotation: Quotation.of(signature.value, limit: 60), detail: [.imageID: artist.trimmed],
        place: signature.place, reason: "the signature cannot be checked without xAI's key")
    ]
  }

  /// JSON that ByteDance's apps put into EXIF ImageDescription or UserComment. `aigc_type` 0 and exports of
  /// mere edits say nothing.
  static let byteDance = ProvenanceRule("bytedance", "ByteDance apps") { fields in
    let markers = ["aigc_label_type", "aigc_type", "exportType"]
    return fields.all.compactMap { field in
      guard field.role == .prose, markers.contains(where: field.value.holds), let json = field.jsonObject
      else { return nil }
      func value(_ name: String) -> String? {
        if let text = json[name]?.scalarText { return text }
        for key in ["data", "aigc", "extra", "aigc_info"] {
          if let text = json[key]?[name]?.scalarText { return text }
          // Some apps put an object's text into a string.
          if let inner = json[key]?.string.flatMap({ JSONText($0) }), let text = inner[name]?.scalarText {
            return text
          }
        }
        return nil
      }
      let labelled = ["1", "2"].contains(value("aigc_label_type") ?? "")
      let generated = value("aigc_type") == "1"
      let exported = value("exportType")?.lowercased() == "generation"
      guard labelled || generated || exported else { return nil }
      var detail: [ProvenanceSign.Part: String] = [:]
      for part in [ProvenanceSign.Part.aigcLabelType, .aigcType, .exportType, .product] {
        if let text = value(part.rawValue) { detail[part] = Quotation.of(text, limit: 80) }
      }
      return ProvenanceSign(
        rule: "bytedance", strength: labelled || generated ? .strong : .medium, origin: .generated,
        generator: "ByteDance", summary: "an app's export data declares AI generation",
        quotation: Quotation.of(field.value), detail: detail, place: field.place)
    }
  }

  /// `Credit` lines that services write word for word: XMP photoshop:Credit, IIM 2:110 and alike.
  static let creditLines = ProvenanceRule("credit", "Credit lines") { fields in
    let lines: [(text: String, generator: String, origin: ProvenanceSign.Origin)] = [
      ("made with google ai", "Google AI", .generated),
      ("edited with google ai", "Google AI", .edited),
      ("apple photos clean up", "Apple Photos Clean Up", .edited),
      ("apple image playground", "Apple Image Playground", .generated),
      ("image playground", "Apple Image Playground", .generated),
      ("imagined with ai", "Meta AI", .generated),
      ("imagined with meta ai", "Meta AI", .generated),
      ("made with meta ai", "Meta AI", .generated),
      ("made with openai labs", "OpenAI", .generated),
    ]
    return fields.with(.credit, .software, .source, .device).compactMap { field in
      var value = field.trimmed.lowercased()
      if value.hasSuffix(".") { value.removeLast() }
      guard let line = lines.first(where: { $0.text == value }) else { return nil }
      return ProvenanceSign(
        rule: "credit", strength: line.generator == "Apple Image Playground" ? .medium : .strong,
        origin: line.origin, generator: line.generator,
        summary: "\(field.name) declares \"\(Quotation.of(field.value, limit: 60))\"",
        quotation: Quotation.of(field.value), place: field.place)
    }
  }

  /// Facebook's and Instagram's mark of a re-encoded upload: context, not AI.
  static let facebook = ProvenanceRule("facebook", "Facebook re-encoding") { fields in
    fields.named(
      "SpecialInstructions", "OriginalTransmissionReference", "Instructions", "TransmissionReference"
    )
    .filter { $0.trimmed.hasPrefix("FBMD") }.prefix(1).map { field in
      ProvenanceSign(
        rule: "facebook", standing: .context, strength: .weak, origin: nil,
        summary: "the file went through Facebook or Instagram, which removes most marks",
        quotation: Quotation.of(field.value, limit: 40), place: field.place)
    }
  }
}
