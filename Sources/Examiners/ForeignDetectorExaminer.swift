public import ForeignDetectors
import Scanning

/// A network of somebody else: its score under its own name.
///
/// Without a calibration a score is a number, and indicates nothing; with one it may, where enough real pictures stand behind
/// it. ``ScanResult/aiProbability`` stays the shipped detector's.
public struct ForeignDetectorExaminer: Examiner {
  private let detector: ForeignDetector

  public init(_ detector: ForeignDetector) { self.detector = detector }

  public var kind: ExaminerKind { .detector }

  public func examine(_ examination: Examination) throws -> Findings {
    let decoded = try examination.decoded()
    let description = detector.description
    let method = "detector.onnx.\(description.slug)"
    let score: ForeignDetector.Score
    do throws(ForeignDetectorError) {
      score = try detector.judge(decoded.image.oriented(decoded.orientation))
    } catch {
      return Findings(evidence: [
        Evidence(
          method: method, class: .statistical, result: .notEvaluated,
          summary: "\(description.name) gives no score",
          reason: error.message)
      ])
    }
    let shown = Self.rounded(score.value)
    var detail = Evidence.Detail.Model()
    detail.model = description.name
    detail.version = description.version
    detail.sha256 = detector.sha256
    detail.score = shown
    detail.margin = Self.rounded(score.margin)
    var evidence = Evidence(
      method: method, class: .statistical, result: .notEvaluated,
      summary: "\(description.name) gives the score \(Float(shown).words)", detail: .model(detail))
    guard let calibration = detector.calibration else {
      evidence.reason = "nobody measured what its scores mean, so that they indicate nothing"
      return Findings(evidence: [evidence])
    }
    let probability = calibration.probability(score.margin)
    let percent = "\(Int((probability * 100).rounded())) %"
    detail.probability = Self.rounded(probability)
    detail.threshold = Self.rounded(calibration.threshold)
    evidence.detail = .model(detail)
    let above = probability > calibration.threshold
    if above, calibration.mayIndicate {
      evidence.result = .found
      evidence.strength = .medium
      evidence.origin = .generated
      evidence.summary =
        "\(description.name): the pixels look generated (\(percent) at even odds); none of the \(calibration.real) real pictures of its calibration did as much"
    } else {
      evidence.summary += ", \(percent) at even odds"
      evidence.reason =
        !calibration.mayIndicate
        ? "it was measured on \(calibration.real) real pictures, too few to indicate anything"
        : "real pictures of its calibration had scores as high, so that it indicates nothing"
    }
    return Findings(evidence: [evidence])
  }

  /// Four digits behind the point.
  private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
