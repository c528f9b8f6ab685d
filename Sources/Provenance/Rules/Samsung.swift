extension ProvenanceRule {
  /// Samsung's trailer: block `PEg_Info`, or `PhotoEditor_Re_Edit_Data` whose JSON has a `genAIType` other
  /// than 0. Samsung documents neither.
  static let samsung = ProvenanceRule("samsung.galaxyAI", "Samsung Galaxy AI") { fields in
    fields.all.filter { $0.carrier == .trailer }.compactMap { field in
      guard ["PEg_Info", "PhotoEditor_Re_Edit_Data"].contains(field.name) else { return nil }
      let bytes = Array(field.value.utf8)
      let json = bytes.firstIndex(of: UInt8(ascii: "{")).flatMap {
        JSONText.prefix(of: bytes, from: $0)?.value
      }
      let type = json.flatMap { genAIType(in: $0, depth: 0) }
      if type == "0" || type == nil && field.name != "PEg_Info" { return nil }
      return ProvenanceSign(
        rule: "samsung.galaxyAI", strength: .medium, origin: .edited, generator: "Samsung Galaxy AI",
        summary: "Samsung's photo editor declares a generative edit", quotation: Quotation.of(field.value),
        detail: type.map { [.genAIType: $0] } ?? [:], place: field.place,
        reason: "Samsung does not document this trailer")
    }
  }

  /// The first `genAIType` at any depth; strings may hold JSON themselves.
  private static func genAIType(in json: JSONText, depth: Int) -> String? {
    guard depth < 6 else { return nil }
    switch json {
    case .object(let members):
      if let type = json["genAIType"]?.scalarText { return type }
      return members.lazy.compactMap { genAIType(in: $0.value, depth: depth + 1) }.first
    case .array(let items): return items.lazy.compactMap { genAIType(in: $0, depth: depth + 1) }.first
    case .string(let text):
      guard text.holds("genAIType"), let inner = JSONText(text) else { return nil }
      return genAIType(in: inner, depth: depth + 1)
    case .number, .boolean, .null: return nil
    }
  }
}
