import Foundation

/// Probabilities and their logits, within bounds in which both are exact enough to be turned into each other.
package enum LogOdds {
  /// Logits lie in −`bound`...`bound`.
  private static let bound = 30.0

  /// 0...1.
  package static func probability(_ logit: Double) -> Double {
    logit.isNaN ? 0.5 : 1 / (1 + exp(-min(max(logit, -bound), bound)))
  }

  /// - Parameter probability: 0...1.
  package static func logit(_ probability: Double) -> Double {
    min(max(log(probability / (1 - probability)), -bound), bound)
  }
}
