public import Images
import Synchronization

/// Looks for known fingerprints in a picture.
///
/// The search is staged, the cheapest and likeliest first, and ends with the first stage that finds something:
///
/// 1. the whole picture as it is: one transform, then a matched filter a template;
/// 2. turned or mirrored, with the same transform;
/// 3. halves and quarters, as collages are made;
/// 4. crops of pictures of known shapes and sizes.
///
/// P-values count every trial of the stages gone through.
public struct FingerprintReader: Sendable {
  /// How far the geometry is searched.
  public enum Effort: Int, Sendable, Hashable, Codable, CaseIterable {
    /// Only the whole picture as it is.
    case whole
    /// Also mirrored or turned, collages, and crops whose pixels were not resized since the picture was whole or on the web.
    case geometry
  }

  /// The largest p-value, after all trials, at which a fingerprint counts as found.
  public static let significance = 1e-6
  /// The same for a part of an original. Over thousands of places the tail of real crops is heavier than the law's: of 14,674 one
  /// reached 7e-8 (`reports/evaluation/fingerprints-null.md`).
  public static let cropSignificance = 1e-10
  /// How much smaller than what is asked for the p-value of a strong match is.
  static let strongFactor = 1e-3
  /// Sides below this many pixels are not compared: too few coefficients are left.
  public static let leastSide = 64

  public let fingerprints: [Fingerprint]
  public let effort: Effort
  let prepared: [PreparedFingerprint]
  private let forSearch = SearchFilters()

  /// - Parameter fingerprints: each of another name.
  public init(fingerprints: [Fingerprint], effort: Effort = .geometry) {
    self.fingerprints = fingerprints
    self.effort = effort
    prepared = fingerprints.map(PreparedFingerprint.init)
  }

  /// Reads a picture's luminance, 0...255.
  ///
  /// - Parameter goesOn: asked where the whole picture carries nothing and ``effort`` goes further, which costs eight times as
  ///   much; no ends the search with the whole picture, and the reading says so.
  public func read(_ luminance: Plane, goesOn: () -> Bool = { true }) -> FingerprintReading {
    guard min(luminance.width, luminance.height) >= Self.leastSide else {
      return FingerprintReading(
        matches: [], nearest: nil,
        notEvaluable: "a side is below \(Self.leastSide) pixels, which leaves too little of a pattern",
        effort: effort)
    }
    guard !prepared.isEmpty else {
      return FingerprintReading(
        matches: [], nearest: nil, notEvaluable: "no fingerprint was given", effort: effort)
    }
    let residual = PatternResidual(of: luminance)
    guard residual.detailShare >= PatternResidual.leastDetailShare else {
      return FingerprintReading(
        matches: [], nearest: nil, notEvaluable: "the picture is almost wholly flat", effort: effort)
    }
    let spectrum = WhitenedSpectrum(of: residual)
    var ranking = Ranking()
    whole(spectrum, &ranking)
    guard !ranking.found else { return ranking.reading(effort) }
    guard effort != .whole, goesOn() else { return ranking.reading(.whole) }
    turned(spectrum, &ranking)
    guard !ranking.found else { return ranking.reading(effort) }
    for (columns, rows) in [(2, 1), (1, 2), (2, 2)] {
      cells(of: residual, columns: columns, rows: rows, &ranking)
      if ranking.found { return ranking.reading(effort) }
    }
    crops(spectrum, width: luminance.width, height: luminance.height, &ranking)
    return ranking.reading(effort)
  }

  /// Reads a picture.
  public func read(_ image: Image) -> FingerprintReading { read(image.luminance()) }

  /// Stage 1.
  func whole(_ spectrum: WhitenedSpectrum, _ ranking: inout Ranking) {
    ranking.trials += Double(prepared.count * MatchedFilter.weightings.count)
    for item in prepared {
      let result = item.filter.apply(to: spectrum)
      ranking.offer(item, result.best(), FingerprintGeometry())
    }
  }

  /// Stage 2: the seven other ways that a picture can be turned or mirrored.
  private func turned(_ spectrum: WhitenedSpectrum, _ ranking: inout Ranking) {
    ranking.trials += Double(prepared.count * MatchedFilter.weightings.count * 7)
    for (item, transposed) in zip(prepared, searchFilters.map(\.transposed)) {
      let ways: [(MatchedFilter, Bool, [FingerprintOrientation])] = [
        (item.filter, false, [.upright, .turnedByHalf]), (item.filter, true, [.mirrored, .flipped]),
        (transposed, false, [.transposed, .transversed]),
        (transposed, true, [.turnedRight, .turnedLeft]),
      ]
      for (filter, mirrored, orientations) in ways {
        let result = filter.apply(to: spectrum, mirrored: mirrored)
        for (place, orientation) in orientations.enumerated() where orientation != .upright {
          ranking.offer(item, result.best(turned: place == 1), FingerprintGeometry(orientation: orientation))
        }
      }
    }
  }

  /// Stage 3: each cell of a collage as a picture of its own.
  private func cells(
    of residual: PatternResidual, columns: Int, rows: Int, _ ranking: inout Ranking
  ) {
    guard
      min(residual.pixelWidth / columns, residual.pixelHeight / rows) >= Self.leastSide
    else { return }
    ranking.trials += Double(prepared.count * MatchedFilter.weightings.count * columns * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        let cell = residual.cell(column: column, row: row, columns: columns, rows: rows)
        guard cell.detailShare >= PatternResidual.leastDetailShare else { continue }
        let spectrum = WhitenedSpectrum(of: cell)
        let part = FingerprintGeometry.Region(
          x: Double(column) / Double(columns), y: Double(row) / Double(rows), width: 1 / Double(columns),
          height: 1 / Double(rows))
        for item in prepared {
          let result = item.filter.apply(to: spectrum)
          ranking.offer(item, result.best(), FingerprintGeometry(part: part))
        }
      }
    }
  }
}

/// A fingerprint as the filters take it.
struct PreparedFingerprint: Sendable {
  let card: Fingerprint.Card
  let filter: MatchedFilter

  init(_ fingerprint: Fingerprint) {
    card = fingerprint.card
    filter = MatchedFilter(fingerprint.template)
  }

  /// Results are divided by it: the null's deviation, never less than the largest that a first study gave. Where the middle of
  /// a null is narrower its tail need not be.
  var deviation: Double { max(Fingerprint.Card.Null.unmeasured.deviation, card.null.deviation) }
}

/// A fingerprint as the stages after the first take it.
struct SearchFilter: Sendable {
  let transposed: MatchedFilter
  let pattern: CropSearch.Pattern
}

/// What the search needs of each fingerprint: made with the first picture that is searched, as it takes time and 3 MiB each.
private final class SearchFilters: Sendable {
  private let filters = Mutex<[SearchFilter]?>(nil)

  func filters(of prepared: [PreparedFingerprint]) -> [SearchFilter] {
    filters.withLock { filters in
      if let filters { return filters }
      let made = prepared.map {
        SearchFilter(transposed: $0.filter.transposed, pattern: CropSearch.Pattern($0.filter))
      }
      filters = made
      return made
    }
  }
}

extension FingerprintReader {
  /// In the order of ``prepared``.
  var searchFilters: [SearchFilter] { forSearch.filters(of: prepared) }
}

/// The results so far.
struct Ranking {
  var trials = 0.0
  private var best: [String: FingerprintMatch] = [:]

  mutating func offer(_ item: PreparedFingerprint, _ statistic: Double, _ geometry: FingerprintGeometry) {
    let standard = statistic / item.deviation
    if let known = best[item.card.name], known.statistic >= standard { return }
    best[item.card.name] = FingerprintMatch(
      card: item.card, statistic: standard, log10PValue: 0, trials: 0, geometry: geometry)
  }

  private func judged(_ match: FingerprintMatch) -> FingerprintMatch {
    var match = match
    match.trials = trials
    match.log10PValue = NormalLaw.log10Tail(match.statistic, trials: trials)
    return match
  }

  var found: Bool { best.values.contains { judged($0).isFound } }

  func reading(_ effort: FingerprintReader.Effort) -> FingerprintReading {
    let all = best.values.map(judged).sorted {
      ($0.log10PValue, $0.card.name) < ($1.log10PValue, $1.card.name)
    }
    return FingerprintReading(
      matches: all.filter(\.isFound), nearest: all.first { !$0.isFound },
      notEvaluable: nil, effort: effort)
  }
}
