import Fingerprints
import Foundation
import Images
import Testing

/// Fingerprints of generators that were made up: learnt, and found again after what happens to pictures.
struct FingerprintSearchTests {
  static let pattern = SyntheticPictures.pattern(seed: 1)

  static let learnt: Fingerprint = {
    var estimator = FingerprintEstimator()
    for seed in 1...12 {
      estimator.add(WhitenedSpectrum(of: SyntheticPictures.picture(seed: UInt64(seed), pattern: pattern)))
    }
    guard let template = try? estimator.template() else { fatalError("the pictures share a pattern") }
    return Fingerprint(
      card: .init(
        name: "test.pattern", family: "Test", nativeSizes: ["512x512"], aspects: [1], trainingPictures: 12,
        null: .init(pictures: 0, deviation: 1, largest: 0)),
      template: template)
  }()
  static let reader = FingerprintReader(fingerprints: [learnt])

  static let marked = SyntheticPictures.picture(seed: 99, pattern: pattern)

  @Test func `a picture that it was not learnt from is recognised, as it is`() throws {
    let reading = Self.reader.read(Self.marked)
    let match = try #require(reading.matches.first)
    #expect(match.card.name == "test.pattern" && match.geometry == FingerprintGeometry())
    #expect(match.statistic > 20 && match.log10PValue < -50)
    #expect(match.caveats.contains { $0.contains("12 public pictures") })
  }

  @Test(arguments: [(1.0, 75), (0.7, 85), (1.6, 85)])
  func `it outlives resizing and JPEG`(scale: Double, quality: Int) throws {
    let side = Int(512 * scale)
    let resized = Self.marked.resized(width: side, height: side, filter: .bicubic)
    let reading = Self.reader.read(try SyntheticPictures.jpeg(resized, quality: quality))
    #expect(reading.matches.first?.geometry.isCrop == false)
  }

  @Test func `another shape of the picture changes nothing, for the pattern goes with its sides`() {
    let picture = SyntheticPictures.picture(width: 640, height: 400, seed: 5, pattern: Self.pattern)
    #expect(Self.reader.read(picture).found)
  }

  @Test(arguments: FingerprintOrientation.allCases)
  func `a turned or mirrored picture is recognised, and how it lies is told`(
    orientation: FingerprintOrientation
  ) throws {
    let turned = Self.turn(Self.marked, orientation)
    let match = try #require(Self.reader.read(turned).matches.first)
    #expect(match.geometry.orientation == orientation)
  }

  static func turn(_ plane: Plane, _ orientation: FingerprintOrientation) -> Plane {
    let last = plane.width - 1
    var result = plane
    for y in 0...last {
      for x in 0...last {
        result[x, y] =
          switch orientation {
          case .upright: plane[x, y]
          case .turnedByHalf: plane[last - x, last - y]
          case .mirrored: plane[last - x, y]
          case .flipped: plane[x, last - y]
          case .transposed: plane[y, x]
          case .turnedRight: plane[y, last - x]
          case .turnedLeft: plane[last - y, x]
          case .transversed: plane[last - y, last - x]
          }
      }
    }
    return result
  }

  @Test(arguments: [(40, 10, 440, 460), (0, 150, 360, 362), (100, 90, 400, 400)])
  func `a crop is recognised, and its place in the original told`(x: Int, y: Int, width: Int, height: Int)
    throws
  {
    let crop = Self.cropped(Self.marked, x: x, y: y, width: width, height: height)
    let match = try #require(Self.reader.read(crop).matches.first)
    #expect(match.geometry.isCrop)
    let part = match.geometry.ofOriginal
    #expect(abs(part.x * 512 - Double(x)) <= 2 && abs(part.y * 512 - Double(y)) <= 2)
    #expect(abs(part.width * 512 - Double(width)) <= 2 && abs(part.height * 512 - Double(height)) <= 2)
    #expect(!FingerprintReader(fingerprints: [Self.learnt], effort: .whole).read(crop).found)
  }

  static func cropped(_ plane: Plane, x: Int, y: Int, width: Int, height: Int) -> Plane {
    Plane(
      width: width, height: height,
      values: (y..<y + height).flatMap { plane.values[$0 * plane.width + x..<$0 * plane.width + x + width] })
  }

  @Test func `one picture of a collage is recognised, and which`() throws {
    let others = (0..<4).map { SyntheticPictures.picture(width: 400, height: 300, seed: UInt64(200 + $0)) }
    let mine = SyntheticPictures.picture(width: 400, height: 300, seed: 7, pattern: Self.pattern, strength: 3)
    var collage = Plane(width: 800, height: 600)
    for y in 0..<600 {
      for x in 0..<800 {
        let cell = (y / 300) * 2 + x / 400
        collage[x, y] = (cell == 2 ? mine : others[cell])[x % 400, y % 300]
      }
    }
    let match = try #require(Self.reader.read(collage).matches.first)
    #expect(match.geometry.part == .init(x: 0, y: 0.5, width: 0.5, height: 0.5))
  }

  @Test func `the map outlines the part of a photo that was generated`() throws {
    let strong = SyntheticPictures.picture(seed: 60, pattern: Self.pattern, strength: 3)
    var composite = SyntheticPictures.picture(seed: 61)
    for y in 64..<320 { for x in 192..<480 { composite[x, y] = strong[x, y] } }
    let map = FingerprintMap(of: composite, Self.learnt)
    let region = try #require(map.region(atLeast: 4.5))
    #expect(region.x >= 0.25 && region.x < 0.5 && region.x + region.width <= 1)
    #expect(region.y < 0.3 && region.y + region.height < 0.8)
    #expect(FingerprintMap(of: SyntheticPictures.picture(seed: 62), Self.learnt).region(atLeast: 5) == nil)
  }

  @Test func `results are the same each time`() {
    let first = Self.reader.read(Self.marked).matches.first
    let second = FingerprintReader(fingerprints: [Self.learnt]).read(Self.marked).matches.first
    #expect(first?.statistic == second?.statistic && first?.log10PValue == second?.log10PValue)
  }

  @Test func `a search that is not wanted ends with the whole picture, and the reading says so`() {
    let crop = Self.marked.cropped(x: 30, y: 20, width: 460, height: 440)
    var asked = 0
    let short = Self.reader.read(crop) {
      asked += 1
      return false
    }
    #expect(!short.found && short.effort == .whole && asked == 1)
    let long = Self.reader.read(crop)
    #expect(long.matches.first?.geometry.isCrop == true && long.effort == .geometry)
    // What the whole carries is found without asking.
    #expect(Self.reader.read(Self.marked, goesOn: { fatalError("nothing is left to look for") }).found)
  }

  @Test func `of two templates of one family the stronger stands for both`() {
    let twin = Fingerprint(
      card: .init(
        name: "test.twin", family: "Test", nativeSizes: ["512x512"], aspects: [1], trainingPictures: 12,
        null: .init(pictures: 0, deviation: 2, largest: 0)), template: Self.learnt.template)
    let reading = FingerprintReader(fingerprints: [twin, Self.learnt]).read(Self.marked)
    #expect(reading.matches.map(\.card.name) == ["test.pattern", "test.twin"])
    #expect(reading.strongestOfEachFamily.map(\.card.name) == ["test.pattern"])
  }
}
