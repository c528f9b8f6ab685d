/// One fact about a file, a folder or a project, as a rule can ask for it.
public enum FactValue: Sendable, Hashable {
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([String])
}

/// What is known about one subject, by dotted name: `credentials.state`, `metadata.digitalSourceType`.
///
/// The part before the first dot is the fact's domain. Inside a domain that was examined, a missing
/// fact means "looked for and not there"; in any other domain it means "not known", and a rule that
/// asks for it ends `undetermined` instead of failing somebody for what nobody looked at.
public struct Facts: Sendable {
  /// Domains whose examination was done, so that absence there is a finding.
  public private(set) var examined: Set<String>
  private var values: [String: FactValue]

  public init(examined: Set<String> = []) {
    self.examined = examined
    self.values = [:]
  }

  public subscript(name: String) -> FactValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// Records that a domain was looked at, whatever was found there.
  public mutating func markExamined(_ domain: String) { examined.insert(domain) }

  /// Whether an absent `name` is a finding rather than a gap.
  public func isKnown(_ name: String) -> Bool {
    values[name] != nil || examined.contains(Self.domain(of: name))
  }

  /// Adds another subject's facts, for rules that need both a file and its project.
  public func merging(_ other: Facts) -> Facts {
    var merged = self
    merged.examined.formUnion(other.examined)
    merged.values.merge(other.values) { mine, _ in mine }
    return merged
  }

  /// Names and values in name order, for explanations and tests.
  public var sorted: [(name: String, value: FactValue)] {
    values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  static func domain(of name: String) -> String {
    String(name.prefix { $0 != "." })
  }
}

extension FactValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .flag(let flag): flag ? "yes" : "no"
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    case .text(let text): text
    case .list(let items): items.joined(separator: ", ")
    }
  }
}
