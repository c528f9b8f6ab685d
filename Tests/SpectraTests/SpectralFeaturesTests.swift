import Images
import Spectra
import Testing

struct SpectralFeaturesTests {
  static func noise(_ side: Int, seed: UInt64, colorModel: Image.ColorModel = .rgb) -> Image {
    var random = SplitMix(state: seed)
    let count = side * side * colorModel.channels
    return Image(
      width: side, height: side, colorModel: colorModel,
      pixels: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  @Test func `frequencies of triples add up to one and stand for a hundred classes`() {
    let image = Self.noise(64, seed: 1)
    let found = CoOccurrences(of: image, luminance: image.luminance())
    for part in [found.straight, found.diagonal, found.chroma] {
      #expect(part.count == CoOccurrences.classes)
      #expect(abs(part.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
    let triples = Set((0..<CoOccurrences.classes).map { CoOccurrences.triple(ofClass: $0) })
    #expect(triples.count == CoOccurrences.classes)
  }

  @Test func `a ramp has one triple, whichever way it runs`() throws {
    // Steps of 1 across and 2 down: (1, 1, 1) and (2, 2, 2) straight, (3, 3, 3) and (1, 1, 1) diagonal.
    func ramp(_ sign: Int, _ base: Int) -> Image {
      let pixels = (0..<32 * 32).flatMap { place -> [UInt8] in
        let level = UInt8(base + sign * (place % 32 + 2 * (place / 32)))
        return [level, level, level]
      }
      return Image(width: 32, height: 32, colorModel: .rgb, pixels: pixels)
    }
    func share(_ part: [Float], _ step: Int) -> Float {
      let number = (0..<CoOccurrences.classes).first {
        let triple = CoOccurrences.triple(ofClass: $0)
        return triple == [step, step, step] || triple == [-step, -step, -step]
      }
      return number.map { part[$0] * part[$0] } ?? -1
    }
    for image in [ramp(1, 10), ramp(-1, 200)] {
      let found = CoOccurrences(of: image, luminance: image.luminance())
      #expect(abs(share(found.straight, 1) - 0.5) < 1e-5)
      #expect(abs(share(found.straight, 2) - 0.5) < 1e-5)
      #expect(abs(share(found.diagonal, 3) - 0.5) < 1e-5)
      #expect(abs(share(found.diagonal, 1) - 0.5) < 1e-5)
      #expect(abs(share(found.chroma, 0) - 1) < 1e-5)
    }
  }

  @Test func `mirroring and turning by half leave the triples as they were`() {
    let image = Self.noise(48, seed: 2)
    let mirrored = image.flippedHorizontally()
    let a = CoOccurrences(of: image, luminance: image.luminance())
    let b = CoOccurrences(of: mirrored, luminance: mirrored.luminance())
    #expect(a == b)
  }

  @Test(arguments: [64, 80, 96, 128, 192])
  func `every number is finite, on noise and on nothing`(side: Int) throws {
    let flat = Image(
      width: side, height: side, colorModel: .rgb, pixels: [UInt8](repeating: 255, count: 3 * side * side))
    for image in [Self.noise(side, seed: 3), flat] {
      let features = try SpectralFeatures(of: image)
      #expect(features.values.count == SpectralFeatures.count)
      #expect(SpectralFeatures.kinds.count == SpectralFeatures.count)
      #expect(features.values.allSatisfy { $0.isFinite })
    }
  }

  @Test func `grey is colour with three like channels`() throws {
    let grey = Self.noise(128, seed: 4, colorModel: .grey)
    let (one, three) = (try SpectralFeatures(of: grey), try SpectralFeatures(of: grey.inColor()))
    #expect(one == three)
  }

  @Test func `a picture below 64 pixels is refused`() {
    #expect(throws: SpectrumError.self) { try SpectralFeatures(of: Self.noise(63, seed: 5)) }
  }
}
