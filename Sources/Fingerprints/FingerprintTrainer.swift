/// Estimates a fingerprint from pictures of which only some carry it.
///
/// Galleries are mixed and labels wrong here and there, so that the template cleans its own training set: it starts
/// from the pictures that share something pair by pair, or from all, and then keeps those that it finds
/// again when it was estimated without them.
public struct FingerprintTrainer: Sendable {
  /// What the first estimate is made from.
  public enum Start: String, Sendable, Codable {
    /// The largest group of pictures of which each shares a pattern with another: for strong patterns in mixed galleries.
    case alike
    /// All: for a pattern too weak to be seen in two pictures.
    case all
  }

  /// T from which two pictures are alike.
  static let alike = 9.0
  /// Pictures compared in pairs; more only join later.
  static let mostCompared = 160
  /// T of a first estimate from all, that lets a picture stay.
  static let firstLeast = 2.0

  public var start: Start
  /// T from which a picture carries the template that was estimated without it.
  public var least: Double
  public var rounds: Int

  public init(start: Start = .alike, least: Double = 6, rounds: Int = 3) {
    self.start = start
    self.least = least
    self.rounds = rounds
  }

  /// What came out.
  public struct Outcome: Sendable {
    public var template: Fingerprint.Template
    /// Which candidates it was estimated from, and T of each candidate without itself.
    public var members: [Int]
    public var statistics: [Double]
  }

  /// - Throws: ``FingerprintError`` when too few pictures share a pattern.
  public func train(_ candidates: [PackedSpectrum]) throws(FingerprintError) -> Outcome {
    var members = start == .all ? Array(candidates.indices) : largestGroup(candidates)
    var statistics = [Double](repeating: 0, count: candidates.count)
    for round in 0..<rounds {
      statistics = try judge(candidates, members: members)
      let bound = round == 0 && start == .all ? Self.firstLeast : least
      let kept = candidates.indices.filter { statistics[$0] > bound }
      if kept == members { break }
      members = kept
    }
    var estimator = FingerprintEstimator()
    for index in members { estimator.add(candidates[index].spectrum) }
    return Outcome(template: try estimator.template(), members: members, statistics: statistics)
  }

  /// T of every candidate against the members' template, a member against that of the others.
  private func judge(
    _ candidates: [PackedSpectrum], members: [Int]
  ) throws(FingerprintError) -> [Double] {
    var estimator = FingerprintEstimator()
    for index in members { estimator.add(candidates[index].spectrum) }
    let whole = MatchedFilter(try estimator.template())
    let inside = Set(members)
    var result: [Double] = []
    for (index, candidate) in candidates.enumerated() {
      let spectrum = candidate.spectrum
      guard inside.contains(index), estimator.pictures > FingerprintEstimator.leastPictures else {
        result.append(whole.apply(to: spectrum).best())
        continue
      }
      estimator.remove(spectrum)
      // Without this picture nothing may be left that the others share.
      result.append((try? estimator.template()).map { MatchedFilter($0).apply(to: spectrum).best() } ?? 0)
      estimator.add(spectrum)
    }
    return result
  }

  private func largestGroup(_ candidates: [PackedSpectrum]) -> [Int] {
    let count = min(candidates.count, Self.mostCompared)
    var group = Array(0..<count)
    func root(_ index: Int) -> Int { group[index] == index ? index : root(group[index]) }
    for a in 0..<count {
      for b in 0..<a where root(a) != root(b) {
        if candidates[a].statistic(against: candidates[b]) > Self.alike { group[root(a)] = root(b) }
      }
    }
    let groups = Dictionary(grouping: 0..<count, by: root).values
    return groups.max { ($0.count, $1[0]) < ($1.count, $0[0]) } ?? []
  }
}
