import Spectra

/// A logistic regression over spectral features: the detector's second opinion, whose reasons can be named.
package struct SpectralClassifier: Sendable, Hashable, Codable {
  package var regression: LogisticRegression

  package init(regression: LogisticRegression) { self.regression = regression }

  /// What one kind of feature adds to the logit.
  struct Reason: Sendable, Hashable {
    var kind: SpectralFeatures.Kind
    /// Positive speaks for generation.
    var logit: Double
  }

  func logit(_ features: SpectralFeatures) -> Double { regression.logit(features.values) }

  /// The kinds of features by what they add together, the weightiest first.
  func reasons(_ features: SpectralFeatures) -> [Reason] {
    var sums: [SpectralFeatures.Kind: Double] = [:]
    for (index, value) in features.values.enumerated() {
      sums[SpectralFeatures.kinds[index], default: 0] += Double(regression.contribution(value, index))
    }
    return SpectralFeatures.Kind.allCases.map { Reason(kind: $0, logit: sums[$0] ?? 0) }
      .sorted { abs($0.logit) > abs($1.logit) }
  }
}
