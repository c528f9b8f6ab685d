import Detectors
import ImageFormats
import Scanning

/// The trained detector: a calibrated probability, or a reason why there is none.
///
/// It never says that a picture is real, and what it indicates never outranks a credential.
public struct DetectorExaminer: Examiner {
  private let detector: @Sendable () -> Result<Detector, DetectorError>
  private let namesSimilar: Bool

  /// - Parameters:
  ///   - detector: asked for with the first picture, as weights take time to read; where there is none the
  ///     examiner reports why.
  ///   - namesSimilar: whether the nearest training sources are told.
  public init(
    detector: @autoclosure @escaping @Sendable () -> Result<Detector, DetectorError> = Detector.installed,
    namesSimilar: Bool = false
  ) {
    self.detector = detector
    self.namesSimilar = namesSimilar
  }

  public var kind: ExaminerKind { .detector }

  public func examine(_ examination: Examination) throws -> Findings {
    let detector: Detector
    switch self.detector() {
    case .success(let found): detector = found
    case .failure(let fault): return Self.abstention("\(fault.message) (\(fault.remedy))")
    }
    let decoded = try examination.decoded()
    switch try Self.judged(detector, examination) {
    case .unfit(let reason): return Self.abstention(reason)
    case .opinion(let opinion):
      var findings = Self.findings(
        detector.card.calibration, opinion,
        longSide: max(decoded.image.width, decoded.image.height), identity: detector.identity)
      if namesSimilar, let evidence = Self.evidence(similarTo: opinion) { findings.evidence.append(evidence) }
      if examination.wishes.contains(.heatmap), let map = try Self.map(detector, examination) {
        if let standout = map.standout { findings.evidence.append(Self.evidence(standout)) }
        findings.drawings = try drawings([.heatmap], of: examination).map {
          Drawing(kind: $0.kind, image: HeatMap.withLegend($0.image, words: Self.legend))
        }
      }
      return findings
    }
  }

  public func drawings(_ kinds: Set<Drawing.Kind>, of examination: Examination) throws -> [Drawing] {
    guard kinds.contains(.heatmap), let detector = try? detector().get(),
      let map = try Self.map(detector, examination)
    else { return [] }
    let drawing = map.heat.drawing(
      over: try examination.luminance(), limit: detector.card.calibration.thresholds.indicated,
      standout: map.standout?.region)
    return [Drawing(kind: .heatmap, image: drawing)]
  }

  /// Whether the detector finds no sign of generation: not where it abstains, cannot judge or is missing.
  func isQuiet(about examination: Examination) -> Bool {
    guard let detector = try? detector().get(),
      case .opinion(let opinion)? = try? Self.judged(detector, examination)
    else { return false }
    return detector.card.calibration.decision(opinion.probability) == .quiet
  }

  /// Of the JPEG whose blocks the pixels have; what is reduced has none, but for one that was too compressed before.
  private static func quality(of decoded: DecodedImage) -> Int? {
    let quality = decoded.jpeg?.estimatedQuality
    return decoded.reduction == nil || (quality ?? 100) < Detector.leastQuality ? quality : nil
  }

  /// What the detector says, asked once a file.
  private static func judged(_ detector: Detector, _ examination: Examination) throws -> Detector.Outcome {
    try examination.shared(Detector.Outcome.self) {
      let decoded = try examination.decoded()
      return detector.judge(
        decoded.image, luminance: try examination.luminance(), quality: quality(of: decoded))
    }
  }

  /// A heat map, and the region that stands out in it.
  private struct Map {
    var heat: HeatMap
    var standout: StandoutRegion?
  }

  private static let legend = [
    ["no sign of generation", "cannot tell", "looks generated"], ["no sign", "cannot tell", "generated"],
    ["no sign", "generated"],
  ]

  /// Nil where the picture is not judged, and so has no map.
  private static func map(_ detector: Detector, _ examination: Examination) throws -> Map? {
    try examination.shared(Map?.self) {
      let decoded = try examination.decoded()
      let quality = quality(of: decoded)
      let luminance = try examination.luminance()
      guard case .opinion = try judged(detector, examination),
        let heat = detector.heatMap(of: decoded.image, luminance: luminance, quality: quality)
      else { return nil }
      return Map(heat: heat, standout: StandoutRegion(in: heat).flatMap { $0.isOutstanding ? $0 : nil })
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

  /// How many real pictures were called generated: a share only of many, or it would promise what few cannot.
  private static func alarms(_ calibration: Calibration) -> String {
    let count = calibration.realCount
    guard count < 1000 else {
      return "\(Float(calibration.falseAlarms * 100).words) % of the \(count) real pictures"
    }
    return "\(Int((calibration.falseAlarms * Double(count)).rounded())) of the \(count) real pictures"
  }

  /// Weak: pictures vary from place to place, so that it decides nothing.
  private static func evidence(_ standout: StandoutRegion) -> Evidence {
    let region = standout.region
    return Evidence(
      method: "detector.region", class: .statistical, result: .found, strength: .weak,
      summary:
        "\(region.width)×\(region.height) pixels from (\(region.x), \(region.y)) look more generated than the rest: \(standout.inside.percentWords) against \(standout.outside.percentWords) at even odds",
      origin: .edited,
      detail: .standout(
        .init(
          inside: Float(standout.inside).tenThousandths, outside: Float(standout.outside).tenThousandths,
          contrast: Float(standout.contrast).tenThousandths)),
      location: EvidenceLocation(region: region),
      reason: "real pictures vary from place to place too, and most edits leave no such region")
  }

  /// Nothing that decides: the encoder's similarity of what pictures show as much as of how they were made.
  private static func evidence(similarTo opinion: Detector.Opinion) -> Evidence? {
    guard !opinion.similar.isEmpty else { return nil }
    let names = opinion.similar.map { source, similarity in
      "\(source.name) (\(source.isGenerated ? "generated" : "real"): \(source.kind)), \(Float(similarity).words)"
    }
    return Evidence(
      method: "detector.similar", class: .statistical, result: .notEvaluated,
      summary: "most like the detector's training pictures of \(names.joined(separator: "; "))",
      detail: .similarity(
        .init(
          sources: opinion.similar.map { source, similarity in
            .init(
              name: source.name, kind: source.kind, isGenerated: source.isGenerated,
              similarity: Float(similarity).tenThousandths)
          })),
      reason: "it tells what a picture looks like, not where it comes from")
  }

  private static func findings(
    _ calibration: Calibration, _ opinion: Detector.Opinion, longSide: Int, identity: String
  ) -> Findings {
    let share = calibration.detected(longSide: longSide)
    let probability = opinion.probability
    let thresholds = calibration.thresholds
    let ratio = calibration.likelihoodRatio(probability: probability)
    let rounded = (probability * 1000).rounded() / 1000
    var detail = Evidence.Detail.Detector()
    detail.model = identity
    detail.probability = rounded
    detail.likelihoodRatio = (ratio * 100).rounded() / 100
    detail.network = Float(opinion.network).tenThousandths
    detail.spectral = opinion.spectral.map { Float($0).tenThousandths }
    detail.reasons = opinion.reasons.prefix(3).map {
      .init(feature: $0.title, logit: Float($0.logit).tenThousandths)
    }
    detail.falseAlarmRate = (calibration.falseAlarms * 10_000).rounded() / 10_000
    detail.thresholds = .init(
      indicated: (thresholds.indicated * 1000).rounded() / 1000,
      quiet: (thresholds.quiet * 1000).rounded() / 1000)
    detail.foundOfThisSize = share.map { ($0 * 1000).rounded() / 1000 }
    var evidence = Evidence(
      method: "detector", class: .statistical, result: .absent, summary: "", detail: .detector(detail))
    let percent = probability.percentWords
    switch calibration.decision(probability) {
    case .indicated:
      evidence.result = .found
      evidence.strength = .medium
      evidence.origin = .generated
      evidence.summary =
        "the pixels look generated (\(percent) at even odds); \(Self.alarms(calibration)) of its calibration did too"
    case .quiet:
      evidence.summary = "the pixels show no sign of generation (\(percent) at even odds)"
      evidence.reason =
        share.map {
          "of generated pictures of this size the detector finds \($0.percentWords), so that its silence proves nothing"
        }
        ?? "its silence proves nothing"
    case .undecided:
      evidence.result = .notEvaluated
      evidence.summary = "the detector cannot tell (\(percent) at even odds)"
      evidence.reason = "the score lies between its two thresholds"
    }
    return Findings(
      evidence: [evidence], aiProbability: rounded, abstained: evidence.result == .notEvaluated)
  }
}
