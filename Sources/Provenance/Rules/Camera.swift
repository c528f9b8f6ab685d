extension ProvenanceRule {
  /// A camera's EXIF that agrees with itself: known maker, model, exposure, date, lens, and the maker's own
  /// note in the maker's own form. Easily copied, so never more than medium.
  static let camera = ProvenanceRule("camera", "Camera EXIF") { fields in
    guard let make = fields.named("Make", in: .exif).first, let model = fields.named("Model", in: .exif).first,
      let maker = CameraMakers.maker(make.trimmed), !model.trimmed.isEmpty
    else { return [] }
    let exposure = ["ExposureTime", "FNumber", "ISOSpeedRatings", "PhotographicSensitivity", "FocalLength"]
      .filter { !fields.named($0, in: .exif).isEmpty }
    guard exposure.count >= 2, !fields.named("DateTimeOriginal", in: .exif).isEmpty else { return [] }
    let note = fields.named("MakerNote", in: .exif).first
    let agrees = note.map { note in maker.notes.contains { note.value.hasPrefix($0) } } ?? false
    return [
      ProvenanceSign(
        rule: "camera", strength: agrees ? .medium : .weak, origin: .captured,
        summary: "EXIF declares a capture by \(Quotation.of(model.value, limit: 40))",
        quotation: Quotation.of("\(make.trimmed) \(model.trimmed)", limit: 80),
        detail: ["make": Quotation.of(make.value, limit: 40), "model": Quotation.of(model.value, limit: 40)],
        place: make.place,
        reason: agrees
          ? "EXIF can be copied from one file to another"
          : note == nil
            ? "the maker's own note is missing, and EXIF can be copied"
            : "the maker's note is not in the form that this maker uses, and EXIF can be copied")
    ]
  }
}

/// Makers of cameras and how their MakerNote begins.
enum CameraMakers {
  struct Maker: Sendable {
    let name: String
    /// Beginnings of the note; an empty one fits any (Canon's has no head).
    let notes: [String]
  }

  static let all = [
    Maker(name: "canon", notes: [""]), Maker(name: "nikon", notes: ["Nikon"]),
    Maker(name: "sony", notes: ["SONY", "VHAB", ""]), Maker(name: "fujifilm", notes: ["FUJIFILM"]),
    Maker(name: "olympus", notes: ["OLYMP", "OLYMPUS"]), Maker(name: "om digital", notes: ["OM SYSTEM", "OLYMP"]),
    Maker(name: "panasonic", notes: ["Panasonic"]), Maker(name: "leica", notes: ["LEICA", "Leica"]),
    Maker(name: "pentax", notes: ["AOC", "PENTAX"]), Maker(name: "ricoh", notes: ["Ricoh", "RICOH", "AOC", "PENTAX"]),
    Maker(name: "apple", notes: ["Apple iOS"]), Maker(name: "google", notes: ["HDRP", ""]),
    Maker(name: "samsung", notes: [""]), Maker(name: "hasselblad", notes: [""]),
    Maker(name: "sigma", notes: ["SIGMA", "FOVEON"]), Maker(name: "dji", notes: [""]),
    Maker(name: "gopro", notes: [""]), Maker(name: "huawei", notes: [""]), Maker(name: "xiaomi", notes: [""]),
    Maker(name: "oneplus", notes: [""]), Maker(name: "oppo", notes: [""]), Maker(name: "vivo", notes: [""]),
    Maker(name: "motorola", notes: [""]), Maker(name: "eastman kodak", notes: ["KDK", ""]),
    Maker(name: "casio", notes: ["QVC", ""]), Maker(name: "minolta", notes: [""]),
    Maker(name: "konica minolta", notes: [""]), Maker(name: "phase one", notes: [""]),
  ]

  static func maker(_ make: String) -> Maker? {
    let folded = make.lowercased()
    return all.first { folded == $0.name || folded.hasPrefix($0.name + " ") || folded.hasPrefix($0.name + ",") }
  }
}
