public import Fingerprints
import Images
public import Scanning

/// Looks for the fixed patterns that generators leave in every picture they make.
///
/// That a pattern is absent says nothing: most generators leave none that is known, and versions change. Only the whole
/// picture as it is is compared: the search for crops, turns and collages costs eight times as much, and its false
/// alarms were counted on some thousand crops only; who wants it asks for it.
public struct FingerprintExaminer: Examiner {
  private let reader: @Sendable () -> FingerprintReader?

  /// - Parameter reader: asked for with the first picture, as templates take time to read; nil: the examiner reports
  ///   that it has none.
  public init(reader: @autoclosure @escaping @Sendable () -> FingerprintReader? = Self.shipped) {
    self.reader = reader
  }

  /// - Parameter own: fingerprints that are looked for beside those that ship.
  public init(beside own: [Fingerprint]) {
    guard !own.isEmpty else {
      self.init()
      return
    }
    let shipped = Self.shipped?.fingerprints ?? []
    let reader = FingerprintReader(fingerprints: shipped + own, effort: .whole)
    self.init(reader: reader)
  }

  /// A reader of what ships, made once; nil where the program was installed without it.
  public static let shipped: FingerprintReader? = try? FingerprintReader.shipped(effort: .whole)

  public var kind: ExaminerKind { .watermark }

  public func examine(_ examination: Examination) throws -> Findings {
    guard let reader = reader() else {
      return Findings(evidence: [
        Self.nothing(.notEvaluated, "no fingerprints of generators", "the program was installed without them")
      ])
    }
    let reading = reader.read(try examination.luminance())
    if let reason = reading.notEvaluable {
      return Findings(evidence: [Self.nothing(.notEvaluated, "no fingerprint could show", reason)])
    }
    guard reading.found else {
      return Findings(evidence: [
        Self.nothing(
          .absent, "none of \(reader.fingerprints.count) known fingerprints of generators; most leave none",
          nil)
      ])
    }
    let (width, height) = (try examination.luminance().width, try examination.luminance().height)
    return Findings(evidence: reading.matches.map { Self.evidence($0, width: width, height: height) })
  }

  private static func nothing(_ result: Evidence.Result, _ summary: String, _ reason: String?) -> Evidence {
    Evidence(method: "fingerprint", class: .watermark, result: result, summary: summary, reason: reason)
  }

  private static func evidence(_ match: FingerprintMatch, width: Int, height: Int) -> Evidence {
    let part = match.geometry.part
    let region = PixelRegion(
      x: Int((part.x * Double(width)).rounded()), y: Int((part.y * Double(height)).rounded()),
      width: Int((part.width * Double(width)).rounded()),
      height: Int((part.height * Double(height)).rounded()))
    return Evidence(
      method: "fingerprint.\(match.card.name)", class: .watermark, result: .found,
      strength: match.pValue <= FingerprintReader.strongSignificance ? .strong : .medium,
      summary: summary(match),
      origin: match.geometry.isCell ? .edited : .generated, generator: match.card.family,
      detail: [
        "statistic": .rounded(Float(match.statistic)), "pValue": .number(match.pValue),
        "log10PValue": .rounded(Float(match.log10PValue)), "trials": .number(match.trials),
        "geometry": .string(match.geometry.title), "trainingPictures": .integer(match.card.trainingPictures),
        "dates": .string(match.card.dates),
      ],
      location: match.geometry.isCell ? EvidenceLocation(region: region) : nil,
      reason: match.caveats.joined(separator: "; "))
  }

  private static func summary(_ match: FingerprintMatch) -> String {
    let sigmas = DetailValue.text(Float(match.statistic))
    let rarity = "by chance in at most one of 10^\(Int(-match.log10PValue.rounded(.up))) pictures"
    return "\(match.geometry.title) carries the pattern that pictures by \(match.card.family) share: "
      + "\(sigmas) σ, \(rarity)"
  }
}
