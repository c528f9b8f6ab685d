extension Evidence {
  /// The object `detail` of `assay.scan/1`, made of what is typed here, and read back into it.
  public var fields: [String: DetailValue] {
    get {
      var fields = unknown.merging(detail.fields) { _, known in known }
      if let origin { fields["origin"] = .string(origin.rawValue) }
      if let alteration { fields["alteration"] = .string(alteration.rawValue) }
      if let generator { fields["generator"] = .string(generator) }
      if let quotation { fields["quotation"] = .string(quotation) }
      return fields
    }
    set {
      var fields = newValue
      func take<Value>(_ name: String, _ known: (String) -> Value?) -> Value? {
        guard let value = fields[name].flatMap(String.init(detail:)).flatMap(known) else { return nil }
        fields[name] = nil
        return value
      }
      origin = take("origin", Origin.init)
      alteration = take("alteration", Alteration.init)
      generator = take("generator") { $0 }
      quotation = take("quotation") { $0 }
      detail = Detail(taking: &fields, method: method)
      unknown = fields
    }
  }

  /// Evidence as a scan line holds it.
  ///
  /// - Parameter fields: as ``fields``.
  public init(
    method: String, class: Class, result: Result, strength: Strength? = nil, summary: String,
    origin: Origin? = nil, generator: String? = nil, fields: [String: DetailValue],
    location: EvidenceLocation? = nil, reason: String? = nil, alteration: Alteration? = nil
  ) {
    self.init(
      method: method, class: `class`, result: result, strength: strength, summary: summary,
      location: location, reason: reason)
    self.fields = fields
    // What is told apart from the fields counts.
    if let origin { self.origin = origin }
    if let generator { self.generator = generator }
    if let alteration { self.alteration = alteration }
  }
}

extension Evidence: Codable {
  private enum CodingKeys: String, CodingKey {
    case method, `class`, result, strength, summary, detail, location, reason
  }

  /// Writes every key of `assay.scan/1`, with null for what is not known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(`class`, forKey: .class)
    try container.encode(result, forKey: .result)
    try container.encode(strength, forKey: .strength)
    try container.encode(summary, forKey: .summary)
    try container.encode(fields, forKey: .detail)
    try container.encode(location, forKey: .location)
    try container.encode(reason, forKey: .reason)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      method: try container.decode(String.self, forKey: .method),
      class: try container.decode(Class.self, forKey: .class),
      result: try container.decode(Result.self, forKey: .result),
      strength: try container.decodeIfPresent(Strength.self, forKey: .strength),
      summary: try container.decode(String.self, forKey: .summary),
      fields: try container.decodeIfPresent([String: DetailValue].self, forKey: .detail) ?? [:],
      location: try container.decodeIfPresent(EvidenceLocation.self, forKey: .location),
      reason: try container.decodeIfPresent(String.self, forKey: .reason))
  }
}
