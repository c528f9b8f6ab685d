import ImageFormats

/// The trained detector: a calibrated probability, or a reason why there is none.
///
/// It never says that a picture is real, and what it indicates never outranks a credential.
public struct DetectorExaminer: Examiner {
  private let discriminator: Discriminator?

  /// - Parameter discriminator: nil: the detector reports that it has no weights.
  public init(discriminator: Discriminator? = .shipped) { self.discriminator = discriminator }

  public var kind: ExaminerKind { .detector }

  /// JPEG qualities below this leave too little of a picture's finest detail.
  static let leastQuality = 30

  public func examine(_ examination: Examination) throws -> Findings {
    guard let discriminator else { return Self.abstention("the program was installed without its weights") }
    let decoded = try examination.decoded()
    if let quality = decoded.jpeg?.estimatedQuality, quality < Self.leastQuality {
      return Self.abstention("it is too compressed: JPEG quality \(quality)")
    }
    switch discriminator.judge(decoded.image, luminance: try examination.luminance()) {
    case .unfit(let reason): return Self.abstention(reason)
    case .scored(let logit, let probability, let crops):
      return Self.findings(
        discriminator.card.calibration, logit: logit, probability: probability, crops: crops)
    }
  }

  private static func abstention(_ reason: String) -> Findings {
    Findings(
      evidence: [
        Evidence(
          method: "detector", class: .statistical, result: .notEvaluated,
          summary: "the detector gives no opinion", reason: reason)
      ], abstained: true)
  }

  private static func findings(
    _ calibration: Calibration, logit: Double, probability: Double, crops: [Discriminator.CropScore]
  ) -> Findings {
    let ratio = calibration.likelihoodRatio(probability: probability)
    let rounded = (probability * 1000).rounded() / 1000
    let detail: [String: DetailValue] = [
      "probability": .number(rounded),
      "likelihoodRatio": .number((ratio * 100).rounded() / 100),
      "logit": .rounded(Float(logit)),
      "falseAlarmRate": .number((calibration.falseAlarms * 10_000).rounded() / 10_000),
      "thresholds": .object([
        "indicated": .number(calibration.indicated), "quiet": .number(calibration.quiet),
      ]),
      "crops": .array(
        crops.map { crop in
          .object([
            "x": .integer(crop.region.x), "y": .integer(crop.region.y), "side": .integer(crop.region.width),
            "logit": .rounded(Float(crop.logit)),
          ])
        }),
    ]
    var evidence = Evidence(
      method: "detector", class: .statistical, result: .absent, summary: "", detail: detail)
    let percent = "\(Int((probability * 100).rounded())) %"
    if probability >= calibration.indicated {
      evidence.result = .found
      evidence.strength = .medium
      evidence.origin = .generated
      evidence.summary =
        "the pixels look generated (\(percent) at even odds); \(DetailValue.text(Float(calibration.falseAlarms * 100))) % of the real pictures of its calibration did too"
    } else if probability < calibration.quiet {
      evidence.summary =
        "the pixels show no sign of generation (\(percent) at even odds), which proves nothing"
    } else {
      evidence.result = .notEvaluated
      evidence.summary = "the detector cannot tell (\(percent) at even odds)"
      evidence.reason = "the score lies between its two thresholds"
    }
    return Findings(
      evidence: [evidence], aiProbability: rounded, abstained: evidence.result == .notEvaluated)
  }
}
