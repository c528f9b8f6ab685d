#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The upper tail of a filter's best answer in pictures without the mark.
///
/// Correlations through Fisher's transform have exponential upper tails: what N independent samples would give is
/// about exp(−N z). The tail is fitted above a high quantile as the mean excess there (the exponential case of the
/// generalised Pareto law: Pickands 1975, doi:10.1214/aos/1176343003).
package struct MarkNull: Sendable, Hashable, Codable {
  /// Where the tail begins.
  package var start: Double
  /// Of the pictures, those above ``start``.
  package var share: Double
  /// The tail's mean excess.
  package var scale: Double

  package init(start: Double, share: Double, scale: Double) {
    self.start = start
    self.share = share
    self.scale = scale
  }

  /// Fitted to best answers of pictures without the mark.
  ///
  /// - Parameter share: of the answers, those that the tail is fitted to.
  /// - Returns: nil for fewer than 20 answers in the tail, or where they are all the same.
  package init?(fitting scores: [Double], share: Double = 0.02) {
    let sorted = scores.sorted()
    let tail = Int(Double(sorted.count) * share)
    guard tail >= 20, tail < sorted.count else { return nil }
    let start = sorted[sorted.count - tail - 1]
    let scale = sorted.suffix(tail).reduce(0) { $0 + $1 - start } / Double(tail)
    guard scale > 0 else { return nil }
    self.init(start: start, share: share, scale: scale)
  }

  /// The chance of at least this score; 1 below the tail, where nothing is fitted.
  package func pValue(_ score: Double) -> Double {
    score < start ? 1 : share * exp(-(score - start) / scale)
  }
}
