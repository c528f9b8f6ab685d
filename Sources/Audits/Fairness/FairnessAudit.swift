import Diagnostics
import Images
import Scanning

/// Whether a detector errs more often on some groups of pictures than on others.
///
/// For each column of groups (camera, size, compression, skin tone …) and each group: the false-alarm rate over
/// its real pictures and the miss rate over its AI pictures, each with a Wilson interval. Whether the gaps of a
/// column are more than chance is tested by permuting the groups among the pictures of one label; the p-values of
/// all tests are corrected together (Holm 1979). Groups with too few pictures are shown and take no part.
public struct FairnessAudit: Sendable, Codable {
  /// One picture.
  public struct Sample: Sendable, Hashable {
    public var isAI: Bool
    /// 0...1, higher for AI; nil where the detector abstained.
    public var score: Double?
    /// A value for each column.
    public var groups: [String]

    public init(isAI: Bool, score: Double?, groups: [String]) {
      self.isAI = isAI
      self.score = score
      self.groups = groups
    }
  }

  /// An error rate with its interval.
  public struct Rate: Sendable, Hashable, Codable {
    public let errors: Int
    public let trials: Int
    /// 0...1; nil for no trials.
    public let rate: Double?
    public let low: Double
    public let high: Double

    init(_ errors: Int, of trials: Int) {
      self.errors = errors
      self.trials = trials
      rate = trials == 0 ? nil : Double(errors) / Double(trials)
      (low, high) = ProportionInterval.wilson(errors, of: trials)
    }
  }

  public struct Group: Sendable, Hashable, Codable {
    public let name: String
    public let falseAlarms: Rate
    public let misses: Rate
    /// Pictures on which the detector gave no score; they are in neither rate.
    public let abstentions: Int
  }

  /// The largest difference between groups of a column, for one kind of error.
  public struct Gap: Sendable, Hashable, Codable {
    /// `falseAlarms` or `misses`.
    public let kind: String
    public let worst: String
    public let best: String
    /// Rate of the worst less that of the best.
    public let difference: Double
    /// Rate of the worst over that of the best; nil where the best has none.
    public let ratio: Double?
    /// Corrected for the number of tests.
    public let pValue: Double
    public let isSignificant: Bool
  }

  public struct Column: Sendable, Hashable, Codable {
    public let name: String
    public let groups: [Group]
    /// Empty where fewer than two groups have enough pictures.
    public let gaps: [Gap]
  }

  public let schema: String
  public let threshold: Double
  public let alpha: Double
  public let leastTrials: Int
  public let seed: UInt64
  public let pictures: Int
  /// Where they come from, each once; nil where the table does not say.
  public let sources: Int?
  /// Why the figures mean little; nil where they rest on enough pictures and sources.
  public let caution: String?
  public let overall: Group
  public let columns: [Column]

  public var hasGap: Bool { columns.contains { $0.gaps.contains(where: \.isSignificant) } }

  /// - Parameters:
  ///   - names: names of the groupings, as many as each sample has groups.
  ///   - threshold: scores from here on count as AI.
  ///   - sources: where the pictures come from, each once; nil where nobody says.
  ///   - leastTrials: groups with fewer pictures of a label take no part in that label's test.
  ///   - alpha: level of significance.
  public init(
    _ samples: [Sample], columns names: [String], threshold: Double, sources: Int? = nil,
    leastTrials: Int = 30, alpha: Double = 0.05, seed: UInt64 = 1
  ) {
    schema = "assay.fairness/1"
    self.threshold = threshold
    self.alpha = alpha
    self.leastTrials = leastTrials
    self.seed = seed
    pictures = samples.count
    self.sources = sources
    caution = SmallSample.caution(pictures: samples.count, sources: sources)
    overall = Self.group("all", samples, threshold)
    var tests: [(column: Int, gap: Gap, p: Double)] = []
    var tables: [(name: String, groups: [Group])] = []
    for (index, name) in names.enumerated() {
      let members = Dictionary(grouping: samples) { $0.groups[index] }
      tables.append((name, members.keys.sorted().map { Self.group($0, members[$0] ?? [], threshold) }))
      for isAI in [false, true] {
        let judged = samples.filter { $0.isAI == isAI && $0.score != nil }
        let counts = Dictionary(grouping: judged) { $0.groups[index] }.filter {
          $0.value.count >= leastTrials
        }
        guard counts.count > 1 else { continue }
        let kept = judged.filter { counts[$0.groups[index]] != nil }
        let errors = kept.map { ($0.score ?? 0) >= threshold ? !isAI : isAI }
        let test = GapTest(groups: kept.map { $0.groups[index] }, errors: errors)
        tests.append((index, test.gap(kind: isAI ? "misses" : "falseAlarms"), test.pValue(seed: seed)))
      }
    }
    // Holm: the smallest p-value is multiplied by the number of tests, the next by one less, never falling.
    var corrected = [Double](repeating: 1, count: tests.count)
    var floor = 0.0
    for (rank, test) in tests.indices.sorted(by: { tests[$0].p < tests[$1].p }).enumerated() {
      floor = max(floor, min(1, tests[test].p * Double(tests.count - rank)))
      corrected[test] = floor
    }
    columns = tables.enumerated().map { index, table in
      Column(
        name: table.name, groups: table.groups,
        gaps: tests.indices.filter { tests[$0].column == index }.map { place in
          let gap = tests[place].gap
          return Gap(
            kind: gap.kind, worst: gap.worst, best: gap.best, difference: gap.difference, ratio: gap.ratio,
            pValue: corrected[place], isSignificant: corrected[place] < alpha)
        })
    }
  }

  private static func group(_ name: String, _ samples: [Sample], _ threshold: Double) -> Group {
    let scored = samples.compactMap { sample in sample.score.map { (sample.isAI, $0 >= threshold) } }
    let real = scored.filter { !$0.0 }
    let made = scored.filter(\.0)
    return Group(
      name: name, falseAlarms: Rate(real.count(where: \.1), of: real.count),
      misses: Rate(made.count { !$0.1 }, of: made.count), abstentions: samples.count - scored.count)
  }
}

/// Whether error rates differ between groups by more than chance: Pearson's statistic of homogeneity, whose
/// distribution under no difference is drawn by shuffling, so that small groups need no approximation.
struct GapTest {
  private let groups: [Int]
  private let names: [String]
  private let errors: [Bool]

  init(groups: [String], errors: [Bool]) {
    names = Set(groups).sorted()
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
    self.groups = groups.map { places[$0] ?? 0 }
    self.errors = errors
  }

  private var trials: [Int] {
    var counts = [Int](repeating: 0, count: names.count)
    for group in groups { counts[group] += 1 }
    return counts
  }

  private static func failures(_ errors: [Bool], _ groups: [Int], _ count: Int) -> [Int] {
    var failures = [Int](repeating: 0, count: count)
    for (group, error) in zip(groups, errors) where error { failures[group] += 1 }
    return failures
  }

  func gap(kind: String) -> FairnessAudit.Gap {
    let failures = Self.failures(errors, groups, names.count)
    let rates = zip(failures, trials).map { Double($0) / Double(max(1, $1)) }
    let worst = rates.indices.max { (rates[$0], $1) < (rates[$1], $0) } ?? 0
    let best = rates.indices.min { (rates[$0], $0) < (rates[$1], $1) } ?? 0
    return FairnessAudit.Gap(
      kind: kind, worst: names[worst], best: names[best], difference: rates[worst] - rates[best],
      ratio: rates[best] > 0 ? rates[worst] / rates[best] : nil, pValue: 1, isSignificant: false)
  }

  /// (hits + 1) / (shuffles + 1), so never 0.
  func pValue(seed: UInt64, shuffles: Int = 9_999) -> Double {
    let counts = trials
    let total = errors.count { $0 }
    guard total > 0, total < errors.count else { return 1 }
    // With both margins given, Pearson's statistic grows with the sum of squared failures over group sizes.
    func statistic(_ failures: [Int]) -> Double {
      zip(failures, counts).reduce(0) { $0 + Double($1.0 * $1.0) / Double($1.1) }
    }
    let observed = statistic(Self.failures(errors, groups, names.count))
    var random = SplitMix(state: seed)
    var places = groups
    var hits = 0
    for _ in 0..<shuffles {
      // Only the groups of the erring pictures matter: a partial Fisher-Yates shuffle draws them.
      var failures = [Int](repeating: 0, count: names.count)
      for index in 0..<total {
        places.swapAt(index, Int.random(in: index..<places.count, using: &random))
        failures[places[index]] += 1
      }
      if statistic(failures) >= observed * (1 - 1e-12) { hits += 1 }
    }
    return Double(hits + 1) / Double(shuffles + 1)
  }
}
