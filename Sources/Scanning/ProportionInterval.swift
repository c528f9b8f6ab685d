/// Intervals for a share of successes.
public enum ProportionInterval {
  /// The Wilson score interval.
  ///
  /// - Parameters:
  ///   - successes: 0...trials.
  ///   - z: standard deviations; 1.959964 covers 95 %.
  /// - Returns: bounds in 0...1; 0 and 1 for no trials.
  ///
  /// Source: E. B. Wilson 1927, doi:10.1080/01621459.1927.10502953
  public static func wilson(_ successes: Int, of trials: Int, z: Double = 1.959963984540054) -> (
    low: Double, high: Double
  ) {
    guard trials > 0 else { return (0, 1) }
    let n = Double(trials)
    let share = Double(successes) / n
    let centre = share + z * z / (2 * n)
    let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    // The ends are exact where nothing or everything succeeded.
    let low = successes == 0 ? 0 : max(0, (centre - spread) / scale)
    let high = successes == trials ? 1 : min(1, (centre + spread) / scale)
    return (low, high)
  }
}
