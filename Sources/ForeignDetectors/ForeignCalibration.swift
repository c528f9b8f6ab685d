import Foundation

/// What a network's scores meant on pictures of known origin (`assay.calibration/1`).
public struct ForeignCalibration: Sendable, Hashable, Codable {
  public static let schema = "assay.calibration/1"

  public var schema: String
  /// SHA-256 of the model.
  public var model: String
  /// What the pictures were.
  public var set: String
  /// What was done to the pictures before they were judged, by the names that `evaluate` knows.
  public var launderings: [String]
  /// Pictures that have a score after every laundering.
  public var real: Int
  public var generated: Int
  /// All scores.
  public var scores: Int
  /// The probability at even odds is σ(slope · margin + offset).
  public var slope: Double
  public var offset: Double
  /// The highest probability of a real picture: what is above was never reached by one.
  public var threshold: Double
  /// Share of generated scores above it.
  public var found: Double

  /// Real pictures from which on none above the threshold bounds the false alarms to 1 %: Wilson's upper 95 % bound of 0 in
  /// n is 3.84 / (n + 3.84).
  public static let leastReal = 381

  /// The launderings without which no score indicates anything: a threshold that saw pictures after another alone was
  /// never reached by those of these.
  public static let leastLaunderings = ["none", "web", "social"]

  /// Whether a score above the threshold may indicate anything.
  public var mayIndicate: Bool { shortcoming == nil }

  /// Why no score indicates anything, as a clause; nil where one may.
  public var shortcoming: String? {
    if real < Self.leastReal {
      return
        "it was measured on \(real) real pictures, and fewer than \(Self.leastReal) are too few to indicate anything"
    }
    let missing = Self.leastLaunderings.filter { !launderings.contains($0) }
    if !missing.isEmpty {
      return "it was not measured after the launderings that are usual: \(missing.joined(separator: ", "))"
    }
    return slope > 0 ? nil : "its scores do not rise with generation"
  }

  /// Fits the margins of pictures, both classes weighted alike.
  ///
  /// - Parameters:
  ///   - launderings: what was done to every picture.
  ///   - real: real pictures that have a margin after every laundering.
  ///   - generated: generated ones.
  /// - Returns: nil where a class is missing.
  public init?(
    _ margins: [(margin: Double, isGenerated: Bool)], model: String, set: String, launderings: [String],
    real: Int, generated: Int
  ) {
    let made = margins.count(where: \.isGenerated)
    guard made > 0, made < margins.count else { return nil }
    (schema, self.model, self.set, self.launderings) = (Self.schema, model, set, launderings)
    (self.real, self.generated, scores) = (real, generated, margins.count)
    let weights = (made: 0.5 / Double(made), real: 0.5 / Double(margins.count - made))
    // Standardised, so that one ridge suits every network.
    let mean = margins.reduce(0) { $0 + $1.margin } / Double(margins.count)
    let variance = margins.reduce(0) { $0 + ($1.margin - mean) * ($1.margin - mean) } / Double(margins.count)
    let spread = max(variance.squareRoot(), 1e-9)
    var (a, b) = (0.0, 0.0)
    for _ in 0..<50 {
      var (ga, gb, haa, hab, hbb) = (1e-3 * a, 0.0, 1e-3, 0.0, 1e-9)
      for (margin, isGenerated) in margins {
        let x = (margin - mean) / spread
        let p = 1 / (1 + exp(-(a * x + b)))
        let weight = isGenerated ? weights.made : weights.real
        let error = weight * (p - (isGenerated ? 1 : 0))
        let curve = weight * p * (1 - p)
        ga += error * x
        gb += error
        haa += curve * x * x
        hab += curve * x
        hbb += curve
      }
      let determinant = haa * hbb - hab * hab
      guard abs(determinant) > 1e-18 else { break }
      let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant)
      // Far steps of separable classes are taken in parts.
      let damping = min(1, 5 / max(abs(da), abs(db), 1e-12))
      a -= damping * da
      b -= damping * db
      if max(abs(da), abs(db)) < 1e-9 { break }
    }
    slope = a / spread
    offset = b - a * mean / spread
    threshold = 0
    found = 0
    threshold = margins.filter { !$0.isGenerated }.map { probability($0.margin) }.max() ?? 1
    found = Double(margins.count { $0.isGenerated && probability($0.margin) > threshold }) / Double(made)
  }

  /// At even odds.
  public func probability(_ margin: Double) -> Double { 1 / (1 + exp(-(slope * margin + offset))) }

  var fits: Bool {
    schema == Self.schema && real >= 0 && generated >= 0 && slope.isFinite && offset.isFinite
      && (0...1).contains(threshold) && (0...1).contains(found) && set.utf8.count <= 1000
      && set.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
