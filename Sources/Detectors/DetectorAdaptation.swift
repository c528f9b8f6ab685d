internal import Tensors

/// A detector fitted to somebody's own pictures: the same encoder and hidden units, weighed anew.
///
/// The shipped detector's logit is one of the numbers that are weighed, so that few pictures change little.
package struct DetectorAdaptation: Sendable {
  /// A view of a picture whose origin is known.
  package struct Example: Sendable {
    package var features: PictureFeatures
    package var isGenerated: Bool
    package var source: String
    /// The generator, or the kind of real picture.
    package var kind: String
    /// What was done to the picture, by number.
    package var condition: Int
    /// Pixels.
    package var longSide: Int
    package var quality: Int?

    package init(
      features: PictureFeatures, isGenerated: Bool, source: String, kind: String, condition: Int,
      longSide: Int,
      quality: Int?
    ) {
      (self.features, self.isGenerated, self.source) = (features, isGenerated, source)
      (self.kind, self.condition, self.longSide, self.quality) = (kind, condition, longSide, quality)
    }
  }

  private let base: Detector
  private let examples: [Example]
  /// What the base says of each example.
  private let before: [Detector.Opinion]
  /// Of each example, the base's logit and the activations of its hidden units.
  private let rows: [[Float]]
  /// The part that each example is held out with.
  private let folds: [Int]

  /// Whether no source lies in two parts; else there are too few, and pictures are parted.
  package let holdsOutSources: Bool

  private static let parts = 5
  /// Of a squared weight, in rows: strong, as a few hundred pictures cannot weigh hundreds of units freely.
  private static let penalty: Float = 60

  /// - Parameter examples: the views of one picture follow one another.
  /// - Throws: ``DetectorError`` `detector.calibration` for fewer than 20 pictures of a class.
  package init(_ base: Detector, examples: [Example]) throws(DetectorError) {
    self.base = base
    self.examples = examples
    let conditions = max(1, Set(examples.map(\.condition)).count)
    for generated in [true, false] {
      let count = examples.count { $0.isGenerated == generated } / conditions
      guard count >= 20 else {
        throw DetectorError(
          code: "detector.calibration",
          message: "\(count) \(generated ? "generated" : "real") pictures are too few to fit a detector to",
          remedy: "give at least 20 of each")
      }
    }
    before = examples.map { base.opinion($0.features, longSide: $0.longSide, quality: $0.quality) }
    rows = zip(examples, before).map { example, opinion in
      return [Float(opinion.network)] + base.heads.flatMap { $0.activations(example.features.tokens).values }
    }
    // Sources are dealt by size, each class by itself.
    var parts: [String: Int] = [:]
    var enough = true
    for generated in [true, false] {
      let sizes = Dictionary(grouping: examples.filter { $0.isGenerated == generated }, by: \.source)
      enough = enough && sizes.count >= Self.parts
      let ordered = sizes.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      for (place, source) in ordered.enumerated() { parts[source.key] = place % Self.parts }
    }
    holdsOutSources = enough
    folds = examples.indices.map { place in
      enough ? parts[examples[place].source] ?? 0 : place / conditions % Self.parts
    }
  }

  /// What is said of a picture that was held out, before and after.
  package struct Judgement: Sendable {
    package var before: Detector.Opinion
    package var scores: Calibration.Scores
    /// One that did not see the picture either, where the rest is enough for one.
    package var calibration: Calibration
  }

  /// The fitted detector, calibrated on what is said of parts that were held out, and these judgements.
  package func run() throws(DetectorError) -> (detector: Detector, held: [Judgement]) {
    var scores: [Calibration.Scores?] = examples.map { _ in nil }
    for part in 0..<Self.parts {
      let heads = base.heads(weighedBy: try regression(folds.indices.filter { folds[$0] != part }))
      for place in folds.indices where folds[place] == part {
        let example = examples[place]
        scores[place] = Calibration.Scores(
          example.features, heads: heads, spectral: base.card.spectral, quality: example.quality,
          longSide: example.longSide)
      }
    }
    let judged = zip(examples, scores).compactMap { example, scores in
      scores.map {
        Calibration.Example(
          scores: $0, isGenerated: example.isGenerated, source: example.source, kind: example.kind,
          condition: example.condition)
      }
    }
    let calibration = try Calibration(judged)
    let withoutPart = (0..<Self.parts).map { part in
      try? Calibration(folds.indices.filter { folds[$0] != part }.map { judged[$0] })
    }
    let held = examples.indices.map { place in
      Judgement(
        before: before[place], scores: judged[place].scores,
        calibration: withoutPart[folds[place]] ?? calibration)
    }
    var card = base.card
    let conditions = max(1, Set(examples.map(\.condition)).count)
    card.trainedBy = "fitted to own pictures from weights \(base.digest.prefix(16))"
    card.real = examples.count { !$0.isGenerated } / conditions
    card.generated = examples.count(where: \.isGenerated) / conditions
    card.owners = Set(examples.map(\.source)).count
    card.calibration = calibration
    let heads = base.heads(weighedBy: try regression(Array(rows.indices)))
    return (
      Detector(card: card, heads: heads, encoder: base.encoder, centres: base.centres), held
    )
  }

  private func regression(_ places: [Int]) throws(DetectorError) -> LogisticRegression {
    try LogisticRegression(
      rows: places.map { rows[$0] }, labels: places.map { examples[$0].isGenerated },
      sources: places.map { examples[$0].source }, penalty: Self.penalty)
  }
}

extension Detector {
  /// The heads whose mean logit is what a regression on their own mean logit and all their hidden units says.
  fileprivate func heads(weighedBy fit: LogisticRegression) -> [DetectorHead] {
    let count = Float(heads.count)
    // A unit that hardly ever spoke must not speak loudest once it does.
    let slopes = zip(fit.weights, fit.spreads).map { $0 / max($1, 0.05) }
    let offset = zip(slopes, fit.means).reduce(fit.offset) { $0 - $1.0 * $1.1 }
    var start = 1
    return heads.map { head in
      var head = head
      let own = Array(slopes[start..<start + head.units])
      start += head.units
      // The mean is taken over heads, so that each counts its own units as many times over.
      let weights = zip(head.output.weight.value.values, own).map { slopes[0] * $0 + count * $1 }
      head.output.weight.value = Tensor(weights, shape: [1, head.units])
      let bias = head.output.bias?.value.values.first ?? 0
      head.output.bias?.value = Tensor([slopes[0] * bias + offset], shape: [1])
      return head
    }
  }
}
