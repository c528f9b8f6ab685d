import Evaluation
import ForeignDetectors
import Foundation
import Testing

struct ForeignCalibrationTests {
  private static let usual = Laundering.usual.map(\.rawValue)

  private static func margins(_ real: ClosedRange<Int>, _ made: ClosedRange<Int>) -> [(Double, Bool)] {
    real.map { (Double($0) / 100, false) } + made.map { (Double($0) / 100, true) }
  }

  @Test func `what no real picture reached may indicate, where there are enough real pictures`() throws {
    let scores = Self.margins(-300...99, 0...399).map { (margin: $0.0, isGenerated: $0.1) }
    let calibration = try #require(
      ForeignCalibration(scores, model: "m", set: "s", launderings: Self.usual, real: 400, generated: 400))
    #expect(calibration.mayIndicate)
    #expect(calibration.probability(0.99) <= calibration.threshold)
    #expect(calibration.probability(1.01) > calibration.threshold)
    #expect(abs(calibration.found - 0.75) < 0.01)
    #expect(calibration.probability(3) > 0.5 && calibration.probability(-2) < 0.5)
    let few = try #require(
      ForeignCalibration(
        Array(scores.suffix(500)), model: "m", set: "s", launderings: Self.usual, real: 100, generated: 400))
    #expect(!few.mayIndicate)
  }

  @Test func `a network whose scores fall with generation indicates nothing`() throws {
    let scores = Self.margins(0...399, -300...99).map { (margin: $0.0, isGenerated: $0.1) }
    let calibration = try #require(
      ForeignCalibration(scores, model: "m", set: "s", launderings: Self.usual, real: 400, generated: 400))
    #expect(calibration.slope < 0)
    #expect(!calibration.mayIndicate)
  }

  @Test func `separable classes and one class alone do not break the fit`() {
    let apart = Self.margins(-300...(-200), 200...300).map { (margin: $0.0, isGenerated: $0.1) }
    let fit = ForeignCalibration(
      apart, model: "m", set: "s", launderings: Self.usual, real: 100, generated: 100)
    #expect(fit?.slope.isFinite == true && fit?.found == 1)
    #expect(
      ForeignCalibration([(1, true)], model: "m", set: "s", launderings: Self.usual, real: 0, generated: 1)
        == nil)
  }

  @Test func `what was measured after other launderings alone indicates nothing`() throws {
    #expect(Set(ForeignCalibration.leastLaunderings) == Set(Self.usual))
    let scores = Self.margins(-300...99, 0...399).map { (margin: $0.0, isGenerated: $0.1) }
    for launderings in [["jpeg50"], ["none", "web"], Self.usual + ["jpeg50"]] {
      let calibration = try #require(
        ForeignCalibration(
          scores, model: "m", set: "s", launderings: launderings, real: 400, generated: 400))
      #expect(calibration.launderings == launderings)
      #expect(calibration.mayIndicate == (launderings.count == 4), "\(launderings)")
    }
  }
}
