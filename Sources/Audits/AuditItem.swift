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
  /// How urgently a reader should look at the file, more for a larger number; nil where none needs to: it was read,
  /// its signs agree, and no rule of more than a note's weight complains.
  public let urgency: Int?
  /// The detector's score, 0...1, with the thresholds that it was held against; nil where there is none.
  public let score: (value: Double, quiet: Double?, indicated: Double?)?
  /// The severity of the worst result; nil where nothing fails or warns.
  let worst: Rule.Severity?

  private let packed: PackedScan
  private let names: NamePool
  private let judged: PackedJudgements

  init(
    _ scan: ScanResult, packed: PackedScan, names: NamePool, _ judgements: [Judgement],
    judged: PackedJudgements
  ) {
    file = scan.file
    outcome = scan.outcome
    classes = Set(scan.evidence.lazy.filter { $0.result == .found }.map(\.class))
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
    guard let detail = scan.evidence.first(where: { $0.method == "detector" })?.detail,
      case .object(let limits)? = detail["thresholds"]
    else { return (value, nil, nil) }
    return (value, limits["quiet"]?.asNumber, limits["indicated"]?.asNumber)
  }

  public var scan: ScanResult { packed.unpacked(names) }

  /// In the order of the packs and their rules.
  public var judgements: [Judgement] { judged.unpacked }

  /// The ``urgency`` of a file with these results.
  public static func urgency(of scan: ScanResult, _ judgements: [Judgement]) -> Int? {
    if scan.error != nil || scan.outcome == .conflicting { return 1_000 }
    guard judgements.contains(where: { ($0.gravity ?? .note) > .note }) else { return nil }
    return judgements.count { $0.result == .fail }
  }
}
