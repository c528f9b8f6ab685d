/// A pattern that a generator leaves in every picture it makes: a template in cycles per picture, and its papers.
public struct Fingerprint: Sendable, Identifiable {
  /// What is known about a fingerprint; kept with it in the file.
  public struct Card: Sendable, Hashable, Codable {
    /// Dotted and lower case: `openai.gpt-image-2`; an examiner's method is `fingerprint.` and this.
    public var name: String
    /// As a verdict names it: `OpenAI gpt-image-2`.
    public var family: String
    /// The sizes of original pictures that it was estimated from, `1024x1536`, most frequent first.
    public var nativeSizes: [String]
    /// Width over height of the originals, which the search for crops tries; empty for a pattern of every shape.
    public var aspects: [Double]
    /// When the pictures were made, as far as their sources tell.
    public var dates: String
    /// Where the pictures came from, one line a source, with counts.
    public var sources: [String]
    /// SHA-256 over the sorted SHA-256 of the pictures, each in lower-case hexadecimal and a line feed.
    public var picturesDigest: String
    public var trainingPictures: Int
    /// Of the candidates, how many did not carry the pattern and were left out.
    public var leftOut: Int
    /// The filter's result over real pictures.
    public var null: Null
    /// What speaks against taking a match for more than it is, in sentences.
    public var caveats: [String]
    /// Whose pictures it was estimated from, where they are not public ones: `pictures that its user gave`.
    public var estimatedFrom: String?

    /// The matched filter's result where there is no pattern.
    public struct Null: Sendable, Hashable, Codable {
      /// Real pictures that it was taken from, versions of one picture counted each; 0 where it was not measured.
      public var pictures: Int
      /// Standard deviation of T, in the widest weighting; results are divided by it, and by 1.07 where it is less.
      public var deviation: Double
      /// The largest T of all.
      public var largest: Double

      public init(pictures: Int, deviation: Double, largest: Double) {
        self.pictures = pictures
        self.deviation = deviation
        self.largest = largest
      }

      /// The law itself, before a measurement.
      public static let unmeasured = Null(pictures: 0, deviation: 1.07, largest: 0)
    }

    public init(
      name: String, family: String, nativeSizes: [String] = [], aspects: [Double] = [], dates: String = "",
      sources: [String] = [], picturesDigest: String = "", trainingPictures: Int = 0, leftOut: Int = 0,
      null: Null = .unmeasured, caveats: [String] = [], estimatedFrom: String? = nil
    ) {
      self.name = name
      self.family = family
      self.nativeSizes = nativeSizes
      self.aspects = aspects
      self.dates = dates
      self.sources = sources
      self.picturesDigest = picturesDigest
      self.trainingPictures = trainingPictures
      self.leftOut = leftOut
      self.null = null
      self.caveats = caveats
      self.estimatedFrom = estimatedFrom
    }
  }

  public var card: Card
  /// Weights as whole numbers, −127...127; the filter's result does not depend on their scale.
  public let template: Template

  /// The card's name; ``FingerprintReader`` takes each once.
  public var id: String { card.name }

  public init(card: Card, template: Template) {
    self.card = card
    self.template = template
  }

  /// The weights of the matched filter: half of a spectrum up to `band` cycles per picture in either direction.
  public struct Template: Sendable, Hashable {
    /// The highest frequency either way, cycles per picture; 16...``mostCycles``.
    public let band: Int
    /// [2·band + 1, band + 1, 2]: rows from −band to band, columns from 0, real and imaginary part.
    ///
    /// Of column 0 only rows above 0 count; the others repeat them.
    public let weights: [Int8]
    /// Σ|w|² over the coefficients.
    let energy: Double

    /// What the square grid and its reach leave: ⌊0.47 · 640⌋.
    public static let mostCycles = 300
    public static let leastCycles = 16

    public static func count(band: Int) -> Int { 2 * (2 * band + 1) * (band + 1) }

    /// - Throws: ``FingerprintError`` for a band outside its range, another number of weights, or none but zeros.
    public init(band: Int, weights: [Int8]) throws(FingerprintError) {
      guard (Self.leastCycles...Self.mostCycles).contains(band) else {
        throw FingerprintError(
          "fingerprint.band",
          "the template reaches \(band) cycles, which is outside \(Self.leastCycles)...\(Self.mostCycles)",
          remedy: "estimate the fingerprint anew")
      }
      guard weights.count == Self.count(band: band) else {
        throw FingerprintError(
          "fingerprint.length",
          "a template of \(band) cycles has \(Self.count(band: band)) weights, not \(weights.count)",
          remedy: "fetch the fingerprint again or estimate it anew")
      }
      var weights = weights
      // Column 0 holds each coefficient twice, f and −f; one of them is enough.
      for row in 0...band {
        let start = 2 * row * (band + 1)
        weights[start] = 0
        weights[start + 1] = 0
      }
      self.band = band
      self.weights = weights
      energy = weights.reduce(0.0) { $0 + Double($1) * Double($1) }
      guard energy > 0 else {
        throw FingerprintError(
          "fingerprint.empty", "every weight of the template is 0",
          remedy: "estimate the fingerprint from pictures that share a pattern")
      }
    }
  }
}
