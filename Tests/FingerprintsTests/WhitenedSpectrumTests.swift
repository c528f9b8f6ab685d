import Fingerprints
import Foundation
import Images
import TestSupport
import Testing

struct WhitenedSpectrumTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var width: Int
      var height: Int
      var kept: Int
      var energy: Double
      var bins: [[Int]]
      var values: [[Float]]
    }
    var peers: String
    var cases: [Case]
  }

  static func picture(_ width: Int, _ height: Int) -> Plane {
    var plane = Plane(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let value = (x * x * 7 + y * y * 5 + x * y * 3) / 64 % 97 + (x * 31 + y * 17) % 23 + x / 4 + y / 3
        plane[x, y] = Float(min(255, value))
      }
    }
    return plane
  }

  @Test func `coefficients are those of NumPy`() throws {
    let data = try Data(contentsOf: TestPaths.fixtures.appending(path: "fingerprints/spectrum.json"))
    for golden in try JSONDecoder().decode(Golden.self, from: data).cases {
      let spectrum = WhitenedSpectrum(of: Self.picture(golden.width, golden.height))
      let pairs = zip(spectrum.real, spectrum.imaginary)
      #expect(pairs.count { $0 != 0 || $1 != 0 } == golden.kept)
      let energy = pairs.reduce(0.0) { $0 + Double($1.0 * $1.0 + $1.1 * $1.1) }
      #expect(abs(energy / golden.energy - 1) < 1e-3)
      for (bin, value) in zip(golden.bins, golden.values) {
        let index = bin[0] * spectrum.columns + bin[1]
        #expect(abs(spectrum.real[index] - value[0]) < 2e-2, "\(bin)")
        #expect(abs(spectrum.imaginary[index] - value[1]) < 2e-2, "\(bin)")
      }
    }
  }

  @Test func `coefficients without a pattern have a mean power of 1`() {
    let spectrum = WhitenedSpectrum(of: SyntheticPictures.picture(width: 700, height: 700, seed: 3))
    let powers = zip(spectrum.real, spectrum.imaginary).map { $0 * $0 + $1 * $1 }.filter { $0 > 0 }
    let mean = powers.reduce(0.0) { $0 + Double($1) } / Double(powers.count)
    #expect(abs(mean - 1) < 0.03)
    #expect((powers.max() ?? 99) <= 3.5 * 3.5 * 1.001)
  }

  @Test func `a picture of one colour has next to no spectrum`() {
    let spectrum = WhitenedSpectrum(of: Plane(width: 200, height: 100, repeating: 77))
    #expect(spectrum.real.allSatisfy { abs($0) < 0.3 })
  }

  @Test func `mirrored, the coefficient of u across is that of −u`() {
    let plane = SyntheticPictures.picture(width: 640, height: 640, seed: 4)
    let (a, b) = (
      WhitenedSpectrum(of: plane), WhitenedSpectrum(of: FingerprintSearchTests.turn(plane, .mirrored))
    )
    for (u, v) in [(20, 31), (100, 7), (55, 200), (250, 250)] {
      // Z′(u, v) = Z(−u, v) = conj Z(u, −v).
      let (here, there) = (v * a.columns + u, (a.rows - v) * a.columns + u)
      #expect(abs(b.real[here] - a.real[there]) < 2e-2)
      #expect(abs(b.imaginary[here] + a.imaginary[there]) < 2e-2)
    }
  }
}
