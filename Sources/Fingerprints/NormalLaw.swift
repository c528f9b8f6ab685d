import Foundation

/// Tail chances of the normal law, as logarithms: a strong fingerprint's p-value is far below the least `Double`.
public enum NormalLaw {
  /// log₁₀ of the chance that a standard normal number is at least `z`; within 10⁻⁶ of itself.
  ///
  /// Above 30 by the asymptotic series (Abramowitz & Stegun 1964, 26.2.12).
  public static func log10Tail(_ z: Double) -> Double {
    guard z > 30 else { return log10(0.5 * erfc(z / 2.0.squareRoot())) }
    let inverse = 1 / (z * z)
    let series = 1 - inverse * (1 - 3 * inverse * (1 - 5 * inverse))
    return (-0.5 * z * z - log(z * (2 * Double.pi).squareRoot()) + log(series)) / log(10)
  }

  /// log₁₀ of the chance that the largest of `trials` independent numbers is at least `z`: 1 − (1 − p)ᵗ.
  public static func log10Tail(_ z: Double, trials: Double) -> Double {
    let single = log10Tail(z)
    // Where t·p is small the bound t·p is the value; elsewhere the power is reckoned without cancellation.
    guard single + log10(max(trials, 1)) > -6 else { return single + log10(max(trials, 1)) }
    return log10(-expm1(max(trials, 1) * log1p(-min(pow(10, single), 1 - 1e-16))))
  }
}

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
