import Foundation
import Images
import Spectra
import TestSupport
import Testing

struct SpectralMeasurementTests {
  /// What numpy and scipy compute from the same integer recipe; see fixtures/spectra/SOURCE.md.
  struct Golden: Decodable {
    var logValues: [Float]
    var dct: [Float]
    var residual: [Float]
    var correlation: Float
  }

  /// A picture that both sides can make without sharing a file: integer arithmetic only.
  static func recipe(_ width: Int, _ height: Int, _ salt: Int) -> Plane {
    Plane(
      width: width, height: height,
      values: (0..<width * height).map { index in
        let (x, y) = (index % width, index / width)
        let hash = (x &* 7919 &+ y &* 104_729 &+ salt &* 31 &+ x &* y &* 13) % 97
        return Float((x * 2 + y + hash) % 256)
      })
  }

  @Test func `spectrum, residual, DCT and wavelets equal numpy's and scipy's`() throws {
    let data = try Data(contentsOf: TestPaths.fixtures.appending(path: "spectra/golden.json"))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    let plane = Self.recipe(96, 80, 1)
    func close(_ mine: [Float], _ theirs: [Float], _ atol: Float, _ rtol: Float) {
      #expect(mine.count == theirs.count)
      for (a, b) in zip(mine, theirs) { #expect(abs(a - b) <= atol + rtol * abs(b)) }
    }
    let spectrum = try LogSpectrum(of: plane, side: 32, maximumTiles: 4)
    #expect(spectrum.tiles == 4)
    close(spectrum.values, golden.logValues, 2e-3, 1e-4)
    close(
      try BlockTransform.forward(plane.cropped(x: 8, y: 16, width: 16, height: 8)), golden.dct, 1e-3, 1e-5)
    close(NoiseResidual.of(plane.cropped(x: 0, y: 0, width: 12, height: 9)).values, golden.residual, 1e-4, 0)
    let other = Self.recipe(96, 80, 2)
    #expect(abs(NoiseResidual.correlation(plane, other) - golden.correlation) < 1e-5)
  }

  @Test func `white noise is flat, and a smooth ramp of noise falls`() throws {
    let noise = randomPlane(512, 512, seed: 4)
    let spectrum = try LogSpectrum(of: noise)
    // Uniform noise on 0...255 has variance 255²/12; the mean logarithm of power lies 0.577 lower.
    let mean = spectrum.values.reduce(0, +) / Float(spectrum.values.count)
    #expect(abs(mean - (log(255 * 255 / 12) - 0.5772)) < 0.05)
    #expect(abs(RadialSpectrum(of: spectrum).slope) < 0.05)
    #expect(abs(AngularEnergy(of: spectrum).axisExcess) < 0.05)

    var blurred = noise
    for y in 1..<511 {
      for x in 1..<511 {
        blurred[x, y] =
          (noise[x - 1, y] + noise[x + 1, y] + noise[x, y - 1] + noise[x, y + 1] + noise[x, y]) / 5
      }
    }
    #expect(RadialSpectrum(of: try LogSpectrum(of: blurred)).slope < -0.5)
  }

  @Test(arguments: [2, 4, 8, 16])
  func `a lattice's period is found where it was put`(period: Int) throws {
    var plane = randomPlane(512, 384, seed: 7, in: 100...110)
    for y in 0..<plane.height {
      for x in 0..<plane.width where x % period == 0 && y % period == 0 { plane[x, y] += Float(period) * 1.5 }
    }
    let peaks = PeriodicPeaks(of: try LogSpectrum(of: NoiseResidual.of(plane)))
    let lattices = Set(peaks.peaks.compactMap(\.lattice))
    #expect(lattices.contains(period))
    let index = try #require(PeriodicPeaks.lattices.firstIndex(of: period))
    #expect(peaks.strength[index] > 0.5)
    // Finer harmonics belong to it too, coarser lattices stay quiet.
    for coarser in peaks.strength[(index + 1)...] { #expect(abs(coarser) < 0.4) }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `noise has no peaks`(seed: UInt64) throws {
    let peaks = PeriodicPeaks(of: try LogSpectrum(of: NoiseResidual.of(randomPlane(1024, 1024, seed: seed))))
    #expect(peaks.peaks.count(where: { $0.significance > 6 }) == 0)
    // Three bins make up the 2-lattice, so its mean scatters most.
    #expect(abs(peaks.strength[0]) < 1.2)
    for strength in peaks.strength.dropFirst() { #expect(abs(strength) < 0.4) }
  }

  @Test func `transforms keep energy and come back`() throws {
    let plane = randomPlane(64, 40, seed: 5)
    let energy = plane.values.reduce(0.0) { $0 + Double($1 * $1) }
    let blocks = try BlockTransform.forward(plane)
    #expect(abs(blocks.reduce(0.0) { $0 + Double($1 * $1) } / energy - 1) < 1e-5)
    let back = try BlockTransform.inverse(blocks, width: 64, height: 40)
    for (a, b) in zip(plane.values, back.values) { #expect(abs(a - b) < 1e-3) }
    #expect(throws: SpectrumError.self) { _ = try BlockTransform.forward(randomPlane(12, 8)) }
    #expect(throws: SpectrumError.self) { _ = try BlockTransform.inverse(blocks, width: 32, height: 40) }
  }

  @Test(arguments: [(0, 0), (3, 5), (7, 1)])
  func `the block grid's phase is found`(phase: (x: Int, y: Int)) throws {
    var plane = randomPlane(160, 120, seed: 2, in: 90...96)
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        let block = (x - phase.x + 8) / 8 * 5 + (y - phase.y + 8) / 8 * 3
        plane[x, y] += Float(block * 37 % 11)
      }
    }
    let grid = try #require(BlockGrid(of: plane))
    #expect(grid.phaseX == phase.x && grid.phaseY == phase.y)
    #expect(grid.strength > 0.15)
    let none = try #require(BlockGrid(of: randomPlane(160, 120, seed: 2)))
    #expect(none.strength < 0.1)
    #expect(BlockGrid(of: randomPlane(31, 64)) == nil)
  }

  @Test func `a colour filter shows, and noise of all channels alike doesn't`() throws {
    var green = randomPlane(128, 128, seed: 11, in: 100...140)
    let full = green
    for y in 1..<127 {
      for x in 1..<127 where (x + y) % 2 == 1 {
        green[x, y] = (full[x - 1, y] + full[x + 1, y] + full[x, y - 1] + full[x, y + 1]) / 4
      }
    }
    let camera = try #require(ColorFilterTraces(red: full, green: green, blue: full))
    let made = try #require(ColorFilterTraces(red: full, green: full, blue: full))
    #expect(camera.green > 1)
    #expect(made.green < 0.1 && made.red < 0.2)
    #expect(NoiseResidual.correlation(full, full) > 0.999)
    #expect(abs(NoiseResidual.correlation(full, randomPlane(128, 128, seed: 99))) < 0.05)
  }

  @Test func `quantising twice leaves a comb`() throws {
    var random = SplitMix(state: 21)
    func coefficient() -> Double {
      let u = Double.random(in: 1e-9..<1, using: &random)
      return -40 * log(u) * (Bool.random(using: &random) ? 1 : -1)
    }
    let raw = (0..<64 * 4096).map { _ in coefficient() }
    let once = raw.map { Int16(max(-1023, min(1023, ($0 / 2).rounded()))) }
    let twice = raw.map { Int16(max(-1023, min(1023, (($0 / 5).rounded() * 5 / 2).rounded()))) }
    let single = try DoubleCompression(luma: once)
    let double = try DoubleCompression(luma: twice)
    #expect(single.frequenciesUsed > 0 && single.periodicity < 0.1 && single.period == nil)
    #expect(double.periodicity > 0.2 && double.period != nil)
    #expect(throws: SpectrumError.self) { _ = try DoubleCompression(luma: [1, 2, 3]) }
    let none = try DoubleCompression(luma: [])
    #expect(none.frequenciesUsed == 0)
  }

  @Test(arguments: [(1, 1), (16, 16), (63, 400), (64, 64), (65, 200), (130, 140), (700, 300)])
  func `every size, model and flatness gives finite numbers or a reason`(size: (Int, Int)) throws {
    let (width, height) = size
    for model in [Image.ColorModel.grey, .greyAlpha, .rgb, .rgba] {
      let count = width * height * model.channels
      let pictures = [
        Image(width: width, height: height, colorModel: model, pixels: [UInt8](repeating: 128, count: count)),
        Image(
          width: width, height: height, colorModel: model,
          pixels16: (0..<count).map { UInt16(truncatingIfNeeded: $0 &* 40503) }),
      ]
      for picture in pictures {
        guard min(width, height) >= SpectralMeasurement.leastSide else {
          #expect(throws: SpectrumError.self) { _ = try SpectralMeasurement(of: picture) }
          continue
        }
        let measured = try SpectralMeasurement(of: picture)
        let finite = (measured.spectrum.values + measured.radial.residual + measured.blocks.tailRatio)
          .allSatisfy(\.isFinite)
        #expect(finite)
        #expect(measured.radial.slope.isFinite)
        let gridStrength = measured.grid?.strength ?? 0
        #expect(gridStrength.isFinite)
        #expect((measured.channelCorrelation == nil) == (model.channels < 3))
        let drawn = SpectrumDrawing.image(of: measured.residualSpectrum, peaks: measured.peaks.peaks)
        #expect(drawn.width == 2 * measured.tileSide)
      }
    }
  }

  @Test(arguments: [(1, 1, 64), (63, 100, 64), (1000, 64, 64), (20_000, 10_000, 256), (256, 256, 256)])
  func `tiles lie within the picture and never pass the bound`(width: Int, height: Int, side: Int) throws {
    guard let tiling = Tiling(width: width, height: height, side: side, maximum: 16, step: 8) else {
      #expect(min(width, height) < side)
      return
    }
    #expect((1...16).contains(tiling.origins.count))
    for origin in tiling.origins {
      #expect(origin.x >= 0 && origin.y >= 0 && origin.x + side <= width && origin.y + side <= height)
    }
    #expect(Set(tiling.origins).count == tiling.origins.count)
  }
}
