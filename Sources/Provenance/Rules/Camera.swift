extension ProvenanceRule {
  /// A camera's EXIF that agrees with itself: known maker, model, exposure, date, lens, and the maker's own
  /// note in the maker's own form. Easily copied, so never more than medium.
  static let camera = ProvenanceRule("camera", "Camera EXIF") { fields in
    guard let make = fields.named("Make", in: .exif).first,
      let model = fields.named("Model", in: .exif).first,
      let maker = CameraMakers.maker(make.trimmed), !model.trimmed.isEmpty
    else { return [] }
    let exposure = ["ExposureTime", "FNumber", "ISOSpeedRatings", "PhotographicSensitivity", "FocalLength"]
      .filter { !fields.named($0, in: .exif).isEmpty }
    guard exposure.count >= 2, !fields.named("DateTimeOriginal", in: .exif).isEmpty else { return [] }
    let note = fields.named("MakerNoteManufacturer", in: .exif).first
    let agrees = note.map { CameraMakers.agree(maker, note: $0.value) } ?? false
    return [
      ProvenanceSign(
        rule: "camera", strength: agrees ? .medium : .weak, origin: .captured,
        summary: "EXIF declares a capture by \(Quotation.of(model.value, limit: 40))",
        quotation: Quotation.of("\(make.trimmed) \(model.trimmed)", limit: 80),
        detail: [.make: Quotation.of(make.value, limit: 40), .model: Quotation.of(model.value, limit: 40)],
        place: make.place,
        reason: agrees
          ? "EXIF can be copied from one file to another"
          : note == nil
            ? "there is no maker's note of a known form, and EXIF can be copied"
            : "the maker's note is another maker's")
    ]
  }
}

/// Makers of cameras, and whose private notes their files hold.
enum CameraMakers {
  /// Makers as `Make` begins, folded to lower case.
  static let all = [
    "canon", "nikon", "sony", "fujifilm", "olympus", "om digital", "panasonic", "leica", "pentax", "ricoh",
    "apple", "google", "samsung", "hasselblad", "sigma", "dji", "gopro", "huawei", "honor", "xiaomi",
    "oneplus", "oppo",
    "vivo", "motorola", "eastman kodak", "kodak", "casio", "minolta", "konica minolta", "phase one", "lge",
    "htc",
    "nokia", "hmd global", "realme", "asus", "epson", "seiko epson", "mamiya", "zte", "meizu", "nothing",
  ]
  /// Makers whose cameras write another maker's note.
  static let allied: [String: [String]] = [
    "leica": ["panasonic"], "ricoh": ["pentax"], "pentax": ["ricoh"], "om digital": ["olympus"],
    "konica minolta": ["minolta"], "eastman kodak": ["kodak"], "seiko epson": ["epson"],
  ]

  static func maker(_ make: String) -> String? {
    let folded = make.lowercased()
    return all.first { folded == $0 || folded.hasPrefix($0 + " ") || folded.hasPrefix($0 + ",") }
  }

  /// Whether a note of this manufacturer belongs into a file of this maker.
  static func agree(_ maker: String, note manufacturer: String) -> Bool {
    let folded = manufacturer.lowercased()
    return folded.hasPrefix(maker) || maker.hasPrefix(folded)
      || (allied[maker] ?? []).contains { folded.hasPrefix($0) }
  }
}
