import Detectors
public import ForeignDetectors
import ImageFormats
import Scanning

/// A network of somebody else: its score under its own name.
///
/// Without a calibration a score is a number, and indicates nothing; with one it may, where enough real pictures stand behind
/// it. `aiProbability` stays the shipped detector's.
public struct ForeignDetectorExaminer: Examiner {
  private let detector: ForeignDetector

  public init(_ detector: ForeignDetector) { self.detector = detector }

  public var kind: ExaminerKind { .detector }

  public func examine(_ examination: Examination) throws -> Findings {
    let decoded = try examination.decoded()
    let description = detector.description
    let score: ForeignDetector.Score
    do throws(ForeignDetectorError) {
      score = try detector.judge(decoded.image.oriented(decoded.orientation))
    } catch {
      return Findings(evidence: [
        Evidence(
          method: Self.method(description), class: .statistical, result: .notEvaluated,
          summary: "\(description.name) gives no score",
          reason: error.message)
      ])
    }
    return Findings(evidence: [
      try Self.evidence(
        score.value, margin: score.margin, of: description, sha256: detector.sha256,
        calibration: detector.calibration,
        unfitness: {
          Detector.unfitness(
            of: decoded.image, luminance: try examination.luminance(),
            quality: decoded.jpeg?.estimatedQuality)
        })
    ])
  }

  /// What a score comes to.
  ///
  /// - Parameter unfitness: why no detector's score indicates anything of the picture, as a clause; asked where one would.
  package static func evidence(
    _ score: Double, margin: Double, of description: ModelDescription, sha256: String,
    calibration: ForeignCalibration?, unfitness: () throws -> String?
  ) throws -> Evidence {
    let shown = rounded(score)
    var detail = Evidence.Detail.Model()
    detail.model = description.name
    detail.version = description.version
    detail.sha256 = sha256
    detail.score = shown
    detail.margin = rounded(margin)
    var evidence = Evidence(
      method: method(description), class: .statistical, result: .notEvaluated,
      summary: "\(description.name) gives the score \(Float(shown).words)", detail: .model(detail))
    guard let calibration else {
      evidence.reason = "nobody measured what its scores mean, so that they indicate nothing"
      return evidence
    }
    let probability = calibration.probability(margin)
    let percent = "\(Int((probability * 100).rounded())) %"
    detail.probability = rounded(probability)
    detail.threshold = rounded(calibration.threshold)
    evidence.detail = .model(detail)
    let reason: String? =
      if let shortcoming = calibration.shortcoming {
        shortcoming
      } else if probability <= calibration.threshold {
        "real pictures of its calibration had scores as high, so that it indicates nothing"
      } else { try unfitness() }
    guard let reason else {
      evidence.result = .found
      evidence.strength = .medium
      evidence.origin = .generated
      evidence.summary =
        "\(description.name): the pixels look generated (\(percent) at even odds); none of the \(calibration.real) real pictures of its calibration did as much"
      return evidence
    }
    evidence.summary += ", \(percent) at even odds"
    evidence.reason = reason
    return evidence
  }

  private static func method(_ description: ModelDescription) -> String {
    "detector.onnx.\(description.slug)"
  }

  /// Four digits behind the point.
  private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
