import Fingerprints
import Images
import Testing

/// The part of a picture that alone carries a fingerprint, or alone lacks it.
struct FingerprintPartTests {
  static let reader = FingerprintReader(
    fingerprints: [FingerprintSearchTests.learnt], effort: .whole)
  static let generated = SyntheticPictures.picture(
    seed: 60, pattern: FingerprintSearchTests.pattern, strength: 3)
  static let photograph = SyntheticPictures.picture(seed: 61)
  /// In 16ths of the sides.
  static let place = (columns: 6..<14, rows: 2..<10)

  static func composite(_ outside: Plane, _ inside: Plane) -> Plane {
    var plane = outside
    for y in place.rows.lowerBound * 32..<place.rows.upperBound * 32 {
      for x in place.columns.lowerBound * 32..<place.columns.upperBound * 32 { plane[x, y] = inside[x, y] }
    }
    return plane
  }

  /// Share of the union of the part and ``place`` that is in both.
  static func overlap(_ region: FingerprintGeometry.Region) -> Double {
    func common(_ start: Double, _ length: Double, _ range: Range<Int>) -> Double {
      max(0, min(start + length, Double(range.upperBound) / 16) - max(start, Double(range.lowerBound) / 16))
    }
    let both =
      common(region.x, region.width, place.columns) * common(region.y, region.height, place.rows)
    return both
      / (region.width * region.height + Double(place.columns.count * place.rows.count) / 256 - both)
  }

  @Test func `a generated part of a photograph is outlined`() throws {
    let found = try #require(
      Self.reader.whereabouts(in: Self.composite(Self.photograph, Self.generated)).strongestPart)
    let part = try #require(found.part)
    #expect(part.isCarrier && Self.overlap(part.region) >= 0.6, "\(part)")
    #expect(part.pValue <= 1e-6 && part.trials > 20_000)
    #expect(found.card.name == "test.pattern")
  }

  @Test func `a photographed part of a generated picture is outlined`() throws {
    let found = try #require(
      Self.reader.whereabouts(in: Self.composite(Self.generated, Self.photograph)).strongestPart)
    let part = try #require(found.part)
    #expect(!part.isCarrier && Self.overlap(part.region) >= 0.6, "\(part)")
  }

  @Test func `pictures of one origin have no part`() {
    #expect(Self.reader.whereabouts(in: Self.generated).strongestPart == nil)
    #expect(Self.reader.whereabouts(in: Self.photograph).strongestPart == nil)
  }

  @Test func `nothing can be told of a tiny or a flat picture`() {
    #expect(Self.reader.whereabouts(in: Plane(width: 32, height: 400)).isEmpty)
    #expect(Self.reader.whereabouts(in: Plane(width: 300, height: 300, repeating: 128)).isEmpty)
  }
}
