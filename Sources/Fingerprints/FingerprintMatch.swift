/// How a picture lies against the pattern's own.
public enum FingerprintOrientation: String, Sendable, Hashable, Codable, CaseIterable {
  case upright
  case turnedByHalf = "turned by 180°"
  case mirrored = "mirrored left to right"
  case flipped = "mirrored top to bottom"
  case transposed = "mirrored at the main diagonal"
  case turnedRight = "turned by 90° clockwise"
  case turnedLeft = "turned by 90° anticlockwise"
  case transversed = "mirrored at the other diagonal"
}

/// Where in the picture a pattern was found, and how it lies there.
public struct FingerprintGeometry: Sendable, Hashable, Codable {
  /// A rectangle in shares of the picture's sides, 0...1.
  public struct Region: Sendable, Hashable, Codable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    public static let whole = Region(x: 0, y: 0, width: 1, height: 1)
  }

  /// The part of this picture that was compared.
  public var part: Region
  /// The part of the pattern's own picture that it shows: ``Region/whole`` unless this picture is a crop.
  public var ofOriginal: Region
  public var orientation: FingerprintOrientation

  public init(
    part: Region = .whole, ofOriginal: Region = .whole, orientation: FingerprintOrientation = .upright
  ) {
    self.part = part
    self.ofOriginal = ofOriginal
    self.orientation = orientation
  }

  public var isCrop: Bool { ofOriginal != .whole }
  public var isCell: Bool { part != .whole }

  /// For people: `whole picture`, `a crop to 90 % × 90 %`.
  public var title: String {
    func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    var text =
      isCrop
      ? "a crop to \(percent(ofOriginal.width)) × \(percent(ofOriginal.height)) of the original"
      : isCell
        ? "a part of \(percent(part.width)) × \(percent(part.height)) at \(percent(part.x)), \(percent(part.y))"
        : "the whole picture"
    if orientation != .upright { text += ", \(orientation.rawValue)" }
    return text
  }
}

/// A fingerprint that a picture carries.
public struct FingerprintMatch: Sendable {
  public var card: Fingerprint.Card
  /// The matched filter's result in standard deviations of the null.
  public var statistic: Double
  /// log₁₀ of the chance that a picture without the pattern reaches this in any of the trials.
  public var log10PValue: Double
  /// Templates, weightings, places and shapes that were compared up to this result.
  public var trials: Double
  public var geometry: FingerprintGeometry

  public init(
    card: Fingerprint.Card, statistic: Double, log10PValue: Double, trials: Double,
    geometry: FingerprintGeometry
  ) {
    self.card = card
    self.statistic = statistic
    self.log10PValue = log10PValue
    self.trials = trials
    self.geometry = geometry
  }

  /// 0 where it is below the least number; ``log10PValue`` tells.
  public var pValue: Double { exponential(log10PValue) }

  /// The largest p-value at which such a match counts.
  var significance: Double {
    geometry.isCrop ? FingerprintReader.cropSignificance : FingerprintReader.significance
  }

  /// Whether chance is excluded as far as Assay asks for.
  var isFound: Bool { pValue <= significance }

  /// Whether the p-value is a thousandth of what is asked for.
  public var isStrong: Bool { pValue <= significance * FingerprintReader.strongFactor }

  /// What a report says beside it: how the template came about, and what a match does not prove.
  public var caveats: [String] { card.matchCaveats }
}

extension Fingerprint.Card {
  /// How the template came about, and what a match with it does not prove.
  public var matchCaveats: [String] {
    [
      estimatedFrom.map { "the pattern was estimated from \(trainingPictures) \($0)" }
        ?? "the pattern was estimated from \(trainingPictures) public pictures; the maker did not publish it",
      "a picture that was pasted together from such a picture carries it too",
    ] + caveats
  }
}

/// What was found in one picture.
public struct FingerprintReading: Sendable {
  /// Fingerprints below ``FingerprintReader/significance``, crops below ``FingerprintReader/cropSignificance``; the strongest
  /// first, each once.
  public var matches: [FingerprintMatch]
  /// The strongest result that was turned down; nil where nothing could be compared.
  public var nearest: FingerprintMatch?
  /// Why nothing was compared; nil where it was.
  public var notEvaluable: String?
  /// How far the search went.
  public var effort: FingerprintReader.Effort

  public var found: Bool { !matches.isEmpty }

  /// Of the templates of one family, whose pictures often carry several, the strongest.
  public var strongestOfEachFamily: [FingerprintMatch] {
    var seen: Set<String> = []
    return matches.filter { seen.insert($0.card.family).inserted }
  }
}

func exponential(_ log10: Double) -> Double { log10 < -320 ? 0 : power(10, log10) }
