package import Images

extension FingerprintReader {
  /// What the filters answer to one whole picture, before anything is divided or decided.
  package struct Answers: Sendable {
    /// What ``FingerprintReader/Effort/whole`` makes of it.
    package var reading: FingerprintReading
    /// [fingerprint][weighting].
    package var upright: [[Double]]
    /// [fingerprint][7 ways to turn or mirror it × weighting].
    package var turned: [[Double]]
  }

  /// Every filter's answer, with which the null is measured; nil where nothing can be compared.
  package func answers(to luminance: Plane) -> Answers? {
    guard min(luminance.width, luminance.height) >= Self.leastSide else { return nil }
    let residual = PatternResidual(of: luminance)
    guard residual.detailShare >= PatternResidual.leastDetailShare else { return nil }
    let spectrum = WhitenedSpectrum(of: residual)
    var ranking = Ranking()
    whole(spectrum, &ranking)
    var answers = Answers(reading: ranking.reading(.whole), upright: [], turned: [])
    for (item, transposed) in zip(prepared, searchFilters.map(\.transposed)) {
      let upright = item.filter.apply(to: spectrum).statistics
      answers.upright.append(upright.map { $0[0] })
      var turned = upright.map { $0[1] }
      for (filter, mirrored) in [(item.filter, true), (transposed, false), (transposed, true)] {
        turned += filter.apply(to: spectrum, mirrored: mirrored).statistics.flatMap { $0 }
      }
      answers.turned.append(turned)
    }
    return answers
  }
}

extension WhitenedSpectrum {
  /// T of one fingerprint in the best weighting, before any division.
  package func statistic(of fingerprint: Fingerprint) -> Double {
    MatchedFilter(fingerprint.template).apply(to: self).best()
  }
}
