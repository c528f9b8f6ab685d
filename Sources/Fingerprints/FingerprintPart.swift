public import Images

/// The rectangle that alone carries a fingerprint, or that alone lacks it.
///
/// Every rectangle of cells, and the rest of the picture around it, is a hypothesis of where the pattern is. The one
/// with the largest T wins, if the pattern is nowhere near as strong in the remainder.
///
/// A part is found only where the picture's pattern lies as in a whole picture of the generator: filled in by it, or
/// pasted into its result without being moved. What was moved or resized by itself stays unseen.
///
/// Source: Kulldorff et al. 2009, "A scan statistic for continuous data based on the normal probability model".
public struct FingerprintPart: Sendable, Hashable {
  /// In shares of the picture's sides.
  public var region: FingerprintGeometry.Region
  /// Whether the pattern is in the region; otherwise it is in everything but the region.
  public var isCarrier: Bool
  /// T of what carries the pattern, in standard deviations of the null.
  public var statistic: Double
  /// T of the remainder.
  public var remainder: Double
  /// How many standard deviations the strengths of both lie apart.
  public var contrast: Double
  /// The remainder's strength over that of what carries the pattern.
  public var ratio: Double
  /// Rectangles and fingerprints that were tried.
  public var trials: Double
  /// log₁₀ of the chance that a picture without the pattern reaches this in any of the trials.
  public var log10PValue: Double

  /// 0 where it is below the least number.
  public var pValue: Double { exponential(log10PValue) }

  /// A rectangle's least side in cells: fewer leave too little of a pattern.
  static let leastCells = 3
  /// The pattern's strength varies with what a picture shows, so that it must be far from even to part the picture.
  static let leastContrast = 6.0
  static let mostRatio = 0.2

  /// Whether it is enough to name the region.
  public var isFound: Bool {
    pValue <= FingerprintReader.significance && contrast >= Self.leastContrast && ratio <= Self.mostRatio
  }

  /// Hypotheses that a map of one fingerprint holds.
  static var hypotheses: Double {
    let sides = Double((FingerprintMap.cells - leastCells + 1) * (FingerprintMap.cells - leastCells + 2) / 2)
    return 2 * sides * sides
  }

  /// - Parameters:
  ///   - deviation: of the null, by which results are divided.
  ///   - fingerprints: how many were tried.
  init?(in map: FingerprintMap, deviation: Double, fingerprints: Int) {
    let sums = map.sums
    let count = sums.cells
    var best: (statistic: Double, isCarrier: Bool, columns: Range<Int>, rows: Range<Int>)?
    for top in 0...count - Self.leastCells {
      for bottom in top + Self.leastCells...count {
        for left in 0...count - Self.leastCells {
          for right in left + Self.leastCells...count {
            let (columns, rows) = (left..<right, top..<bottom)
            let (inside, outside) = sums.both(columns: columns, rows: rows)
            for (moments, isCarrier) in [(inside, true), (outside, false)]
            where moments.statistic > best?.statistic ?? 0 {
              best = (moments.statistic, isCarrier, columns, rows)
            }
          }
        }
      }
    }
    guard let best, best.columns.count < count || best.rows.count < count else { return nil }
    let (inside, outside) = sums.both(columns: best.columns, rows: best.rows)
    let (carrier, rest) = best.isCarrier ? (inside, outside) : (outside, inside)
    guard carrier.strength > 0, rest.variance > 0 else { return nil }
    let step = FingerprintMap.stepShare
    region = .init(
      x: Double(best.columns.lowerBound) * step, y: Double(best.rows.lowerBound) * step,
      width: Double(best.columns.count) * step, height: Double(best.rows.count) * step)
    isCarrier = best.isCarrier
    statistic = carrier.statistic / deviation
    remainder = rest.statistic / deviation
    contrast =
      (carrier.strength - rest.strength) / (1 / carrier.variance + 1 / rest.variance).squareRoot() / deviation
    ratio = rest.strength / carrier.strength
    trials = Double(fingerprints) * Self.hypotheses
    log10PValue = NormalLaw.log10Tail(statistic, trials: trials)
  }
}

extension FingerprintReader {
  /// The map of the fingerprint that a picture or a part of it carries.
  public struct Whereabouts: Sendable {
    public var card: Fingerprint.Card
    public var map: FingerprintMap
    /// The strongest hypothesis; nil where the picture as a whole is.
    public var part: FingerprintPart?
  }

  /// Where each fingerprint is in a picture, upright and whole; empty where nothing can be compared.
  ///
  /// Costs about 20 times as much as `read` with ``Effort/whole``.
  public func whereabouts(in luminance: Plane) -> [Whereabouts] {
    guard min(luminance.width, luminance.height) >= Self.leastSide else { return [] }
    let residual = PatternResidual(of: luminance)
    guard residual.detailShare >= PatternResidual.leastDetailShare else { return [] }
    let subject = FingerprintMap.Subject(of: WhitenedSpectrum(of: residual))
    return prepared.map { item in
      let map = FingerprintMap(of: subject, item.filter)
      let part = FingerprintPart(in: map, deviation: item.deviation, fingerprints: prepared.count)
      return Whereabouts(card: item.card, map: map, part: part)
    }
  }
}

extension [FingerprintReader.Whereabouts] {
  /// The one whose part is found with the least p-value; nil where none is.
  public var strongestPart: FingerprintReader.Whereabouts? {
    filter { $0.part?.isFound == true }
      .max { $0.part?.statistic ?? 0 < $1.part?.statistic ?? 0 }
  }
}
