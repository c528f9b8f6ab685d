import Foundation

/// From logits to probabilities and decisions, fitted on sources that training never saw.
public struct Calibration: Sendable, Hashable, Codable {
  /// probability = 1 / (1 + exp(−(slope · logit + offset))) at even odds.
  public var slope: Double
  public var offset: Double
  /// At and above this probability a picture is `aiIndicated`.
  public var indicated: Double
  /// Below this there is no indication; between the two the detector abstains.
  public var quiet: Double
  /// Share of real crops that reached `indicated` when it was chosen.
  public var falseAlarms: Double
  /// Share of generated crops that reached it.
  public var detected: Double
  /// Real and generated crops that it was fitted on.
  public var realCount: Int
  public var generatedCount: Int

  public func probability(logit: Double) -> Double {
    guard logit.isFinite else { return 0.5 }
    return Self.logistic(slope * logit + offset)
  }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-min(max(x, -30), 30))) }

  /// How many times likelier such a score is for a generated picture than for a real one.
  ///
  /// Bounded by what the number of pictures behind the calibration can support.
  public func likelihoodRatio(probability: Double) -> Double {
    let bound = Double(max(2, min(realCount, generatedCount)))
    return min(max(probability / max(1 - probability, 1e-9), 1 / bound), bound)
  }

  /// Platt's fit with both classes given equal weight, and thresholds from the two error rates.
  ///
  /// - Parameters:
  ///   - falseAlarms: the share of real pictures that may be called generated.
  ///   - misses: the share of generated pictures that may be called quiet.
  /// - Throws: ``DetectorError`` for fewer than 20 of a class.
  ///
  /// Source: Platt 1999, with its smoothed targets; Newton's method as in Lin et al. 2007,
  /// doi:10.1007/s10994-007-5018-6
  public init(
    logits: [Double], generated: [Bool], falseAlarms limit: Double = 0.01, misses: Double = 0.05
  ) throws(DetectorError) {
    let pairs = zip(logits, generated).filter { $0.0.isFinite }
    let positives: [Double] = pairs.filter(\.1).map(\.0).sorted()
    let negatives: [Double] = pairs.filter { !$0.1 }.map(\.0).sorted()
    guard positives.count >= 20, negatives.count >= 20 else {
      throw DetectorError(
        code: "detector.calibration",
        message: "\(negatives.count) real and \(positives.count) generated scores are too few to calibrate",
        remedy: "calibrate on at least 20 of each")
    }
    let (real, made) = (Double(negatives.count), Double(positives.count))
    let groups: [(scores: [Double], target: Double, weight: Double)] = [
      (negatives, 1 / (real + 2), 1 / real), (positives, (made + 1) / (made + 2), 1 / made),
    ]
    var a = 1.0
    var b = 0.0
    for _ in 0..<100 {
      var (gA, gB): (Double, Double) = (0, 0)
      var (hAA, hAB, hBB): (Double, Double, Double) = (1e-9, 0, 1e-9)
      for (scores, target, weight) in groups {
        for z in scores {
          let p = Self.logistic(a * z + b)
          let error = weight * (p - target)
          let curvature = weight * p * (1 - p)
          gA += error * z
          gB += error
          hAA += curvature * z * z
          hAB += curvature * z
          hBB += curvature
        }
      }
      let determinant = hAA * hBB - hAB * hAB
      guard determinant > 1e-15 else { break }
      let stepA: Double = (gA * hBB - gB * hAB) / determinant
      let stepB: Double = (gB * hAA - gA * hAB) / determinant
      // Steps are bounded: far from the optimum the curvature is nearly 0.
      a -= min(max(stepA, -1), 1)
      b -= min(max(stepB, -1), 1)
      if abs(stepA) + abs(stepB) < 1e-9 { break }
    }
    slope = max(a, 1e-3)
    offset = b
    realCount = negatives.count
    generatedCount = positives.count
    (indicated, quiet, self.falseAlarms, detected) = (1, 0, 0, 0)
    let allowed = Int(limit * Double(negatives.count))
    let high = negatives[negatives.count - 1 - min(allowed, negatives.count - 1)]
    indicated = max(probability(logit: high.nextUp), 0.5)
    quiet = min(probability(logit: positives[Int(misses * Double(positives.count))]), indicated)
    let wrong = negatives.count(where: { probability(logit: $0) >= indicated })
    let right = positives.count(where: { probability(logit: $0) >= indicated })
    self.falseAlarms = Double(wrong) / real
    detected = Double(right) / made
  }
}
