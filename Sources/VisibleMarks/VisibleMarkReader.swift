public import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds the visible marks of generators in a picture.
///
/// Sizes of marks are searched relative to the picture, and a larger one is reduced first, so that the search costs the
/// same for each; only reading the quarter grows with the picture.
public struct VisibleMarkReader: Sendable {
  /// Found is what a real picture gives at most this often.
  public static let significance = 1e-5

  public var marks: [VisibleMark]

  public init(marks: [VisibleMark] = VisibleMark.all) { self.marks = marks }

  /// The marks found, the surest first; none where the picture is too small to show one.
  ///
  /// - Parameter image: as decoded; alpha is left out. Marks are looked for towards the bottom right corner, so a
  ///   picture whose EXIF orientation turns it is turned first.
  public func read(_ image: Image) -> [VisibleMarkMatch] {
    guard let scene = MarkScene(image) else { return [] }
    return marks.compactMap { mark in
      let found = mark.filter.candidates(in: scene).compactMap { match(mark, $0) }
      return found.filter { $0.pValue <= Self.significance }.min { $0.pValue < $1.pValue }
    }.sorted { $0.pValue < $1.pValue }
  }

  /// What the filters see at their best, found or not, for measuring.
  package func candidates(in image: Image) -> [(mark: VisibleMark, candidate: MarkCandidate)] {
    guard let scene = MarkScene(image) else { return [] }
    return marks.flatMap { mark in mark.filter.candidates(in: scene).map { (mark, $0) } }
  }

  /// The match that a candidate makes, with the p-value for all kinds of places together.
  private func match(_ mark: VisibleMark, _ candidate: MarkCandidate) -> VisibleMarkMatch? {
    guard let null = mark.filter.null(of: candidate.placement) else { return nil }
    let weight = candidate.placement.weight / mark.placements.reduce(0) { $0 + $1.weight }
    return VisibleMarkMatch(
      mark: mark.id, name: mark.name, family: mark.family, region: candidate.region,
      opacity: min(1, candidate.opacity), placement: candidate.placement,
      statistic: sinh(candidate.score) * mark.filter.samples.squareRoot(),
      pValue: min(1, null.pValue(candidate.score) / weight), caveats: mark.caveats)
  }
}
