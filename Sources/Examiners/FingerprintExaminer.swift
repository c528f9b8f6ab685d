import Detectors
public import Fingerprints
import ImageFormats
import Images
public import Scanning

/// Looks for the fixed patterns that generators leave in every picture they make.
///
/// That a pattern is absent says nothing: most generators leave none that is known, and versions change. Every picture is compared
/// whole. The search for crops, turns and collages costs eight times as much: it is spared where the detector, which
/// misses few generated pictures so far, finds the pixels like a camera's.
public struct FingerprintExaminer: Examiner {
  private let reader: @Sendable () -> FingerprintReader?
  private let detector: DetectorExaminer?

  /// - Parameters:
  ///   - reader: asked for with the first picture, as templates take time to read; nil: the examiner reports that it
  ///     has none.
  ///   - detector: whose silence spares the search; nil: every picture is searched.
  public init(
    reader: @autoclosure @escaping @Sendable () -> FingerprintReader? = Self.shipped,
    detector: DetectorExaminer? = nil
  ) {
    self.reader = reader
    self.detector = detector
  }

  /// - Parameters:
  ///   - own: fingerprints that are looked for beside those that ship.
  ///   - detector: whose silence spares the search; nil: every picture is searched.
  public init(beside own: [Fingerprint], detector: DetectorExaminer? = nil) {
    guard !own.isEmpty else {
      self.init(detector: detector)
      return
    }
    let reader = FingerprintReader(fingerprints: (Self.shipped?.fingerprints ?? []) + own)
    self.init(reader: reader, detector: detector)
  }

  /// Reads the templates that ship, which the first picture would wait for.
  public static func prepare() { _ = shipped }

  /// A reader of what ships, made once; nil where the program was installed without it.
  public static let shipped: FingerprintReader? = try? FingerprintReader.shipped()

  public var kind: ExaminerKind { .watermark }

  public func examine(_ examination: Examination) throws -> Findings {
    guard let reader = reader() else {
      return Findings(evidence: [
        Self.nothing(.notEvaluated, "no fingerprints of generators", "the program was installed without them")
      ])
    }
    let luminance = try examination.luminance()
    let reading = try reading(reader, examination)
    if let reason = reading.notEvaluable {
      return Findings(evidence: [Self.nothing(.notEvaluated, "no fingerprint could show", reason)])
    }
    let (width, height) = (luminance.width, luminance.height)
    var findings = Findings(
      evidence: reading.found
        ? reading.strongestOfEachFamily.map { Self.evidence($0, width: width, height: height) }
        : [Self.absent(of: reader.fingerprints.count, reading.effort)])
    guard examination.wishes.contains(.fingerprint) else { return findings }
    let places = try Self.places(reader, examination)
    if let found = places.strongestPart, let part = found.part {
      findings.evidence.append(Self.evidence(part, of: found.card, width: width, height: height))
    }
    findings.drawings = try Self.drawing(places, match: reading.matches.first, over: luminance).map {
      Drawing(kind: $0.kind, image: HeatMap.withLegend($0.image, words: Self.legend, from: 0))
    }
    return findings
  }

  /// A map of a picture that carries a fingerprint; a crop's is not drawn, as the map knows whole pictures only.
  public func drawings(_ kinds: Set<Drawing.Kind>, of examination: Examination) throws -> [Drawing] {
    guard kinds.contains(.fingerprint), let reader = reader(),
      let match = try reading(reader, examination).matches.first, !match.geometry.isCrop
    else { return [] }
    return try Self.drawing(
      try Self.places(reader, examination), match: match, over: try examination.luminance())
  }

  /// What the fingerprints say, asked once a file.
  private func reading(
    _ reader: FingerprintReader, _ examination: Examination
  ) throws -> FingerprintReading {
    try examination.shared(FingerprintReading.self) {
      reader.read(try examination.luminance()) { detector?.isQuiet(about: examination) != true }
    }
  }

  /// Maps of all fingerprints, made once a file.
  private static func places(
    _ reader: FingerprintReader, _ examination: Examination
  ) throws -> [FingerprintReader.Whereabouts] {
    try examination.shared([FingerprintReader.Whereabouts].self) {
      reader.whereabouts(in: try examination.luminance())
    }
  }

  private static let legend = [
    ["no pattern here", "6 standard deviations and more"], ["no pattern", "6 deviations"], ["no", "pattern"],
  ]

  /// T by tiles in orange, the part that was found framed; none where the picture carries nothing.
  private static func drawing(
    _ places: [FingerprintReader.Whereabouts], match: FingerprintMatch?, over luminance: Plane
  ) throws -> [Drawing] {
    let found = places.strongestPart
    guard let shown = found ?? places.first(where: { $0.card.name == match?.card.name }) else { return [] }
    let (map, step, side) = (shown.map, FingerprintMap.stepShare, FingerprintMap.tileShare)
    let cells = map.statistics.enumerated().map { index, statistic in
      HeatMap.Cell(
        region: pixels(
          .init(
            x: Double(index % map.columns) * step, y: Double(index / map.columns) * step, width: side,
            height: side), width: luminance.width, height: luminance.height),
        // Full colour from 6 standard deviations; what speaks against the pattern is no tint.
        probability: 0.5 + min(max(statistic, 0), 6) / 12)
    }
    let image = HeatMap(cells: cells, width: luminance.width, height: luminance.height).drawing(
      over: luminance, limit: 2,
      standout: found?.part.map { pixels($0.region, width: luminance.width, height: luminance.height) })
    return [Drawing(kind: .fingerprint, image: image)]
  }

  private static func pixels(_ part: FingerprintGeometry.Region, width: Int, height: Int) -> PixelRegion {
    PixelRegion(
      x: Int((part.x * Double(width)).rounded()), y: Int((part.y * Double(height)).rounded()),
      width: Int((part.width * Double(width)).rounded()),
      height: Int((part.height * Double(height)).rounded()))
  }

  /// Weak: it decides nothing, so that the outcome does not depend on whether maps were asked for.
  private static func evidence(
    _ part: FingerprintPart, of card: Fingerprint.Card, width: Int, height: Int
  ) -> Evidence {
    let region = pixels(part.region, width: width, height: height)
    let place = "\(region.width)×\(region.height) pixels from (\(region.x), \(region.y))"
    let sigmas =
      "\(Float(part.statistic).words) σ against \(Float(part.remainder).words) σ"
    let rarity = rarity(part.log10PValue)
    var detail = detail(card, part.statistic, part.pValue, part.log10PValue, part.trials)
    detail.remainder = Float(part.remainder).tenThousandths
    detail.contrast = Float(part.contrast).tenThousandths
    detail.carries = part.isCarrier
    return Evidence(
      method: "fingerprint.\(card.name)", class: .watermark, result: .found, strength: .weak,
      summary: part.isCarrier
        ? "\(place) carry the pattern that pictures by \(card.family) share, and the rest does not: \(sigmas), \(rarity)"
        : "all but \(place) carries the pattern that pictures by \(card.family) share: \(sigmas), \(rarity)",
      origin: .edited, generator: card.family,
      detail: .fingerprint(detail),
      location: EvidenceLocation(region: region),
      reason: (["a pattern is weaker where a picture is dark, blurred or of one colour, without any edit"]
        + card.matchCaveats).joined(separator: "; "))
  }

  private static func absent(of count: Int, _ effort: FingerprintReader.Effort) -> Evidence {
    let known = "none of \(count) known fingerprints of generators; most leave none"
    return switch effort {
    case .whole:
      nothing(
        .absent, known,
        "only the whole picture was compared, no crops, as the detector sees no sign of generation")
    case .geometry: nothing(.absent, known, nil)
    }
  }

  /// What is told of the whole and of a part alike.
  private static func detail(
    _ card: Fingerprint.Card, _ statistic: Double, _ pValue: Double, _ log10PValue: Double, _ trials: Double
  ) -> Evidence.Detail.Fingerprint {
    var detail = Evidence.Detail.Fingerprint()
    detail.statistic = Float(statistic).tenThousandths
    detail.pValue = pValue
    detail.log10PValue = Float(log10PValue).tenThousandths
    detail.trials = trials
    detail.trainingPictures = card.trainingPictures
    detail.dates = card.dates
    return detail
  }

  private static func nothing(_ result: Evidence.Result, _ summary: String, _ reason: String?) -> Evidence {
    Evidence(method: "fingerprint", class: .watermark, result: result, summary: summary, reason: reason)
  }

  private static func evidence(_ match: FingerprintMatch, width: Int, height: Int) -> Evidence {
    let region = pixels(match.geometry.part, width: width, height: height)
    var detail = detail(match.card, match.statistic, match.pValue, match.log10PValue, match.trials)
    detail.geometry = match.geometry.title
    return Evidence(
      method: "fingerprint.\(match.card.name)", class: .watermark, result: .found,
      strength: match.isStrong ? .strong : .medium,
      summary: summary(match),
      origin: match.geometry.isCell ? .edited : .generated, generator: match.card.family,
      detail: .fingerprint(detail),
      location: match.geometry.isCell ? EvidenceLocation(region: region) : nil,
      reason: match.caveats.joined(separator: "; "))
  }

  private static func summary(_ match: FingerprintMatch) -> String {
    let sigmas = Float(match.statistic).words
    let rarity = rarity(match.log10PValue)
    return "\(match.geometry.title) carries the pattern that pictures by \(match.card.family) share: "
      + "\(sigmas) σ, \(rarity)"
  }

  /// Beyond one in 10^30 a chance is no longer what could be wrong.
  private static func rarity(_ log10PValue: Double) -> String {
    log10PValue < -30
      ? "which is not chance (p < 1e-30)"
      : "by chance in at most one of 10^\(Int(-log10PValue.rounded(.up))) pictures"
  }
}
