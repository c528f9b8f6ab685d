/// All fields of a file, and the ways in which rules look for one.
public struct MetadataFields: Sendable {
  /// In file order.
  public let all: [MetadataField]
  private let byName: [String: [MetadataField]]

  public init(_ all: [MetadataField]) {
    self.all = all
    byName = Dictionary(grouping: all, by: \.foldedName)
  }

  /// Fields by name; case, blanks, hyphens and underscores do not count.
  public func named(_ names: String...) -> [MetadataField] {
    names.flatMap { byName[MetadataField.fold($0)] ?? [] }
  }

  /// Fields of one name in one carrier.
  public func named(_ name: String, in carrier: MetadataField.Carrier) -> [MetadataField] {
    named(name).filter { $0.carrier == carrier }
  }

  /// Fields with one of these roles.
  public func with(_ roles: FieldRole...) -> [MetadataField] {
    all.filter { field in field.role.map(roles.contains) ?? false }
  }

  /// Fields whose value is a JSON object, and that object; `marker` must stand in the text, which spares the
  /// parser the others.
  public func objects(holding marker: String) -> [(field: MetadataField, json: JSONText)] {
    all.compactMap { field in
      guard field.value.utf8.contains(UInt8(ascii: "{")), field.value.holds(marker),
        let json = field.jsonObject
      else { return nil }
      return (field, json)
    }
  }
}

extension MetadataField {
  /// The value as a JSON object, tried as it stands, then with XML's entities resolved (some writers escape
  /// twice); nil if it is none.
  public var jsonObject: JSONText? {
    let text = trimmed
    guard text.utf8.first == UInt8(ascii: "{") else { return nil }
    if let json = JSONText(text) { return json }
    return text.holds("&quot;") ? JSONText(text.resolvingEntities) : nil
  }
}

extension StringProtocol {
  /// Whether the text holds these bytes; no case folding, no Unicode equivalence, so it is fast.
  func holds(_ part: String) -> Bool {
    let needle = Array(part.utf8)
    guard let first = needle.first else { return true }
    return Array(utf8).firstRange(of: needle, first: first) != nil
  }

  /// XML's five entities and decimal or hexadecimal references of quotes, resolved once.
  var resolvingEntities: String {
    var result = String(self)
    for (entity, character) in [
      ("&quot;", "\""), ("&#34;", "\""), ("&#x22;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"),
      ("&amp;", "&"),
    ] {
      result = result.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
    }
    return result
  }
}

extension [UInt8] {
  /// The first place where `needle` stands.
  func firstRange(of needle: [UInt8], first: UInt8, from start: Int = 0) -> Range<Int>? {
    guard needle.count <= count else { return nil }
    var place = start
    let last = count - needle.count
    while place <= last {
      if self[place] == first {
        var length = 1
        while length < needle.count, self[place + length] == needle[length] { length += 1 }
        if length == needle.count { return place..<(place + length) }
      }
      place += 1
    }
    return nil
  }
}
