/// What a gate can ask of a file's result: an outcome, or any outcome that says AI.
///
/// An altered file meets the condition of its other signs too, so that damaging a signature opens no gate.
public struct OutcomeCondition: RawRepresentable, CaseIterable, Sendable, Hashable {
  private enum Kind: Sendable, Hashable {
    case outcome(Outcome)
    case anyAI
  }

  private let kind: Kind

  /// Every outcome that says AI on whatever grounds, signs that exclude each other, and altered files with either.
  public static let anyAI = OutcomeCondition(kind: .anyAI)

  public static let allCases = Outcome.allCases.map { OutcomeCondition(kind: .outcome($0)) } + [anyAI]

  private init(kind: Kind) { self.kind = kind }

  public init?(rawValue: String) {
    guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }

  public var rawValue: String {
    switch kind {
    case .outcome(let outcome): outcome.rawValue
    case .anyAI: "any-ai"
    }
  }

  public func isMet(by result: ScanResult) -> Bool {
    let outcomes = [result.outcome, result.besides].compactMap { $0 }
    switch kind {
    case .anyAI: return outcomes.contains { $0.saysAI || $0 == .conflicting }
    // What could not be read to its end is unreadable for a gate, whatever its first part says.
    case .outcome(.unreadable): return result.outcome == .unreadable || result.error != nil
    case .outcome(let outcome): return outcomes.contains(outcome)
    }
  }
}
