import Foundation
import Images
import Spectra
import Testing

func randomPlane(_ width: Int, _ height: Int, seed: UInt64 = 1, in range: ClosedRange<Float> = 0...255)
  -> Plane
{
  var random = SplitMix(state: seed)
  return Plane(
    width: width, height: height,
    values: (0..<width * height).map { _ in Float.random(in: range, using: &random) })
}

struct FourierTransformTests {
  static let sizes = [(1, 1), (2, 1), (1, 5), (8, 8), (7, 9), (64, 48), (31, 64), (160, 96)]

  @Test(arguments: sizes)
  func `a real plane comes back from its half spectrum`(size: (Int, Int)) throws {
    let plane = randomPlane(size.0, size.1)
    let half = FourierTransform.forward(plane)
    #expect(half.width == size.0 / 2 + 1)
    let back = try FourierTransform.inverse(half, width: size.0)
    for (a, b) in zip(plane.values, back.values) { #expect(abs(a - b) < 1e-3) }
  }

  @Test(arguments: sizes)
  func `a complex plane comes back, and its energy is Parseval's`(size: (Int, Int)) {
    var plane = ComplexPlane(width: size.0, height: size.1)
    plane.interleaved = randomPlane(2 * size.0, size.1, seed: 3, in: -1...1).values
    let spectrum = FourierTransform.forward(plane)
    let energy = plane.interleaved.reduce(0.0) { $0 + Double($1) * Double($1) }
    let spectral = spectrum.interleaved.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(spectral / Double(size.0 * size.1) - energy) < 1e-4 * energy)
    let back = FourierTransform.inverse(spectrum)
    for (a, b) in zip(plane.interleaved, back.interleaved) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func `the transform is the sum that defines it`() {
    let (width, height) = (6, 5)
    let plane = randomPlane(width, height, seed: 9, in: -1...1)
    let half = FourierTransform.forward(plane)
    for v in 0..<height {
      for u in 0...width / 2 {
        var (re, im) = (0.0, 0.0)
        for y in 0..<height {
          for x in 0..<width {
            let phase = -2 * Double.pi * (Double(u * x) / Double(width) + Double(v * y) / Double(height))
            re += Double(plane[x, y]) * cos(phase)
            im += Double(plane[x, y]) * sin(phase)
          }
        }
        let value = half[u, v]
        #expect(abs(Double(value.re) - re) < 1e-5 && abs(Double(value.im) - im) < 1e-5)
      }
    }
  }

  @Test func `a half spectrum of another width is refused`() {
    let half = FourierTransform.forward(randomPlane(16, 4))
    #expect(throws: SpectrumError.self) { _ = try FourierTransform.inverse(half, width: 15) }
    #expect(throws: Never.self) { _ = try FourierTransform.inverse(half, width: 17) }
  }

  @Test func `many tasks get the same bits`() async {
    let plane = randomPlane(96, 80)
    let expected = FourierTransform.forward(plane)
    await withTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        group.addTask {
          // Other sizes in between make the cache turn over.
          _ = FourierTransform.forward(randomPlane(8 + index, 8))
          return FourierTransform.forward(plane) == expected
        }
      }
      for await same in group { #expect(same) }
    }
  }
}
