public import Scanning

/// One file's part in an audit: what the scan found, and what the rules say of it.
///
/// What counts and lists ask for is at hand. The scan is unpacked anew each time it is asked for, as ten thousand of
/// them would fill the memory: ask once.
public struct AuditItem: Sendable {
  /// The path as the scan gave it.
  public let file: String
  public let outcome: Outcome
  /// Classes of which evidence was found.
  public let classes: Set<Evidence.Class>
  /// Why a reader should look at a file; the gravest first.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Something signed is not any more as it was signed.
    case altered
    /// Its signs exclude each other.
    case conflicting
    /// It could not be read, or not to its end.
    case unreadable
    /// A rule fails.
    case fails
    /// A rule of more than a note's weight warns, and none fails.
    case warns

    /// Of a file with these results; nil where nobody needs to look: it was read, its signs agree, and no rule of more
    /// than a note's weight complains.
    public init?(_ scan: ScanResult, _ judgements: [Judgement]) {
      if scan.outcome == .altered {
        self = .altered
      } else if scan.outcome == .conflicting {
        self = .conflicting
      } else if scan.error != nil {
        self = .unreadable
      } else if judgements.contains(where: { $0.result == .fail && ($0.gravity ?? .note) > .note }) {
        self = .fails
      } else if judgements.contains(where: { ($0.gravity ?? .note) > .note }) {
        self = .warns
      } else {
        return nil
      }
    }
  }

  /// Why a reader should look at the file; nil where none needs to.
  public let reason: Reason?
  /// How urgently a reader should look at the file, more for a larger number; nil where none needs to.
  public let urgency: Int?
  /// The detector's score, 0...1, with the thresholds that it was held against; nil where there is none.
  public let score: (value: Double, quiet: Double?, indicated: Double?)?
  /// The severity of the worst result; nil where nothing fails or warns.
  let worst: Rule.Severity?

  private let packed: PackedScan
  private let names: NamePool
  private let judged: PackedJudgements
  /// The rules, and the texts that ``judged`` numbers: set when all are gathered.
  var rules: [Rule] = []
  var findings: [String] = []

  init(
    _ scan: ScanResult, packed: PackedScan, names: NamePool, _ judgements: [Judgement],
    judged: PackedJudgements
  ) {
    file = scan.file
    outcome = scan.outcome
    classes = Set(scan.evidence.lazy.filter { $0.result == .found }.map(\.class))
    reason = Reason(scan, judgements)
    urgency = Self.urgency(of: scan, judgements)
    score = Self.score(of: scan)
    worst = judgements.compactMap(\.gravity).max()
    self.packed = packed
    self.names = names
    self.judged = judged
  }

  /// As ``score``.
  public static func score(of scan: ScanResult) -> (value: Double, quiet: Double?, indicated: Double?)? {
    guard let value = scan.aiProbability, value.isFinite else { return nil }
    let limits = scan.evidence.lazy.compactMap(\.detector).first?.thresholds
    return (value, limits?.quiet, limits?.indicated)
  }

  public var scan: ScanResult { packed.unpacked(names) }

  /// In the order of the packs and their rules.
  public var judgements: [Judgement] { judged.unpacked(rules, findings).compactMap(\.self) }

  /// The ``urgency`` of a file with these results.
  public static func urgency(of scan: ScanResult, _ judgements: [Judgement]) -> Int? {
    guard let reason = Reason(scan, judgements), let place = Reason.allCases.firstIndex(of: reason) else {
      return nil
    }
    // Among files of one reason those come first of which more rules complain.
    let complaints = judgements.count { ($0.gravity ?? .note) > .note }
    return (Reason.allCases.count - place) * 10_000
      + 100 * min(99, judgements.count { $0.result == .fail }) + min(99, complaints)
  }
}
