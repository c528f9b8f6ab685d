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
    var detail = detail
    if let origin { detail["origin"] = .string(origin.rawValue) }
    if let alteration { detail["alteration"] = .string(alteration.rawValue) }
    if let generator { detail["generator"] = .string(generator) }
    try container.encode(detail, forKey: .detail)
    try container.encode(location, forKey: .location)
    try container.encode(reason, forKey: .reason)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    method = try container.decode(String.self, forKey: .method)
    `class` = try container.decode(Class.self, forKey: .class)
    result = try container.decode(Result.self, forKey: .result)
    strength = try container.decodeIfPresent(Strength.self, forKey: .strength)
    summary = try container.decode(String.self, forKey: .summary)
    var detail = try container.decodeIfPresent([String: DetailValue].self, forKey: .detail) ?? [:]
    if case .string(let text)? = detail["origin"], let known = Origin(rawValue: text) {
      origin = known
      detail["origin"] = nil
    }
    if case .string(let text)? = detail["alteration"], let known = Alteration(rawValue: text) {
      alteration = known
      detail["alteration"] = nil
    }
    if case .string(let text)? = detail["generator"] {
      generator = text
      detail["generator"] = nil
    }
    self.detail = detail
    location = try container.decodeIfPresent(EvidenceLocation.self, forKey: .location)
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
  }
}
