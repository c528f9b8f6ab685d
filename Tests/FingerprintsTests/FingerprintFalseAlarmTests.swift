import Fingerprints
import Foundation
import ImageFormats
import Images
import Testing

/// Pictures without a pattern, the odder the better.
struct FingerprintFalseAlarmTests {
  static let reader: FingerprintReader = {
    let shipped = (try? Fingerprint.shipped()) ?? []
    return FingerprintReader(fingerprints: shipped + [FingerprintSearchTests.learnt])
  }()

  static func ramp(_ width: Int, _ height: Int, _ value: (Int, Int) -> Float) -> Plane {
    var plane = Plane(width: width, height: height)
    for y in 0..<height { for x in 0..<width { plane[x, y] = value(x, y) } }
    return plane
  }

  static let oddities: [(name: String, plane: Plane)] = [
    ("one colour", Plane(width: 300, height: 200, repeating: 128)),
    ("black", Plane(width: 256, height: 256)),
    ("a ramp", ramp(400, 300) { x, y in Float(x + y) / 3 }),
    ("a checkerboard", ramp(512, 512) { x, y in (x + y) % 2 == 0 ? 0 : 255 }),
    (
      "a halftone",
      ramp(600, 400) { x, y in sin(Float(x) * 0.9) + sin(Float(y) * 0.9) > Float(x) / 400 - 0.7 ? 255 : 0 }
    ),
    ("a screen", ramp(500, 500) { x, y in x % 3 == 0 ? 200 : y % 3 == 0 ? 90 : 120 }),
    ("text", ramp(700, 500) { x, y in (x / 3 * 7 + y / 5 * 13) % 11 < 4 && y % 17 < 11 ? 0 : 255 }),
    ("one bright dot", ramp(300, 300) { x, y in x == 150 && y == 100 ? 255 : 0 }),
    ("very wide", ramp(4000, 64) { x, y in Float((x * 31 + y * 17) % 256) }),
    ("large", SyntheticPictures.picture(width: 3000, height: 2000, seed: 70)),
  ]

  @Test(arguments: oddities.indices)
  func `nothing is found where there is nothing`(index: Int) {
    let (name, plane) = Self.oddities[index]
    let reading = Self.reader.read(plane)
    #expect(!reading.found, "\(name): \(reading.matches.first?.statistic ?? 0)")
  }

  @Test func `nor in pictures with grain, compressed twice over or not`() throws {
    for seed in UInt64(300)..<312 {
      let plane = SyntheticPictures.picture(width: 480 + Int(seed % 5) * 64, height: 512, seed: seed)
      #expect(!Self.reader.read(plane).found)
      let twice = try SyntheticPictures.jpeg(try SyntheticPictures.jpeg(plane, quality: 60), quality: 90)
      #expect(!Self.reader.read(twice).found)
    }
  }

  @Test(arguments: [0.5, 0.75, 1.5, 2.0])
  func `nor in JPEGs that were resized, and saved again or not`(scale: Double) throws {
    for seed in UInt64(320)..<323 {
      let plane = try SyntheticPictures.jpeg(
        SyntheticPictures.picture(width: 608, height: 448, seed: seed), quality: 70)
      let resized = plane.resized(
        width: Int(608 * scale), height: Int(448 * scale), filter: seed == 321 ? .bilinear : .lanczos3)
      #expect(!Self.reader.read(resized).found)
      #expect(!Self.reader.read(try SyntheticPictures.jpeg(resized, quality: 85)).found)
    }
  }

  @Test func `nor in a picture of thirty megapixels`() {
    let tile = SyntheticPictures.picture(width: 640, height: 480, seed: 402)
    let huge = tile.resized(width: 6400, height: 4800, filter: .bilinear)
    #expect(!Self.reader.read(huge).found)
  }

  @Test func `grey pictures and alpha are read by their luminance`() {
    let plane = SyntheticPictures.picture(seed: 400)
    let pixels = plane.values.map { UInt8($0) }
    let grey = Image(width: 512, height: 512, colorModel: .grey, pixels: pixels)
    let alpha = Image(
      width: 512, height: 512, colorModel: .greyAlpha, pixels: pixels.flatMap { [$0, UInt8(255 - $0)] })
    #expect(!Self.reader.read(grey).found && !Self.reader.read(alpha).found)
  }

  @Test(arguments: [(1, 1), (63, 500), (500, 63), (1, 4000)])
  func `pictures too small to tell are not evaluated`(width: Int, height: Int) {
    let reading = Self.reader.read(Plane(width: width, height: height, repeating: 9))
    #expect(!reading.found && reading.notEvaluable != nil)
  }

  @Test func `without fingerprints nothing is evaluated`() {
    #expect(FingerprintReader(fingerprints: []).read(Plane(width: 99, height: 99)).notEvaluable != nil)
  }

  @Test func `samples that are no numbers are no fingerprint`() {
    var plane = SyntheticPictures.picture(seed: 401)
    plane[100, 100] = .nan
    plane[101, 100] = .infinity
    #expect(!Self.reader.read(plane).found)
  }

  @Test func `T follows the normal law over pictures without a pattern`() {
    // The best of one template's three weightings: its mean lies between 0 and 0.6. White noise, for made-up
    // content is drawn out from grids that it shares with the pictures that the template was learnt from.
    let whole = FingerprintReader(fingerprints: [FingerprintSearchTests.learnt], effort: .whole)
    var random = SplitMix(state: 500)
    let values = (0..<80).compactMap { _ -> Double? in
      let noise = Plane(
        width: 300, height: 260, values: (0..<78_000).map { _ in Float.random(in: 0...255, using: &random) })
      return whole.read(noise).nearest?.statistic
    }
    let mean = values.reduce(0, +) / Double(values.count)
    #expect(values.count == 80 && abs(mean) < 0.6)
    #expect((values.max() ?? 9) < 4)
  }
}
