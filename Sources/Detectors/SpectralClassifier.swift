import Spectra

/// Logistic regressions over spectral features: the detector's second opinion, whose reasons can be named.
///
/// Compression shifts every spectral number, so each strength of it has a regression of its own.
package struct SpectralClassifier: Sendable, Hashable, Codable {
  /// How strongly a picture was compressed last, as far as its file tells.
  package enum Compression: String, Sendable, Hashable, Codable, CodingKeyRepresentable, CaseIterable {
    /// Not a JPEG, or one whose quality isn't known.
    case unknown
    case fine, medium, coarse

    /// - Parameter quality: of the JPEG, 1...100; nil where there was none.
    package init(quality: Int?) {
      guard let quality else {
        self = .unknown
        return
      }
      self = Self.allCases.first { $0.qualities?.contains(quality) == true } ?? .coarse
    }

    /// The JPEG qualities that it covers; nil for ``unknown``.
    package var qualities: ClosedRange<Int>? {
      switch self {
      case .unknown: nil
      case .fine: 91...100
      case .medium: 77...90
      case .coarse: 1...76
      }
    }
  }

  private var regressions: [Compression: LogisticRegression]

  /// - Parameter regressions: one for each compression.
  package init(regressions: [Compression: LogisticRegression]) { self.regressions = regressions }

  /// Whether the numbers of a file belong together.
  var fits: Bool {
    Compression.allCases.allSatisfy { regressions[$0]?.fits(SpectralFeatures.count) == true }
  }

  /// What one kind of feature adds to the logit.
  struct Reason: Sendable, Hashable {
    var kind: SpectralFeatures.Kind
    /// Positive speaks for generation.
    var logit: Double
  }

  /// - Parameter quality: of the JPEG that the pixels come from, 1...100; nil where there was none.
  package func logit(_ features: [Float], quality: Int?) -> Double {
    regressions[Compression(quality: quality)]?.logit(features) ?? 0
  }

  /// The kinds of features by what they add together, the weightiest first.
  func reasons(_ features: [Float], quality: Int?) -> [Reason] {
    guard let regression = regressions[Compression(quality: quality)] else { return [] }
    var sums: [SpectralFeatures.Kind: Double] = [:]
    for (index, value) in features.enumerated() {
      sums[SpectralFeatures.kinds[index], default: 0] += Double(regression.contribution(value, index))
    }
    return SpectralFeatures.Kind.allCases.map { Reason(kind: $0, logit: sums[$0] ?? 0) }
      .sorted { abs($0.logit) > abs($1.logit) }
  }
}
