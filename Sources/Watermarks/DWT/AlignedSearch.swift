/// Looks for marks whose grid starts at the picture's upper left corner, as they were written.
struct AlignedSearch {
  var views: [DWTReader.View]
  var planes: [Chroma]

  /// Published payloads, unknown ones, and two kinds of crops share the error probability.
  static let families = 4.0
  static let unknownLengths = 8...256
  /// The blocks of the smallest picture that the library marks. A smaller cut is searched for published
  /// payloads only: upright edges repeat there often enough to look like short payloads.
  static let smallestUnknown = 1000
  /// Votes of neighbouring blocks are not quite independent: measured deviations of the matched filter's
  /// output on unmarked pictures reach 1.05 times those of independent votes.
  static let filterInflation = 1.1

  struct Known {
    var view: Int
    var payload: Int
    var match: PayloadFold.Match
    var pValue: Double
  }

  func run(nearMiss: inout Mark?) -> Mark? {
    let known = rankedKnown()
    let significant = known.filter { $0.pValue <= DWTReader.significance }
    let best = significant.first { KnownPayload.all[$0.payload].isTold(by: $0.match.bits) }
    if let best, !best.match.isContradicted, !isOutdone(best) { return mark(best, among: known) }
    if let unknown = unknownPayload(known: known) { return unknown }
    if let best, best.match.isContradicted { return mark(best, among: known) }
    if let best = known.min(by: { $0.pValue < $1.pValue }) { nearMiss = mark(best, among: known) }
    return nil
  }

  /// Every published payload in every view, the strongest filter output first.
  private func rankedKnown() -> [Known] {
    let payloads = KnownPayload.all
    let trials = Double(views.count * payloads.count) * Self.families
    var results: [Known] = []
    for (index, view) in views.enumerated() {
      for (number, known) in payloads.enumerated() where view.grid.count >= 2 * known.payload.count {
        let fold = PayloadFold(view.grid, length: known.payload.count, variance: view.variance)
        let match = fold.match(known.payload, isText: known.isText)
        results.append(
          Known(view: index, payload: number, match: match, pValue: Self.pValue(of: match, trials: trials)))
      }
    }
    return results.sorted { $0.match.z > $1.match.z }
  }

  /// Whether another length explains much more of the same votes: then the published payload, which agrees in
  /// part, is the shadow of a mark of that length.
  private func isOutdone(_ best: Known) -> Bool {
    guard best.match.agreement < Self.plainAgreement else { return false }
    let view = views[best.view]
    let length = KnownPayload.all[best.payload].payload.count
    let own = PayloadFold(view.grid, length: length, variance: view.variance).excess
    return Self.unknownLengths.contains { other in
      guard other % length != 0, view.grid.count >= 4 * other else { return false }
      let fold = PayloadFold(view.grid, length: other, variance: view.variance)
      return fold.excess > 1.5 * own && fold.periodicity > 8
    }
  }

  /// A payload with this share of its bits right needs no comparison.
  private static let plainAgreement = 0.95

  /// The larger tail of filter output and bit agreement, corrected for the trials; at least 1e-300.
  static func pValue(of match: PayloadFold.Match, trials: Double) -> Double {
    let filter = Tail.normal(match.z / filterInflation)
    let bits = Tail.fairCoins(match.agreeing, of: match.bits.count)
    return max(1e-300, min(1, trials * max(filter, bits)))
  }

  /// The mark that a match stands for: the published payload, or the bits themselves where one of them
  /// clearly contradicts it.
  private func mark(_ best: Known, among known: [Known]) -> Mark {
    let entry = KnownPayload.all[best.payload]
    let scheme = views[best.view].method.rawValue
    let asKnown = Mark.RunnerUp(
      payload: entry.payload, payloadName: entry.name, pValue: best.pValue, bitAgreement: best.match.agreement
    )
    if best.match.isContradicted {
      let blind = BlindBits(views[best.view].grid, length: best.match.bits.count)
      return Mark(
        scheme: scheme, payload: Payload(bits: blind.bits), pValue: best.pValue,
        bitAgreement: blind.agreement,
        runnerUp: asKnown)
    }
    return Mark(
      scheme: scheme, payload: entry.payload, payloadName: entry.name, pValue: best.pValue,
      bitAgreement: best.match.agreement, runnerUp: Self.runnerUp(known.filter { $0.payload != best.payload })
    )
  }

  private static func runnerUp(_ known: [Known]) -> Mark.RunnerUp? {
    known.first.map {
      Mark.RunnerUp(
        payload: KnownPayload.all[$0.payload].payload, payloadName: KnownPayload.all[$0.payload].name,
        pValue: $0.pValue, bitAgreement: $0.match.agreement)
    }
  }

  /// A payload that nobody published, by its repetition.
  ///
  /// Repetition alone is not enough: upright edges repeat too where the length divides the blocks of a row.
  /// The numbers must also cluster where a mark leaves them.
  private func unknownPayload(known: [Known]) -> Mark? {
    var best: (view: Int, fold: PayloadFold, pValue: Double)?
    let trials = Double(views.count * Self.unknownLengths.count) * Self.families
    for (index, view) in views.enumerated()
    where view.variance > 1e-4 && view.grid.count >= Self.smallestUnknown {
      let grid = view.grid
      // The comb score of an unmarked block has a variance of 1/3; blocks of one object share it.
      let comb = grid.clustering * (3 * grid.effectiveBlocks).squareRoot() / 2
      guard grid.clustering > 0.08, trials * Tail.normal(comb) <= DWTReader.significance else { continue }
      for length in Self.unknownLengths where grid.count >= 4 * length {
        let fold = PayloadFold(grid, length: length, variance: view.variance)
        let p = max(1e-300, trials * max(Tail.normal(comb), Tail.normal(fold.periodicity / 1.5)))
        guard p <= DWTReader.significance * 1e-3, isBelievable(fold, in: grid) else { continue }
        if best.map({ fold.periodicity > $0.fold.periodicity }) ?? true { best = (index, fold, p) }
      }
    }
    guard let best else { return nil }
    let view = views[best.view]
    guard !repeatsElsewhere(best.fold, in: view) else { return nil }
    let fold = shortest(best.fold, in: view)
    let blind = BlindBits(view.grid, length: fold.length)
    return Mark(
      scheme: view.method.rawValue, payload: Payload(bits: blind.bits), pValue: best.pValue,
      bitAgreement: blind.agreement, runnerUp: Self.runnerUp(known))
  }

  /// Whether content could not have done it: where columns of blocks vote for the same bit, only clean
  /// clustering and votes that nearly all agree count.
  private func isBelievable(_ fold: PayloadFold, in grid: VoteGrid) -> Bool {
    let agreement = BlindBits(grid, length: fold.length).agreement
    let remainder = grid.columns % fold.length
    let repeatsInColumns =
      min(remainder, fold.length - remainder) <= 1 || fold.length % max(1, grid.columns) <= 1
    return repeatsInColumns ? grid.clustering > 0.4 && agreement > 0.7 : agreement > 0.65
  }

  /// Whether the votes repeat nearly as well on grids half a block away: content does that, a mark does not.
  private func repeatsElsewhere(_ fold: PayloadFold, in view: DWTReader.View) -> Bool {
    [(4, 0), (0, 4), (4, 4)].contains { x, y in
      let control = DWTReader.View(
        method: view.method, domain: view.domain, plane: view.plane,
        grid: VoteGrid(
          BlockApproximations(planes[view.plane], x: x, y: y), method: view.method, domain: view.domain))
      let share = PayloadFold(control.grid, length: fold.length, variance: control.variance).repeatedShare
      return share > 0.5 * fold.repeatedShare
    }
  }

  /// The shortest length that explains nearly as much: a payload repeats with its multiples as well.
  private func shortest(_ fold: PayloadFold, in view: DWTReader.View) -> PayloadFold {
    for length in Self.unknownLengths where length < fold.length && fold.length % length == 0 {
      let shorter = PayloadFold(view.grid, length: length, variance: view.variance)
      if shorter.repeatedShare > 0.95 * fold.repeatedShare { return shorter }
    }
    return fold
  }
}
