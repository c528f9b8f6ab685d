import ImageFormats

/// The marks of origin that a file carries, as a copy or a transformed picture should keep them.
struct Marks: Sendable, Hashable {
  /// What is compared, one at a time.
  enum Kind: String, CaseIterable {
    case credentials, digitalSourceType, aigc, credit, watermark
  }

  /// Each mark's value; a kind that is not there has none.
  private(set) var values: [Kind: Set<String>] = [:]

  init(_ facts: Facts) {
    func texts(_ name: String) -> Set<String> {
      switch facts[name] {
      case .list(let items): Set(items)
      case .text(let text): [text]
      default: []
      }
    }
    // A store that does not hold any more is no mark: whoever reads it is told that something is wrong.
    if !texts("credentials.state").isDisjoint(with: ["trusted", "valid"]) {
      values[.credentials] = ["signed"]
    }
    let types = texts("metadata.digitalSourceType")
    if !types.isEmpty { values[.digitalSourceType] = types }
    if facts["metadata.aigc"] == .flag(true) { values[.aigc] = texts("metadata.aigcLabel") }
    let credits = texts("metadata.credit")
    if !credits.isEmpty { values[.credit] = credits }
    let payloads = texts("watermark.payloads").union(texts("watermark.schemes"))
    if !payloads.isEmpty { values[.watermark] = payloads }
  }

  var kinds: Set<Kind> { Set(values.keys) }

  /// Kinds that are here and not, or not whole, in a copy.
  ///
  /// A source type may change on the way, as an edit makes of a capture a composite; it is lost when AI is no
  /// longer named. A watermark is lost when one of its payloads is.
  func lost(in copy: Marks) -> [Kind] {
    Kind.allCases.filter { kind in
      guard let mine = values[kind] else { return false }
      guard let theirs = copy.values[kind] else { return true }
      return switch kind {
      case .digitalSourceType: !mine.isDisjoint(with: Self.aiTypes) && theirs.isDisjoint(with: Self.aiTypes)
      case .watermark: !mine.isSubset(of: theirs)
      case .credentials, .aigc, .credit: false
      }
    }
  }

  private static let aiTypes = Set(
    DigitalSourceType.allCases.filter { [.generated, .edited].contains($0.origin) }.map(\.rawValue))
}
